"""The record of a flow's health: what it keeps, and when ListFlows or a run shows something newer."""

from dataclasses import replace
from typing import Any

import pytest

from appflow_gitops.flows.last_run import LastRun
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.runs import Run
from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.sync.health.health import NO_OBJECTIVE, Assessment, BrokenFields, Health, Objective
from appflow_gitops.sync.health.record import HealthRecord

NOW, HOUR = 1_780_000_000.0, 3600.0
RECORD = HealthRecord(
    health=Health.HEALTHY,
    reported=Health.HEALTHY,
    assessedAt=NOW - 600,
    createdAt=NOW - 99 * HOUR,
    updatedAt=NOW - 9 * HOUR,
    status="Active",
    interval=HOUR,
)


def summary(last_run_at: float | None = NOW - 600, **members: Any) -> FlowSummary:
    last_run = None if last_run_at is None else LastRun("Successful", last_run_at)
    flow = FlowSummary("orders", "arn", "Active", "Scheduled", {}, NOW - 9 * HOUR, last_run, NOW - 99 * HOUR)
    return replace(flow, **members)


def record(**members: Any) -> HealthRecord:
    return RECORD.model_copy(update=members)


BROKEN = BrokenFields(NOW - 60, "a field was removed")


@pytest.mark.parametrize(
    ("kept", "live", "broken", "expected"),
    [
        (record(), summary(), None, True),
        (record(), summary(NOW - 600 + 1), None, True),
        (record(), summary(NOW - 600 + 2), None, False),
        (record(), summary(NOW - 700), None, True),
        (record(assessedAt=None), summary(), None, False),
        (record(assessedAt=None, interval=None), summary(None), None, True),
        (record(), summary(created_at=NOW), None, False),
        (record(createdAt=None), summary(), None, True),
        (record(), summary(created_at=None), None, True),
        (record(), summary(created_at=NOW - 99 * HOUR - 1), None, True),
        (record(reporting=Health.HEALTHY), summary(), None, False),
        (record(), summary(last_updated_at=NOW - 8 * HOUR), None, False),
        (record(), summary(status="Suspended"), None, False),
        (record(status="Suspended"), summary(status="Suspended"), None, True),
        (record(minimumRecords=5), summary(), None, False),
        (record(staleAfter=5 * HOUR), summary(), None, False),
        (record(), summary(), BROKEN, False),
        (record(broken=True), summary(), BROKEN, True),
        (record(broken=True), summary(), None, False),
        (record(), summary(), BrokenFields(NOW - 700, ""), True),
        (record(assessedAt=NOW - 9 * HOUR), summary(NOW - 9 * HOUR), None, False),
        (record(assessedAt=NOW - 9 * HOUR, health=Health.STALE), summary(NOW - 9 * HOUR), None, True),
        (record(health=Health.STALE), summary(), None, False),
        (
            record(assessedAt=NOW - 9 * HOUR, status="Suspended"),
            summary(NOW - 9 * HOUR, status="Suspended"),
            None,
            True,
        ),
        (
            record(assessedAt=NOW - 9 * HOUR, status="Draft"),
            summary(NOW - 9 * HOUR, status="Draft", trigger_type="OnDemand"),
            None,
            False,
        ),
    ],
)
def test_a_record_is_current_only_if_list_flows_shows_nothing_newer(
    kept: HealthRecord, live: FlowSummary, broken: BrokenFields | None, expected: bool
) -> None:
    assert kept.is_current(live, NO_OBJECTIVE, NOW, broken) is expected


def test_a_record_is_current_for_the_objective_it_was_made_with() -> None:
    objective = Objective(5 * HOUR, 7)
    assert record(staleAfter=5 * HOUR, minimumRecords=7).is_current(summary(), objective, NOW)
    assert not record(staleAfter=5 * HOUR, minimumRecords=7).is_current(summary(), NO_OBJECTIVE, NOW)


@pytest.mark.parametrize(
    ("kept", "run", "expected"),
    [
        (record(), Run("1", "Successful", NOW, records=1), True),
        (record(), Run("1", "Successful", NOW, records=0), False),
        (record(), Run("1", "Successful", NOW), False),
        (record(), Run("1", "Successful", NOW, records=5, rejected=1), False),
        (record(), Run("1", "Error", NOW, records=5), False),
        (record(), Run("1", "Canceled", NOW, records=5), False),
        (record(), Run("1", "InProgress", NOW, records=5), False),
        (record(minimumRecords=5), Run("1", "Successful", NOW, records=5), True),
        (record(minimumRecords=5), Run("1", "Successful", NOW, records=4), False),
        (record(minimumRecords=0), Run("1", "Successful", NOW, records=0), True),
        (record(health=Health.SILENT), Run("1", "Successful", NOW, records=5), False),
        (record(reporting=Health.HEALTHY), Run("1", "Successful", NOW, records=5), False),
    ],
)
def test_only_an_expected_run_of_a_healthy_flow_continues_its_record(
    kept: HealthRecord, run: Run, expected: bool
) -> None:
    assert kept.continues(run) is expected


@pytest.mark.parametrize(
    ("kept", "health", "expected"),
    [
        (record(), Health.HEALTHY, False),
        (record(), Health.SILENT, True),
        (record(), Health.UNKNOWN, False),
        (record(reporting=Health.SILENT), Health.HEALTHY, True),
        (record(reporting=Health.SILENT), Health.UNKNOWN, False),
        (record(reported=None), Health.HEALTHY, True),
    ],
)
def test_a_health_is_news_if_another_one_was_reported_or_a_report_may_be_lost(
    kept: HealthRecord, health: Health, expected: bool
) -> None:
    assert kept.is_news(health) is expected


def test_the_latest_run_counts_whatever_the_order_of_the_events() -> None:
    assert record().after(Run("1", "Successful", NOW)).assessedAt == NOW
    assert record().after(Run("1", "Successful", NOW - 700)).assessedAt == NOW - 600
    assert record(assessedAt=None).after(Run("1", "Successful", NOW)).assessedAt == NOW


SCHEDULE = {"scheduleExpression": "rate(1hours)", "scheduleStartTime": 5, "scheduleEndTime": 9}
LIVE = LiveFlow(
    "orders",
    "arn",
    "Active",
    {"triggerConfig": {"triggerType": "Scheduled", "triggerProperties": {"Scheduled": SCHEDULE}}},
    created_at=1.0,
    last_updated_at=2.0,
)
RUNS = [Run("3", "InProgress", 3.0), Run("1", "Successful", 1.5), Run("2", "Error", 2.5)]


def test_a_record_keeps_every_fact_that_the_health_follows_from() -> None:
    found = Assessment(Health.DEGRADED, "failed", broken=True)
    assert HealthRecord.of(LIVE, RUNS, found, Objective(60.0, 5), None) == HealthRecord(
        health=Health.DEGRADED,
        reported=Health.DEGRADED,
        assessedAt=2.5,
        createdAt=1.0,
        updatedAt=2.0,
        status="Active",
        interval=HOUR,
        start=5.0,
        end=9.0,
        staleAfter=60.0,
        minimumRecords=5,
        broken=True,
    )
    assert HealthRecord.of(LIVE, RUNS[:1], found, NO_OBJECTIVE, None).assessedAt is None


@pytest.mark.parametrize(
    ("health", "before", "reported", "reporting"),
    [
        (Health.HEALTHY, None, "Healthy", None),
        (Health.UNKNOWN, None, None, None),
        (Health.UNKNOWN, record(reported=Health.SILENT), "Silent", None),
        (Health.UNKNOWN, record(reporting=Health.SILENT), "Healthy", "Silent"),
        (Health.SILENT, record(reporting=Health.SILENT), "Silent", None),
    ],
)
def test_an_unknown_health_keeps_what_was_reported_before(
    health: Health, before: HealthRecord | None, reported: str | None, reporting: str | None
) -> None:
    made = HealthRecord.of(LIVE, [], Assessment(health, ""), NO_OBJECTIVE, before)
    assert (made.reported, made.reporting) == (reported, reporting)
