"""The event bus through boto3."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from appflow_gitops.aws import clients
from appflow_gitops.aws.bus import EventBridgeBus
from appflow_gitops.status.envelope import StatusMetadata
from appflow_gitops.status.events import StatusChange, StatusData, StatusEvent
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.outcome import Outcome


def status(**data: Any) -> StatusEvent:
    return StatusEvent(
        metadata=StatusMetadata(id="1", time="2026-01-15T12:00:00.000Z", correlationId="event-1"),
        data=StatusData(flowName="orders", outcome=Outcome.APPLIED, **data),
        resources=("arn:aws:appflow:us-east-1:123456789012:flow/orders",),
    )


class RefusingBus:
    """An EventBridge client whose first answers refuse the entry, as PutEvents does without an error."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.taken: list[Any] = []

    def put_events(self, *, Entries: Sequence[Any]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        if self.refusals:
            self.refusals -= 1
            return {
                "FailedEntryCount": 1,
                "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "Oops"}],
            }
        self.taken += Entries
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}


def test_an_event_reaches_the_bus_with_source_type_and_resource(aws: None) -> None:  # noqa: ARG001
    events, sqs = clients.events(), clients.sqs()
    events.create_event_bus(Name="flows")
    queue = sqs.create_queue(QueueName="seen")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="all", EventBusName="flows", EventPattern=json.dumps({"source": ["appflow-gitops"]}))
    events.put_targets(Rule="all", EventBusName="flows", Targets=[{"Id": "seen", "Arn": arn}])
    EventBridgeBus(events, "flows").publish(status())
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    event = json.loads(message["Body"])
    assert event["detail-type"] == "Flow Change Applied"
    assert event["resources"] == ["arn:aws:appflow:us-east-1:123456789012:flow/orders"]
    assert event["detail"]["data"]["flowName"] == "orders"


def test_a_refused_entry_is_sent_again() -> None:
    client: Any = RefusingBus(refusals=2)
    EventBridgeBus(client, "flows").publish(status())
    assert len(client.taken) == 1


def test_an_entry_that_stays_refused_is_a_transient_error() -> None:
    client: Any = RefusingBus(refusals=99)
    with pytest.raises(TransientError, match="InternalFailure"):
        EventBridgeBus(client, "flows").publish(status())


def test_changes_that_do_not_fit_are_truncated_and_marked() -> None:
    changes = tuple(
        StatusChange(op="change", pointer=f"/tasks/{number}", live="x" * 500, desired="y" * 500)
        for number in range(900)
    )
    detail = status(changes=changes).detail()
    reported = json.loads(detail)["data"]
    assert len(detail.encode()) < 256 * 1024
    assert reported["changesTruncated"] is True
    assert reported["changes"][0]["pointer"] == "/tasks/0"
