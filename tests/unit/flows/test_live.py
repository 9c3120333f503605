from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from appflow_gitops.flows.canonical import live_digest
from appflow_gitops.flows.live import LiveFlow, MalformedResponseError, parse_flow
from generators.small_flows import START, accounts

ARN = "arn:aws:appflow:eu-west-1:111122223333:flow/accounts"


def answer(**members: object) -> dict[str, Any]:
    return (
        accounts()
        | {
            "flowArn": ARN,
            "flowStatus": "Active",
            "flowStatusMessage": "All good",
            "kmsArn": "arn:aws:kms:eu-west-1:111122223333:key/1",
            "createdAt": START,
            "createdBy": "arn:aws:iam::111122223333:role/ci",
            "lastUpdatedAt": START + 0.123,
            "lastUpdatedBy": "arn:aws:iam::111122223333:role/ci",
            "lastRunExecutionDetails": {"mostRecentExecutionStatus": "Successful"},
            "lastRunMetadataCatalogDetails": [],
            "schemaVersion": 4,
            "tags": {"team": "data"},
            "ResponseMetadata": {"HTTPStatusCode": 200},
        }
        | members
    )


def test_a_live_flow_has_the_described_members() -> None:
    flow = parse_flow(answer())
    assert (flow.name, flow.arn, flow.status, flow.status_message) == ("accounts", ARN, "Active", "All good")
    assert (flow.kms_arn, flow.tags) == ("arn:aws:kms:eu-west-1:111122223333:key/1", {"team": "data"})
    assert (flow.created_at, flow.last_updated_at) == (START, START + 0.123)
    assert flow.trigger_type == "Scheduled"


def test_the_configuration_has_only_the_members_of_update_flow() -> None:
    assert parse_flow(answer()).configuration == accounts()


def test_an_absent_member_is_none_or_empty() -> None:
    flow = parse_flow(accounts() | {"flowArn": ARN, "flowStatus": "Draft", "description": None, "tags": None})
    assert (flow.status_message, flow.kms_arn, flow.created_at, flow.last_updated_at) == (None,) * 4
    assert flow.tags == {}
    assert "description" not in flow.configuration


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-7)), timezone(timedelta(hours=9))])
def test_boto3_datetimes_and_epoch_seconds_give_the_same_flow(zone: timezone) -> None:
    wire = parse_flow(answer())
    answered = answer(
        createdAt=datetime.fromtimestamp(START, zone),
        lastUpdatedAt=datetime.fromtimestamp(START + 0.123, zone),
    )
    answered["triggerConfig"]["triggerProperties"]["Scheduled"]["scheduleStartTime"] = datetime.fromtimestamp(
        START, zone
    )
    boto3 = parse_flow(answered)
    assert boto3 == wire
    assert live_digest(boto3) == live_digest(wire)


def test_a_time_is_equal_for_any_number_of_digits() -> None:
    precise, moment = START + 0.1234567, datetime.fromtimestamp(START + 0.1234567, UTC)
    assert parse_flow(answer(lastUpdatedAt=precise)) == parse_flow(answer(lastUpdatedAt=moment))


def test_the_live_flow_is_a_copy_of_the_response() -> None:
    answered = answer()
    flow = parse_flow(answered)
    answered["tasks"].clear()
    answered["tags"].clear()
    answered["sourceFlowConfig"]["connectorType"] = "S3"
    assert flow.configuration == accounts()
    assert flow.tags == {"team": "data"}


@pytest.mark.parametrize(
    "members",
    [
        {"flowName": None},
        {"flowName": ""},
        {"flowName": 7},
        {"flowArn": None},
        {"flowStatus": ["Active"]},
        {"triggerConfig": None},
        {"triggerConfig": "OnDemand"},
        {"sourceFlowConfig": []},
        {"destinationFlowConfigList": None},
        {"destinationFlowConfigList": {}},
        {"tasks": "none"},
        {"tasks": [{}, None]},
        {"metadataCatalogConfig": []},
        {"tags": ["a"]},
        {"tags": {"a": 1}},
        {"lastUpdatedAt": "yesterday"},
        {"lastUpdatedAt": True},
        {"lastUpdatedAt": float("nan")},
        {"createdAt": datetime(2026, 1, 1)},  # noqa: DTZ001 - a moment without an offset is the point
        {"tasks": [{"taskProperties": {"VALUE": b"bytes"}}]},
        {"triggerConfig": {"n": 2**60}},
    ],
    ids=repr,
)
def test_a_malformed_response_is_reported_in_one_line(members: dict[str, object]) -> None:
    with pytest.raises(MalformedResponseError) as caught:
        parse_flow(answer(**members))
    (member,) = members
    assert member in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_response_is_malformed() -> None:
    with pytest.raises(MalformedResponseError, match="flowName"):
        parse_flow({})


def test_an_unknown_trigger_type_is_empty() -> None:
    assert parse_flow(answer(triggerConfig={})).trigger_type == ""


@pytest.mark.parametrize("trigger", ["Scheduled", "Event", "OnDemand"])
@pytest.mark.parametrize(
    ("status", "message", "last_run", "expected"),
    [
        ("Errored", None, "Successful", (True, True)),
        ("Errored", "the token expired", None, (True, True)),
        ("Suspended", "the token expired", None, (True, True)),
        ("Suspended", None, "Error", (False, True)),
        ("Suspended", "", "Error", (False, True)),
        ("Suspended", None, "Successful", (False, False)),
        ("Suspended", None, None, (False, False)),
        ("Active", "All good", "Error", (False, False)),
        ("Draft", None, "Error", (False, False)),
    ],
)
def test_a_flow_that_appflow_stopped_is_recognised(
    trigger: str, status: str, message: str | None, last_run: str | None, expected: tuple[bool, bool]
) -> None:
    flow = parse_flow(
        answer(
            flowStatus=status,
            flowStatusMessage=message,
            triggerConfig={"triggerType": trigger},
            lastRunExecutionDetails=last_run and {"mostRecentExecutionStatus": last_run},
        )
    )
    is_deactivated, may_be = expected
    if (
        trigger == "OnDemand"
    ):  # AppFlow deactivates no flow without a schedule; its last run is all there is to go by
        is_deactivated, may_be = False, (status, last_run) == ("Suspended", "Error")
    assert (flow.is_deactivated, flow.may_be_deactivated) == (is_deactivated, may_be)


@pytest.mark.parametrize(
    ("configuration", "kind"),
    [
        ({"triggerConfig": {"triggerType": "Scheduled"}}, "Scheduled"),
        ({"triggerConfig": {"triggerType": None}}, ""),
        ({"triggerConfig": {}}, ""),
        ({"triggerConfig": "Scheduled"}, ""),
        ({}, ""),
    ],
)
def test_a_trigger_that_cannot_be_read_is_empty(configuration: dict[str, Any], kind: str) -> None:
    assert LiveFlow("orders", "arn", "Active", configuration).trigger_type == kind
