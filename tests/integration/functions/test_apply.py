"""SQS batches, fed to apply."""

import json
from typing import Any

import pytest

from appflow_gitops.aws import clients
from appflow_gitops.aws.deadline import RESERVE
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.faults import fault_from_json
from apply.handler import handler
from fakes.flow_documents import orders

from .conftest import DOCUMENTS, EVENTS, Context, Deployment, Logged


def invoke(event: dict[str, Any]) -> list[str]:
    """The ids of the messages that are retried."""
    context: Any = Context()
    answer = handler(event, context)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def record(deployment: Deployment, number: int, flow: dict[str, Any], attempt: int = 1) -> dict[str, Any]:
    """A record of a message that really is in the queue, with a request's flow."""
    body = {
        "identity": f"event-{number}",
        "flowName": flow["flowName"],
        "correlationId": f"event-{number}",
        "requestedAt": "2026-03-02T08:20:00Z",
        "desired": flow,
    }
    sent: dict[str, Any] = {"QueueUrl": deployment.queue_url, "MessageBody": json.dumps(body)}
    clients.sqs().send_message(**sent, MessageGroupId=flow["flowName"], MessageDeduplicationId=str(number))
    [message] = clients.sqs().receive_message(QueueUrl=deployment.queue_url)["Messages"]
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {
            "ApproximateReceiveCount": str(attempt),
            "SequenceNumber": f"{number:020}",
            "MessageGroupId": flow["flowName"],
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:flow-changes.fifo",
        "awsRegion": "us-east-1",
    }


def test_the_sample_batch_is_carried_out(deployment: Deployment) -> None:
    event = json.loads((EVENTS / "sqs-flow-changes.json").read_text())
    first = json.loads(event["Records"][0]["body"])
    content = (DOCUMENTS / "orders.yaml").read_bytes()
    first["document"]["versionId"] = deployment.drop(first["document"]["key"], content)
    event["Records"][0]["body"] = json.dumps(first)
    assert invoke(event) == []
    reported = deployment.reported()
    assert [one["outcome"] for one in reported] == ["Applied", "Applied"]
    assert reported[0]["provenance"] == first["provenance"]
    assert {flow["flowName"] for flow in clients.appflow().list_flows()["flows"]} == {"orders", "price-list"}


def test_p7_one_bad_record_does_not_affect_the_others(deployment: Deployment) -> None:
    fault = {"operation": "CreateFlow", "error": "ConflictException", "times": 9, "flowName": "second"}
    controls.faults.add(fault_from_json(fault))
    flows = [orders(flowName=name) for name in ("first", "second", "third")]
    records = [record(deployment, number, flow) for number, flow in enumerate(flows)]
    assert invoke({"Records": records}) == [records[1]["messageId"]]
    assert [one["flowName"] for one in deployment.reported()] == ["first", "third"]


def kept() -> list[str]:
    """The bodies of the dead letters."""
    url = clients.sqs().get_queue_url(QueueName="dead.fifo")["QueueUrl"]
    return [message["Body"] for message in clients.sqs().receive_message(QueueUrl=url).get("Messages", [])]


def test_a_message_without_a_change_is_moved_to_the_dead_letters_at_once(
    deployment: Deployment, logged: Logged
) -> None:
    broken = {**record(deployment, 1, orders()), "body": "no change"}
    assert invoke({"Records": [broken]}) == []
    assert kept() == ["no change"]
    assert [line["message"] for line in logged.lines] == ["message discarded"]


def test_a_record_of_an_unknown_form_is_answered_and_not_raised(deployment: Deployment) -> None:
    broken = {**record(deployment, 1, orders()), "attributes": {}}
    assert invoke({"Records": [broken]}) == [broken["messageId"]]


def test_a_delivery_after_the_last_attempt_only_reports_and_keeps_the_message(deployment: Deployment) -> None:
    late = record(deployment, 1, orders(), attempt=6)
    assert invoke({"Records": [late]}) == []
    [reported] = deployment.reported()
    assert (reported["outcome"], reported["error"]["code"]) == ("Failed", "RetriesExhausted")
    [letter] = map(json.loads, kept())
    assert letter["failures"] == 1
    assert letter.items() >= json.loads(late["body"]).items()
    assert clients.appflow().list_flows()["flows"] == []


def test_no_call_begins_that_could_outlast_the_invocation(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _: int(RESERVE * 1000) - 1)
    change = record(deployment, 1, orders())
    assert invoke({"Records": [change]}) == [change["messageId"]]
    assert (logged.lines[-1]["message"], logged.lines[-1]["code"]) == ("retrying", "OutOfTime")
    assert deployment.reported() == []
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _: int(RESERVE * 1000))
    assert invoke({"Records": [change]}) == []
    assert len(deployment.reported()) == 1


def test_logs_hold_names_and_codes_and_never_a_document(deployment: Deployment, logged: Logged) -> None:
    flow = orders(description="a secret that must not be logged")
    flow["tasks"][1]["taskProperties"] = {"VALUE": "another secret"}
    assert invoke({"Records": [record(deployment, 1, flow)]}) == []
    assert "secret" not in logged.text
    [line] = logged.lines
    assert (line["message"], line["flow"], line["outcome"]) == ("outcome reported", "orders", "Applied")
    assert line["correlation_id"] == "event-1"


@pytest.mark.parametrize(("creates", "outcome"), [("false", "Failed"), ("true", "Applied")])
def test_missing_flows_are_created_as_the_stack_is_configured(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, creates: str, outcome: str
) -> None:
    monkeypatch.setenv("CREATE_MISSING_FLOWS", creates)
    assert invoke({"Records": [record(deployment, 1, orders())]}) == []
    [reported] = deployment.reported()
    assert reported["outcome"] == outcome
    assert len(clients.appflow().list_flows()["flows"]) == (1 if creates == "true" else 0)


@pytest.mark.parametrize(("attempts", "retried"), [("2", False), ("3", True)])
def test_a_change_has_as_many_attempts_as_the_stack_is_configured(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, attempts: str, *, retried: bool
) -> None:
    monkeypatch.setenv("MAX_ATTEMPTS", attempts)
    fault = {"operation": "CreateFlow", "error": "ConflictException", "times": 9}
    controls.faults.add(fault_from_json(fault))
    change = record(deployment, 1, orders(), attempt=2)
    assert invoke({"Records": [change]}) == ([change["messageId"]] if retried else [])
    assert [one["outcome"] for one in deployment.reported()] == ([] if retried else ["Failed"])


@pytest.mark.parametrize("numbers", [(1, 2), (2, 1)])
def test_p4_of_changes_of_one_moment_the_later_in_the_queue_counts(
    deployment: Deployment, numbers: tuple[int, int]
) -> None:
    sent = record(deployment, 0, orders())
    for number in numbers:
        body = json.loads(sent["body"]) | {
            "identity": str(number),
            "desired": orders(description=f"change {number}"),
        }
        attributes = {**sent["attributes"], "SequenceNumber": f"{number:020}"}
        invoke({"Records": [{**sent, "body": json.dumps(body), "attributes": attributes}]})
    assert clients.appflow().describe_flow(flowName="orders")["description"] == "change 2"


@pytest.mark.parametrize(("former", "outcome"), [("", "Rejected"), ("older,old", "Applied")])
def test_flows_of_former_buckets_are_adopted(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, former: str, outcome: str
) -> None:
    monkeypatch.setenv("FORMER_BUCKETS", former)
    owner = {"appflow-gitops:document": "s3://old/flows/orders.yaml"}
    clients.appflow().create_flow(**orders(description="before", tags=owner))
    assert invoke({"Records": [record(deployment, 1, orders())]}) == []
    [reported] = deployment.reported()
    assert reported["outcome"] == outcome
