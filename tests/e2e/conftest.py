"""One local cloud with the real template and the real functions for the files of tests that want the same."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from appflow_gitops_local.cloud import Settings
from appflow_gitops_local.runtime import ProcessRuntime
from e2e.clouds import Clouds
from e2e.programs import serving
from e2e.stack import ROOT, DeployedStack


@pytest.fixture(scope="package")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with ``appflow-gitops``, ``aws`` and the worker of the local cloud, which start quickly."""
    folder = tmp_path_factory.mktemp("programs")
    with serving(folder):
        yield folder


@pytest.fixture(scope="package")
def clouds(programs: Path) -> Iterator[Clouds]:
    clouds = Clouds(partial(ProcessRuntime, command=(str(programs / "appflow-gitops-worker"),)))
    yield clouds
    clouds.close()


@pytest.fixture(scope="module")
def stack(clouds: Clouds) -> DeployedStack:
    return clouds.stack(Settings(template=ROOT / "template.yaml", require_resources=False))


@pytest.fixture(autouse=True)
def _nothing_left_over(request: pytest.FixtureRequest) -> None:
    if "stack" in request.fixturenames:
        request.getfixturevalue("stack").forget()
