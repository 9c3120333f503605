"""A new version is deployed over an old one: what holds data or is known to others stays the same resource.

CloudFormation goes by logical id and replaces a resource whose name changes. Changing what is pinned here loses
queued changes, or makes everybody who sends requests or reads status events change their settings.
"""

import re
from typing import Any

import pytest

from appflow_gitops import __version__
from appflow_gitops.flows import ownership
from appflow_gitops.status.events import StatusMetadata
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
        ("FlowChangesDeadLetterQueue", "AWS::SQS::Queue", ("QueueName", named("flow-changes-dead.fifo"))),
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


@pytest.mark.parametrize(
    ("output", "value"),
    [
        ("DocumentsBucketName", {"Ref": "DocumentsBucket"}),
        ("EventBusName", {"Fn::GetAtt": ["EventBus", "Name"]}),
        ("StatusLogGroupName", {"Ref": "StatusLogGroup"}),
        ("FlowChangesQueueUrl", {"Ref": "FlowChangesQueue"}),
        ("DeadLetterQueueUrl", {"Ref": "FlowChangesDeadLetterQueue"}),
        ("EventsDeadLetterQueueUrl", {"Ref": "EventsDeadLetterQueue"}),
    ],
)
def test_an_upgrade_keeps_the_outputs_that_scripts_read(
    stack: Stack, output: str, value: dict[str, Any]
) -> None:
    assert stack.template["Outputs"][output]["Value"] == value


def test_every_parameter_has_a_default_so_that_an_upgrade_asks_nothing(stack: Stack) -> None:
    assert [
        name for name, parameter in stack.template["Parameters"].items() if "Default" not in parameter
    ] == []


def test_the_changelog_begins_with_the_version_that_is_built() -> None:
    newest = re.search(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == __version__


def test_the_tags_and_the_version_that_are_promised_are_those_that_are_written() -> None:
    promised = (ROOT / "docs/compatibility.md").read_text(encoding="utf-8")
    tags = {value for value in vars(ownership).values() if str(value).startswith(ownership.PREFIX)}
    assert set(re.findall(r"^\| `(appflow-gitops:\w+)`", promised, re.MULTILINE)) == tags - {ownership.PREFIX}
    for model in (StatusMetadata, Change):
        assert model.model_fields["schemaVersion"].default == "1"
