"""What is counted and logged for each thing that happens, without Lambda around it."""

from typing import Any

import pytest

from appflow_gitops.observability import Observability
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.drift.detector import Scan
from appflow_gitops.sync.drift.report import Drift
from appflow_gitops.sync.errors import PermanentError, TransientError
from appflow_gitops.sync.outcome import ChangeResult, Outcome, OutcomeReport

CHANGE = Change(
    identity="1",
    flowName="orders",
    correlationId="c",
    requestedAt="2026-01-01T00:00:10.000Z",
    document=DocumentVersion(bucket="b", key="k"),
)
AT = 1767225610.0


@pytest.fixture
def observed() -> Observability:
    found = Observability("tests")
    found.metrics.clear_metrics()
    return found


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
