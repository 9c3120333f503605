"""An event source mapping becomes the trigger that the dispatcher polls."""

from typing import Any

import pytest

from appflow_gitops_local.delivery import QueueTrigger
from appflow_gitops_local.deployment import queue_trigger

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
