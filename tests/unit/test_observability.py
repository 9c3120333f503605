"""What is counted and logged for each thing that happens, without Lambda around it."""

import io
import json
import logging
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from appflow_gitops.findings import Finding, Severity
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.runs import Run
from appflow_gitops.observability import Observability
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.drift.detector import Scan
from appflow_gitops.sync.drift.report import Drift, DriftReport, LimitedRepairs
from appflow_gitops.sync.errors import RETRIES_EXHAUSTED, ErrorDetail, PermanentError, TransientError
from appflow_gitops.sync.health.health import Assessment, Health
from appflow_gitops.sync.health.report import HealthReport
from appflow_gitops.sync.health.watcher import HealthScan
from appflow_gitops.sync.outcome import ChangeResult, Outcome, OutcomeReport
from appflow_gitops.sync.schema_drift.detector import SchemaScan
from appflow_gitops.sync.schema_drift.report import ConcernedChange, SchemaDriftReport
from appflow_gitops.sync.schema_drift.usage import Usage
from appflow_gitops.validation.fields.changes import ChangeKind, FieldChange
from appflow_gitops.validation.fields.entity import EntityKey

DOCUMENT = DocumentVersion(bucket="b", key="k")
CHANGE = Change(
    identity="1",
    flowName="orders",
    correlationId="c",
    requestedAt="2026-01-01T00:00:10.000Z",
    document=DOCUMENT,
)
AT = 1767225610.0


@pytest.fixture
def observed() -> Observability:
    found = Observability("tests")
    found.metrics.clear_metrics()
    return found


@pytest.fixture
def lines(observed: Observability) -> Callable[[], list[dict[str, Any]]]:
    """Returns the log lines, without the keys that every line has; what is ``None`` is left out."""
    stream = io.StringIO()
    handler = observed.logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    common = {"location", "timestamp", "service"}
    return lambda: [
        {key: value for key, value in json.loads(line).items() if key not in common}
        for line in stream.getvalue().splitlines()
    ]


def counted(observed: Observability) -> dict[str, float]:
    """The sum of each metric."""
    emitted: Any = observed.metrics.serialize_metric_set()
    names = [each["Name"] for each in emitted["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
    observed.metrics.clear_metrics()
    return {name: sum(emitted[name]) for name in names}


@pytest.mark.parametrize(("reported_at", "latency"), [(AT, 0), (AT + 1.5, 1500), (AT - 5, 0)])
def test_a_latency_is_in_milliseconds_and_never_negative(
    observed: Observability, reported_at: float, latency: int
) -> None:
    report = OutcomeReport("id", "c", reported_at, ChangeResult(Outcome.APPLIED))
    observed.record_outcome(report, CHANGE.requestedAt)
    assert counted(observed) == {"Applied": 1, "Latency": latency}
    observed.record_outcome(report)
    assert counted(observed) == {"Applied": 1}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TransientError("ThrottlingException", ""), {"Retried": 1, "Throttled": 1}),
        (TransientError("SlowDown", ""), {"Retried": 1, "Throttled": 1}),
        (PermanentError("AccessDenied", ""), {"Retried": 1}),
    ],
)
def test_a_throttled_call_is_a_retry_too(
    observed: Observability, error: TransientError, expected: dict[str, float]
) -> None:
    observed.record_retry(error)
    assert counted(observed) == expected


def test_a_queued_change_and_a_discarded_message_are_counted(observed: Observability) -> None:
    observed.record_queued(CHANGE)
    observed.record_discarded("message")
    assert counted(observed) == {"Queued": 1, "Failed": 1}


GAUGES = {"Drifted": 0, "Pending": 0, "Missing": 0, "Orphaned": 0}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({}, {}),
        ({"drifting": {Drift.MISSING: 3}}, {"Missing": 3}),
        ({"repairs": [CHANGE]}, {"Queued": 1}),
        ({"requeued": 2}, {"Queued": 2}),
        ({"repairs": [CHANGE], "requeued": 2}, {"Queued": 3}),
        ({"failed": {"one": "X", "two": "Y"}}, {"Retried": 2}),
        ({"unreadable": {"key": "AccessDenied"}}, {}),
    ],
)
def test_a_scan_reports_every_gauge_and_what_it_queued(
    observed: Observability, found: dict[str, Any], expected: dict[str, float]
) -> None:
    scan = Scan()
    for name, value in found.items():
        if name == "drifting":
            scan.drifting.update(value)
        else:
            setattr(scan, name, value)
    observed.record_scan(scan)
    assert counted(observed) == GAUGES | expected


def test_any_exception_is_recorded_as_a_retry_and_raised_as_transient(observed: Observability) -> None:
    with pytest.raises(TransientError, match="KeyError"), observed.recording_retries():
        raise KeyError("surprise")
    assert counted(observed) == {"Retried": 1}


def result(**members: Any) -> OutcomeReport:
    return OutcomeReport("id", "c", AT, ChangeResult(**members))


def health(since: Run | None = None) -> HealthReport:
    found = Assessment(Health.DEGRADED, "a value of a record", (since,) if since else (), message="a value")
    return HealthReport("c", AT, LiveFlow("orders", "arn", "Active", {}), found, Health.HEALTHY)


def schema_drift() -> SchemaDriftReport:
    usages = tuple(Usage(flow, DOCUMENT, {}) for flow in ("orders", "returns", "orders"))
    changes = [FieldChange(ChangeKind.REMOVED, "City"), FieldChange(ChangeKind.ADDED, "Town")]
    key = EntityKey("Salesforce", "crm", "Account")
    return SchemaDriftReport("c", AT, key, tuple(ConcernedChange(change, usages) for change in changes))


FINDINGS = tuple(Finding(rule, Severity.ERROR, (), "m") for rule in ("AFG202", "AFG101", "AFG202"))
COMPLETED = {"level": "INFO", "message": "scan completed", "reported": 0, "remaining": 0}


@pytest.mark.parametrize(
    ("record", "logged"),
    [
        (
            lambda to: to.record_outcome(result(outcome=Outcome.APPLIED, action=Action.UPDATE)),
            {
                "rules": [],
                "level": "INFO",
                "message": "outcome reported",
                "outcome": "Applied",
                "action": "update",
            },
        ),
        (
            lambda to: to.record_outcome(result(outcome=Outcome.REJECTED, findings=FINDINGS)),
            {
                "level": "INFO",
                "message": "outcome reported",
                "outcome": "Rejected",
                "rules": ["AFG101", "AFG202"],
            },
        ),
        (
            lambda to: to.record_outcome(
                result(outcome=Outcome.FAILED, error=ErrorDetail("AccessDenied", "may contain a value"))
            ),
            {
                "rules": [],
                "level": "INFO",
                "message": "outcome reported",
                "outcome": "Failed",
                "code": "AccessDenied",
            },
        ),
        (
            lambda to: to.record_outcome(
                result(outcome=Outcome.FAILED, error=ErrorDetail(RETRIES_EXHAUSTED, "SlowDown: busy"))
            ),
            {
                "rules": [],
                "level": "WARNING",
                "message": "retries exhausted",
                "outcome": "Failed",
                "code": RETRIES_EXHAUSTED,
                "reason": "SlowDown: busy",
            },
        ),
        (
            lambda to: to.record_queued(CHANGE),
            {"level": "INFO", "message": "change queued", "flow": "orders", "change": CHANGE.id},
        ),
        (
            lambda to: to.record_discarded("message-1"),
            {
                "level": "WARNING",
                "message": "message discarded",
                "code": "InvalidMessage",
                "message_id": "message-1",
            },
        ),
        (
            lambda to: to.record_retry(TransientError("SlowDown", "busy")),
            {"level": "WARNING", "message": "retrying", "code": "SlowDown", "reason": "busy"},
        ),
        (
            lambda to: to.record_health(health(Run("r1", "Error", AT))),
            {
                "level": "INFO",
                "message": "health changed",
                "flow": "orders",
                "health": "Degraded",
                "previous": "Healthy",
                "run": "r1",
            },
        ),
    ],
    ids=["outcome", "findings", "error", "exhausted", "queued", "discarded", "retry", "health"],
)
def test_what_happens_to_a_change_has_one_log_line(
    observed: Observability,
    lines: Callable[[], list[dict[str, Any]]],
    record: Callable[[Observability], None],
    logged: dict[str, Any],
) -> None:
    record(observed)
    assert lines() == [logged]


def test_a_scan_logs_what_it_found_and_ends_with_its_numbers(
    observed: Observability, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    observed.record_scan(
        Scan(
            reported=[DriftReport("id", "c", AT, "orders", Drift.PENDING, repairs=True)],
            drifting=Counter({Drift.PENDING: 2}),
            failed={"returns": "AccessDenied"},
            unreadable={"flows/a.json": "InvalidObjectState"},
            limited=LimitedRepairs("id", "c", AT, "2026-4f2c", 10, ("a", "b"), 3, 50),
            remaining=7,
        )
    )
    assert lines() == [
        {
            "level": "INFO",
            "message": "drift detected",
            "flow": "orders",
            "drift": "pending",
            "healing": True,
        },
        {
            "level": "WARNING",
            "message": "repairs limited",
            "flows": 2,
            "repaired": 3,
            "limit": 10,
            "confirmation": "2026-4f2c",
        },
        {"level": "WARNING", "message": "inspection failed", "flow": "returns", "code": "AccessDenied"},
        {
            "level": "WARNING",
            "message": "document not readable",
            "document": "flows/a.json",
            "code": "InvalidObjectState",
        },
        {**COMPLETED, "drifting": {"pending": 2}, "reported": 1, "remaining": 7},
    ]


def test_a_scan_of_fields_logs_each_change_and_what_it_could_not_compare(
    observed: Observability, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    observed.record_schema_scan(SchemaScan([schema_drift()], {"Salesforce crm Lead": "AccessDenied"}))
    assert lines() == [
        {
            "level": "INFO",
            "message": "schema drift detected",
            "connector": "Salesforce",
            "profile": "crm",
            "object": "Account",
            "changes": ["removed City", "added Town"],
            "flows": 2,
        },
        {
            "level": "WARNING",
            "message": "fields not compared",
            "object": "Salesforce crm Lead",
            "reason": "AccessDenied",
        },
    ]


def test_a_scan_of_health_reports_every_gauge_and_logs_what_it_found(
    observed: Observability, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    flows = Counter({Health.HEALTHY: 3, Health.DEGRADED: 1})
    observed.record_health_scan(HealthScan([health()], flows, {"returns": "AccessDenied"}, 4))
    assert counted(observed) == {
        **dict.fromkeys(Health, 0),
        "Healthy": 3,
        "Degraded": 1,
        "Retried": 1,
    }
    assert lines() == [
        {
            "level": "INFO",
            "message": "health changed",
            "flow": "orders",
            "health": "Degraded",
            "previous": "Healthy",
        },
        {"level": "WARNING", "message": "inspection failed", "flow": "returns", "code": "AccessDenied"},
        {**COMPLETED, "flows": {"Healthy": 3, "Degraded": 1}, "reported": 1, "remaining": 4},
    ]


ATTENTION = {each.value: 0 for each in Health if each.needs_attention}


@pytest.mark.parametrize(
    ("found", "gauges"),
    [
        (None, {}),
        (Health.HEALTHY, {}),
        (Health.UNKNOWN, {}),
        (Health.DEGRADED, ATTENTION | {"Degraded": 1}),
        (Health.STALE, ATTENTION | {"Stale": 1}),
    ],
)
def test_a_health_that_needs_attention_rings_the_alarm_at_once(
    observed: Observability, found: Health | None, gauges: dict[str, float]
) -> None:
    report = (
        HealthReport("c", AT, LiveFlow("orders", "arn", "Active", {}), Assessment(found, ""))
        if found
        else None
    )
    observed.record_health(report)
    assert counted(observed) == {"Events": 1} | gauges


def test_an_invocation_logs_no_keys_of_the_one_before(
    observed: Observability, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    context = SimpleNamespace(
        function_name="f",
        memory_limit_in_mb=128,
        invoked_function_arn="arn",
        aws_request_id="request",
    )

    def handle(event: dict[str, Any], _: object) -> str:
        observed.logger.append_keys(**event)
        observed.count("Events")
        observed.logger.info("handled")
        return "done"

    handler = observed.observed(handle)
    for event in ({"flow": "orders"}, {}):
        assert handler(event, context) == "done"
    first, second = lines()
    assert (first["flow"], "flow" in second) == ("orders", False)
    assert first["function_request_id"] == second["function_request_id"] == "request"
