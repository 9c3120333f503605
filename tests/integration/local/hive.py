"""What the tests here say to the function of ``stack.yaml``, and how they hear from it."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from appflow_gitops_local.cloud import LocalCloud

HERE = Path(__file__).parent
LONGEST_WAIT = 20
"""Seconds that one ReceiveMessage may wait."""
PATIENCE = 100
"""Seconds after which an invocation is taken not to happen."""


class Hive:
    """The running stack. Messages are orders to the function; ``seen`` are its reports, one per invocation."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.sqs = cloud.client("sqs")

    def url(self, output: str) -> str:
        return self.cloud.outputs[output]

    def arn(self, output: str) -> str:
        described = self.sqs.get_queue_attributes(QueueUrl=self.url(output), AttributeNames=["QueueArn"])
        return str(described["Attributes"]["QueueArn"])

    def forget(self) -> None:
        for output in ("Seen", "WorkDead", "EventsDead"):
            while self.take(output, seconds=0):
                pass

    def order(self, *orders: dict[str, Any], group: str = "g") -> None:
        """Put orders on the FIFO queue in one call, so that they are there together."""
        self.sqs.send_message_batch(
            QueueUrl=self.url("Work"),
            Entries=[
                {
                    "Id": str(place),
                    "MessageBody": json.dumps(order),
                    "MessageGroupId": order.get("group", group),
                    "MessageDeduplicationId": str(uuid.uuid4()),
                }
                for place, order in enumerate(orders)
            ],
        )

    def ask(self, **order: Any) -> None:
        """Send an order as an event."""
        self.cloud.client("events").put_events(
            Entries=[
                {
                    "Source": "tests",
                    "DetailType": "Asked",
                    "Detail": json.dumps(order),
                    "EventBusName": self.url("Bus"),
                }
            ]
        )

    def invoke(self, output: str, event: Any, kind: str = "RequestResponse") -> Any:
        return self.cloud.client("lambda").invoke(
            FunctionName=self.url(output), Payload=json.dumps(event), InvocationType=kind
        )

    def take(self, output: str = "Seen", seconds: int = LONGEST_WAIT) -> list[Any]:
        """What the next receive of the queue gives, waiting for it; nothing when nothing comes."""
        received = self.sqs.receive_message(
            QueueUrl=self.url(output), MaxNumberOfMessages=10, WaitTimeSeconds=seconds
        )
        messages = received.get("Messages", [])
        for message in messages:
            self.sqs.delete_message(QueueUrl=self.url(output), ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]

    def seen_until(self, enough: Callable[[list[Any]], bool]) -> list[Any]:
        """Reports in the order of the invocations, up to the one that is enough."""
        reports: list[Any] = []
        while not enough(reports):
            more = next(filter(None, (self.take() for _ in range(PATIENCE // LONGEST_WAIT))), None)
            assert more, f"only this was seen: {[report['names'] for report in reports]}"
            reports += more
        return reports

    def seen(self, count: int) -> list[Any]:
        """That many reports."""
        return self.seen_until(lambda reports: len(reports) >= count)

    def seen_names(self, *names: str) -> list[str]:
        """The names in the order they were worked on, until each of ``names`` was."""
        return names_in(self.seen_until(lambda reports: set(names) <= set(names_in(reports))))


def names_in(reports: list[Any]) -> list[str]:
    return [name for report in reports for name in report["names"]]
