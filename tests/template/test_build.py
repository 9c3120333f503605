"""What `sam build` puts into the artifacts that `sam deploy` uploads."""

import os
import subprocess
import sys
from pathlib import Path

from fakes import pip
from template.stack import ROOT, TEMPLATE

LAYER_LIMIT = 30 * 1024 * 1024
"""Bytes, unzipped, boto3 and botocore not counted."""


def test_sam_build_makes_small_artifacts_that_hold_the_library_and_the_handlers(tmp_path: Path) -> None:
    sam_build(tmp_path, sys.executable)

    source = ROOT / "layers/appflow_gitops/appflow_gitops"
    library = tmp_path / "LibraryLayer/python"
    assert modules(library / "appflow_gitops") == modules(source)
    assert native_parts(library) == {"aarch64"}
    assert (library / "boto3").is_dir()
    # Bytecode is made where a Python of Lambda's version is at hand.
    assert all(file.name.endswith(".cpython-313.pyc") for file in library.rglob("*.pyc"))
    assert size(library) < LAYER_LIMIT

    for function, package in (
        ("IntakeFunction", "intake"),
        ("ApplyFunction", "apply"),
        ("DetectDriftFunction", "detect_drift"),
        ("WatchRunsFunction", "watch_runs"),
    ):
        assert modules(tmp_path / function) == {
            f"{package}/{name}" for name in modules(ROOT / "functions" / package)
        }


def test_the_layer_is_built_for_the_architecture_that_the_template_is_given(tmp_path: Path) -> None:
    python = pip.python_in(tmp_path)
    sam_build(tmp_path / "built", python, "LibraryLayer", "--parameter-overrides", "Architecture=x86_64")
    installed = (tmp_path / "built/LibraryLayer/python" / pip.ARGUMENTS).read_text(encoding="utf-8")
    platforms = {platform for platform in installed.split() if platform.startswith("manylinux")}
    assert {platform.rpartition("_x86_")[2] for platform in platforms} == {"64"}, installed


def sam_build(into: Path, python: str, *arguments: str) -> None:
    # The interpreter that runs the tests does: no Python of Lambda's version and no Docker.
    run = subprocess.run(
        [ROOT / ".venv-sam/bin/sam", "build", *arguments, "--template", TEMPLATE, "--build-dir", into],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHON": python,
            "SAM_CLI_TELEMETRY": "0",
            "AWS_DEFAULT_REGION": "us-east-1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def native_parts(library: Path) -> set[str]:
    """The processors that the compiled modules of the layer are for."""
    return {module.name.split("-")[2] for module in library.rglob("*cpython-313-*-linux-gnu.so")}


def modules(folder: Path) -> set[str]:
    """The Python files under a folder, by their path in it."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.py")}


def size(library: Path) -> int:
    files = [path for path in library.rglob("*") if path.is_file()]
    return sum(
        path.stat().st_size for path in files if not path.relative_to(library).parts[0].startswith("boto")
    )
