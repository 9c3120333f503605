"""Wheel and sdist install outside the checkout on every supported Python, and every command works there.

`make distribution` builds them and runs these tests. They install packages, which takes a minute per Python, so `make
test` skips them.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

DISTRIBUTIONS = os.environ.get("DISTRIBUTIONS")
"""The folder of the wheel and the sdist."""
PYTHONS = os.environ.get("PYTHONS", "python3.11 python3.12 python3.13").split()

pytestmark = pytest.mark.skipif(not DISTRIBUTIONS, reason="installs packages: run make distribution")

UP = ["local", "up", "--port", "0", "--stack", "appflow-gitops-dev", "--allow-missing"]
PARAMETERS = ["-P", "Stage=dev", "-P", "FlowNamePrefix=dev-", "-P", "CreateMissingFlows=true"]


@dataclass(frozen=True)
class Installation:
    """A virtual environment with the command, and an empty folder to run it in."""

    command: Path
    folder: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": os.environ["PATH"]})

    def run(self, *arguments: str, status: int = 0) -> str:
        """Run the command, which must exit with the status, and return what it printed."""
        completed = subprocess.run(
            [self.command, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert completed.returncode == status, f"{arguments}\n{completed.stdout}\n{completed.stderr}"
        return completed.stdout


def installation(python: str, kind: str, folder: Path) -> Installation:
    """Install the wheel or the sdist with what the local cloud needs."""
    (distribution,) = Path(str(DISTRIBUTIONS)).resolve().glob(kind)
    environment = folder / "environment"
    subprocess.run([python, "-m", "venv", environment], check=True)
    install = [environment / "bin/pip", "install", "--quiet", f"{distribution}[local]"]
    subprocess.run(install, check=True, cwd=folder)
    (folder / "empty").mkdir()
    return Installation(environment / "bin/appflow-gitops", folder / "empty")


@pytest.fixture(scope="module", params=PYTHONS)
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return installation(request.param, "*.whl", tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def with_cloud(installed: Installation, tmp_path: Path) -> Iterator[Installation]:
    """The installation, with a local cloud of the same installation."""
    with subprocess.Popen(
        [installed.command, *UP, *PARAMETERS], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as cloud:
        try:
            assert cloud.stdout is not None
            ready = json.loads(cloud.stdout.readline())
            access = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
            place = {"AWS_ENDPOINT_URL": ready["endpoint"], "AWS_DEFAULT_REGION": ready["region"]}
            yield Installation(installed.command, tmp_path, installed.environment | access | place)
        finally:
            cloud.terminate()


def test_every_command_works(with_cloud: Installation) -> None:
    run = with_cloud.run
    assert run("--version").startswith("appflow-gitops")
    assert "files written" in run("init", ".")
    assert run("validate", "--stage", "dev", "flows/") == "2 documents, 2 flows, 0 errors, 0 warnings\n"
    assert "2 to create" in run("plan", "--stage", "dev", "flows/", status=2)
    assert "2 Applied" in run("push", "--stage", "dev", "--wait", "flows/")
    run("plan", "--stage", "dev", "flows/")
    assert "dev-orders" in run("status", "--stage", "dev", "--format", "json")
    assert "2 written" in run("export", "--all", "--out", "exported")
    assert "flowName: dev-orders" in run("convert", "exported")
    assert "AFG257" in run("rule", "AFG257")
    assert json.loads(run("schema"))


def test_the_demo_works(installed: Installation) -> None:
    assert "1 Rejected" in installed.run("local", "demo")


def test_the_sdist_installs_too(tmp_path: Path) -> None:
    from_sdist = installation(sys.executable, "*.tar.gz", tmp_path)
    assert "files written" in from_sdist.run("init", ".")
    assert "1 Rejected" in from_sdist.run("local", "demo")
