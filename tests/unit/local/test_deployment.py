"""How a stack is created, and an event source mapping that becomes the trigger that the dispatcher polls."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from appflow_gitops_local.clients import Cloud
from appflow_gitops_local.delivery import QueueTrigger
from appflow_gitops_local.deployment import deploy, queue_trigger
from appflow_gitops_local.template import TemplateError

QUEUE_ARN = "arn:aws:sqs:eu-west-1:111122223333:work.fifo"
MAPPING = {
    "EventSourceArn": QUEUE_ARN,
    "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:apply",
    "BatchSize": 10,
}


@pytest.mark.parametrize(
    ("members", "partial", "concurrency"),
    [
        ({}, False, 5),
        ({"FunctionResponseTypes": None, "ScalingConfig": None}, False, 5),
        ({"FunctionResponseTypes": ["ReportBatchItemFailures"]}, True, 5),
        ({"ScalingConfig": {}}, False, 5),
        ({"ScalingConfig": {"MaximumConcurrency": 2}}, False, 2),
        ({"ScalingConfig": {"MaximumConcurrency": 50}}, False, 5),
    ],
)
def test_a_mapping_is_polled_as_it_asks_up_to_the_concurrency_of_the_machine(
    members: dict[str, Any], partial: bool, concurrency: int
) -> None:
    expected = QueueTrigger("work.fifo", QUEUE_ARN, "apply", 10, partial, concurrency)
    assert queue_trigger(MAPPING | members, 5) == expected


class Failing(Cloud):
    """A cloud in which no stack becomes complete."""

    def __init__(self, region: str, error: Exception | None) -> None:
        super().__init__("http://127.0.0.1:5000", region)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._error = error

    def client(self, service: str) -> Any:  # noqa: ARG002
        return self

    def __getattr__(self, name: str) -> Any:
        def call(**members: Any) -> Any:
            self.calls.append((name, members))
            if name == "create_stack" and self._error:
                raise self._error
            return {"Stacks": [{"StackStatus": "ROLLBACK_COMPLETE"}]}

        return call


TEMPLATE = "Parameters: {Colour: {Type: String}}\nResources: {Queue: {Type: Custom::Unknown}}\n"
REFUSED = ClientError({"Error": {"Code": "ValidationError", "Message": "no"}}, "CreateStack")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            REFUSED,
            "the stack cannot be created: An error occurred (ValidationError) when calling the CreateStack ",
        ),
        (None, "the stack cannot be created: it is ROLLBACK_COMPLETE"),
    ],
)
def test_a_stack_that_is_not_created_is_an_error(
    tmp_path: Path, error: Exception | None, message: str
) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    cloud = Failing("eu-west-1", error)
    with pytest.raises(TemplateError) as raised:
        deploy(tmp_path / "template.yaml", "flows", {"Colour": "red"}, cloud, 2)
    assert str(raised.value).startswith(message)
    created = dict(cloud.calls)["create_stack"]
    assert created["StackName"] == "flows"
    assert created["Parameters"] == [{"ParameterKey": "Colour", "ParameterValue": "red"}]
    assert created["Capabilities"] == ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]


@pytest.mark.parametrize(
    ("region", "location"),
    [
        ("us-east-1", {}),
        ("eu-west-1", {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}),
    ],
)
def test_the_bucket_of_the_code_is_in_the_region_of_the_stack(
    tmp_path: Path, region: str, location: dict[str, Any]
) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    cloud = Failing(region, REFUSED)
    with pytest.raises(TemplateError):
        deploy(tmp_path / "template.yaml", "flows", {"Colour": "red"}, cloud, 2)
    assert dict(cloud.calls)["create_bucket"] == {"Bucket": "flows-local-code", **location}
