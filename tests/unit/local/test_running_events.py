"""Events for the functions of a running local cloud, and what is read from it, with clients that answer here."""

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
)

from appflow_gitops_local.running import EmptyQueueError, NotRunningError, RunningCloud
from appflow_gitops_local.stack import EVENTS
from fakes.flow_documents import orders, text

OUTPUTS = {
    "DocumentsBucketName": "documents",
    "FlowChangesQueueUrl": "http://inside/queue",
    "StatusLogGroupName": "status",
}
KEY = "flows/my orders.json"


class Client:
    """Answers calls by name; ``asked`` are the members of all calls. An exception is raised."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        def call(**members: Any) -> Any:
            self.asked.append((name, members))
            answer = self.answers[name]
            if isinstance(answer, Exception):
                raise answer
            return answer(members) if callable(answer) else answer

        return call

    def get_paginator(self, name: str) -> Any:
        return self if name == "filter_log_events" else None


class FakeCloud:
    region = "eu-central-1"

    def __init__(self, **answers: Any) -> None:
        stack = {"Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in OUTPUTS.items()]}
        put = {"ETag": '"e1"', "VersionId": "v1"}
        self.the_client = Client({"describe_stacks": {"Stacks": [stack]}, "put_object": put, **answers})

    def client(self, service: str) -> Client:  # noqa: ARG002
        return self.the_client

    def reachable(self, text: str, endpoint: str = "http://outside") -> str:
        return text.replace("http://inside", endpoint)


def running(**answers: Any) -> tuple[RunningCloud, Client]:
    cloud, fake = RunningCloud("http://outside/", "eu-central-1", "flows"), FakeCloud(**answers)
    cloud._cloud = cast("Any", fake)
    return cloud, fake.the_client


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "orders.json"
    file.write_text(text(orders()), encoding="utf-8")
    return file


def sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / name).read_bytes())
    return event


def check_sample(event: dict[str, Any], name: str) -> None:
    """The event is that of the sample, except for its own id, time and region and its detail."""
    expected, own = sample(name), {"id", "time", "region", "detail", "resources"}
    assert {key: value for key, value in event.items() if key not in own} == {
        key: value for key, value in expected.items() if key not in own
    }
    assert event["region"] == "eu-central-1"
    assert event["id"] != expected["id"]
    assert event["time"] > expected["time"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event["time"])


def test_the_outputs_of_the_stack_can_be_reached_from_outside() -> None:
    cloud, client = running()
    assert cloud.endpoint == "http://outside"
    assert cloud.outputs == {**OUTPUTS, "FlowChangesQueueUrl": "http://outside/queue"}
    assert client.asked == [("describe_stacks", {"StackName": "flows"})]


def test_a_dropped_document_is_described_as_in_the_event_of_s3(document: Path) -> None:
    cloud, client = running()
    before = int(time.time() * 1000)
    event = cloud.object_created(document, KEY)
    check_sample(event, "s3-object-created.json")
    assert event["resources"] == ["arn:aws:s3:::documents"]
    assert event["detail"]["bucket"]["name"] == "documents"
    content = document.read_bytes()
    described = event["detail"]["object"]
    sequencer = described.pop("sequencer")
    assert re.fullmatch("[0-9A-F]{16}", sequencer)
    assert before <= int(sequencer, 16) <= time.time() * 1000
    assert described == {"key": KEY, "size": len(content), "etag": "e1", "version-id": "v1"}
    assert client.asked[-1] == ("put_object", {"Bucket": "documents", "Key": KEY, "Body": content})


def test_a_notification_of_s3_has_an_encoded_key(document: Path) -> None:
    [record] = running()[0].notification(document, KEY)["Records"]
    expected = sample("s3-notification.json")["Records"][0]
    assert record["eventTime"] > expected["eventTime"]
    assert record["eventName"] == expected["eventName"]
    assert (record["s3"]["bucket"]["name"], record["s3"]["bucket"]["arn"]) == (
        "documents",
        "arn:aws:s3:::documents",
    )
    described = record["s3"]["object"]
    assert len(described.pop("sequencer")) == 16
    size = len(document.read_bytes())
    assert described == {"key": "flows/my+orders.json", "size": size, "eTag": "e1", "versionId": "v1"}


def test_a_request_contains_a_flow_or_several_or_a_text_or_a_key(document: Path) -> None:
    cloud, client = running()
    one = cloud.requested(document)
    check_sample(one, "flow-change-requested.json")
    assert one["detail"]["document"] == orders()
    as_text = cloud.requested_text(document)
    check_sample(as_text, "flow-change-requested-text.json")
    assert as_text["detail"]["document"] == text(orders())
    pointer = cloud.requested_pointer(document, KEY)
    check_sample(pointer, "flow-change-requested-pointer.json")
    assert pointer["detail"]["document"] == {"bucket": "documents", "key": KEY}
    assert client.asked[-1][0] == "put_object"
    document.write_text(f"[{text(orders())}, {text(orders(flowName='other'))}]", encoding="utf-8")
    assert cloud.requested(document)["detail"]["document"] == [orders(), orders(flowName="other")]


def test_events_about_runs_and_scans_name_their_flow() -> None:
    cloud, _ = running()
    ended = cloud.run_ended("other")
    check_sample(ended, "flow-run-ended.json")
    assert ended["detail"]["flow-name"] == "other"
    assert ended["detail"]["start-time"] == ended["detail"]["end-time"]
    assert ended["detail"]["end-time"].endswith("Z[UTC]")
    requested = cloud.run_requested("other")
    check_sample(requested, "flow-run-requested.json")
    assert requested["detail"]["flowName"] == "other"
    check_sample(cloud.scan_due(), "drift-scan-due.json")
    check_sample(cloud.repairs_confirmed(), "flow-repairs-confirmed.json")


MESSAGE = {
    "MessageId": "m1",
    "ReceiptHandle": "r1",
    "Body": "{}",
    "Attributes": {"MessageGroupId": "orders"},
    "MessageAttributes": {"trace": {"DataType": "String", "StringValue": "abc"}},
}


def test_changes_are_taken_out_of_the_queue_as_lambda_passes_them() -> None:
    cloud, client = running(
        get_queue_attributes={"Attributes": {"QueueArn": "arn:queue"}},
        receive_message={"Messages": [MESSAGE]},
        delete_message={},
    )
    [record] = cloud.queued(3)["Records"]
    assert (record["messageId"], record["body"], record["eventSourceARN"]) == ("m1", "{}", "arn:queue")
    assert (record["awsRegion"], record["attributes"]) == ("eu-central-1", {"MessageGroupId": "orders"})
    queue = {"QueueUrl": "http://outside/queue"}
    received, deleted = client.asked[-2:]
    assert received == (
        "receive_message",
        {**queue, "MaxNumberOfMessages": 3, "AttributeNames": ["All"], "MessageAttributeNames": ["All"]},
    )
    assert record["messageAttributes"]["trace"]["stringValue"] == "abc"
    assert ("get_queue_attributes", {**queue, "AttributeNames": ["QueueArn"]}) in client.asked
    assert deleted == ("delete_message", {**queue, "ReceiptHandle": "r1"})


def test_an_empty_queue_is_an_error() -> None:
    cloud, client = running(get_queue_attributes={"Attributes": {"QueueArn": "arn"}}, receive_message={})
    with pytest.raises(EmptyQueueError, match="http://outside/queue"):
        cloud.queued()
    assert client.asked[-1][1]["MaxNumberOfMessages"] == 10


def test_status_events_are_read_from_their_log_page_by_page() -> None:
    pages = [{"events": [{"message": '{"a": 1}'}]}, {"events": [{"message": '{"a": 2}'}]}]
    cloud, client = running(paginate=pages)
    assert cloud.status_events() == [{"a": 1}, {"a": 2}]
    assert client.asked[-1] == ("paginate", {"logGroupName": "status"})


def test_the_environment_of_each_function_is_reachable_from_containers() -> None:
    functions = {"Intake": "intake-1", "Apply": "apply-1"}
    resources = [
        {"LogicalResourceId": name, "PhysicalResourceId": id_, "ResourceType": "AWS::Lambda::Function"}
        for name, id_ in functions.items()
    ]
    bucket = {"LogicalResourceId": "Bucket", "PhysicalResourceId": "b", "ResourceType": "AWS::S3::Bucket"}
    variables = {"QUEUE_URL": "http://inside/queue", "MAX_ATTEMPTS": 5}
    cloud, client = running(
        describe_stack_resources={"StackResources": [*resources, bucket]},
        get_function_configuration=lambda members: (
            {"Environment": {"Variables": variables}} if members["FunctionName"] == "intake-1" else {}
        ),
    )
    assert cloud.sam_environment("http://host") == {
        "Intake": {"QUEUE_URL": "http://host/queue", "MAX_ATTEMPTS": "5", "AWS_ENDPOINT_URL": "http://host"},
        "Apply": {"AWS_ENDPOINT_URL": "http://host"},
    }
    assert client.asked[0] == ("describe_stack_resources", {"StackName": "flows"})


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (EndpointConnectionError(endpoint_url="x"), "no local cloud answers at http://outside: start it"),
        (ConnectTimeoutError(endpoint_url="x"), "no local cloud answers"),
        (ConnectionClosedError(endpoint_url="x"), "no local cloud answers"),
        (ValueError("Invalid endpoint"), "no local cloud answers"),
        (ClientError({"Error": {"Code": "X", "Message": "no"}}, "Call"), "http://outside: An error occurred"),
    ],
    ids=["connection", "timeout", "closed", "scheme", "answer"],
)
def test_an_endpoint_of_something_else_is_reported(error: Exception, message: str) -> None:
    cloud, _ = running(describe_stacks=error)
    with pytest.raises(NotRunningError, match=message):
        _ = cloud.outputs
