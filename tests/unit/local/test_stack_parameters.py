"""The parameters of a local stack are described as CloudFormation describes them."""

import json

import boto3
import pytest
from moto import mock_aws

from appflow_gitops_local.stack_parameters import joined_lists

TEMPLATE = {
    "Parameters": {
        "Stage": {"Type": "String", "Default": "test"},
        "Buckets": {"Type": "CommaDelimitedList", "Default": "one,two"},
        "None": {"Type": "CommaDelimitedList", "Default": ""},
        "Period": {"Type": "Number", "Default": 3600},
    },
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
}


def test_every_parameter_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws(), joined_lists():
        formation = boto3.client("cloudformation", region_name="eu-west-1")
        formation.create_stack(StackName="flows", TemplateBody=json.dumps(TEMPLATE))
        [stack] = formation.describe_stacks(StackName="flows")["Stacks"]
    described = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
    assert described == {"Stage": "test", "Buckets": "one,two", "None": "", "Period": "3600"}
