"""What an operator sees of the functions: metrics, log lines, and one trace across them."""

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from appflow_gitops.aws import clients
from appflow_gitops.observability import metric_names
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.faults import fault_from_json
from apply.handler import handler as apply
from apply.wiring import attempts
from detect_drift.handler import handler as detect_drift
from detect_drift.wiring import detector
from fakes.flow_documents import orders, text
from intake.handler import handler as intake
from intake.wiring import intake as use_case

from .conftest import DOCUMENTS, EVENTS, Context, Deployment, Logged

CONTEXT: Any = Context()
AT = "2026-03-02T08:20:00Z"


@dataclass(frozen=True)
class Emitted:
    """The metrics of one service that came out since the last look, every value of them."""

    names: dict[str, list[float]]
    namespaces: set[str]
    dimensions: set[tuple[str, ...]]
    units: dict[str, str]


def emitted(capsys: pytest.CaptureFixture[str], service: str) -> Emitted:
    """Read the embedded metric format that Lambda hands from standard output to CloudWatch."""
    blobs = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    found = Emitted({}, set(), set(), {})
    for blob in (blob for blob in blobs if blob["service"] == service):
        for directive in blob["_aws"]["CloudWatchMetrics"]:
            found.namespaces.add(directive["Namespace"])
            found.dimensions.update(map(tuple, directive["Dimensions"]))
            for metric in directive["Metrics"]:
                found.units[metric["Name"]] = metric["Unit"]
                found.names.setdefault(metric["Name"], []).extend(blob[metric["Name"]])
    return found


def requested(flow: Any, number: int = 1) -> dict[str, Any]:
    return {
        "id": f"event-{number}",
        "source": "acme.deploy",
        "detail-type": "Flow Change Requested",
        "time": AT,
        "detail": {"document": flow},
    }


def batch(deployment: Deployment, attempt: int = 1) -> dict[str, Any]:
    """What is in the queue, as Lambda hands it to apply."""
    answer = clients.sqs().receive_message(QueueUrl=deployment.queue_url, MaxNumberOfMessages=10)
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": {"ApproximateReceiveCount": str(attempt), "SequenceNumber": "1"},
                "eventSource": "aws:sqs",
            }
            for message in answer["Messages"]
        ]
    }


def throttled(**_: object) -> tuple[Any, dict[str, Any]]:
    """AppFlow's answer, put in before botocore sends anything, so that it does not wait and try again."""
    return SimpleNamespace(status_code=429), {
        "Error": {"Code": "ThrottlingException", "Message": "Slow down."}
    }


def stay_busy() -> None:
    fault = {"operation": "CreateFlow", "error": "ConflictException", "times": 9}
    controls.faults.add(fault_from_json(fault))


def test_every_outcome_has_a_metric_of_its_name() -> None:
    assert set(Outcome) <= metric_names()


def test_metrics_have_the_service_as_their_only_dimension_and_fixed_names_and_units(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    intake(requested([orders(flowName="first"), orders(flowName="second")]), CONTEXT)
    taken_in = emitted(capsys, "intake")
    assert taken_in.names == {"Events": [1.0], "Queued": [1.0, 1.0]}
    apply(batch(deployment), CONTEXT)
    applied = emitted(capsys, "apply")
    assert applied.names.keys() == {"Applied", "Latency"}
    assert applied.units == {"Applied": "Count", "Latency": "Milliseconds"}
    for seen in (taken_in, applied):
        assert seen.dimensions == {("service",)}
        assert seen.namespaces == {"AppFlowGitops/test"}
        assert seen.names.keys() <= metric_names()


def test_a_scan_reports_the_number_of_flows_per_drift_also_zero(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("first", "second", "third"):
        deployment.drop(f"flows/{name}.json", text(orders(flowName=name)).encode())
    clients.appflow().create_flow(**orders(flowName="third", description="by hand"))
    detect_drift({}, CONTEXT)
    seen = emitted(capsys, "detect_drift")
    assert seen.names == {
        "Drifted": [0.0],
        "Pending": [1.0],
        "Missing": [2.0],
        "Orphaned": [0.0],
        "Queued": [1.0],
    }
    assert seen.dimensions == {("service",)}
    detect_drift({}, CONTEXT)
    again = emitted(capsys, "detect_drift").names
    assert (again["Missing"], "Queued" in again) == ([2.0], False)


def test_a_throttled_scan_is_counted_as_retried_and_as_throttled(
    deployment: Deployment,  # noqa: ARG001 - the handler needs it
    capsys: pytest.CaptureFixture[str],
) -> None:
    adoptable: Any = detector().flows
    adoptable.flows.client.meta.events.register("before-call.appflow.ListFlows", throttled)
    with pytest.raises(TransientError):
        detect_drift({}, CONTEXT)
    assert emitted(capsys, "detect_drift").names == {"Retried": [1.0], "Throttled": [1.0]}


def test_latency_runs_from_the_event_to_the_status_event_in_milliseconds(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    # An event from the future: no clock goes backwards, and a latency below nothing would spoil the percentiles.
    early, late = requested(orders(flowName="early")), requested(orders(flowName="late"), 2)
    late["time"] = "2999-01-01T00:00:00Z"
    for event in (early, late):
        intake(event, CONTEXT)
    apply(batch(deployment), CONTEXT)
    values = sorted(emitted(capsys, "apply").names["Latency"])
    assert values[0] == 0
    assert values[1] > 24 * 3600 * 1000


def test_a_rejection_is_counted_where_it_happens(
    deployment: Deployment,  # noqa: ARG001 - the handler needs it
    capsys: pytest.CaptureFixture[str],
) -> None:
    intake(requested({"flowName": "broken"}), CONTEXT)
    assert emitted(capsys, "intake").names == {"Rejected": [1.0], "Events": [1.0]}


def test_a_throttled_attempt_is_counted_as_retried_and_as_throttled(
    deployment: Deployment, capsys: pytest.CaptureFixture[str], logged: Logged
) -> None:
    flows: Any = attempts().applier.reconciler.flows
    flows.client.meta.events.register("before-call.appflow.CreateFlow", throttled)
    intake(requested(orders()), CONTEXT)
    apply(batch(deployment), CONTEXT)
    assert emitted(capsys, "apply").names == {"Retried": [1.0], "Throttled": [1.0]}
    assert logged.lines[-1]["message"] == "retrying"


def test_another_transient_error_is_not_counted_as_throttling(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    stay_busy()
    intake(requested(orders()), CONTEXT)
    apply(batch(deployment), CONTEXT)
    assert emitted(capsys, "apply").names == {"Retried": [1.0]}


def test_exhausted_retries_are_counted_as_failed_once(
    deployment: Deployment, capsys: pytest.CaptureFixture[str], logged: Logged
) -> None:
    stay_busy()
    intake(requested(orders()), CONTEXT)
    event = batch(deployment)
    for attempt in range(1, 6):
        event["Records"][0]["attributes"]["ApproximateReceiveCount"] = str(attempt)
        apply(event, CONTEXT)
    seen = emitted(capsys, "apply").names
    assert seen["Retried"] == [1.0] * 4
    assert seen["Failed"] == [1.0]
    assert logged.lines[-1]["message"] == "retries exhausted"


@pytest.fixture
def sample_drop(deployment: Deployment) -> dict[str, Any]:
    """A dropped document's event, the document in its place."""
    event: dict[str, Any] = json.loads((EVENTS / "s3-object-created.json").read_text())
    stored = event["detail"]["object"]
    stored["version-id"] = deployment.drop(stored["key"], (DOCUMENTS / "orders.yaml").read_bytes())
    return event


def test_the_id_of_the_event_is_in_every_log_line_and_in_the_status_event(
    deployment: Deployment, sample_drop: dict[str, Any], logged: Logged
) -> None:
    intake(sample_drop, CONTEXT)
    apply(batch(deployment), CONTEXT)
    assert {line["service"] for line in logged.lines} == {"intake", "apply"}
    assert {line["correlation_id"] for line in logged.lines} == {sample_drop["id"]}
    assert {detail["metadata"]["correlationId"] for detail in deployment.details()} == {sample_drop["id"]}


def test_each_record_of_a_classic_notification_is_logged_under_its_request(
    deployment: Deployment, logged: Logged
) -> None:
    event = json.loads((EVENTS / "s3-notification.json").read_text())
    for number, record in enumerate(event["Records"]):
        record["s3"]["object"] |= {"key": "flows/orders.yaml", "versionId": None}
        record["responseElements"]["x-amz-request-id"] = f"request-{number}"
    deployment.drop("flows/orders.yaml", (DOCUMENTS / "orders.yaml").read_bytes())
    intake(event, CONTEXT)
    assert {line["correlation_id"] for line in logged.lines} == {"request-0", "request-1"}


def test_two_requests_in_one_batch_keep_their_own_correlation_ids(
    deployment: Deployment, logged: Logged
) -> None:
    for number, name in enumerate(("first", "second")):
        intake(requested(orders(flowName=name), number), CONTEXT)
    apply(batch(deployment), CONTEXT)
    seen = {line["flow"]: line["correlation_id"] for line in logged.lines if line["service"] == "apply"}
    assert seen == {"first": "event-0", "second": "event-1"}


@pytest.fixture
def trace(monkeypatch: pytest.MonkeyPatch) -> str:
    """The trace that Lambda passes to a function in its environment."""
    header = "Root=1-65e2d9a0-1f2e3d4c5b6a79880716253a;Parent=53995c3f42cd8ad8;Sampled=1"
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "intake")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", header)
    return header


def test_intake_passes_its_trace_on_with_every_message(
    deployment: Deployment,  # noqa: ARG001 - the handler needs it
    trace: str,
    logged: Logged,
) -> None:
    sent: list[bytes] = []

    def keep(request: Any, **_: object) -> None:
        sent.append(request.headers["X-Amzn-Trace-Id"])

    queue: Any = use_case().queue
    queue.client.meta.events.register("before-send.sqs.SendMessageBatch", keep)
    intake(requested(orders()), CONTEXT)
    assert sent == [trace.encode()]
    assert logged.lines[-1]["xray_trace_id"] == "1-65e2d9a0-1f2e3d4c5b6a79880716253a"
