"""Requests are checked by botocore's model alone, from any client."""

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import requests

from appflow_gitops_local.appflow.shapes import compiled, service_model
from integration.appflow.controls import SIGNED, URL
from integration.appflow.requests import MAP_ID, destination, flow, profile, refusal, source

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient


def post(path: str, body: str | bytes) -> tuple[int, str, dict[str, Any]]:
    """A request by hand: status, error type and body of the answer."""
    answer = requests.post(f"{URL}/{path}", data=body, headers=SIGNED, timeout=5)
    return answer.status_code, answer.headers.get("x-amzn-errortype", ""), answer.json()


def locations(message: str) -> list[str]:
    """Where the violations in an error's text are."""
    return re.findall(r" at '([^']+)' failed to satisfy constraint", message)


@pytest.mark.parametrize(
    ("members", "value", "location", "constraint"),
    [
        (
            {"flowName": "no spaces"},
            "'no spaces'",
            "flowName",
            r"Member must satisfy regular expression pattern: [a-zA-Z0-9][\w!@#.-]+",
        ),
        (
            {"flowName": "x" * 257},
            f"'{'x' * 257}'",
            "flowName",
            "Member must have length less than or equal to 256",
        ),
        (
            {"triggerConfig": {"triggerType": "Hourly"}},
            "'Hourly'",
            "triggerConfig.triggerType",
            "Member must satisfy enum value set: [Scheduled, Event, OnDemand]",
        ),
        ({"tasks": None}, "null", "tasks", "Member must not be null"),
        (
            {"tasks": [{**MAP_ID, "sourceFields": [None]}]},
            "null",
            "tasks.1.member.sourceFields.1.member",
            "Member must not be null",
        ),
    ],
    ids=["pattern", "length", "enum", "null", "null in a list"],
)
@pytest.mark.usefixtures("appflow")
def test_a_violated_constraint_is_reported_in_the_words_of_aws(
    members: dict[str, Any], value: str, location: str, constraint: str
) -> None:
    status, error, body = post("create-flow", json.dumps(flow(**members)))

    assert (status, error) == (400, "ValidationException")
    assert body["message"] == (
        f"1 validation error detected: Value {value} at '{location}' failed to satisfy constraint: {constraint}"
    )


def test_every_violation_is_reported_with_its_location(appflow: "AppflowClient") -> None:
    request = flow(
        flowName="-",
        description="50% of it",
        destination=destination(bucketName="a b"),
        tasks=[{**MAP_ID, "taskProperties": {"color": "red"}}],
    )

    message = refusal(appflow.create_flow, **request).message

    s3 = "destinationFlowConfigList.1.member.destinationConnectorProperties.S3.bucketName"
    assert message.startswith("4 validation errors detected: ")
    assert sorted(locations(message)) == ["description", s3, "flowName", "tasks.1.member.taskProperties"]


@pytest.mark.parametrize(
    "members",
    [
        {"description": 5},
        {"tasks": "[]"},
        {"tasks": [[]]},
        {"triggerConfig": []},
        {
            "triggerConfig": {
                "triggerType": "Scheduled",
                "triggerProperties": {"Scheduled": {"scheduleOffset": True}},
            }
        },
        {
            "triggerConfig": {
                "triggerType": "Scheduled",
                "triggerProperties": {"Scheduled": {"scheduleOffset": "5"}},
            }
        },
        {
            "triggerConfig": {
                "triggerType": "Scheduled",
                "triggerProperties": {"Scheduled": {"scheduleStartTime": "x"}},
            }
        },
        {"sourceFlowConfig": source(object="Account", includeDeletedRecords=1)},
        {"tasks": [{**MAP_ID, "taskProperties": {"VALUE": 1}}]},
    ],
    ids=[
        "text",
        "list",
        "structure in a list",
        "structure",
        "integer",
        "number in quotes",
        "time",
        "boolean",
        "map",
    ],
)
@pytest.mark.usefixtures("appflow")
def test_a_value_of_the_wrong_type_is_a_serialization_error(members: dict[str, Any]) -> None:
    assert post("create-flow", json.dumps(flow(**members)))[:2] == (400, "SerializationException")


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe{}", b"[" * 100_000, b"[]", b'"text"', b"Action=CreateFlow"],
    ids=["cut", "not UTF-8", "deep", "list", "string", "query"],
)
@pytest.mark.usefixtures("appflow")
def test_a_body_other_than_a_json_object_is_a_serialization_error(body: bytes) -> None:
    assert post("create-flow", body)[:2] == (400, "SerializationException")


def test_members_that_the_service_does_not_know_are_dropped(appflow: "AppflowClient") -> None:
    request = flow(useDefaultEncryption=False, kmsArn=None)

    assert post("create-flow", json.dumps(request))[0] == 200
    assert "useDefaultEncryption" not in appflow.describe_flow(flowName="orders")


@pytest.mark.usefixtures("appflow")
def test_an_action_inside_the_body_is_text() -> None:
    tasks = [{**MAP_ID, "taskProperties": {"VALUE": "x&Action=DeleteFlow&y"}}]

    assert post("create-flow", json.dumps(flow(tasks=tasks)))[0] == 200


def test_every_pattern_of_the_model_compiles() -> None:
    model = service_model()
    patterns = {model.shape_for(name).metadata.get("pattern") for name in model.shape_names}

    for pattern in patterns - {None}:
        compiled(pattern)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("sales\tdata ", True),
        ("\u00fcber \ud7ff\ue000\ufffd", True),
        ("\U00010000\U0010ffff", True),
        ("", True),
        ("line\nbreak", False),
        ("\x1f", False),
        ("\ufffe", False),
        ("\ud800", False),
    ],
)
def test_glue_names_reach_over_every_plane_of_unicode(text: str, good: bool) -> None:
    pattern = service_model().shape_for("GlueDataCatalogDatabaseName").metadata["pattern"]

    assert (compiled(pattern).fullmatch(text) is not None) is good


@pytest.mark.parametrize("name", ["orders\n", "or\u00f6rs", "o"], ids=["line end", "umlaut", "one letter"])
def test_patterns_match_whole_values_in_ascii(appflow: "AppflowClient", name: str) -> None:
    assert "at 'flowName'" in refusal(appflow.create_flow, **flow(flowName=name)).message


def test_a_sensitive_value_is_not_quoted(appflow: "AppflowClient") -> None:
    credentials = {
        "Salesforce": {"accessToken": "hush"},
        "Zendesk": {"clientId": "a b", "clientSecret": "hush hush"},
    }
    request = profile()
    request["connectorProfileConfig"]["connectorProfileCredentials"] = credentials

    message = refusal(appflow.create_connector_profile, **request).message

    secret = "connectorProfileConfig.connectorProfileCredentials.Zendesk.clientSecret"
    assert f"Value at '{secret}' failed" in message
    assert "hush" not in message
