"""Runs are read from every form of DescribeFlowExecutionRecords, and judged by their status and rejected records."""

from datetime import UTC, datetime
from typing import Any

import pytest

from appflow_gitops.flows.runs import Run, newest_first, parse_run
from generators.small_flows import START

RESULT = {"recordsProcessed": 5, "bytesWritten": 700}
ERROR_INFO = {"putFailuresCount": 2, "executionMessage": "the token expired"}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({}, Run("r", "", 0.0)),
        ({"executionStatus": "InProgress", "startedAt": START}, Run("r", "InProgress", START)),
        ({"lastUpdatedAt": datetime.fromtimestamp(START, UTC)}, Run("r", "", 0.0, START)),
        ({"executionResult": None}, Run("r", "", 0.0)),
        ({"executionResult": RESULT}, Run("r", "", 0.0, None, 5, 700, 0, None)),
        ({"executionResult": {"errorInfo": {}}}, Run("r", "", 0.0)),
        ({"executionResult": {"errorInfo": None}}, Run("r", "", 0.0)),
        (
            {"executionResult": RESULT | {"errorInfo": ERROR_INFO}},
            Run("r", "", 0.0, None, 5, 700, 2, "the token expired"),
        ),
    ],
)
def test_a_run_is_read_from_an_entry_with_any_members(entry: dict[str, Any], expected: Run) -> None:
    assert parse_run({"executionId": "r", **entry}) == expected


@pytest.mark.parametrize(
    ("status", "rejected", "expected"),
    [
        ("InProgress", 0, (True, False, False)),
        ("CancelStarted", 0, (True, False, False)),
        ("Canceled", 0, (False, False, False)),
        ("Successful", 0, (False, True, False)),
        ("Successful", 1, (False, True, True)),
        ("Error", 0, (False, True, True)),
    ],
)
def test_a_run_is_judged_by_its_status_and_rejected_records(
    status: str, rejected: int, expected: tuple[bool, bool, bool]
) -> None:
    run = Run("r", status, 0.0, rejected=rejected)
    assert (run.is_in_progress, run.has_result, run.failed) == expected


def test_the_newest_run_is_first_and_equal_times_keep_their_order() -> None:
    runs = [Run("a", "", 1.0), Run("b", "", 3.0), Run("c", "", 1.0), Run("d", "", 2.0)]
    assert [run.id for run in newest_first(runs)] == ["b", "d", "a", "c"]
