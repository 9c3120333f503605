"""The local cloud works from a wheel, in an empty folder, without a checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from e2e.stack import ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an unpacked wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_has_the_template_the_functions_and_the_sample_events(installed: Path) -> None:
    stack = installed / "appflow_gitops_local/stack"
    for name in ("template.yaml", "functions", "events"):
        source = ROOT / name
        files = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
        expected = {path.relative_to(ROOT) for path in files if "__pycache__" not in path.parts}
        assert {path for path in expected if not (stack / path).is_file()} == set()
    assert not list(installed.rglob("*.pyc"))


def test_the_demo_runs_from_the_wheel_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(installed)!r})\n"
    code += "from appflow_gitops_local import stack; print(stack.FOLDER)\n"
    code += "from appflow_gitops_cli.main import main; main()"
    demo = subprocess.run(
        [sys.executable, "-c", code, "local", "demo"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert demo.stdout.startswith(f"{installed}/")
    assert "1 Rejected" in demo.stdout
