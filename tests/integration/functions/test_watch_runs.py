"""watch_runs as Lambda runs it: AppFlow's events and the schedule in, health events out."""

import json
from time import time
from typing import Any

import pytest

from appflow_gitops.aws import clients
from appflow_gitops.aws.state_object import SCHEMA_KEY
from appflow_gitops.flows.ownership import DOCUMENT, VERSION
from appflow_gitops.sync.errors import TransientError
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.faults import fault_from_json
from appflow_gitops_local.appflow.runs import outcome_from_json
from fakes.flow_documents import orders, text
from watch_runs.handler import handler
from watch_runs.run_events import DEACTIVATED, RUN_ENDED, parse_run_event

from .conftest import EVENTS, Context, Deployment, Logged
from .test_watching import emitted

CONTEXT: Any = Context()
SCAN = {"id": "scan-1", "detail-type": "Scheduled Event", "detail": {}}


@pytest.mark.parametrize(
    ("kind", "reports"),
    [
        ("AppFlow End Flow Run Report", True),
        ("AppFlow Scheduled Flow Deactivated", True),
        ("AppFlow Event Flow Deactivated", True),
        ("AppFlow Start Flow Run Report", False),
        ("Scheduled Event", False),
    ],
)
def test_only_ends_of_runs_and_deactivations_report_something(kind: str, *, reports: bool) -> None:
    event = {"detail-type": kind, "detail": {"flow-name": "orders"}}
    assert (parse_run_event(event) is not None) is reports
    assert parse_run_event({**event, "detail": {}}) is None


@pytest.fixture
def managed(deployment: Deployment) -> Deployment:
    """A deployment in which the document owns the flow ``orders``."""
    version = deployment.drop("flows/orders.json", text(orders()).encode())
    owner = {DOCUMENT: f"s3://{deployment.bucket}/flows/orders.json", VERSION: version}
    clients.appflow().create_flow(**orders(tags=owner))
    return deployment


def run(**outcome: Any) -> dict[str, Any]:
    """Run the flow; an event about it that says nothing but its name."""
    controls.outcomes.add(outcome_from_json({"flowName": "orders", **outcome}))
    clients.appflow().start_flow(flowName="orders")
    return {"id": "run-1", "detail-type": RUN_ENDED, "detail": {"flow-name": "orders"}}


def test_a_failed_run_is_reported_under_the_id_of_its_event(managed: Deployment, logged: Logged) -> None:
    answer = handler(run(status="Error", message="password of jo is wrong"), CONTEXT)
    assert answer == {"reported": [{"flow": "orders", "health": "Degraded"}]}
    [detail] = managed.details()
    assert detail["metadata"]["correlationId"] == "run-1"
    assert detail["data"]["message"] == "password of jo is wrong"
    assert detail["data"]["document"]["key"] == "flows/orders.json"
    assert logged.lines[-1]["message"] == "health changed"
    assert "password" not in logged.text


def test_a_failed_run_rings_the_alarm_before_the_next_scan(
    managed: Deployment,  # noqa: ARG001 - the handler needs it
    capsys: pytest.CaptureFixture[str],
) -> None:
    handler(run(status="Error"), CONTEXT)
    gauges = {"Degraded": [1.0], "Silent": [0.0], "Stale": [0.0], "Deactivated": [0.0]}
    assert emitted(capsys, "watch_runs").names == {"Events": [1.0], **gauges}


def test_a_scan_counts_all_managed_flows_by_health(
    managed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    run(status="Error")
    emitted(capsys, "watch_runs")
    answer = handler(SCAN, CONTEXT)
    assert answer["flows"] == {"Degraded": 1}
    assert len(managed.details()) == 1
    values = {name: values for name, values in emitted(capsys, "watch_runs").names.items() if any(values)}
    assert values == {"Degraded": [1.0]}
    handler(SCAN, CONTEXT)
    assert managed.details() == []
    assert emitted(capsys, "watch_runs").names["Degraded"] == [1.0]


def test_a_throttled_event_is_retried(managed: Deployment, logged: Logged) -> None:
    event = run(status="Error")
    fault = {"operation": "DescribeFlow", "error": "ConflictException", "status": 409, "times": 9}
    controls.faults.add(fault_from_json(fault))
    with pytest.raises(TransientError):
        handler(event, CONTEXT)
    assert logged.lines[-1]["message"] == "retrying"
    controls.faults.clear()
    handler(event, CONTEXT)
    assert len(managed.details()) == 1


def test_the_sample_event_is_read_as_a_failed_run() -> None:
    event = parse_run_event(json.loads((EVENTS / "flow-run-ended.json").read_text()))
    assert event
    assert event.run
    assert (event.flow_name, event.run.status, event.run.records) == ("orders", "Error", 0)
    assert event.run.started_at == 1772445600.049


@pytest.mark.parametrize("kind", DEACTIVATED)
def test_a_deactivation_names_its_flow(kind: str) -> None:
    event = parse_run_event({"detail-type": kind, "detail": {"flow-name": "orders"}})
    assert event
    assert (event.flow_name, event.run) == ("orders", None)


@pytest.mark.parametrize("missing", ["execution-id", "status", "start-time", "num-of-records-processed"])
def test_an_event_without_a_member_still_names_its_flow(missing: str) -> None:
    sample = json.loads((EVENTS / "flow-run-ended.json").read_text())
    del sample["detail"][missing]
    event = parse_run_event(sample)
    assert event
    assert (event.flow_name, event.run) == ("orders", None)


def test_another_event_of_appflow_starts_no_scan(managed: Deployment) -> None:
    run(status="Error")
    other = {"detail-type": "AppFlow Start Flow Run Report", "detail": {"flow-name": "orders"}}
    assert handler(other, CONTEXT) == {"reported": []}
    assert managed.details() == []


def test_with_check_fields_a_flow_whose_field_was_removed_is_degraded(
    managed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHECK_FIELDS", "warn")
    run()
    handler(SCAN, CONTEXT)
    broken = {"since": time() + 60, "reason": "fields that the flow uses were removed: 'id'", "version": "v1"}
    state = {"flows": {"orders": broken}}
    clients.s3().put_object(Bucket=managed.bucket, Key=SCHEMA_KEY, Body=json.dumps(state).encode())
    assert handler(SCAN, CONTEXT)["reported"] == [{"flow": "orders", "health": "Degraded"}]
    assert managed.details()[-1]["data"]["reason"] == broken["reason"]
