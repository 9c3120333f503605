"""Runs of flows in the local cloud: their events, and schedules without a call."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from appflow_gitops_local.appflow import Behaviour
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.cloud import LocalCloud

ACCOUNT = "123456789012"
NOON = 1_900_000_000.0


@pytest.fixture
def behave(running: LocalCloud) -> Iterator[Callable[..., None]]:  # noqa: ARG001 - resets moto when it starts
    """Changes switches without a call that would let flows run."""

    def change(**switches: Any) -> None:
        controls.behaviour = replace(controls.behaviour, **switches)

    yield change
    controls.behaviour = Behaviour()


@pytest.fixture
def received(running: LocalCloud) -> Callable[[], list[str]]:
    """Waits for events about runs on the default bus; returns their types."""
    queues, events = running.client("sqs"), running.client("events")
    url = queues.create_queue(QueueName="flow-runs")["QueueUrl"]
    events.put_rule(Name="flow-runs", EventPattern=json.dumps({"source": ["aws.appflow"]}))
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:flow-runs"
    events.put_targets(Rule="flow-runs", Targets=[{"Id": "queue", "Arn": arn}])

    def receive() -> list[str]:
        messages = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=10)[
            "Messages"
        ]
        for message in messages:
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"])["detail-type"] for message in messages]

    return receive


def test_a_scheduled_run_and_its_events_need_no_call(
    running: LocalCloud, behave: Callable[..., None], received: Callable[[], list[str]]
) -> None:
    appflow = running.client("appflow")
    behave(fixed_time=NOON, run_seconds=60, strict_s3_source=False)
    s3 = {"bucketName": "lake"}
    appflow.create_flow(
        flowName="copied",
        triggerConfig={
            "triggerType": "Scheduled",
            "triggerProperties": {"Scheduled": {"scheduleExpression": "rate(1hours)"}},
        },
        sourceFlowConfig={"connectorType": "S3", "sourceConnectorProperties": {"S3": s3}},
        destinationFlowConfigList=[{"connectorType": "S3", "destinationConnectorProperties": {"S3": s3}}],
        tasks=[],
    )
    appflow.start_flow(flowName="copied")

    behave(fixed_time=NOON + 3600)

    assert received() == ["AppFlow Start Flow Run Report"]
