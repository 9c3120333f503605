"""One local cloud with the real template and the real functions for the files of tests that want the same."""

from collections.abc import Iterator

import pytest

from appflow_gitops_local.cloud import Settings
from e2e.clouds import Clouds
from e2e.stack import ROOT, DeployedStack


@pytest.fixture(scope="package")
def clouds() -> Iterator[Clouds]:
    clouds = Clouds()
    yield clouds
    clouds.close()


@pytest.fixture(scope="module")
def stack(clouds: Clouds) -> DeployedStack:
    return clouds.stack(Settings(template=ROOT / "template.yaml", require_resources=False))


@pytest.fixture(autouse=True)
def _nothing_left_over(request: pytest.FixtureRequest) -> None:
    if "stack" in request.fixturenames:
        request.getfixturevalue("stack").forget()
