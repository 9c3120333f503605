"""Functions of CloudFormation: what each gives, and where the limits are."""

import json
from typing import Any

import pytest
import yaml

from appflow_gitops.findings import Json
from appflow_gitops_cli.convert.cloudformation import _typed
from appflow_gitops_cli.convert.conversion import ConvertedFile, convert_file
from appflow_gitops_cli.convert.placeholders import Placeholders
from generators import other_tools
from generators.small_flows import accounts

PARAMETERS: dict[str, Json] = {
    "Stage": {"Type": "String", "Default": "Dev"},
    "Text": {"Type": "String", "Default": 7},
    "Hidden": {"Type": "String", "Default": "hunter2", "NoEcho": "true"},
    "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/lake/name"},
    "Names": {"Type": "CommaDelimitedList", "Default": "a,b"},
    "Ids": {"Type": "List<Number>", "Default": "1,2"},
}
UNKNOWN = "${env.ORDERS_DESCRIPTION}"


def bucket(name: Json) -> dict[str, Json]:
    return {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}


RESOURCES: dict[str, Json] = {
    "Lake": bucket("lake"),
    "LakeBucket9C1E4F2A": {"Type": "AWS::S3::Bucket"},
    "First": bucket({"Ref": "Second"}),
    "Second": bucket({"Ref": "Third"}),
    "Third": bucket({"Ref": "Fourth"}),
    "Fourth": bucket("end"),
    "Zeroth": bucket({"Ref": "First"}),
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"BucketName": "x", "Name": "y"}},
    "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "bus"}},
    "Alias": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/lake"}},
    "Profile": {"Type": "AWS::AppFlow::ConnectorProfile", "Properties": {"ConnectorProfileName": "crm"}},
}
MAPPINGS: dict[str, Json] = {
    "Lakes": {"eu": {"name": "lake-eu", "all": ["a", "b"], "deep": [["a"]], "map": {}}}
}


def convert(function: Json, variables: Placeholders | None = None) -> ConvertedFile:
    """Convert a template whose flow has this description."""
    template: Any = other_tools.cloudformation(accounts() | {"description": "described"})
    template["Resources"]["Orders"]["Properties"]["Description"] = function
    template |= {"Parameters": PARAMETERS, "Mappings": MAPPINGS}
    template["Resources"] |= RESOURCES
    return convert_file("template.json", json.dumps(template).encode(), variables or Placeholders())


@pytest.mark.parametrize(
    ("function", "text"),
    [
        ({"Ref": "Lake"}, "lake"),
        ({"Ref": "LakeBucket9C1E4F2A"}, "${env.LAKE_BUCKET}"),
        ({"Ref": "Topic"}, "${env.TOPIC}"),
        ({"Ref": "Bus"}, "bus"),
        ({"Ref": "Alias"}, "alias/lake"),
        ({"Ref": "Profile"}, "crm"),
        ({"Ref": "First"}, "end"),
        ({"Ref": "Zeroth"}, "${env.FOURTH}"),
        ({"Ref": "AWS::AccountId"}, "${env.AWS_ACCOUNT_ID}"),
        ({"Fn::Sub": "${ Stage } ${!Stage}"}, "${env.STAGE} ${Stage}"),
        ({"Fn::Sub": ["${A}${B}${C}", {"A": True, "B": {"Ref": "AWS::NoValue"}, "C": 7}]}, "true7"),
        ({"Fn::Join": ["-", ["a", True, {"Ref": "AWS::NoValue"}, 7]]}, "a-true--7"),
        ({"Fn::Join": ["-", {"Ref": "Stage"}]}, UNKNOWN),
        ({"Fn::GetAtt": ["LakeBucket9C1E4F2A", "Arn"]}, "${env.LAKE_BUCKET_ARN}"),
        ({"Fn::GetAtt": "Lake.Outputs.Arn"}, "${env.LAKE_OUTPUTS_ARN}"),
        ({"Fn::Select": [1, ["a", "b"]]}, "b"),
        ({"Fn::Select": ["1", ["a", "b"]]}, "b"),
        ({"Fn::Select": [2, ["a", "b"]]}, UNKNOWN),
        ({"Fn::Select": [-1, ["a", "b"]]}, UNKNOWN),
        ({"Fn::Select": [99_999, {"Ref": "Stage"}]}, "${env.STAGE}"),
        ({"Fn::Select": [100_000, {"Ref": "Stage"}]}, UNKNOWN),
        ({"Fn::Select": [0, {"Fn::Split": ["", "a"]}]}, UNKNOWN),
        ({"Fn::Select": [0, {"Fn::FindInMap": ["Lakes", "eu", "all"]}]}, "a"),
        ({"Fn::FindInMap": ["Lakes", "eu", "name"]}, "lake-eu"),
        ({"Fn::FindInMap": ["Lakes", "eu"]}, UNKNOWN),
        ({"Fn::FindInMap": ["Lakes", "eu", "name", {}]}, UNKNOWN),
        ({"Fn::FindInMap": ["Lakes", "us", "name"]}, UNKNOWN),
        ({"Fn::ImportValue": {"Fn::Sub": "${Stage}-lake"}}, UNKNOWN),
        ({"Fn::If": ["IsProd", "a", "b"]}, UNKNOWN),
        ({"Fn::Base64": "a"}, UNKNOWN),
        (
            "{{resolve:secretsmanager:crm:SecretString:team:AWSCURRENT}}",
            "${env.SECRET_STRING_TEAM_AWSCURRENT}",
        ),
    ],
)
def test_a_function_gives_a_text_or_a_variable(function: Json, text: str) -> None:
    converted = convert(function)
    assert converted.findings == []
    assert yaml.safe_load(converted.flows[0].text)["description"] == text


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("Stage", "Dev"),
        ("Text", "7"),
        ("Hidden", None),
        ("Stored", None),
    ],
)
def test_the_value_of_a_variable_is_the_default_of_its_parameter(parameter: str, value: Json) -> None:
    variables = Placeholders()
    convert({"Ref": parameter}, variables)
    assert [(each.name, each.value) for each in variables] == [(parameter.upper(), value)]


@pytest.mark.parametrize(
    ("kind", "default", "value"),
    [
        ("Number", "60", 60),
        ("Number", "-5", -5),
        ("Number", "9" * 15, 999_999_999_999_999),
        ("Number", "9" * 16, "9" * 16),
        ("Number", "1.5", "1.5"),
        ("Number", 7, 7),
        ("Number", None, None),
        ("String", "60", "60"),
        ("String", 7, "7"),
        ("String", None, None),
    ],
)
def test_a_default_has_the_type_of_its_parameter(kind: str, default: Any, value: Json) -> None:
    assert _typed(kind, default) == value


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ({"Ref": ["Lake"]}, "expected the name of a parameter or resource"),
        ({"Ref": "Names"}, "parameter 'Names' is a list, a variable cannot be one"),
        ({"Ref": "Ids"}, "parameter 'Ids' is a list, a variable cannot be one"),
        ({"Fn::Sub": ["${A}"]}, "expected a string, or a list of a string and a map"),
        ({"Fn::Sub": ["${A}", {"A": ["b"]}]}, "expected a single value inside the text"),
        ({"Fn::GetAtt": "Lake"}, "expected the names of a resource and an attribute"),
        ({"Fn::GetAtt": ["Lake", "Outputs", "Arn"]}, "expected the names of a resource and an attribute"),
        ({"Fn::GetAtt": ["Lake", {"Ref": "Stage"}]}, "expected the names of a resource and an attribute"),
        (
            {"Fn::FindInMap": ["Lakes", "eu", "deep"]},
            "expected a single value or a list of them in the mapping",
        ),
        (
            {"Fn::FindInMap": ["Lakes", "eu", "map"]},
            "expected a single value or a list of them in the mapping",
        ),
        ({"Fn::If": ["IsProd", ["a"], "b"]}, "conditions are not evaluated"),
        ({"Fn::If": ["IsProd", "a", {"Ref": "Stage"}]}, "conditions are not evaluated"),
        ({"Fn::If": ["IsProd", "a"]}, "conditions are not evaluated"),
    ],
)
def test_a_function_without_a_single_value_is_refused(function: Json, message: str) -> None:
    converted = convert(function)
    assert (converted.flows, [finding.message for finding in converted.findings]) == ([], [message])
    [finding] = converted.findings
    assert finding.path[:4] == ("Resources", "Orders", "Properties", "Description")
