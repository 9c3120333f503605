"""`sam build` is called for this machine and this Python, and its failure is an error."""

import platform
import sys
from pathlib import Path

import pytest

from appflow_gitops_local.artifacts import ARCHITECTURES, BuildError, build

SAM = """#!/bin/sh
printf '%s\\n' "$@" > arguments
printf '%s\\n' "$PYTHON" "$LAMBDA_PYTHON" "$SAM_CLI_TELEMETRY" "$AWS_DEFAULT_REGION" "$HOME" > environment
echo built
echo warned >&2
exit {status}
"""


def sam(folder: Path, status: int) -> Path:
    """A stand-in for the SAM CLI that writes down how it was called, beside the template."""
    program = folder / "sam"
    program.write_text(SAM.format(status=status))
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("machine", "architecture"),
    [
        ("x86_64", "x86_64"),
        ("AMD64", "x86_64"),
        ("aarch64", "arm64"),
        ("arm64", "arm64"),
        ("riscv64", "x86_64"),
    ],
)
def test_a_build_is_for_this_machine_and_this_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: str, architecture: str
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setenv("HOME", "/home/me")
    template, into = tmp_path / "template.yaml", tmp_path / "built"
    assert build(sam(tmp_path, 0), template, into) == into / "template.yaml"
    assert (tmp_path / "arguments").read_text().splitlines() == [
        "build",
        "--no-cached",
        "--template",
        str(template),
        "--build-dir",
        str(into),
        "--parameter-overrides",
        f"Architecture={architecture}",
    ]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    expected = [sys.executable, version, "0", "us-east-1", "/home/me"]
    assert (tmp_path / "environment").read_text().splitlines() == expected
    assert ARCHITECTURES.get(machine, "x86_64") == architecture


def test_the_output_of_a_failed_build_is_the_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BuildError, match=r"^built\nwarned\n$"):
        build(sam(tmp_path, 1), tmp_path / "template.yaml", tmp_path / "built")
    assert capfd.readouterr() == ("", "")
