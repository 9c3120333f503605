"""Each object of a file is converted to a document, or refused with its location and what to do."""

import json
from typing import Any

import pytest
import yaml

from appflow_gitops.findings import Json
from appflow_gitops_cli.convert.conversion import ConvertedFile, convert_file
from appflow_gitops_cli.convert.placeholders import Placeholders
from generators.small_flows import accounts

ARN = "arn:aws:appflow:eu-west-1:111122223333:flow/accounts"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"


def convert(value: object) -> ConvertedFile:
    return convert_file("file.json", json.dumps(value).encode(), Placeholders())


def described(**members: Json) -> dict[str, Any]:
    """The flow as DescribeFlow returns it."""
    return {**accounts(), "flowArn": ARN, **members}


def trigger(kind: str) -> dict[str, Json]:
    return {"triggerType": kind}


@pytest.mark.parametrize(
    ("flow", "status"),
    [
        (described(triggerConfig=trigger("Event"), flowStatus="Active"), "Active"),
        (described(triggerConfig=trigger("Event"), flowStatus="Suspended"), "Suspended"),
        (described(triggerConfig=trigger("Event"), flowStatus="Draft"), None),
        (described(triggerConfig=trigger("Event"), flowStatus="Errored"), None),
        (described(triggerConfig=trigger("OnDemand"), flowStatus="Active"), None),
        ({**accounts(), "triggerConfig": trigger("Event"), "flowStatus": "Draft"}, "Draft"),
        ({**accounts(), "triggerConfig": trigger("OnDemand"), "flowStatus": "Active"}, None),
        ({**accounts(), "triggerConfig": trigger("Event")}, None),
    ],
)
def test_a_status_is_kept_if_a_document_can_set_it(flow: Json, status: str | None) -> None:
    [converted] = convert(flow).flows
    assert yaml.safe_load(converted.text).get("flowStatus") == status


@pytest.mark.parametrize(
    ("flow", "key", "comments"),
    [
        (
            described(kmsArn=KEY),
            None,
            [
                "# Converted with 'appflow-gitops convert' from AppFlow, file.json:",
                "# accounts",
                f"# Encrypted with {KEY}.",
                "# The file does not say whether you chose this key, so kmsArn is omitted. Add it if you did.",
            ],
        ),
        (
            {**accounts(), "kmsArn": KEY},
            KEY,
            ["# Converted with 'appflow-gitops convert' from AppFlow, file.json:", "# accounts"],
        ),
    ],
)
def test_a_key_is_kept_unless_it_may_be_the_default_one(
    flow: Json, key: str | None, comments: list[str]
) -> None:
    [converted] = convert(flow).flows
    assert yaml.safe_load(converted.text).get("kmsArn") == key
    assert [line for line in converted.text.splitlines() if line.startswith("#")] == comments


def test_every_flow_of_a_list_is_converted_and_other_items_are_left_out() -> None:
    converted = convert([accounts(), 5, "x", {**accounts(), "flowName": "other"}])
    assert [(flow.name, flow.address) for flow in converted.flows] == [
        ("accounts", "accounts"),
        ("other", "other"),
    ]
    assert converted.findings == []


NAMELESS = {key: value for key, value in accounts().items() if key != "flowName"}
GET = "run 'aws cloudcontrol get-resource' for each flow: lists do not contain the settings"


@pytest.mark.parametrize(
    ("value", "pointer", "message", "hint"),
    [
        (
            [accounts(), {"AWSTemplateFormatVersion": "2010-09-09"}],
            "/1",
            "a CloudFormation template without a flow that can be read",
            "expected a file that declares a flow with its settings",
        ),
        (
            NAMELESS,
            "",
            "missing name of the flow",
            "add the name of the live flow, or convert the state of the tool instead",
        ),
        (
            {"TypeName": "AWS::AppFlow::Flow", "ResourceDescription": {"Identifier": "a", "Properties": "5"}},
            "/ResourceDescription/Properties",
            "expected the properties of a flow as JSON in a string",
            None,
        ),
        (
            {"TypeName": "AWS::AppFlow::Flow", "ResourceDescription": {"Identifier": "a", "Properties": "{"}},
            "/ResourceDescription/Properties",
            "expected the properties of a flow as JSON in a string",
            None,
        ),
        (
            {
                "TypeName": "AWS::AppFlow::Flow",
                "ResourceDescriptions": [{"Identifier": "a", "Properties": '{"FlowName": "a"}'}],
            },
            "/ResourceDescriptions/0/Properties",
            "the properties are incomplete",
            GET,
        ),
    ],
    ids=["no flow", "no name", "no object", "no json", "incomplete"],
)  # fmt: skip
def test_what_is_not_converted_is_a_finding_with_its_location(
    value: Json, pointer: str, message: str, hint: str | None
) -> None:
    found = convert(value).findings
    assert [(each.pointer, each.message, each.hint) for each in found] == [(pointer, message, hint)]
