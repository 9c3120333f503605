"""One local cloud with the real template and the real functions for each file of tests."""

from collections.abc import Iterator

import pytest

from appflow_gitops_local.cloud import LocalCloud, Settings
from e2e.stack import ROOT, DeployedStack


@pytest.fixture(scope="module")
def stack() -> Iterator[DeployedStack]:
    with LocalCloud(Settings(template=ROOT / "template.yaml", require_resources=False)) as cloud:
        yield DeployedStack(cloud)


@pytest.fixture(autouse=True)
def _nothing_left_over(request: pytest.FixtureRequest) -> None:
    if "stack" in request.fixturenames:
        request.getfixturevalue("stack").forget()
