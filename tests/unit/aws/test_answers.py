"""What AWS answers beside the usual: refused batches, further pages, incomplete and unknown answers."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from appflow_gitops.aws.appflow import AppFlowService
from appflow_gitops.aws.apply_log import ApplyLog, Retry
from appflow_gitops.aws.connector_entities import AppFlowEntities
from appflow_gitops.aws.documents import S3Documents, VersionCache
from appflow_gitops.aws.health_records import S3HealthRecords
from appflow_gitops.aws.held_changes import SqsReleaseTimer
from appflow_gitops.aws.queue import COUNTS, SqsChanges
from appflow_gitops.aws.stack import read_stack
from appflow_gitops.aws.status_log import health_event
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.errors import PermanentError, SyncError, TransientError
from appflow_gitops.sync.held import ReleaseCheck
from appflow_gitops.validation.fields.entity import EntityKey

ACCOUNT = EntityKey("Salesforce", "crm", "Account")
CUSTOM = EntityKey("CustomConnector", "", "orders", "v2")


class Client:
    """Answers each call with the next of ``answers``, raising errors; ``asked`` are the members of the calls."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        def call(**members: Any) -> Any:
            self.asked.append(members)
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def error(code: str, message: str = "no", status: int = 400) -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "Call")


def test_checks_are_sent_ten_at_a_time_with_their_delay() -> None:
    client = Client({}, {}, {})
    checks = [ReleaseCheck(releaseFlow=f"flow-{number}") for number in range(21)]
    SqsReleaseTimer(cast("Any", client), "url").schedule(checks, 900)
    assert [len(call["Entries"]) for call in client.asked] == [10, 10, 1]
    assert {call["QueueUrl"] for call in client.asked} == {"url"}
    entries = [entry for call in client.asked for entry in call["Entries"]]
    assert [json.loads(entry["MessageBody"]) for entry in entries] == [
        {"releaseFlow": f"flow-{number}"} for number in range(21)
    ]
    assert [entry["Id"] for entry in entries[:10]] == [*"0123456789"]
    assert {entry["DelaySeconds"] for entry in entries} == {900}


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        ({"Code": "Busy", "Message": "later"}, "Busy: later"),
        ({"Code": "Busy"}, "Busy: SQS refused a message"),
    ],
)
def test_a_refused_check_is_retried(refused: dict[str, str], message: str) -> None:
    timer = SqsReleaseTimer(cast("Any", Client({"Failed": [refused]})), "url")
    with pytest.raises(TransientError, match=message):
        timer.schedule([ReleaseCheck(releaseFlow="orders")], 1)


@pytest.mark.parametrize("missing", sorted(COUNTS))
def test_a_queue_whose_messages_are_not_counted_is_not_taken_for_empty(missing: str) -> None:
    counted = {name: "0" for name in COUNTS if name != missing}
    with pytest.raises(TransientError, match="does not report the number"):
        SqsChanges(cast("Any", Client({"Attributes": counted})), "url").is_empty()


def test_the_names_of_objects_are_read_page_by_page() -> None:
    first = {"connectorEntityMap": {"a": [{"name": "A"}], "b": [{"name": "B"}]}, "nextToken": "next"}
    client = Client(first, {"connectorEntityMap": {"c": [{"name": "C", "hasNestedEntities": False}]}})
    assert AppFlowEntities(cast("Any", client)).names(ACCOUNT) == ("A", "B", "C")
    named = {"connectorType": "Salesforce", "connectorProfileName": "crm", "maxResults": 1000}
    assert client.asked == [named, {**named, "nextToken": "next"}]


def test_names_are_unknown_where_objects_are_nested() -> None:
    client = Client({"connectorEntityMap": {"a": [{"name": "A"}, {"name": "B", "hasNestedEntities": True}]}})
    assert AppFlowEntities(cast("Any", client)).names(ACCOUNT) is None


def test_the_fields_and_the_names_of_an_object_are_reset_each_with_a_call() -> None:
    client = Client({}, {})
    AppFlowEntities(cast("Any", client)).reset(CUSTOM)
    connection = {"connectorType": "CustomConnector", "apiVersion": "v2"}
    assert client.asked == [{**connection, "connectorEntityName": "orders"}, connection]


def test_only_an_object_that_the_connector_does_not_have_is_missing() -> None:
    client = Client(error("ResourceNotFoundException"), error("AccessDeniedException"))
    entities = AppFlowEntities(cast("Any", client))
    assert entities.describe(ACCOUNT) is None
    with pytest.raises(PermanentError, match="AccessDenied"):
        entities.describe(ACCOUNT)


def test_a_flow_that_cannot_be_parsed_is_retried() -> None:
    with pytest.raises(TransientError, match="MalformedAnswer"):
        AppFlowService(cast("Any", Client({"flowName": "orders"}))).describe("orders")


def test_tags_are_removed_by_key() -> None:
    client = Client({})
    AppFlowService(cast("Any", client)).untag("arn", ("a", "b"))
    assert client.asked == [{"resourceArn": "arn", "tagKeys": ["a", "b"]}]


def test_retries_are_read_from_lines_with_flow_change_and_code() -> None:
    line = {"message": "retrying", "flow": "orders", "change": "c1", "code": "SlowDown"}
    lines = [
        json.dumps(line),
        json.dumps({**line, "message": "change queued"}),
        json.dumps({name: value for name, value in line.items() if name != "code"}),
        "[]",
        "START RequestId",
    ]
    client = Client({"events": [{"message": each} for each in lines]})
    found = list(ApplyLog(cast("Any", client), "group").retries(5))
    assert found == [Retry("orders", "c1", "SlowDown")]
    assert client.asked == [{"logGroupName": "group", "startTime": 5000, "filterPattern": '"retrying"'}]


@pytest.mark.parametrize(
    "message", ["{", "[]", "{}", '{"detail-type": "Flow Health Changed"}', '{"detail": {}}']
)
def test_a_line_that_is_not_an_event_of_health_is_ignored(message: str) -> None:
    assert health_event(message) is None


@pytest.mark.parametrize(
    ("message", "code"),
    [("Stack with id flows does not exist", "NoSuchStack"), ("not allowed", "ValidationError")],
)
def test_only_a_stack_that_does_not_exist_is_reported_as_such(message: str, code: str) -> None:
    with pytest.raises(SyncError) as raised:
        read_stack(cast("Any", Client(error("ValidationError", message))), "flows")
    assert raised.value.code == code


LATEST = DocumentVersion(bucket="documents", key="flows/a.json")


def body(content: bytes, **members: str) -> dict[str, Any]:
    return {"Body": SimpleNamespace(read=lambda _: content), **members}


def test_an_answer_without_an_etag_is_retried() -> None:
    with pytest.raises(TransientError, match="without an ETag"):
        S3Documents(cast("Any", Client(body(b"1")))).read(LATEST)


@pytest.mark.parametrize("answer", ["NoSuchKey", "AccessDenied"])
def test_an_object_that_is_deleted_between_two_calls_is_read_again(answer: str) -> None:
    """The 304 does not name the version, and HeadObject finds no object; then GetObject decides."""
    first = body(b"1", ETag='"e"', VersionId="v1")
    client = Client(first, error("304"), error(answer), error("NoSuchKey"))
    documents = S3Documents(cast("Any", client), VersionCache())
    assert documents.read(LATEST)
    if answer == "NoSuchKey":
        assert documents.read(LATEST) is None
        assert len(client.asked) == 4
    else:
        with pytest.raises(SyncError, match="AccessDenied"):
            documents.read(LATEST)


def test_an_object_without_versions_is_downloaded_each_time() -> None:
    client = Client(body(b"1", ETag='"e"'), body(b"1", ETag='"e"'))
    documents = S3Documents(cast("Any", client), VersionCache())
    assert documents.read(LATEST) == documents.read(LATEST)
    assert client.asked == [{"Bucket": "documents", "Key": "flows/a.json"}] * 2


def test_the_latest_version_is_forgotten_when_it_is_dropped() -> None:
    versions = [body(b"1" * 6, ETag=f'"{name}"', VersionId=name) for name in ("v1", "v2", "v1")]
    client = Client(*versions)
    documents = S3Documents(cast("Any", client), VersionCache(limit=8))
    documents.read(LATEST)
    documents.read(LATEST.model_copy(update={"key": "flows/b.json"}))
    documents.read(LATEST)
    assert ["IfNoneMatch" in call for call in client.asked] == [False, False, False]


def test_a_version_that_vanishes_ends_the_history() -> None:
    entries = [
        {
            "Key": "flows/a.json",
            "VersionId": name,
            "LastModified": datetime(2026, 1, day, tzinfo=UTC),
            "Size": 1,
        }
        for name, day in (("v3", 3), ("v2", 2), ("v1", 1))
    ]
    client = Client(
        body(b"3", ETag='"e"', VersionId="v3"), {"Versions": entries}, error("NoSuchVersion", status=404)
    )
    history = S3Documents(cast("Any", client)).history("documents", "flows/a.json")
    assert [each.version.versionId for each in history] == ["v3"]


def test_the_names_of_flows_with_records_are_read_page_by_page_without_other_objects() -> None:
    keys = [["health/b.json", "health/a.b.json"], [], ["health/notes.txt", "health/c.json"]]
    pages: list[dict[str, Any]] = [{"Contents": [{"Key": key} for key in page]} for page in keys]
    client = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=lambda **_: [*pages, {}]))
    assert S3HealthRecords(cast("Any", client), "documents").names() == {"a.b", "b", "c"}
