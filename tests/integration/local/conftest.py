"""One local cloud for each file of tests, with a function that follows the orders in its event."""

import subprocess
from collections.abc import Iterator
from typing import Any

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


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that a test starts."""
    started: list[subprocess.Popen[bytes]] = []

    class Recorded(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    return started
