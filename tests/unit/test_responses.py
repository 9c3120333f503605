"""What the functions return: everything that a user who invokes one directly wants to see."""

from collections import Counter

from appflow_gitops.findings import Finding, Position, Severity
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.drift.detector import Scan
from appflow_gitops.sync.drift.report import Drift, DriftReport, LimitedRepairs
from appflow_gitops.sync.errors import ErrorDetail
from appflow_gitops.sync.health.health import Assessment, Health
from appflow_gitops.sync.health.report import HealthReport
from appflow_gitops.sync.health.watcher import HealthScan
from appflow_gitops.sync.intake.intake import IntakeResult
from appflow_gitops.sync.outcome import ChangeResult, Outcome, OutcomeReport
from appflow_gitops.sync.schema_drift.detector import SchemaScan
from appflow_gitops.sync.schema_drift.report import ConcernedChange, SchemaDriftReport
from appflow_gitops.validation.fields.changes import ChangeKind, FieldChange
from appflow_gitops.validation.fields.entity import EntityKey
from detect_drift.response import response as drift_response
from intake.response import response as intake_response
from watch_runs.response import event_response, scan_response

DOCUMENT = DocumentVersion(bucket="b", key="flows/a.json")
CHANGE = Change(
    identity="1",
    flowName="orders",
    correlationId="c",
    requestedAt="2026-01-01T00:00:10.000Z",
    document=DOCUMENT,
)


def test_a_scan_for_drift_returns_what_it_found_repaired_and_could_not_inspect() -> None:
    scan = Scan(
        reported=[DriftReport("id", "c", 1.0, "orders", Drift.DRIFTED)],
        repairs=[CHANGE],
        drifting=Counter({Drift.DRIFTED: 2}),
        failed={"returns": "AccessDenied"},
        unreadable={"flows/b.json": "InvalidObjectState"},
        remaining=3,
        limited=LimitedRepairs("id", "c", 1.0, "code", 1, ("a", "b"), 0, 9),
        requeued=4,
    )
    found = {
        "drifting": {"drifted": 2},
        "reported": [{"flow": "orders", "drift": "drifted"}],
        "repairs": ["orders"],
        "limited": ["a", "b"],
        "failed": {"returns": "AccessDenied"},
        "unreadable": {"flows/b.json": "InvalidObjectState"},
        "remaining": 3,
        "requeued": 4,
    }
    assert drift_response(scan) == found
    change = ConcernedChange(FieldChange(ChangeKind.REMOVED, "City"), ())
    report = SchemaDriftReport("c", 1.0, EntityKey("Salesforce", "crm", "Account"), (change, change))
    assert drift_response(scan, SchemaScan([report], {"Lead": "why"})) == {
        **found,
        "schemaDrift": [{"connector": "Salesforce", "object": "Account", "fields": 2}],
        "notDescribed": {"Lead": "why"},
    }
    assert drift_response(Scan())["limited"] == []


def test_a_scan_of_health_returns_the_number_of_flows_and_the_changes() -> None:
    report = HealthReport("c", 1.0, LiveFlow("orders", "arn", "Active", {}), Assessment(Health.STALE, "r"))
    entry = {"flow": "orders", "health": "Stale"}
    scan = HealthScan([report], Counter({Health.STALE: 1, Health.HEALTHY: 5}), {"a": "X"}, 2)
    assert scan_response(scan) == {
        "flows": {"Stale": 1, "Healthy": 5},
        "reported": [entry],
        "failed": {"a": "X"},
        "remaining": 2,
    }
    assert (event_response(report), event_response(None)) == ({"reported": [entry]}, {"reported": []})


def test_intake_returns_the_queued_changes_and_the_outcomes_with_their_findings() -> None:
    position = Position(3, 5)
    findings = (
        Finding("AFG101", Severity.ERROR, ("a", 0), "wrong", position=position),
        Finding("AFG102", Severity.WARNING, (), "odd"),
    )
    error = ErrorDetail("NotADocument", "no document")
    reports = [
        OutcomeReport(
            "1", "c", 1.0, ChangeResult(Outcome.REJECTED, "orders", findings=findings), document=DOCUMENT
        ),
        OutcomeReport("2", "c", 1.0, ChangeResult(Outcome.REJECTED, error=error)),
    ]
    results = [IntakeResult((CHANGE,)), *(IntakeResult(report=report) for report in reports), IntakeResult()]
    assert intake_response(results) == {
        "queued": [{"flow": "orders", "change": CHANGE.id}],
        "reported": [
            {
                "outcome": "Rejected",
                "flow": "orders",
                "document": "flows/a.json",
                "error": None,
                "findings": [
                    {"rule": "AFG101", "severity": "error", "pointer": "/a/0", "line": 3, "message": "wrong"},
                    {"rule": "AFG102", "severity": "warning", "pointer": "", "line": None, "message": "odd"},
                ],
            },
            {"outcome": "Rejected", "flow": None, "document": None, "error": "no document", "findings": []},
        ],
    }
