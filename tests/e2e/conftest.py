"""One local cloud with the real template and the real functions for the files of tests that want the same."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from appflow_gitops_local.cloud import Settings
from appflow_gitops_local.runtime import ProcessRuntime
from e2e.clouds import Clouds
from e2e.programs import serving
from e2e.stack import PATIENCE, ROOT, DeployedStack


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


FAILURES = pytest.StashKey[int]()
"""The number of failed tests whose remains were removed."""


@pytest.fixture(autouse=True)
def _nothing_left_over(request: pytest.FixtureRequest) -> None:
    """A test that failed may have left changes in the queues, whose events would be those of the next test."""
    if "stack" not in request.fixturenames:
        return
    stack: DeployedStack = request.getfixturevalue("stack")
    stack.forget()
    failures = request.session.testsfailed
    if failures > request.session.stash.get(FAILURES, 0):
        request.session.stash[FAILURES] = failures
        stack.settle(PATIENCE)
        stack.forget()
