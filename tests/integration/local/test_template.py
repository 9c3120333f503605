"""A SAM template becomes one that moto can hold, and nothing of it gets lost on the way."""

import json
from pathlib import Path
from typing import Any

import pytest
from moto.events.models import EventPattern

from appflow_gitops_local.template import (
    AsyncPolicy,
    Deployable,
    TemplateError,
    code_folders,
    deployable,
    read_template,
    transformed,
    with_code_at,
)
from integration.local.hive import HERE

SCAN_DUE = Path(__file__).parents[3] / "events/drift-scan-due.json"
UNKNOWN = {"AWS::CloudWatch::Alarm", "AWS::Lambda::EventInvokeConfig"}


@pytest.fixture(scope="module")
def made() -> Deployable:
    return make(read_template(HERE / "stack.yaml"))


def make(template: dict[str, Any]) -> Deployable:
    plain = transformed(with_code_at(template, "bucket", "key"), {}, "eu-west-1")
    return deployable(plain, {}, lambda kind: kind not in UNKNOWN)


def test_code_is_imported_from_its_folders_and_those_of_its_layers(tmp_path: Path) -> None:
    (tmp_path / "built" / "python").mkdir(parents=True)
    template = {
        "Globals": {"Function": {"CodeUri": "functions/", "Layers": [{"Ref": "Written"}]}},
        "Resources": {
            "Written": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "layer/"}},
            "Built": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "built"}},
            "Shared": {"Type": "AWS::Serverless::Function"},
            "Own": {
                "Type": "AWS::Serverless::Function",
                "Properties": {"CodeUri": "own/", "Layers": [{"Ref": "Built"}]},
            },
        },
    }
    folders = code_folders(template, tmp_path)
    assert folders["Shared"] == (tmp_path / "functions", tmp_path / "layer")
    assert folders["Own"] == tuple(tmp_path / name for name in ("own", "layer", "built", "built/python"))


@pytest.mark.parametrize(("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn")])
def test_a_template_is_transformed_for_the_partition_of_its_region(region: str, partition: str) -> None:
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {"Runtime": "python3.13", "Handler": "a.b"},
    }
    template = with_code_at({"Resources": {"It": function}}, "bucket", "key")
    role = transformed(template, {}, region)["Resources"]["ItRole"]["Properties"]
    assert [arn.split(":")[1] for arn in role["ManagedPolicyArns"]] == [partition]


def test_a_rule_for_a_function_goes_to_the_queue_of_its_invocations(made: Deployable) -> None:
    targets = made.template["Resources"]["OnEventAsked"]["Properties"]["Targets"]
    assert [target["Arn"] for target in targets] == [{"Fn::GetAtt": [made.invocations["OnEvent"], "Arn"]}]
    assert made.template["Resources"][made.invocations["OnEvent"]]["Type"] == "AWS::SQS::Queue"


def test_a_rule_with_a_schedule_gets_no_other_events() -> None:
    target = {"Id": "it", "Arn": {"Fn::GetAtt": ["Bee", "Arn"]}}
    rule = {"ScheduleExpression": "rate(1 hour)", "State": "ENABLED", "Targets": [target]}
    template = {"Resources": {"Due": {"Type": "AWS::Events::Rule", "Properties": rule}}}
    properties = make(template).template["Resources"]["Due"]["Properties"]
    assert "ScheduleExpression" not in properties
    pattern = EventPattern.load(json.dumps(properties["EventPattern"]))
    assert not pattern.matches_event({"source": "aws.s3", "detail-type": "Object Created", "detail": {}})
    assert pattern.matches_event(json.loads(SCAN_DUE.read_text()))


def test_motos_own_delivery_from_queues_is_off(made: Deployable) -> None:
    mapping = made.template["Resources"]["OnQueueWork"]["Properties"]
    assert mapping["Enabled"] is False
    assert mapping["BatchSize"] == 5


def test_a_reference_to_a_bus_is_its_name(made: Deployable) -> None:
    rule = made.template["Resources"]["OnEventAsked"]["Properties"]
    assert rule["EventBusName"] == {"Fn::GetAtt": ["Bus", "Name"]}


def test_a_reference_to_a_bus_is_its_name_inside_a_list_too() -> None:
    statement = {"Action": "events:PutEvents", "Resource": [{"Ref": "Bus"}, {"Ref": "Queue"}]}
    template = {
        "Resources": {
            "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "bus"}},
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Policy": {
                "Type": "AWS::IAM::Policy",
                "Properties": {"PolicyDocument": {"Statement": [statement]}},
            },
        }
    }
    policy = make(template).template["Resources"]["Policy"]["Properties"]["PolicyDocument"]
    assert policy["Statement"][0]["Resource"] == [{"Fn::GetAtt": ["Bus", "Name"]}, {"Ref": "Queue"}]


def test_the_policy_for_failed_invocations_is_read(made: Deployable) -> None:
    assert made.async_policies["OnEvent"] == AsyncPolicy(retries=1, on_failure="EventsDead")
    assert made.async_policies["OnQueue"] == AsyncPolicy(retries=2)


def test_a_dead_letter_queue_of_the_function_is_known() -> None:
    template = read_template(HERE / "stack.yaml")
    template["Resources"]["Broken"]["Properties"]["DeadLetterQueue"] = {
        "Type": "SQS",
        "TargetArn": {"Fn::GetAtt": "EventsDead.Arn"},
    }
    assert make(template).async_policies["Broken"] == AsyncPolicy(retries=2, dead_letters="EventsDead")


def test_resources_that_moto_does_not_know_are_left_out_with_all_that_names_them() -> None:
    template = read_template(HERE / "stack.yaml")
    template["Outputs"] = {
        "Alarm": {"Value": {"Fn::GetAtt": ["Alarm", "Arn"]}},
        "Seen": {"Value": {"Ref": "Seen"}},
    }
    template["Resources"]["Seen"]["DependsOn"] = ["Alarm", "Bucket"]
    made = make(template)
    assert made.skipped["Alarm"] == "AWS::CloudWatch::Alarm"
    assert "Alarm" not in made.template["Resources"]
    assert list(made.template["Outputs"]) == ["Seen"]
    assert made.template["Resources"]["Seen"]["DependsOn"] == ["Bucket"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file"),
        ("a: [", "cannot read"),
        ("just text", "key 'Resources' is missing"),
        ("Resources: []", "key 'Resources' is missing"),
        ("Resources: {F: {Type: AWS::Serverless::Function}}", "invalid SAM template"),
    ],
)
def test_a_template_that_cannot_be_deployed_is_reported_in_one_line(
    tmp_path: Path, content: str | None, message: str
) -> None:
    path = tmp_path / "template.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(TemplateError, match=message) as raised:
        transformed(read_template(path), {}, "us-east-1")
    assert "\n" not in str(raised.value)
