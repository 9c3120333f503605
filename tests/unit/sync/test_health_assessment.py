"""When a run is overdue, and which causes AppFlow's messages point to."""

from dataclasses import replace
from typing import Any

import pytest

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.runs import Run
from appflow_gitops.sync.health.causes import explain
from appflow_gitops.sync.health.health import (
    GRACE,
    NO_OBJECTIVE,
    Assessment,
    BrokenFields,
    Health,
    Objective,
    Timetable,
    assess,
    is_deactivated,
    timetable,
    with_broken_fields,
)
from appflow_gitops.sync.health.watcher import with_event

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


def history(*outcomes: int | str | None) -> list[Run]:
    """Runs, the latest first, by their records; a text is the status of a run, "rejected" one with 3 of 5 rejected."""
    runs = []
    for number, outcome in enumerate(outcomes):
        rejected = outcome == "rejected"
        status = outcome if isinstance(outcome, str) and not rejected else "Successful"
        records = outcome if isinstance(outcome, int) else {"rejected": 5, "Error": 0}.get(str(outcome))
        message = "the token expired" if status == "Error" else None
        run = Run(
            str(number), status, NOW - 60 * number, records=records, rejected=3 * rejected, message=message
        )
        runs.append(run)
    return runs


@pytest.mark.parametrize(
    ("outcomes", "minimum", "health", "reason", "runs", "latest"),
    [
        ([], None, "Unknown", "the flow has not run", "", None),
        (["InProgress"], None, "Unknown", "the flow has not run", "", None),
        ([5], None, "Healthy", "the latest run moved 5 records", "0", "0"),
        ([1234, 5, "Error", 5], None, "Healthy", "the latest run moved 1,234 records", "01", "0"),
        ([None], None, "Healthy", "the latest run succeeded", "0", "0"),
        ([0], None, "Healthy", "the latest run moved 0 records", "0", "0"),
        ([0, None], None, "Healthy", "the latest run moved 0 records", "01", "0"),
        ([0, 5], None, "Silent", "the latest run moved 0 records, an earlier one 5", "0", "0"),
        ([0, 0, 5, 7], None, "Silent", "the latest 2 runs moved 0 records each, an earlier one 5", "01", "0"),
        ([0, 5, 0, 5], None, "Healthy", "the latest run moved 0 records", "0123", "0"),
        (
            [0, 0, 5, 0, 5],
            None,
            "Silent",
            "the latest 2 runs moved 0 records each, an earlier one 5",
            "01",
            "0",
        ),
        ([0, 0, 5, 0, 0, 5, 0], None, "Healthy", "the latest run moved 0 records", "0123456", "0"),
        ([0, None, 5], None, "Silent", "the latest run moved 0 records, an earlier one 5", "0", "0"),
        ([0, "Error", 5], None, "Silent", "the latest run moved 0 records, an earlier one 5", "0", "0"),
        ([4], 5, "Silent", "the latest run moved 4 records, expected 5 or more", "0", "0"),
        ([4, 3, 5], 5, "Silent", "the latest 2 runs moved 4 records each, expected 5 or more", "01", "0"),
        ([5], 5, "Healthy", "the latest run moved 5 records", "0", "0"),
        ([0, 5], 0, "Healthy", "the latest run moved 0 records", "01", "0"),
        (["Error"], None, "Degraded", "the latest run failed", "0", "0"),
        (["Error", "Error", 5], None, "Degraded", "the latest 2 runs failed", "01", "0"),
        (
            ["InProgress", "Error", "Canceled", "Error", 5],
            None,
            "Degraded",
            "the latest 2 runs failed",
            "13",
            "1",
        ),
        (["rejected", 5], None, "Degraded", "the destination rejected 3 records of the latest run", "0", "0"),
        (["Error", "rejected", 5], None, "Degraded", "the latest 2 runs failed", "01", "0"),
        (["Error", 0, 5], 9, "Degraded", "the latest run failed", "0", "0"),
    ],
)
def test_the_runs_of_an_active_flow_decide_on_its_health(
    outcomes: list[int | str | None],
    minimum: int | None,
    health: str,
    reason: str,
    *,
    runs: str,
    latest: str | None,
) -> None:
    objective = Objective(minimum_records=minimum)
    found = assess(replace(live(), last_updated_at=NOW - HOUR), history(*outcomes), objective, NOW)
    assert (found.health, found.reason) == (health, reason)
    assert ("".join(run.id for run in found.runs), found.latest and found.latest.id) == (runs, latest)
    assert found.since == (found.runs[-1] if runs else found.latest)
    assert found.message == ("the token expired" if "failed" in reason else None)


@pytest.mark.parametrize(
    ("status", "wanted", "outcomes", "expected"),
    [
        ("Suspended", "", ["Error"], True),
        ("Suspended", "Active", ["Error"], True),
        ("Suspended", "Suspended", ["Error"], False),
        ("Suspended", "", ["Successful"], False),
        ("Suspended", "", [], False),
        ("Active", "", ["Error"], False),
        ("Errored", "Suspended", [], True),
    ],
)
def test_a_suspended_flow_whose_run_failed_is_deactivated_unless_its_document_suspends_it(
    status: str, wanted: str, outcomes: list[str], expected: bool
) -> None:
    flow = replace(live(status=status), tags={"appflow-gitops:status": wanted})
    assert is_deactivated(flow, next(iter(history(*outcomes)), None)) is expected


@pytest.mark.parametrize(
    ("flow_message", "outcomes", "message"),
    [("AppFlow's", ["Error"], "AppFlow's"), (None, ["Error"], "the token expired"), (None, [], None)],
)
def test_a_deactivated_flow_has_the_message_of_appflow_or_of_its_run(
    flow_message: str | None, outcomes: list[str], message: str | None
) -> None:
    flow = replace(live(status="Errored"), status_message=flow_message)
    found = assess(flow, history(*outcomes), NO_OBJECTIVE, NOW)
    assert (found.health, found.message, found.runs) == (Health.DEACTIVATED, message, ())
    assert (found.latest is None) is not bool(outcomes)


def test_an_overdue_run_is_worse_than_the_result_of_the_latest() -> None:
    [late] = [replace(run, started_at=NOW - 9 * HOUR) for run in history("Error")]
    found = assess(live(), [late], NO_OBJECTIVE, NOW)
    assert (found.health, found.since) == (Health.STALE, late)
    assert found.overdue == NOW - 9 * HOUR + 2 * HOUR + GRACE
    recent = Run("new", "InProgress", NOW - HOUR)
    assert assess(live(), [recent, late], NO_OBJECTIVE, NOW).health is Health.DEGRADED


def test_a_flow_on_demand_is_judged_by_its_runs_whatever_its_status_is() -> None:
    flow = LiveFlow("orders", "arn", "Draft", {"triggerConfig": {"triggerType": "OnDemand"}})
    assert assess(flow, history(5), NO_OBJECTIVE, NOW).health is Health.HEALTHY


HEALTHY = Assessment(Health.HEALTHY, "fine", latest=history(5)[0])
DEGRADED = Assessment(Health.DEGRADED, "failed")
FIELDS = BrokenFields(NOW - HOUR, "a field was removed")


@pytest.mark.parametrize(
    ("found", "broken", "updated_at", "last_run_at", "health", "reason"),
    [
        (HEALTHY, None, None, None, "Healthy", "fine"),
        (HEALTHY, FIELDS, None, None, "Degraded", "a field was removed"),
        (HEALTHY, FIELDS, NOW - HOUR, NOW - HOUR, "Degraded", "a field was removed"),
        (HEALTHY, FIELDS, NOW - HOUR + 1, NOW - HOUR, "Healthy", "fine"),
        (HEALTHY, FIELDS, NOW - HOUR, NOW - HOUR + 1, "Healthy", "fine"),
        (DEGRADED, FIELDS, None, None, "Degraded", "failed"),
    ],
)
def test_broken_fields_degrade_a_flow_that_neither_changed_nor_ran_since(
    found: Assessment,
    broken: BrokenFields | None,
    updated_at: float | None,
    last_run_at: float | None,
    *,
    health: str,
    reason: str,
) -> None:
    flow = replace(live(), last_updated_at=updated_at)
    runs = [Run("new", "InProgress", NOW)] + ([] if last_run_at is None else [Run("1", "Error", last_run_at)])
    after = with_broken_fields(found, broken, flow, runs)
    assert (after.health, after.reason) == (health, reason)
    assert after.broken is (found is DEGRADED or reason != found.reason)
    assert after.latest == found.latest
    assert after.overdue == (FIELDS.since if after.broken and found is HEALTHY else None)


def test_a_run_of_an_event_replaces_the_one_that_has_no_result_yet() -> None:
    older, other = Run("1", "Successful", 1.0), Run("2", "InProgress", 2.0)
    seen = Run("2", "Error", 2.0)
    assert with_event([other, older], None) == (other, older)
    assert with_event([other, older], seen) == (seen, older)
    assert with_event([older], seen) == (seen, older)
    done = Run("2", "Successful", 2.0)
    assert with_event([done, older], seen) == (done, older)
    newer = Run("3", "Successful", 3.0)
    assert with_event([newer, older], seen) == (newer, seen, older)


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
