"""One local cloud for each file of tests, with a function that follows the orders in its event."""

from collections.abc import Iterator

import pytest

from appflow_gitops_local.cloud import LocalCloud, Settings
from integration.local.hive import HERE, Hive


@pytest.fixture(scope="module")
def running() -> Iterator[LocalCloud]:
    with LocalCloud(Settings(template=HERE / "stack.yaml", stack="hive", enforce_iam=False)) as cloud:
        yield cloud


@pytest.fixture
def hive(running: LocalCloud) -> Hive:
    """The running cloud, nothing left over from the test before."""
    hive = Hive(running)
    hive.forget()
    return hive
