"""What the functions read of their events, in every member, and what they do where a variable is not set."""

import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from appflow_gitops.flows.runs import Run
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.change import Change, drop_identity
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.health.watcher import RunEvent
from appflow_gitops.sync.intake.intake import IntakeRequest
from appflow_gitops.sync.ports import DeadLetter
from apply.records import batch_response, parse_delivery
from apply.settings import ApplySettings
from detect_drift.confirmation import parse_confirmation
from detect_drift.settings import DetectDriftSettings
from intake.failed_events import failed_event, queued_messages
from intake.requests import parse_requests
from intake.settings import IntakeSettings
from watch_runs.run_events import is_from_appflow, parse_run_event
from watch_runs.settings import WatchRunsSettings

TIME = "2026-01-15T12:00:00Z"
VERSION = DocumentVersion(bucket="documents", key="flows/a+b.json", versionId="v1", eTag="e1")
STORED = {"key": "flows/a+b.json", "version-id": "v1", "etag": "e1", "sequencer": "0A"}


def stored(kind: Any = "Object Created", **members: Any) -> dict[str, Any]:
    detail = {"bucket": {"name": "documents"}, "object": {**STORED, **members}}
    return {"id": "event-1", "time": TIME, "detail-type": kind, "detail": detail}


@pytest.mark.parametrize(("kind", "deleted"), [("Object Created", False), ("Object Deleted", True)])
def test_an_event_about_an_object_names_its_version_and_whether_it_was_deleted(
    kind: str, *, deleted: bool
) -> None:
    expected = IntakeRequest(drop_identity(VERSION, "0A"), "event-1", TIME, VERSION, deleted=deleted)
    assert list(parse_requests(stored(kind))) == [expected]


@pytest.mark.parametrize("unnamed", [None, "", "null"])
def test_an_object_without_a_version_is_known_by_its_tag_and_sequencer(unnamed: str | None) -> None:
    [request] = parse_requests(stored(**{"version-id": unnamed}))
    version = VERSION.model_copy(update={"versionId": None})
    assert (request.document, request.identity) == (version, drop_identity(version, "0A"))
    [another] = parse_requests(stored(**{"version-id": unnamed, "sequencer": "0B"}))
    assert another.identity != request.identity


def record(name: str = "ObjectCreated:Put", **members: Any) -> dict[str, Any]:
    found = {"key": "flows/a%2Bb.json", "versionId": "v1", "eTag": "e1", "sequencer": "0A"}
    return {
        "eventName": name,
        "eventTime": TIME,
        "s3": {"bucket": {"name": "documents"}, "object": found},
        "responseElements": {"x-amz-request-id": "request-1"},
        **members,
    }


def test_a_classic_notification_names_what_the_event_names() -> None:
    [expected] = parse_requests(stored())
    [request] = parse_requests({"Records": [record()]})
    assert request == IntakeRequest(expected.identity, "request-1", TIME, VERSION)


def test_a_classic_notification_without_a_request_is_known_by_its_object() -> None:
    [request] = parse_requests({"Records": [record(responseElements={})]})
    assert request.event_id == request.identity == drop_identity(VERSION, "0A")


def test_other_records_of_a_classic_notification_are_skipped() -> None:
    records = [record("ObjectRemoved:Delete"), record(), record("ReducedRedundancyLostObject")]
    assert len(list(parse_requests({"Records": records}))) == 1


@pytest.mark.parametrize("kind", ["Object Tags Added", None, ""])
def test_an_event_of_another_kind_has_no_request(kind: Any) -> None:
    assert list(parse_requests(stored(kind))) == []


@pytest.mark.parametrize("kind", ["Flow Change Requested", "Flow Run Requested"])
def test_a_request_that_cannot_be_parsed_keeps_its_event(kind: str) -> None:
    [request] = parse_requests({"id": "event-1", "time": TIME, "detail-type": kind, "detail": {"a": 1}})
    assert (request.identity, request.event_id, request.time) == ("event-1", "event-1", TIME)
    assert request.requested
    assert not request.deleted


def test_only_messages_of_queues_are_taken_for_failed_events() -> None:
    records = [{"eventSource": "aws:sqs", "body": "a"}, {"eventSource": "aws:s3", "body": "b"}, {"body": "c"}]
    assert list(queued_messages({"Records": records})) == ["a"]
    assert list(queued_messages({})) == []


EVENT = {"id": "event-1"}


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ({"responsePayload": {"errorMessage": "late"}}, "late"),
        ({"requestContext": {"condition": "EventAgeExceeded"}}, "EventAgeExceeded"),
        (
            {
                "responsePayload": {"errorMessage": "late"},
                "requestContext": {"condition": "RetriesExhausted"},
            },
            "late",
        ),
    ],
)
def test_a_failed_event_is_read_with_its_cause(body: dict[str, Any], cause: str) -> None:
    assert failed_event(json.dumps({"requestPayload": EVENT, **body})) == (EVENT, cause)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"requestPayload": EVENT},
        {"requestPayload": "text", "responsePayload": {"errorMessage": "late"}},
        {"requestPayload": EVENT, "responsePayload": {"errorMessage": 1}},
        {"requestPayload": EVENT, "requestContext": {"condition": None}},
    ],
)
def test_a_body_of_another_form_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not the record of a failed event"):
        failed_event(json.dumps(body))


def confirmation(detail: Any, kind: str = "Flow Repairs Confirmed") -> str | None:
    return parse_confirmation({"detail-type": kind, "detail": detail})


@pytest.mark.parametrize("detail", [{"confirmation": "abc"}, {"data": {"confirmation": "abc"}}])
def test_a_confirmation_is_read_from_the_detail_or_its_data(detail: dict[str, Any]) -> None:
    assert confirmation(detail) == "abc"
    assert confirmation(detail, "Flow Repairs Limited") is None


@pytest.mark.parametrize(
    "detail", [None, "abc", {}, {"data": "abc"}, {"data": None}, {"confirmation": 1}, ["abc"]]
)
def test_an_event_without_a_confirmation_confirms_nothing(detail: Any) -> None:
    assert confirmation(detail) is None


RUN = {
    "flow-name": "orders",
    "execution-id": "run-1",
    "status": "Execution Failed",
    "start-time": "2026-01-15T12:00:00.250Z[UTC]",
    "num-of-records-processed": "12",
    "num-of-record-failures": "3",
    "error": "No such column",
}
ENDED = Run("run-1", "Error", 1768478400.25, records=12, rejected=3, message="No such column")


def ended(**members: Any) -> dict[str, Any]:
    detail = {name: value for name, value in {**RUN, **members}.items() if value is not None}
    return {"detail-type": "AppFlow End Flow Run Report", "detail": detail}


def test_the_end_of_a_run_is_read_in_every_member() -> None:
    assert parse_run_event(ended()) == RunEvent("orders", ENDED)
    succeeded = ended(**{"status": "Execution Successful", "num-of-record-failures": None, "error": None})
    assert parse_run_event(succeeded) == RunEvent(
        "orders", Run("run-1", "Successful", 1768478400.25, records=12, rejected=0, message=None)
    )


@pytest.mark.parametrize(
    "member", ["execution-id", "status", "start-time", "num-of-records-processed", "num-of-record-failures"]
)
def test_a_member_of_another_form_leaves_the_run_to_the_records(member: str) -> None:
    broken = ended(**{member: None if member == "execution-id" else "?"})
    assert parse_run_event(broken) == RunEvent("orders", None)


@pytest.mark.parametrize("kind", ["AppFlow Scheduled Flow Deactivated", "AppFlow Event Flow Deactivated"])
def test_a_deactivation_has_no_run(kind: str) -> None:
    assert parse_run_event({**ended(), "detail-type": kind}) == RunEvent("orders", None)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"detail-type": "AppFlow Start Flow Run Report", "detail": RUN},
        {"detail-type": "AppFlow End Flow Run Report"},
        {"detail-type": "AppFlow End Flow Run Report", "detail": None},
        ended(**{"flow-name": 1}),
    ],
)
def test_an_event_without_a_flow_or_of_another_kind_reports_no_run(event: dict[str, Any]) -> None:
    assert parse_run_event(event) is None


def test_only_events_of_appflow_start_no_scan() -> None:
    assert is_from_appflow({"detail-type": "AppFlow Start Flow Run Report"})
    assert not is_from_appflow({"detail-type": "Scheduled Event"})
    assert not is_from_appflow({})


CHANGE = Change(identity="1", flowName="orders", correlationId="c", requestedAt=TIME)


def message(body: str, **attributes: str) -> dict[str, Any]:
    named = {"MessageGroupId": "orders", "ApproximateReceiveCount": "3", **attributes}
    return {"messageId": "message-1", "body": body, "attributes": named}


def test_a_message_is_read_as_a_delivery_of_its_change() -> None:
    body = CHANGE.model_dump_json()
    assert parse_delivery(message(body, SequenceNumber="18")) == Delivery(CHANGE, attempt=3, sequence="18")
    assert parse_delivery(message(body)) == Delivery(CHANGE, attempt=3, sequence="")


def test_another_message_is_a_dead_letter_of_its_group() -> None:
    assert parse_delivery(message("{}")) == DeadLetter("{}", "orders", "message-1")


def test_the_response_names_the_messages_to_deliver_again() -> None:
    assert batch_response([message("a"), {**message("b"), "messageId": "message-2"}]) == {
        "batchItemFailures": [{"itemIdentifier": "message-1"}, {"itemIdentifier": "message-2"}]
    }
    assert batch_response([]) == {"batchItemFailures": []}


DEFAULTS: dict[type[BaseModel], dict[str, Any]] = {
    IntakeSettings: {
        "stage": "",
        "require_policy": False,
        "paused": False,
        "events_dead_letter_queue_url": "",
    },
    ApplySettings: {
        "stage": "",
        "require_policy": False,
        "paused": False,
        "check_fields": "off",
        "former_buckets": "",
    },
    DetectDriftSettings: {
        "stage": "",
        "require_policy": False,
        "dead_letter_queue_url": "",
        "change_at_most": 0,
        "check_fields": "off",
        "former_buckets": "",
    },
    WatchRunsSettings: {"check_fields": "off"},
}


@pytest.mark.parametrize("settings", DEFAULTS)
def test_a_variable_that_is_not_set_switches_nothing_on(settings: type[BaseModel]) -> None:
    found = {name: field.default for name, field in settings.model_fields.items() if not field.is_required()}
    assert found == DEFAULTS[settings]


REQUIRED = {
    "DOCUMENTS_BUCKET": "b",
    "FLOW_CHANGES_QUEUE_URL": "q",
    "DEAD_LETTER_QUEUE_URL": "d",
    "RELEASE_TIMERS_QUEUE_URL": "r",
    "EVENT_BUS_NAME": "e",
    "CREATE_MISSING_FLOWS": "false",
}


def test_a_change_has_one_attempt_at_least() -> None:
    assert ApplySettings.model_validate({**REQUIRED, "MAX_ATTEMPTS": "1"}).max_attempts == 1
    with pytest.raises(ValidationError, match="MAX_ATTEMPTS"):
        ApplySettings.model_validate({**REQUIRED, "MAX_ATTEMPTS": "0"})


def test_fields_are_checked_in_one_of_three_ways() -> None:
    for mode in ("off", "warn", "refuse"):
        values = {**REQUIRED, "MAX_ATTEMPTS": "1", "CHECK_FIELDS": mode}
        assert ApplySettings.model_validate(values).check_fields == mode
    with pytest.raises(ValidationError, match="CHECK_FIELDS"):
        ApplySettings.model_validate({**REQUIRED, "MAX_ATTEMPTS": "1", "CHECK_FIELDS": "on"})
