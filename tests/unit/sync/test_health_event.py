"""The event of a change of health has every fact of its report."""

import json
from typing import Any

import pytest

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.runs import Run
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.status.health import render_health
from appflow_gitops.sync.health.health import Assessment, Health
from appflow_gitops.sync.health.report import AppliedChange, HealthReport

NOW = 1_768_478_400.0
LATEST = Run("r2", "Error", NOW - 60, NOW - 30, 5, 700, 2, "the token expired")
FIRST = Run("r1", "Error", NOW - 120)
DOCUMENT = DocumentVersion(bucket="documents", key="flows/a.json", versionId="v1")
CHANGE = AppliedChange(DOCUMENT, Provenance(commit="4f2c"), "request-1", True)


def report(found: Assessment, change: AppliedChange | None = None, arn: str = "arn") -> HealthReport:
    flow = LiveFlow("orders", arn, "Active", {})
    return HealthReport("event-1", NOW, flow, found, Health.HEALTHY, change)


@pytest.mark.parametrize(
    ("found", "since"),
    [
        (Assessment(Health.DEGRADED, "failed", (LATEST, FIRST), LATEST), "2026-01-15T11:58:00.000Z"),
        (Assessment(Health.STALE, "overdue", (), LATEST, overdue=NOW - 1), "2026-01-15T11:59:59.000Z"),
        (Assessment(Health.DEACTIVATED, "stopped"), None),
    ],
)
def test_a_health_began_with_its_first_run_or_when_a_run_was_due(
    found: Assessment, since: str | None
) -> None:
    assert render_health(report(found)).data.since == since


def test_every_fact_of_a_report_is_in_its_event() -> None:
    found = Assessment(Health.DEGRADED, "failed", (LATEST, FIRST), LATEST, message="the token expired")
    made = report(found, CHANGE)
    event = render_health(made)
    detail: dict[str, Any] = json.loads(event.detail())
    assert event.resources == ("arn",)
    assert detail["metadata"]["id"] == made.id
    assert detail["metadata"]["correlationId"] == "event-1"
    assert detail["metadata"]["time"] == "2026-01-15T12:00:00.000Z"
    data = event.data
    assert (data.flowName, data.health, data.previousHealth) == ("orders", "Degraded", "Healthy")
    assert (data.reason, data.message, data.flowStatus) == ("failed", "the token expired", "Active")
    assert (data.cause, data.hint) == (made.cause, made.hint)
    assert (data.document, data.provenance, data.requestId, data.firstRun) == (
        DOCUMENT,
        CHANGE.provenance,
        "request-1",
        True,
    )
    assert data.latestRun
    assert data.latestRun.model_dump() == {
        "executionId": "r2",
        "status": "Error",
        "startedAt": "2026-01-15T11:59:00.000Z",
        "records": 5,
        "rejected": 2,
    }


def test_a_report_without_a_change_a_run_or_an_arn_leaves_these_empty() -> None:
    event = render_health(report(Assessment(Health.DEACTIVATED, "stopped"), arn=""))
    assert (event.data.document, event.data.requestId, event.data.latestRun) == (None, None, None)
    assert event.data.provenance == Provenance()
    assert event.resources == ()
