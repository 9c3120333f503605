"""Each thing that a template has to change before moto can hold it, on the smallest template that has it."""

from pathlib import Path
from typing import Any

import pytest

from appflow_gitops_local.template import (
    AsyncPolicy,
    Deployable,
    attribute_of,
    code_folders,
    deployable,
    with_code_at,
)

FUNCTION = "AWS::Lambda::Function"
SERVERLESS = "AWS::Serverless::Function"
LAYER = "AWS::Serverless::LayerVersion"
UNKNOWN = "AWS::CloudWatch::Alarm"


def made(resources: dict[str, Any], outputs: dict[str, Any] | None = None) -> Deployable:
    template = {"Resources": resources, **({} if outputs is None else {"Outputs": outputs})}
    return deployable(template, {}, lambda kind: kind != UNKNOWN)


@pytest.mark.parametrize(
    ("value", "attribute"),
    [
        ({"Fn::GetAtt": ["Queue", "Arn"]}, ("Queue", "Arn")),
        ({"Fn::GetAtt": "Queue.Arn"}, ("Queue", "Arn")),
        ({"Fn::GetAtt": "Stack.Outputs.Arn"}, ("Stack", "Outputs.Arn")),
        ({"Fn::GetAtt": "Queue"}, None),
        ({"Fn::GetAtt": ["Queue"]}, None),
        ({"Ref": "Queue"}, None),
        ("Queue.Arn", None),
        (None, None),
    ],
)
def test_an_attribute_is_read_in_both_of_its_forms(value: Any, attribute: tuple[str, str] | None) -> None:
    assert attribute_of(value) == attribute


@pytest.mark.parametrize(
    ("needed", "kept"),
    [
        ("Alarm", None),
        ("Bucket", ["Bucket"]),
        (["Alarm"], None),
        (["Bucket", "Alarm"], ["Bucket"]),
        (None, None),
    ],
)
def test_a_resource_depends_only_on_what_moto_knows(needed: Any, kept: list[str] | None) -> None:
    queue = {"Type": "AWS::SQS::Queue", **({} if needed is None else {"DependsOn": needed})}
    resources = {"Alarm": {"Type": UNKNOWN}, "Bucket": {"Type": "AWS::S3::Bucket"}, "Queue": queue}
    found = made(resources)
    assert found.skipped == {"Alarm": UNKNOWN}
    assert found.template["Resources"]["Queue"].get("DependsOn") == kept
    assert resources["Queue"] == queue


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Alarm"},
        {"Fn::GetAtt": ["Alarm", "Arn"]},
        {"Fn::GetAtt": "Alarm.Arn"},
        {"Fn::Join": ["-", ["a", {"Ref": "Alarm"}]]},
    ],
)
def test_an_output_that_needs_what_moto_does_not_know_is_left_out(value: dict[str, Any]) -> None:
    joined = {"Fn::Join": ["-", ["a", {"Ref": "Queue"}]]}
    others = {"Text": {"Value": "Alarm"}, "Joined": {"Value": joined}, "Other": {"Value": {"Ref": "Queue"}}}
    others["Attribute"] = {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}}
    resources = {"Alarm": {"Type": UNKNOWN}, "Queue": {"Type": "AWS::SQS::Queue"}}
    assert set(
        made(resources, {"Needs": {"Description": "Queue", "Value": value}, **others}).template["Outputs"]
    ) == set(others)


def test_only_a_target_that_is_a_function_becomes_the_queue_of_its_invocations() -> None:
    targets = [
        {"Id": "1", "Arn": {"Fn::GetAtt": ["Intake", "Arn"]}},
        {"Id": "2", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}},
        {"Id": "3", "Arn": "arn:aws:sqs:eu-west-1:1:queue"},
    ]
    resources = {
        "Intake": {"Type": FUNCTION, "Properties": {}},
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {"EventPattern": {"source": ["a"]}, "Targets": targets},
        },
        "Bare": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["a"]}}},
    }
    found = made(resources)
    assert found.invocations == {"Intake": "IntakeInvocations"}
    swapped = [target["Arn"] for target in found.template["Resources"]["Rule"]["Properties"]["Targets"]]
    assert swapped == [
        {"Fn::GetAtt": ["IntakeInvocations", "Arn"]},
        *(target["Arn"] for target in targets[1:]),
    ]
    assert found.template["Resources"]["Bare"]["Properties"] == {"EventPattern": {"source": ["a"]}}


QUEUE = {"Fn::GetAtt": ["Dead", "Arn"]}
CONFIG = "AWS::Lambda::EventInvokeConfig"


@pytest.mark.parametrize(
    ("function", "config", "policy"),
    [
        ({}, None, AsyncPolicy(2)),
        ({"DeadLetterConfig": {"TargetArn": QUEUE}}, None, AsyncPolicy(2, "Dead")),
        ({"DeadLetterConfig": {"TargetArn": {"Fn::GetAtt": ["Dead", "QueueName"]}}}, None, AsyncPolicy(2)),
        ({"DeadLetterConfig": {"TargetArn": "arn:aws:sns:eu-west-1:1:topic"}}, None, AsyncPolicy(2)),
        ({}, {"FunctionName": {"Ref": "Intake"}}, AsyncPolicy(2)),
        ({}, {"FunctionName": {"Ref": "Intake"}, "MaximumRetryAttempts": "0"}, AsyncPolicy(0)),
        ({}, {"FunctionName": {"Ref": "Other"}, "MaximumRetryAttempts": 0}, AsyncPolicy(2)),
        (
            {"DeadLetterConfig": {"TargetArn": QUEUE}},
            {
                "FunctionName": {"Ref": "Intake"},
                "MaximumRetryAttempts": 1,
                "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": "Failed.Arn"}}},
            },
            AsyncPolicy(1, "Dead", "Failed"),
        ),
    ],
)
def test_a_failed_invocation_is_handled_as_the_template_says(
    function: dict[str, Any], config: dict[str, Any] | None, policy: AsyncPolicy
) -> None:
    resources = {"Intake": {"Type": FUNCTION, "Properties": function}}
    if config is not None:
        resources["Config"] = {"Type": CONFIG, "Properties": config}
    assert made(resources).async_policies == {"Intake": policy}


@pytest.mark.parametrize(
    ("properties", "groups"),
    [
        ({}, {}),
        ({"LoggingConfig": {}}, {}),
        ({"LoggingConfig": {"LogGroup": "by-name"}}, {}),
        ({"LoggingConfig": {"LogGroup": {"Fn::Sub": "${Group}"}}}, {}),
        ({"LoggingConfig": {"LogGroup": {"Ref": "Group"}}}, {"Intake": "Group"}),
    ],
)
def test_a_log_group_of_the_stack_is_known(properties: dict[str, Any], groups: dict[str, str]) -> None:
    assert made({"Intake": {"Type": FUNCTION, "Properties": properties}}).log_groups == groups


def test_code_is_imported_from_its_own_folder_that_of_all_functions_or_that_of_the_template(
    tmp_path: Path,
) -> None:
    (tmp_path / "layer/python").mkdir(parents=True)
    layers = [
        "arn:aws:lambda:eu-west-1:1:layer:other:1",
        {"Ref": "Parameter"},
        {"Ref": "Layer"},
        {"Ref": "Layer"},
    ]
    layer = {"Type": LAYER, "Properties": {"ContentUri": "layer"}}

    def folders(shared: dict[str, Any], own: dict[str, Any] | None) -> list[Path]:
        function = {"Type": SERVERLESS, **({} if own is None else {"Properties": own})}
        template = {"Globals": {"Function": shared}, "Resources": {"It": function, "Layer": layer}}
        return list(code_folders(template, tmp_path)["It"])

    built = [tmp_path / "layer", tmp_path / "layer/python"]
    assert folders({}, None) == [tmp_path]
    assert folders({"CodeUri": "all"}, {}) == [tmp_path / "all"]
    assert folders({"CodeUri": "all", "Layers": layers}, {"CodeUri": "own"}) == [tmp_path / "own", *built]
    assert folders({"CodeUri": "all"}, {"Layers": layers}) == [tmp_path / "all", *built]
    assert code_folders({"Resources": {"Layer": layer}}, tmp_path) == {}


@pytest.mark.parametrize("shared", [{}, {"Function": {}}, {"Function": {"CodeUri": "all", "Timeout": 5}}])
def test_all_code_is_at_one_object(shared: dict[str, Any]) -> None:
    template = {
        "Globals": shared,
        "Resources": {
            "Own": {"Type": SERVERLESS, "Properties": {"CodeUri": "own", "Timeout": 5}},
            "Bare": {"Type": SERVERLESS},
            "Layer": {"Type": LAYER, "Properties": {"ContentUri": "layer"}},
            "Queue": {"Type": "AWS::SQS::Queue"},
        },
    }
    place = {"Bucket": "bucket", "Key": "key"}
    pointed = with_code_at(template, "bucket", "key")
    assert pointed["Resources"] == {
        "Own": {"Type": SERVERLESS, "Properties": {"CodeUri": place, "Timeout": 5}},
        "Bare": {"Type": SERVERLESS, "Properties": {"CodeUri": place}},
        "Layer": {"Type": LAYER, "Properties": {"ContentUri": place}},
        "Queue": {"Type": "AWS::SQS::Queue"},
    }
    expected = {"Function": {"CodeUri": place, "Timeout": 5}} if shared.get("Function") else shared
    assert pointed["Globals"] == expected
    assert template["Resources"]["Own"]["Properties"]["CodeUri"] == "own"
