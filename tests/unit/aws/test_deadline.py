"""No change can run into the time limit of its invocation."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.hooks import HierarchicalEmitter

from appflow_gitops.aws.bus import ENTRY_ATTEMPTS
from appflow_gitops.aws.clients import CONFIG
from appflow_gitops.aws.deadline import RESERVE, Deadline, OutOfTime


def longest_call() -> float:
    """Seconds of one call whose every attempt hangs; botocore waits up to 1, 2, 4, ... seconds in between."""
    attempts: int = CONFIG.retries["total_max_attempts"]
    return attempts * (CONFIG.connect_timeout + CONFIG.read_timeout) + 2 ** (attempts - 1) - 1


def test_the_reserve_covers_the_call_in_progress_the_report_and_the_postponing() -> None:
    answered = (ENTRY_ATTEMPTS - 1) * CONFIG.read_timeout
    assert longest_call() + (answered + longest_call()) + longest_call() <= RESERVE


def test_a_call_begins_only_while_the_reserve_is_left() -> None:
    client: Any = SimpleNamespace(meta=SimpleNamespace(events=HierarchicalEmitter()))
    left = RESERVE
    deadline = Deadline(lambda: left)
    assert deadline.guard(client) is client
    client.meta.events.emit("before-call.s3.GetObject")
    left = RESERVE - 0.1
    with pytest.raises(OutOfTime, match="not enough time left"):
        client.meta.events.emit("before-call.s3.GetObject")


def test_without_an_invocation_any_call_may_begin() -> None:
    client: Any = SimpleNamespace(meta=SimpleNamespace(events=HierarchicalEmitter()))
    Deadline().guard(client).meta.events.emit("before-call.s3.GetObject")
