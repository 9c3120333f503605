"""The parts of the local endpoint that need no server: names, denials, and what AWS refuses and moto accepts."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from appflow_gitops_local.envelopes import Message, eventbridge_event, sqs_event
from appflow_gitops_local.iam import Call, Operation, Role
from appflow_gitops_local.refusals import entry_bytes, refusal
from appflow_gitops_local.server import (
    Dispatcher,
    default_wait_seconds,
    denial,
    function_name,
    is_appflow,
    regions_of,
)


@pytest.mark.parametrize(
    "identifier",
    [
        "intake",
        "intake:1",
        "intake:$LATEST",
        "arn:aws:lambda:us-east-1:123456789012:function:intake",
        "arn:aws:lambda:us-east-1:123456789012:function:intake:live",
        "123456789012:function:intake",
        "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Aintake",
    ],
)
def test_a_function_is_found_by_every_form_of_its_name(identifier: str) -> None:
    assert function_name(identifier) == "intake"


@pytest.mark.parametrize(
    ("path", "service", "expected"),
    [
        ("/", "appflow", True),
        ("/moto-api/appflow/faults", "", True),
        ("/", "sqs", False),
        ("/appflow", "s3", False),
    ],
)
def test_requests_for_appflow_are_recognised(path: str, service: str, *, expected: bool) -> None:
    header = f"AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/{service}/aws4_request, Signature=x"
    request = Request(EnvironBuilder(path=path, headers={"Authorization": header}).get_environ())
    assert is_appflow(request) is expected


def test_appflow_is_in_fewer_regions_than_other_services() -> None:
    assert regions_of("appflow") < regions_of("sqs") == regions_of("s3")
    assert "eu-north-1" in regions_of("sqs") - regions_of("appflow")


@pytest.mark.parametrize(("service", "code"), [("s3", "AccessDenied"), ("sqs", "AccessDeniedException")])
@pytest.mark.parametrize("resource", [None, "arn:aws:s3:::documents"])
def test_a_denial_names_the_role_the_action_and_the_resource(
    service: str, code: str, resource: str | None
) -> None:
    role = Role("arn:aws:sts::123456789012:assumed-role/intake/intake", ())
    answer = denial(role, Operation(service, "Get", {}), Call(f"{service}:Get", resource))
    assert answer.status_code == 403
    text = answer.get_data(as_text=True)
    assert code in text + str(answer.headers)
    assert f"{role.arn} is not authorized to perform: {service}:Get" in text
    assert ("on resource: arn:aws:s3:::documents" in text) is (resource is not None)


@pytest.mark.parametrize(
    ("entry", "size"),
    [
        ({}, 0),
        ({"Source": "abc", "DetailType": "de", "Detail": "{}", "Resources": ["é", "f"]}, 10),
        ({"Detail": "{}", "Time": 1}, 16),
    ],
)
def test_an_event_is_measured_as_eventbridge_does(entry: dict[str, Any], size: int) -> None:
    assert entry_bytes(entry) == size


@pytest.mark.parametrize(
    ("queue", "seconds"), [(SimpleNamespace(receive_message_wait_time_seconds="5"), 5), (None, 0)]
)
def test_a_receive_waits_as_long_as_the_settings_of_its_queue_say(queue: Any, seconds: int) -> None:
    assert default_wait_seconds(queue) == seconds


LARGEST = 256 * 1024


@pytest.mark.parametrize(
    ("target", "request_", "code"),
    [
        ("AWSEvents.PutEvents", {"Entries": [{"Detail": "x" * LARGEST}]}, None),
        (
            "AWSEvents.PutEvents",
            {"Entries": [{"Detail": "x" * LARGEST}, {"Source": "s"}]},
            "ValidationException",
        ),
        ("AWSEvents.PutRule", {"Entries": [{"Detail": "x" * (LARGEST + 1)}]}, None),
        ("AmazonSQS.SendMessage", {"MessageGroupId": "orders-1!"}, None),
        ("AmazonSQS.SendMessage", {"MessageGroupId": "x" * 128}, None),
        ("AmazonSQS.SendMessage", {"MessageGroupId": "x" * 129}, "InvalidParameterValue"),
        ("AmazonSQS.SendMessage", {"MessageGroupId": ""}, "InvalidParameterValue"),
        ("AmazonSQS.SendMessage", {"MessageDeduplicationId": "a b"}, "InvalidParameterValue"),
        (
            "AmazonSQS.SendMessageBatch",
            {"Entries": [{}, {"MessageGroupId": "über"}]},
            "InvalidParameterValue",
        ),
        ("AmazonSQS.SendMessageBatch", {"MessageGroupId": "a b"}, None),
    ],
)
def test_only_what_aws_refuses_is_refused(target: str, request_: dict[str, Any], code: str | None) -> None:
    refused = refusal(target, request_)
    assert (refused.code if refused else None) == code


S3_EVENT = {
    "id": "constant",
    "source": "aws.s3",
    "ingestion-time": "now",
    "detail": {
        "reason": "ObjectCreated",
        "object": {"key": "a", "eTag": "e", "version-id": "v1", "sequencer": "constant"},
    },
}


def test_an_event_of_s3_gets_its_own_id_and_s3s_words() -> None:
    event = eventbridge_event(S3_EVENT, "id-1", "0A")
    assert event == {
        "id": "id-1",
        "source": "aws.s3",
        "detail": {
            "reason": "PutObject",
            "object": {"key": "a", "etag": "e", "version-id": "v1", "sequencer": "0A"},
        },
    }
    assert S3_EVENT["id"] == "constant"


@pytest.mark.parametrize(("reason", "named"), [("ObjectRemoved", "DeleteObject"), ("Other", "Other")])
@pytest.mark.parametrize("version", [None, "null"])
def test_reasons_are_translated_and_an_unversioned_object_has_no_version(
    reason: str, named: str, version: str | None
) -> None:
    detail = {"reason": reason, "object": {"key": "a", "version-id": version}}
    event = eventbridge_event({**S3_EVENT, "detail": detail}, "id-1", "0A")
    assert event["detail"] == {"reason": named, "object": {"key": "a", "sequencer": "0A"}}


def test_other_events_keep_their_id_and_detail() -> None:
    event = {"id": "mine", "source": "tests", "detail": {"reason": "ObjectCreated"}, "ingestion-time": "now"}
    assert eventbridge_event(event, "id-1", "0A") == {
        "id": "mine",
        "source": "tests",
        "detail": event["detail"],
    }


def test_a_message_becomes_the_record_that_lambda_makes_of_it() -> None:
    attribute = {"DataType": "String", "StringValue": "1"}
    message = Message("m1", "r1", '{"a": 1}', {"ApproximateReceiveCount": "2"}, {"N": attribute})
    [record] = sqs_event([message], "arn:aws:sqs:eu-west-1:123456789012:work", "eu-west-1")["Records"]
    assert record == {
        "messageId": "m1",
        "receiptHandle": "r1",
        "body": '{"a": 1}',
        "attributes": {"ApproximateReceiveCount": "2"},
        "messageAttributes": {
            "N": {"stringListValues": [], "binaryListValues": [], "dataType": "String", "stringValue": "1"}
        },
        "md5OfBody": "42b7b4f2921788ea14dac5566e6f06d0",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:work",
        "awsRegion": "eu-west-1",
    }
    assert json.loads(record["body"]) == {"a": 1}
    assert message.receive_count == 2


def test_the_service_of_a_host_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = []

    def search(_: DomainDispatcherApplication, host: str | None) -> str:
        searched.append(host)
        return "sqs"

    monkeypatch.setattr(DomainDispatcherApplication, "get_backend_for_host", search)
    dispatcher = Dispatcher(lambda _: None)
    host = "sqs.us-east-1.amazonaws.com"
    assert [dispatcher.get_backend_for_host(host) for _ in range(2)] == ["sqs", "sqs"]
    assert searched == [host]
