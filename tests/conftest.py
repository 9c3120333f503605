"""Settings of all tests: no network, and only the tests of the local cloud may connect to this machine."""

import os
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from fakes import quick_botocore

# The machine decides how long an example takes, the seed which examples there are: neither may fail a build by chance.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

# A handler reads the namespace when its package is first imported, by whichever test comes first.
os.environ["POWERTOOLS_METRICS_NAMESPACE"] = "AppFlowGitops/test"

# Every botocore session would parse the models of its services.
quick_botocore.install()

HERE = Path(__file__).parent
WITH_LOOPBACK = (
    HERE / "integration" / "local",
    HERE / "integration" / "appflow" / "test_server.py",
    HERE / "integration" / "crash",
    HERE / "e2e",
)


LONGEST = ("e2e", "simulation", "template", "integration")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=order)
    for item in items:
        item.add_marker(socket_marker(item.path))


@cache
def socket_marker(file: Path) -> pytest.MarkDecorator:
    if any(file.is_relative_to(place) for place in WITH_LOOPBACK):
        return pytest.mark.allow_hosts(["127.0.0.1"])
    return pytest.mark.disable_socket


def order(item: pytest.Item) -> tuple[int, bool]:
    """The longest files first; of the end-to-end tests, those that share a local cloud one after another."""
    module = item.getparent(pytest.Module)
    has_own_cloud = module is not None and "Clouds" in vars(module.obj)
    return rank(item.path), has_own_cloud


@cache
def rank(file: Path) -> int:
    folder = file.relative_to(HERE).parts[0]
    return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)
