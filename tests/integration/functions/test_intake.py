"""Every trigger's sample event, fed to intake."""

import json
from typing import Any
from urllib.parse import quote_plus

import pytest
from botocore.exceptions import EndpointConnectionError

from appflow_gitops.aws import clients
from appflow_gitops.aws.takeovers import S3Takeovers
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.takeover import Takeover
from intake.handler import handler
from intake.requests import parse_requests
from intake.wiring import intake

from .conftest import DOCUMENTS, EVENTS, Context, Deployment


def sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / name).read_text())
    return event


def invoke(event: dict[str, Any]) -> dict[str, Any]:
    context: Any = Context()
    return json.loads(json.dumps(handler(event, context)))  # type: ignore[no-any-return]


def names(deployment: Deployment) -> list[str]:
    return sorted(message["flowName"] for message in deployment.queued())


def test_an_eventbridge_event_about_an_object_becomes_changes(deployment: Deployment) -> None:
    event = sample("s3-object-created.json")
    stored = event["detail"]["object"]
    stored["version-id"] = deployment.drop(stored["key"], (DOCUMENTS / "orders.yaml").read_bytes())
    invoke(event)
    [message] = [one for one in deployment.queued() if one["flowName"] == "orders"]
    assert message["correlationId"] == event["id"]
    assert message["document"]["versionId"] == stored["version-id"]


def test_every_record_of_a_classic_notification_becomes_changes_under_its_decoded_key(
    deployment: Deployment,
) -> None:
    event = sample("s3-notification.json")
    keys = ["flows/sales & marketing/price-list.json", "flows/support+1.yaml"]
    for record, key, name in zip(event["Records"], keys, ("price-list.json", "support.yaml"), strict=True):
        version = deployment.drop(key, (DOCUMENTS / name).read_bytes())
        record["s3"]["object"] |= {"key": quote_plus(key, safe="/"), "versionId": version}
    invoke(event)
    assert {message["document"]["key"] for message in deployment.queued()} == set(keys)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("ObjectCreated:Put", 1),
        ("ObjectCreated:Post", 1),
        ("ObjectCreated:Copy", 1),
        ("ObjectCreated:CompleteMultipartUpload", 1),
        ("ObjectRemoved:Delete", 0),
        ("ObjectRestore:Completed", 0),
    ],
)
def test_a_classic_notification_of_any_way_to_create_an_object_becomes_changes(
    deployment: Deployment, name: str, number: int
) -> None:
    [record, *_] = sample("s3-notification.json")["Records"]
    version = deployment.drop("flows/orders.yaml", (DOCUMENTS / "orders.yaml").read_bytes())
    record["s3"]["object"] |= {"key": "flows/orders.yaml", "versionId": version}
    invoke({"Records": [{**record, "eventName": name}]})
    assert len(names(deployment)) == number


@pytest.mark.parametrize("version", ["null", "", None])
def test_an_object_of_a_bucket_without_versions_has_none(version: str | None) -> None:
    event = sample("s3-object-created.json")
    event["detail"]["object"] |= {"version-id": version, "etag": "e1", "sequencer": "s1"}
    [request] = parse_requests(event)
    assert isinstance(request.document, DocumentVersion)
    assert request.document.versionId is None
    assert request.identity.endswith("@e1#s1")


def test_p7_an_event_is_retried_as_a_whole_after_all_its_records_were_handled(deployment: Deployment) -> None:
    event = sample("s3-notification.json")
    for record, name in zip(event["Records"], ("price-list.json", "support.yaml"), strict=True):
        version = deployment.drop(f"flows/{name}", (DOCUMENTS / name).read_bytes())
        record["s3"]["object"] |= {"key": f"flows/{name}", "versionId": version}

    def fail(params: dict[str, Any], **_: object) -> None:
        if params["Key"] == "flows/price-list.json":
            raise EndpointConnectionError(endpoint_url="https://s3")

    documents: Any = intake().documents
    documents.client.meta.events.register("before-parameter-build.s3.GetObject", fail)
    with pytest.raises(TransientError):
        invoke(event)
    assert names(deployment) == ["support-incidents", "support-tickets"]


def test_two_notifications_about_a_bucket_without_versions_are_two_events() -> None:
    [record, *_] = sample("s3-notification.json")["Records"]
    identities = set()
    for sequencer in ("s1", "s2", "s2"):
        record["s3"]["object"] |= {"versionId": "", "eTag": "e1", "sequencer": sequencer}
        [request] = parse_requests({"Records": [record]})
        identities.add(request.identity)
    assert len(identities) == 2


@pytest.mark.parametrize(("prefix", "number"), [("flows/", 1), ("other/", 0)])
def test_objects_outside_the_prefix_are_ignored(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, prefix: str, number: int
) -> None:
    monkeypatch.setenv("DOCUMENTS_PREFIX", prefix)
    event = sample("s3-object-created.json")
    stored = event["detail"]["object"]
    stored["version-id"] = deployment.drop(stored["key"], (DOCUMENTS / "orders.yaml").read_bytes())
    invoke(event)
    assert len(names(deployment)) == number


def test_a_plus_in_a_key_from_eventbridge_stays_a_plus(deployment: Deployment) -> None:
    event = sample("s3-object-created.json")
    stored = event["detail"]["object"]
    stored["key"] = "flows/a+b%20c.yaml"
    stored["version-id"] = deployment.drop(stored["key"], (DOCUMENTS / "orders.yaml").read_bytes())
    invoke(event)
    assert deployment.queued()[0]["document"]["key"] == "flows/a+b%20c.yaml"


@pytest.mark.parametrize("name", ["flow-change-requested.json", "flow-change-requested-text.json"])
def test_a_request_with_its_document_inside_becomes_changes(deployment: Deployment, name: str) -> None:
    event = sample(name)
    invoke(event)
    [message] = deployment.queued()
    assert message["desired"]["flowName"] == message["flowName"]
    assert message["provenance"] == event["detail"].get("provenance", {})


def test_the_answer_names_the_queued_changes(deployment: Deployment) -> None:
    answer = invoke(sample("flow-change-requested.json"))
    assert [change["flow"] for change in answer["queued"]] == names(deployment)
    assert answer["reported"] == []


def test_the_answer_names_the_outcome_and_its_findings(deployment: Deployment) -> None:  # noqa: ARG001
    answer = invoke(
        {**sample("flow-change-requested.json"), "detail": {"document": "flowName: x\ntasks: 5\n"}}
    )
    (reported,) = answer["reported"]
    assert (answer["queued"], reported["outcome"]) == ([], "Rejected")
    assert "/tasks" in {finding["pointer"] for finding in reported["findings"]}


def test_a_request_that_points_to_a_document_becomes_changes(deployment: Deployment) -> None:
    event = sample("flow-change-requested-pointer.json")
    version = deployment.drop(event["detail"]["document"]["key"], (DOCUMENTS / "support.yaml").read_bytes())
    invoke(event)
    messages = deployment.queued()
    assert messages
    assert {message["document"]["versionId"] for message in messages} == {version}


@pytest.mark.parametrize(
    "detail",
    [
        {},
        {"document": 5},
        {"document": {"bucket": "b", "key": "k", "version": "v"}},
        {"document": "flowName: x", "force": "yes"},
        {"document": "flowName: x", "provenance": {"commit": 5}},
        {"documents": []},
    ],
)
def test_a_request_that_cannot_be_parsed_is_rejected_with_what_was_expected(
    deployment: Deployment, detail: dict[str, Any]
) -> None:
    invoke({**sample("flow-change-requested.json"), "detail": detail})
    [reported] = deployment.reported()
    assert reported["outcome"] == "Rejected"
    assert reported["error"]["code"] == "InvalidRequest"
    assert "document" in reported["error"]["message"]
    assert deployment.queued() == []


def test_a_bad_document_is_rejected_once_with_every_finding(deployment: Deployment) -> None:
    event = sample("s3-object-created.json")
    stored = event["detail"]["object"]
    text = b"flowName: orders\ntasks: none\ndescription: 5\n"
    stored["version-id"] = deployment.drop(stored["key"], text)
    invoke(event)
    [reported] = deployment.reported()
    assert reported["outcome"] == "Rejected"
    assert reported["document"]["versionId"] == stored["version-id"]
    places = {finding["pointer"]: (finding["line"], finding["column"]) for finding in reported["findings"]}
    assert places["/tasks"] == (2, 8)
    assert places["/description"] == (3, 14)


@pytest.mark.parametrize(
    "event",
    [
        {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "documents"},
        {"source": "aws.s3", "detail-type": "Object Tags Added", "detail": {}},
        {},
    ],
)
def test_other_events_are_ignored(deployment: Deployment, event: dict[str, Any]) -> None:
    assert invoke(event) == {"queued": [], "reported": []}
    assert deployment.queued() == deployment.reported() == []


def test_a_deleted_document_queues_the_document_that_waits_for_its_flow(deployment: Deployment) -> None:
    owner, key = f"s3://{deployment.bucket}/flows/orders.yaml", "flows/moved.yaml"
    version = DocumentVersion(
        bucket=deployment.bucket,
        key=key,
        versionId=deployment.drop(key, (DOCUMENTS / "orders.yaml").read_bytes()),
    )
    takeovers = S3Takeovers(clients.s3(), deployment.bucket)
    takeovers.record(Takeover(flowName="orders", owner=owner, document=version, provenance=Provenance()))
    event = {**sample("s3-object-created.json"), "detail-type": "Object Deleted"}
    answer = invoke(event)
    assert [change["flow"] for change in answer["queued"]] == ["orders"]
    [message] = deployment.queued()
    assert (message["document"]["key"], message["correlationId"]) == (key, event["id"])
    assert invoke(event) == {"queued": [], "reported": []}


def failure(event: dict[str, Any]) -> dict[str, Any]:
    """The message that brings Lambda's record of a failed event."""
    record = {
        "requestContext": {"condition": "RetriesExhausted", "approximateInvokeCount": 3},
        "requestPayload": event,
        "responsePayload": {"errorType": "TransientError", "errorMessage": "SlowDown: slower, please"},
    }
    return {"Records": [{"eventSource": "aws:sqs", "body": json.dumps(record)}]}


def test_p3_an_event_that_failed_for_the_last_time_is_reported_and_kept(deployment: Deployment) -> None:
    event = sample("flow-change-requested.json")
    answer = invoke(failure(event))
    [detail] = deployment.details()
    assert [each["error"] for each in answer["reported"]] == [detail["data"]["error"]["message"]]
    assert (detail["metadata"]["correlationId"], detail["data"]["outcome"]) == (event["id"], "Failed")
    assert detail["data"]["error"]["code"] == "RetriesExhausted"
    assert "SlowDown: slower, please" in detail["data"]["error"]["message"]
    [letter] = deployment.dead_letters()
    assert letter["requestPayload"] == event


def test_a_failed_event_that_cannot_be_parsed_is_only_kept(deployment: Deployment) -> None:
    invoke({"Records": [{"eventSource": "aws:sqs", "body": "[7]"}]})
    assert (deployment.reported(), deployment.dead_letters()) == ([], [[7]])


@pytest.mark.parametrize(("size", "outcomes"), [(1500, []), (2500, ["Rejected"])])
def test_p10_provenance_is_limited_as_s3_limits_metadata(
    deployment: Deployment, size: int, outcomes: list[str]
) -> None:
    event = sample("flow-change-requested.json")
    event["detail"]["provenance"] = {"commit": "4f2c1a9", "more": "x" * size}
    invoke(event)
    assert [data["outcome"] for data in deployment.reported()] == outcomes
