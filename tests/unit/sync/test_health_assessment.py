"""When a run is overdue, and which causes AppFlow's messages point to."""

from typing import Any

import pytest

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.runs import Run
from appflow_gitops.sync.health.causes import explain
from appflow_gitops.sync.health.health import (
    GRACE,
    NO_OBJECTIVE,
    Health,
    Objective,
    Timetable,
    assess,
    timetable,
)

NOW, HOUR = 1_780_000_000.0, 3600.0
HOURLY = Timetable(interval=HOUR)


def live(expression: str = "rate(1hours)", status: str = "Active", **schedule: float) -> LiveFlow:
    scheduled: dict[str, Any] = {"scheduleExpression": expression, **schedule}
    trigger: dict[str, Any] = {"triggerType": "Scheduled", "triggerProperties": {"Scheduled": scheduled}}
    return LiveFlow("orders", "arn", status, {"triggerConfig": trigger}, last_updated_at=NOW - 10 * HOUR)


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        (live("rate(5minutes)"), Timetable(300.0)),
        (live("rate(1 day)", scheduleStartTime=5, scheduleEndTime=9), Timetable(24 * HOUR, 5.0, 9.0)),
        (live("cron(0 8 * * ? *)"), Timetable()),
        (LiveFlow("orders", "arn", "Active", {"triggerConfig": {"triggerType": "OnDemand"}}), Timetable()),
        (LiveFlow("orders", "arn", "Active", {}), Timetable()),
    ],
)
def test_the_timetable_follows_from_the_schedule(flow: LiveFlow, expected: Timetable) -> None:
    assert timetable(flow) == expected


@pytest.mark.parametrize(
    ("schedule", "objective", "last_run", "changed_at", "overdue"),
    [
        (HOURLY, NO_OBJECTIVE, NOW - 2 * HOUR - GRACE, None, False),
        (HOURLY, NO_OBJECTIVE, NOW - 2 * HOUR - GRACE - 1, None, True),
        (HOURLY, NO_OBJECTIVE, NOW - 9 * HOUR, NOW - HOUR, False),
        (HOURLY, NO_OBJECTIVE, None, NOW - 9 * HOUR, True),
        (HOURLY, NO_OBJECTIVE, None, None, False),
        (HOURLY, Objective(stale_after=HOUR), NOW - HOUR - 1, None, True),
        (HOURLY, Objective(stale_after=9 * HOUR), NOW - 8 * HOUR, None, False),
        (Timetable(), NO_OBJECTIVE, NOW - 99 * HOUR, None, False),
        (Timetable(), Objective(stale_after=HOUR), NOW - 2 * HOUR, None, True),
        (Timetable(HOUR, start=NOW + 1), NO_OBJECTIVE, NOW - 9 * HOUR, None, False),
        (Timetable(HOUR, end=NOW), NO_OBJECTIVE, NOW - 9 * HOUR, None, False),
        (Timetable(HOUR, end=NOW + 1), NO_OBJECTIVE, NOW - 9 * HOUR, None, True),
    ],
)
def test_a_run_is_overdue_after_two_intervals_or_the_objective(
    schedule: Timetable,
    objective: Objective,
    last_run: float | None,
    changed_at: float | None,
    *,
    overdue: bool,
) -> None:
    assert (schedule.overdue_since(objective, last_run, changed_at, NOW) is not None) is overdue


@pytest.mark.parametrize("status", ["Draft", "Deprecated", "Suspended"])
def test_a_flow_that_does_not_run_has_no_health(status: str) -> None:
    good = Run("1", "Successful", NOW - 99 * HOUR, records=5)
    assert assess(live(status=status), [good], NO_OBJECTIVE, NOW).health is Health.UNKNOWN


def test_a_canceled_run_changes_no_health() -> None:
    runs = [Run("2", "Canceled", NOW - 1), Run("1", "Successful", NOW - 2, records=5)]
    found = assess(live(), runs, NO_OBJECTIVE, NOW)
    assert (found.health, found.latest and found.latest.id) == (Health.HEALTHY, "1")


def test_a_run_with_an_unknown_number_of_records_is_not_empty() -> None:
    runs = [Run("2", "Successful", NOW - 1), Run("1", "Successful", NOW - 2, records=5)]
    assert assess(live(), runs, NO_OBJECTIVE, NOW).reason == "the latest run succeeded"


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("INVALID_FIELD: No such column 'Total__c'", "a field"),
        ("The source object Order does not have the mapped fields: total", "a field"),
        ("invalid_grant: expired access/refresh token", "expired"),
        ("INVALID_SESSION_ID: Session expired or invalid", "expired"),
        ("401 Unauthorized", "rejected the credentials"),
        ("AccessDenied: Access Denied", "a permission is missing"),
        ("REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.", "limits requests"),
        ("HTTP 429 Too Many Requests", "limits requests"),
        ("NoSuchBucket: The specified bucket does not exist", "bucket does not exist"),
        ("The request timed out", "did not respond in time"),
        ("503 Service Unavailable", "not available"),
    ],
)
def test_a_known_message_has_a_cause_in_plain_words(message: str, words: str) -> None:
    assert words in str(explain(message))


@pytest.mark.parametrize("message", [None, "", "The flow run failed.", "Order 14290 was processed"])
def test_another_message_has_no_cause(message: str | None) -> None:
    assert explain(message) is None
