"""The log of a function is stored in its group, and echoed."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.logs.models import logs_backends

from appflow_gitops_local.logs import FunctionLogs

REGION = "eu-west-1"


@pytest.fixture
def backend() -> Iterator[Any]:
    found = logs_backends[DEFAULT_ACCOUNT_ID][REGION]
    found.reset()
    yield found
    found.reset()


def test_lines_are_stored_with_their_time_in_the_group_of_the_function_and_echoed(backend: Any) -> None:
    backend.create_log_group("shared", {})
    echoed: list[str] = []
    logs = FunctionLogs(threading.Condition(), REGION, {"apply": "shared"}, echoed.append)
    before = int(time.time() * 1000)
    for function, line in (("intake", "one"), ("apply", "two"), ("intake", "three"), ("apply", "four")):
        logs.write(function, line)
    after = int(time.time() * 1000)
    assert echoed == ["intake: one", "apply: two", "intake: three", "apply: four"]
    for group, lines in (("/aws/lambda/intake", ["one", "three"]), ("shared", ["two", "four"])):
        [stream] = backend.groups[group].streams.values()
        assert [event.message for event in stream.events] == lines
        assert all(before <= event.timestamp <= after for event in stream.events)
