"""Each adapter calls AWS with exactly these members, no more and no less."""

import io
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from appflow_gitops.aws.appflow import AppFlowService
from appflow_gitops.aws.bus import EventBridgeBus
from appflow_gitops.aws.connector_entities import AppFlowEntities
from appflow_gitops.aws.documents import S3Documents
from appflow_gitops.aws.health_records import S3HealthRecords
from appflow_gitops.aws.held_changes import S3HeldChanges, SqsReleaseTimer
from appflow_gitops.aws.queue import SqsChanges, SqsDeadLetters, SqsFailedChanges, SqsFailedEvents
from appflow_gitops.aws.requests import EventBridgeRequests
from appflow_gitops.aws.runs import AppFlowRuns
from appflow_gitops.aws.state_object import S3StateObject
from appflow_gitops.aws.status_log import CloudWatchStatusLog
from appflow_gitops.aws.takeovers import S3Takeovers
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.health.health import Health
from appflow_gitops.sync.health.record import HealthRecord
from appflow_gitops.sync.held import HeldChange, ReleaseCheck
from appflow_gitops.sync.ports import DeadLetter
from appflow_gitops.sync.takeover import Takeover, folder_of
from appflow_gitops.validation.fields.entity import EntityKey

Calls = list[tuple[str, dict[str, Any]]]


class Recorder:
    """Records the calls and answers each with what ``answers`` has for it, else with an object without members."""

    def __init__(self, **answers: Any) -> None:
        self.calls: Calls = []
        self.answers = answers

    def __getattr__(self, operation: str) -> Any:
        def call(**members: Any) -> Any:
            self.calls.append((operation, members))
            return self.answers.get(operation, {})

        return call

    def get_paginator(self, operation: str) -> Any:
        pages = self.answers.get(operation, [])

        def paginate(**members: Any) -> Any:
            self.calls.append((operation, members))
            return iter(pages)

        return SimpleNamespace(paginate=paginate)


DOCUMENT = DocumentVersion(bucket="documents", key="flows/a.json")
CHANGE = Change(identity="1", flowName="orders", correlationId="c", requestedAt="2026-01-15T12:00:00Z")
MESSAGE = {
    "identity": "1",
    "flowName": "orders",
    "correlationId": "c",
    "requestedAt": "2026-01-15T12:00:00Z",
    "schemaVersion": "1",
    "findings": [],
    "provenance": {},
    "force": False,
    "mode": "apply",
}
HELD = HeldChange(change=CHANGE, sequence="7", heldAt="2026-01-15T12:00:00Z", reason="paused")
TAKEOVER = Takeover(flowName="orders", owner="s3://documents/b", document=DOCUMENT, provenance=Provenance())
ACCOUNT = EntityKey("Salesforce", "crm", "Account")
CUSTOM = EntityKey("CustomConnector", "shop", "orders", "v2")
FLOW = {"flowName": "orders", "tasks": []}
BUCKET = {"Bucket": "documents"}


def body(**members: Any) -> dict[str, Any]:
    return {"Body": io.BytesIO(b"{}"), "ETag": '"e"', **members}


CALLS: list[tuple[Callable[[Any], Any], dict[str, Any], Calls]] = [
    (
        lambda client: AppFlowService(client).update(FLOW, "token"),
        {},
        [("update_flow", {**FLOW, "clientToken": "token"})],
    ),
    (
        lambda client: AppFlowService(client).create(FLOW, "token", kms_arn=None, tags={"a": "b"}),
        {},
        [("create_flow", {**FLOW, "tags": {"a": "b"}, "clientToken": "token"})],
    ),
    (
        lambda client: AppFlowService(client).create(FLOW, "token", kms_arn="arn", tags={}),
        {},
        [("create_flow", {**FLOW, "kmsArn": "arn", "tags": {}, "clientToken": "token"})],
    ),
    (lambda client: AppFlowService(client).start("orders"), {}, [("start_flow", {"flowName": "orders"})]),
    (lambda client: AppFlowService(client).stop("orders"), {}, [("stop_flow", {"flowName": "orders"})]),
    (
        lambda client: AppFlowService(client).start_run("orders", "token"),
        {},
        [("start_flow", {"flowName": "orders", "clientToken": "token"})],
    ),
    (
        lambda client: AppFlowService(client).tag("arn", {"a": "b"}),
        {},
        [("tag_resource", {"resourceArn": "arn", "tags": {"a": "b"}})],
    ),
    (
        lambda client: list(AppFlowService(client).summaries()),
        {"list_flows": {"flows": []}},
        [("list_flows", {"maxResults": 100})],
    ),
    (
        lambda client: AppFlowRuns(client).latest("orders"),
        {"describe_flow_execution_records": {"flowExecutions": []}},
        [("describe_flow_execution_records", {"flowName": "orders", "maxResults": 100})],
    ),
    (lambda client: AppFlowRuns(client).start("orders"), {}, [("start_flow", {"flowName": "orders"})]),
    (
        lambda client: AppFlowRuns(client).cancel("orders"),
        {"cancel_flow_executions": {"invalidExecutions": []}},
        [("cancel_flow_executions", {"flowName": "orders"})],
    ),
    (
        lambda client: AppFlowRuns(client).cancel("orders", ("1",)),
        {"cancel_flow_executions": {"invalidExecutions": []}},
        [("cancel_flow_executions", {"flowName": "orders", "executionIds": ["1"]})],
    ),
    (
        lambda client: AppFlowEntities(client).describe(ACCOUNT),
        {"describe_connector_entity": {"connectorEntityFields": []}},
        [
            (
                "describe_connector_entity",
                {
                    "connectorType": "Salesforce",
                    "connectorProfileName": "crm",
                    "connectorEntityName": "Account",
                },
            )
        ],
    ),
    (
        lambda client: AppFlowEntities(client).describe(CUSTOM),
        {"describe_connector_entity": {"connectorEntityFields": []}},
        [
            (
                "describe_connector_entity",
                {
                    "connectorType": "CustomConnector",
                    "connectorProfileName": "shop",
                    "connectorEntityName": "orders",
                    "apiVersion": "v2",
                },
            )
        ],
    ),
    (
        lambda client: SqsChanges(client, "url").postpone("receipt", 5),
        {},
        [
            (
                "change_message_visibility",
                {"QueueUrl": "url", "ReceiptHandle": "receipt", "VisibilityTimeout": 5},
            )
        ],
    ),
    (
        lambda client: SqsDeadLetters(client, "url").keep(DeadLetter("body", "group", "id")),
        {},
        [
            (
                "send_message",
                {
                    "QueueUrl": "url",
                    "MessageBody": "body",
                    "MessageGroupId": "group",
                    "MessageDeduplicationId": "id",
                },
            )
        ],
    ),
    (
        lambda client: list(SqsFailedChanges(client, "url").failed()),
        {},
        [
            (
                "receive_message",
                {
                    "QueueUrl": "url",
                    "MaxNumberOfMessages": 10,
                    "VisibilityTimeout": 300,
                    "MessageSystemAttributeNames": ["SentTimestamp", "DeadLetterQueueSourceArn"],
                },
            )
        ],
    ),
    (
        lambda client: SqsFailedChanges(client, "url").remove("receipt"),
        {},
        [("delete_message", {"QueueUrl": "url", "ReceiptHandle": "receipt"})],
    ),
    (
        lambda client: SqsFailedEvents(client, "url").keep("body"),
        {},
        [("send_message", {"QueueUrl": "url", "MessageBody": "body"})],
    ),
    (
        lambda client: S3Documents(client).read(DOCUMENT),
        {"get_object": body()},
        [("get_object", {**BUCKET, "Key": "flows/a.json"})],
    ),
    (
        lambda client: S3Documents(client).read(DOCUMENT.model_copy(update={"versionId": "v1"})),
        {"get_object": body()},
        [("get_object", {**BUCKET, "Key": "flows/a.json", "VersionId": "v1"})],
    ),
    *(
        (
            lambda client, replaces=replaces: S3Documents(client).put(
                "documents", "flows/a.json", b"{}", Provenance(commit="4f2c"), replaces=replaces
            ),
            {},
            [
                (
                    "put_object",
                    {
                        **BUCKET,
                        "Key": "flows/a.json",
                        "Body": b"{}",
                        "Metadata": {"git-commit": "4f2c"},
                        **condition,
                    },
                )
            ],
        )
        for replaces, condition in ((None, {}), ("", {"IfNoneMatch": "*"}), ("e", {"IfMatch": '"e"'}))
    ),
    (
        lambda client: S3Documents(client).remove("documents", "flows/a.json"),
        {},
        [("delete_object", {**BUCKET, "Key": "flows/a.json"})],
    ),
    (
        lambda client: list(S3Documents(client).keys("documents", "flows/")),
        {},
        [("list_objects_v2", {**BUCKET, "Prefix": "flows/"})],
    ),
    (
        lambda client: S3Documents(client).etags("documents", "flows/"),
        {},
        [("list_objects_v2", {**BUCKET, "Prefix": "flows/"})],
    ),
    (
        lambda client: S3Documents(client).top_level("documents"),
        {},
        [("list_objects_v2", {**BUCKET, "Delimiter": "/"})],
    ),
    (
        lambda client: S3Documents(client).versions("documents", "flows/a.json"),
        {},
        [("list_object_versions", {**BUCKET, "Prefix": "flows/a.json"})],
    ),
    (
        lambda client: S3StateObject(client, "documents").write(b"{}"),
        {},
        [
            (
                "put_object",
                {**BUCKET, "Key": "drift/memory.json", "Body": b"{}", "ContentType": "application/json"},
            )
        ],
    ),
    (
        lambda client: S3StateObject(client, "documents").delete(),
        {},
        [("delete_object", {**BUCKET, "Key": "drift/memory.json"})],
    ),
    (
        lambda client: S3StateObject(client, "documents", "drift/schema.json").read(),
        {"get_object": body()},
        [("get_object", {**BUCKET, "Key": "drift/schema.json"})],
    ),
    (
        lambda client: S3HealthRecords(client, "documents").names(),
        {},
        [("list_objects_v2", {**BUCKET, "Prefix": "health/"})],
    ),
    (
        lambda client: S3HealthRecords(client, "documents").delete("orders"),
        {},
        [("delete_object", {**BUCKET, "Key": "health/orders.json"})],
    ),
    (
        lambda client: S3HeldChanges(client, "documents").flows(),
        {},
        [("list_objects_v2", {**BUCKET, "Prefix": "held/", "Delimiter": "/"})],
    ),
    (
        lambda client: S3HeldChanges(client, "documents").of_flow("orders"),
        {},
        [("list_objects_v2", {**BUCKET, "Prefix": "held/orders/"})],
    ),
    (
        lambda client: S3HeldChanges(client, "documents").remove(HELD),
        {},
        [("delete_object", {**BUCKET, "Key": f"held/orders/{7:020}-{CHANGE.id}"})],
    ),
    (
        lambda client: list(S3Takeovers(client, "documents").waiting("s3://documents/b")),
        {},
        [("list_objects_v2", {**BUCKET, "Prefix": folder_of("s3://documents/b")})],
    ),
    (
        lambda client: S3Takeovers(client, "documents").remove(TAKEOVER),
        {},
        [("delete_object", {**BUCKET, "Key": f"{folder_of('s3://documents/b')}orders"})],
    ),
    (
        lambda client: list(CloudWatchStatusLog(client, "group").since(1.5)),
        {},
        [("filter_log_events", {"logGroupName": "group", "startTime": 1500})],
    ),
]


@pytest.mark.parametrize(("use", "answers", "calls"), CALLS, ids=[calls[0][0] for _, _, calls in CALLS])
def test_a_call_has_exactly_its_members(
    use: Callable[[Any], Any], answers: dict[str, Any], calls: Calls
) -> None:
    client = Recorder(**answers)
    use(client)
    assert client.calls == calls


def sent(use: Callable[[Any], Any], **answers: Any) -> dict[str, Any]:
    """The members of the only call."""
    client = Recorder(**answers)
    use(client)
    [(_, members)] = client.calls
    return members


def test_a_queued_change_has_its_group_and_deduplication_id_and_no_empty_members() -> None:
    released = CHANGE.model_copy(update={"flowName": "returns", "released": "7"})
    members = sent(
        lambda client: SqsChanges(client, "url").send([CHANGE, released]),
        send_message_batch={"Successful": [{"Id": "0"}, {"Id": "1"}]},
    )
    first, second = members.pop("Entries")
    assert members == {"QueueUrl": "url"}
    assert json.loads(first.pop("MessageBody")) == MESSAGE
    assert json.loads(second.pop("MessageBody")) == MESSAGE | {"flowName": "returns", "released": "7"}
    assert first == {"Id": "0", "MessageGroupId": "orders", "MessageDeduplicationId": CHANGE.id}
    assert second == {
        "Id": "1",
        "MessageGroupId": "returns",
        "MessageDeduplicationId": f"{released.id}.7",
    }


@pytest.mark.parametrize(
    ("use", "key", "content"),
    [
        (
            lambda client: S3HeldChanges(client, "documents").keep(HELD),
            f"held/orders/{7:020}-{CHANGE.id}",
            {"change": MESSAGE, "sequence": "7", "heldAt": "2026-01-15T12:00:00Z", "reason": "paused"},
        ),
        (
            lambda client: S3Takeovers(client, "documents").record(TAKEOVER),
            f"{folder_of('s3://documents/b')}orders",
            {
                "flowName": "orders",
                "owner": "s3://documents/b",
                "document": {"bucket": "documents", "key": "flows/a.json"},
                "provenance": {},
            },
        ),
        (
            lambda client: S3HealthRecords(client, "documents").write(
                "orders", HealthRecord(health=Health.HEALTHY, assessedAt=5.0)
            ),
            "health/orders.json",
            {"schemaVersion": "1", "health": "Healthy", "assessedAt": 5.0, "status": "", "broken": False},
        ),
    ],
    ids=["held change", "takeover", "health"],
)
def test_an_object_is_stored_as_json_without_empty_members(
    use: Callable[[Any], Any], key: str, content: dict[str, Any]
) -> None:
    members = sent(use)
    assert json.loads(members.pop("Body")) == content
    assert members == {**BUCKET, "Key": key, "ContentType": "application/json"}


def test_a_check_is_sent_without_empty_members() -> None:
    checks = [ReleaseCheck(releaseFlow="orders"), ReleaseCheck(releaseFlow="returns", sequence="7")]
    members = sent(lambda client: SqsReleaseTimer(client, "url").schedule(checks, 5))
    assert [json.loads(entry["MessageBody"]) for entry in members["Entries"]] == [
        {"releaseFlow": "orders"},
        {"releaseFlow": "returns", "sequence": "7"},
    ]


ACCEPTED = {"put_events": {"FailedEntryCount": 0, "Entries": [{"EventId": "id"}]}}


@pytest.mark.parametrize(
    ("use", "detail_type", "detail"),
    [
        (
            lambda requests: requests.request(DOCUMENT),
            "Flow Change Requested",
            {"document": {"bucket": "documents", "key": "flows/a.json"}},
        ),
        (lambda requests: requests.confirm("abc"), "Flow Repairs Confirmed", {"confirmation": "abc"}),
    ],
    ids=["request", "confirm"],
)
def test_a_request_is_sent_with_the_source_of_the_command(
    use: Callable[[EventBridgeRequests], str], detail_type: str, detail: dict[str, Any]
) -> None:
    client: Any = Recorder(**ACCEPTED)
    assert use(EventBridgeRequests(client, "bus")) == "id"
    [(_, members)] = client.calls
    [entry] = members["Entries"]
    assert json.loads(entry.pop("Detail")) == detail
    assert entry == {"EventBusName": "bus", "Source": "appflow-gitops.push", "DetailType": detail_type}


def test_an_event_is_sent_with_our_source_its_type_and_its_resources() -> None:
    event: Any = SimpleNamespace(detail_type="Flow Change Held", resources=("arn",), detail=lambda: "{}")
    members = sent(lambda client: EventBridgeBus(client, "bus").publish(event), **ACCEPTED)
    entry = {
        "EventBusName": "bus",
        "Source": "appflow-gitops",
        "DetailType": "Flow Change Held",
        "Detail": "{}",
        "Resources": ["arn"],
    }
    assert members == {"Entries": [entry]}


@pytest.mark.parametrize(("refusals", "calls"), [(0, 1), (2, 3), (3, 3)])
def test_a_refused_event_is_sent_three_times(refusals: int, calls: int) -> None:
    answers = [{"FailedEntryCount": 1, "Entries": [{}]}] * refusals + [ACCEPTED["put_events"]]
    asked: Calls = []

    def put_events(**members: Any) -> Any:
        asked.append(("put_events", members))
        return answers[len(asked) - 1]

    event: Any = SimpleNamespace(detail_type="x", resources=(), detail=lambda: "{}")
    bus = EventBridgeBus(SimpleNamespace(put_events=put_events), "bus")  # type: ignore[arg-type]
    if refusals < calls:
        bus.publish(event)
    else:
        with pytest.raises(Exception, match="EventRefused: the event bus refused the event"):
            bus.publish(event)
    assert len(asked) == calls


def about(flow: str, key: str) -> str | None:
    found = sent(lambda client: list(CloudWatchStatusLog(client, "group").about(flow, key, 0)))
    return found.get("filterPattern")


def test_the_history_of_a_flow_is_filtered_by_its_name_and_document() -> None:
    pattern = '{ ($.detail.data.flowName = "orders") || ($.detail.data.document.key = "flows/a.json") }'
    assert about("orders", "flows/a.json") == pattern


@pytest.mark.parametrize(("key", "filters"), [('a"b', False), ("a\\b", False), ("a'b", True)])
def test_a_key_that_a_pattern_cannot_quote_is_not_filtered(key: str, filters: bool) -> None:
    assert (about("orders", key) is not None) is filters


def test_a_pattern_has_at_most_999_characters() -> None:
    room = 999 - len(about("orders", "") or "")
    assert len(about("orders", "x" * room) or "") == 999
    assert about("orders", "x" * (room + 1)) is None
    flows = '{ ($.detail.data.flowName = "") }'
    log = sent(lambda client: list(CloudWatchStatusLog(client, "g").since(0, ("x" * (999 - len(flows)),))))
    assert "filterPattern" in log
