"""An upgrade keeps the resources that hold data or that others refer to.

CloudFormation identifies resources by logical id and replaces a resource whose name changes. Changing what is pinned
here loses queued changes, or breaks the settings of senders and consumers of events.
"""

import re
import uuid
from typing import Any

import pytest

from appflow_gitops import __version__
from appflow_gitops.flows import ownership
from appflow_gitops.status.envelope import StatusMetadata
from appflow_gitops.sync.change import Change
from template.stack import ROOT, Stack

STACK_NAME = {"Ref": "AWS::StackName"}


def named(suffix: str) -> dict[str, str]:
    return {"Fn::Sub": "${AWS::StackName}-" + suffix}


@pytest.mark.parametrize(
    ("logical", "kind", "name"),
    [
        ("DocumentsBucket", "AWS::S3::Bucket", ("BucketName", None)),
        ("EventBus", "AWS::Events::EventBus", ("Name", STACK_NAME)),
        ("FlowChangesQueue", "AWS::SQS::Queue", ("QueueName", named("flow-changes.fifo"))),
        ("FlowChangesDeadLetterQueue", "AWS::SQS::Queue", ("QueueName", named("changes-dead.fifo"))),
        ("EventsDeadLetterQueue", "AWS::SQS::Queue", ("QueueName", named("events-dead"))),
    ],
)
def test_an_upgrade_keeps_bucket_bus_and_queues(
    stack: Stack, logical: str, kind: str, name: tuple[str, Any]
) -> None:
    resource = stack.resources[logical]
    assert resource["Type"] == kind
    assert "Condition" not in resource
    member, value = name
    assert resource["Properties"].get(member) == value


def test_queue_names_fit_the_stack_names_of_stack_sets(stack: Stack) -> None:
    stack_name = f"StackSet-appflow-gitops-{uuid.UUID(int=0)}"
    longest_of_sqs = 80
    for queue in stack.of_type("AWS::SQS::Queue").values():
        assert len(queue["QueueName"]["Fn::Sub"].replace("${AWS::StackName}", stack_name)) <= longest_of_sqs


@pytest.mark.parametrize(
    ("output", "value"),
    [
        ("DocumentsBucketName", {"Ref": "DocumentsBucket"}),
        ("EventBusName", {"Fn::GetAtt": ["EventBus", "Name"]}),
        ("StatusLogGroupName", {"Ref": "StatusLogGroup"}),
        ("HistoryLogGroupName", {"Ref": "HistoryLogGroup"}),
        ("FlowChangesQueueUrl", {"Ref": "FlowChangesQueue"}),
        ("DeadLetterQueueUrl", {"Ref": "FlowChangesDeadLetterQueue"}),
        ("EventsDeadLetterQueueUrl", {"Ref": "EventsDeadLetterQueue"}),
    ],
)
def test_an_upgrade_keeps_the_outputs_that_scripts_read(
    stack: Stack, output: str, value: dict[str, Any]
) -> None:
    assert stack.template["Outputs"][output]["Value"] == value


def test_every_parameter_has_a_default_so_that_an_upgrade_needs_no_input(stack: Stack) -> None:
    assert [
        name for name, parameter in stack.template["Parameters"].items() if "Default" not in parameter
    ] == []


def test_the_changelog_begins_with_the_current_version() -> None:
    newest = re.search(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == __version__


def test_the_documented_tags_and_schema_version_are_those_that_are_written() -> None:
    promised = (ROOT / "docs/compatibility.md").read_text(encoding="utf-8")
    tags = {value for value in vars(ownership).values() if str(value).startswith(ownership.PREFIX)}
    assert set(re.findall(r"^\| `(appflow-gitops:\w+)`", promised, re.MULTILINE)) == tags - {ownership.PREFIX}
    for model in (StatusMetadata, Change):
        assert model.model_fields["schemaVersion"].default == "1"
