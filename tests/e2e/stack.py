"""The deployed stack as the end-to-end tests use it, through boto3 and the endpoint only."""

import json
import os
import time
import urllib.request
from pathlib import Path
from typing import Any

from appflow_gitops_local.cloud import LocalCloud

ROOT = Path(__file__).parents[2]
PATIENCE = 180.0
"""Seconds after which a status event is taken not to come."""

IN_PARALLEL = 4
"""How much longer a promised time may be where other tests run on the same processors."""

DEAD_LETTERS = ("DeadLetterQueueUrl", "EventsDeadLetterQueueUrl")
MESSAGES = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


def promised(seconds: float) -> float:
    """The limit of a promised time. Run without ``--numprocesses`` to hold the stack to the promise itself."""
    return seconds * IN_PARALLEL if "PYTEST_XDIST_WORKER" in os.environ else seconds


class DeployedStack:
    """The running stack, and a queue that gets every status event."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.appflow = cloud.client("appflow")
        self.bucket = cloud.outputs["DocumentsBucketName"]
        self._storage = cloud.client("s3")
        self._events = cloud.client("events")
        self._sqs = cloud.client("sqs")
        self._heard = self._listen()

    def _listen(self) -> str:
        queue = self._sqs.create_queue(QueueName="status-events")["QueueUrl"]
        described = self._sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
        bus = self.cloud.outputs["EventBusName"]
        pattern = json.dumps({"source": ["appflow-gitops"]})
        self._events.put_rule(Name="status-events", EventBusName=bus, EventPattern=pattern)
        self._events.put_targets(
            Rule="status-events",
            EventBusName=bus,
            Targets=[{"Id": "queue", "Arn": described["Attributes"]["QueueArn"]}],
        )
        return str(queue)

    def is_idle(self) -> bool:
        """Whether the stack exists and no function has work to do."""
        queues = self._sqs.list_queues().get("QueueUrls", [])
        return self.cloud.outputs["FlowChangesQueueUrl"] in queues and not any(
            self._messages(queue) for queue in queues if queue not in self._kept()
        )

    def _kept(self) -> list[str]:
        """The queues whose messages no function takes."""
        return [self._heard, *(self.cloud.outputs[output] for output in DEAD_LETTERS)]

    def _messages(self, queue: str) -> int:
        described = self._sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=MESSAGES)
        return sum(map(int, described["Attributes"].values()))

    def settle(self, seconds: float) -> bool:
        """Wait until no function has work to do, and empty the stack; whether that was in time."""
        deadline = time.monotonic() + seconds
        while not self.is_idle():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        self.empty()
        return True

    def empty(self) -> None:
        """No objects in the bucket, no status events and no dead letters."""
        versions = self._storage.list_object_versions(Bucket=self.bucket)
        for entry in [*versions.get("Versions", []), *versions.get("DeleteMarkers", [])]:
            self._storage.delete_object(Bucket=self.bucket, Key=entry["Key"], VersionId=entry["VersionId"])
        for queue in self._kept():
            while messages := self._sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get(
                "Messages"
            ):
                for message in messages:
                    self._sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    def forget(self) -> None:
        """No flows and nothing known of their health, no faults, no calls counted."""
        while flows := self.appflow.list_flows()["flows"]:
            for flow in flows:
                self.appflow.delete_flow(flowName=flow["flowName"], forceDelete=True)
        self.forget_health()
        for control in ("faults", "calls", "behaviour", "runs"):
            self.control("DELETE", control)

    def forget_health(self) -> None:
        """Delete all health records."""
        records = self._storage.list_objects_v2(Bucket=self.bucket, Prefix="health/").get("Contents", [])
        for record in records:
            self._storage.delete_object(Bucket=self.bucket, Key=record["Key"])

    def invoke(self, function: str) -> Any:
        """Invoke the function that an output names, as its schedule does; its answer."""
        name = self.cloud.outputs[function]
        answer = self.cloud.client("lambda").invoke(FunctionName=name, Payload=b"{}")
        payload = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, payload
        return payload

    def control(self, method: str, name: str, body: Any = None) -> Any:
        """The local AppFlow's own controls."""
        request = urllib.request.Request(  # noqa: S310 - the endpoint of this test's cloud
            f"{self.cloud.endpoint}/moto-api/appflow/{name}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return json.loads(answer.read())

    def calls(self, operation: str) -> list[dict[str, Any]]:
        """The calls of an operation that AppFlow got."""
        return [call for call in self.control("GET", "calls")["calls"] if call["operation"] == operation]

    def drop(self, key: str, content: bytes, **metadata: str) -> str:
        """Put a document into the bucket; its version id."""
        put = self._storage.put_object(Bucket=self.bucket, Key=key, Body=content, Metadata=metadata)
        return str(put["VersionId"])

    def remove(self, key: str) -> None:
        """Delete an object of the bucket; it may not exist."""
        self._storage.delete_object(Bucket=self.bucket, Key=key)

    def request(self, detail: dict[str, Any], **members: Any) -> str:
        """Send ``Flow Change Requested``, with other members of the entry; the event's id."""
        entry = {
            "Source": "tests",
            "DetailType": "Flow Change Requested",
            "Detail": json.dumps(detail),
            "EventBusName": self.cloud.outputs["EventBusName"],
            **members,
        }
        return str(self._events.put_events(Entries=[entry])["Entries"][0]["EventId"])

    def status_events(self, count: int = 1) -> list[dict[str, Any]]:
        """The next status events, that many."""
        events: list[dict[str, Any]] = []
        deadline = time.monotonic() + PATIENCE
        while len(events) < count:
            assert time.monotonic() < deadline, f"{count} status events were due, these came: {events}"
            received = self._sqs.receive_message(
                QueueUrl=self._heard, MaxNumberOfMessages=10, WaitTimeSeconds=2
            )
            for message in received.get("Messages", []):
                self._sqs.delete_message(QueueUrl=self._heard, ReceiptHandle=message["ReceiptHandle"])
                events.append(json.loads(message["Body"]))
        return events

    def status_event(self) -> dict[str, Any]:
        """The next status event."""
        (event,) = self.status_events()
        return event
