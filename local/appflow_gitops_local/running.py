"""A running local cloud, used from another process: its stack, its functions' environment, and events for them.

``appflow-gitops local sam-env`` and ``local event`` call it, ``tools/sam_local`` too. The functions then run elsewhere,
in the containers of ``sam local``.
"""

import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as UnreachableError

from appflow_gitops.documents.read import read_document
from appflow_gitops_local.clients import Cloud
from appflow_gitops_local.envelopes import Message, sqs_event
from appflow_gitops_local.stack import EVENTS

FUNCTION = "AWS::Lambda::Function"
MAX_BATCH = 10
_PAUSE_SECONDS = 0.5


class NotRunningError(Exception):
    """The endpoint is not that of a local cloud with the stack."""


class EmptyQueueError(Exception):
    """The queue has no message that is visible."""


class RunningCloud:
    """The stack of a running local cloud. Every method but ``wait`` raises NotRunningError."""

    def __init__(self, endpoint: str, region: str, stack: str) -> None:
        self.endpoint = endpoint.rstrip("/")
        self._cloud = Cloud(self.endpoint, region)
        self._stack = stack

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        """The stack's outputs."""
        with self._reached():
            (found,) = self._cloud.client("cloudformation").describe_stacks(StackName=self._stack)["Stacks"]
        return {
            output["OutputKey"]: self._cloud.reachable(output["OutputValue"])
            for output in found.get("Outputs", [])
        }

    def wait(self, seconds: float) -> None:
        """Wait until the stack is deployed, or ``seconds`` are over."""
        deadline = time.monotonic() + seconds
        while not self._is_deployed():
            if time.monotonic() > deadline:
                return
            time.sleep(_PAUSE_SECONDS)

    def _is_deployed(self) -> bool:
        try:
            return bool(self.outputs)
        except NotRunningError:
            return False

    def sam_environment(self, endpoint: str) -> dict[str, dict[str, str]]:
        """Return the environment of each function for ``sam local --env-vars``, with the endpoint for containers."""
        with self._reached():
            resources = self._cloud.client("cloudformation").describe_stack_resources(StackName=self._stack)
            return {
                resource["LogicalResourceId"]: self._environment(resource["PhysicalResourceId"], endpoint)
                for resource in resources["StackResources"]
                if resource.get("ResourceType") == FUNCTION
            }

    def _environment(self, function: str, endpoint: str) -> dict[str, str]:
        service = self._cloud.client("lambda")
        described = service.get_function_configuration(FunctionName=function)
        variables = described.get("Environment", {}).get("Variables", {})
        reachable = {name: self._cloud.reachable(str(value), endpoint) for name, value in variables.items()}
        return {**reachable, "AWS_ENDPOINT_URL": endpoint}

    def drop(self, document: Path, key: str) -> dict[str, Any]:
        """Store a document in the documents bucket; return its object as S3's events describe it."""
        content = document.read_bytes()
        bucket = self.outputs["DocumentsBucketName"]
        with self._reached():
            put = self._cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
        etag = put["ETag"].strip('"')
        sequencer = f"{int(datetime.now(UTC).timestamp() * 1000):016X}"
        described = {"key": key, "size": len(content), "etag": etag, "sequencer": sequencer}
        return {**described, "version-id": put["VersionId"]}

    def object_created(self, document: Path, key: str) -> dict[str, Any]:
        """Drop a document; return the event that S3 sends to EventBridge."""
        event = self._sample("s3-object-created.json")
        bucket = self.outputs["DocumentsBucketName"]
        event["resources"] = [f"arn:aws:s3:::{bucket}"]
        event["detail"]["bucket"]["name"] = bucket
        event["detail"]["object"] = self.drop(document, key)
        return event

    def notification(self, document: Path, key: str) -> dict[str, Any]:
        """Drop a document; return the notification that S3 sends to Lambda, SQS or SNS."""
        event = json.loads((EVENTS / "s3-notification.json").read_bytes())
        record, bucket, dropped = (
            event["Records"][0],
            self.outputs["DocumentsBucketName"],
            self.drop(document, key),
        )
        record["eventTime"] = _now()
        record["s3"]["bucket"] |= {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"}
        record["s3"]["object"] = {
            "key": quote_plus(key, safe="/"),
            "size": dropped["size"],
            "eTag": dropped["etag"],
            "versionId": dropped["version-id"],
            "sequencer": dropped["sequencer"],
        }
        return {"Records": [record]}

    def requested(self, document: Path) -> dict[str, Any]:
        """Return a request with the flow of a document inside, as a value; a list where it declares several."""
        flows = [flow.value for flow in read_document(document.read_bytes(), document.name, None).flows]
        return self._request("flow-change-requested.json", flows[0] if len(flows) == 1 else flows)

    def requested_text(self, document: Path) -> dict[str, Any]:
        """Return a request with the text of a document inside."""
        return self._request("flow-change-requested-text.json", document.read_text(encoding="utf-8"))

    def requested_pointer(self, document: Path, key: str) -> dict[str, Any]:
        """Drop a document; return a request that names it."""
        self.drop(document, key)
        pointer = {"bucket": self.outputs["DocumentsBucketName"], "key": key}
        return self._request("flow-change-requested-pointer.json", pointer)

    def _request(self, sample: str, document: Any) -> dict[str, Any]:
        event = self._sample(sample)
        event["detail"]["document"] = document
        return event

    def scan_due(self) -> dict[str, Any]:
        """Return the event of the schedule of a scan."""
        return self._sample("drift-scan-due.json")

    def run_ended(self, flow: str) -> dict[str, Any]:
        """Return AppFlow's event about a run of a flow that failed just now."""
        event = self._sample("flow-run-ended.json")
        moment = f"{datetime.now(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z[UTC]"
        event["detail"] |= {"flow-name": flow, "start-time": moment, "end-time": moment}
        return event

    def run_requested(self, flow: str) -> dict[str, Any]:
        """Return the event that requests a run of a flow."""
        event = self._sample("flow-run-requested.json")
        event["detail"]["flowName"] = flow
        return event

    def repairs_confirmed(self) -> dict[str, Any]:
        """Return the event that confirms limited repairs."""
        return self._sample("flow-repairs-confirmed.json")

    def queued(self, limit: int = MAX_BATCH) -> dict[str, Any]:
        """Take up to ``limit`` changes out of the queue; return the event that Lambda makes of them.

        Raises EmptyQueueError. Lambda deletes messages after the function handled them; here they are gone at once.
        """
        queue, service = self.outputs["FlowChangesQueueUrl"], self._cloud.client("sqs")
        with self._reached():
            described = service.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
            messages = service.receive_message(
                QueueUrl=queue,
                MaxNumberOfMessages=limit,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            for message in messages:
                service.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        if not messages:
            raise EmptyQueueError(f"the queue is empty: {queue}")
        return sqs_event(_received(messages), described["Attributes"]["QueueArn"], self._cloud.region)

    def status_events(self) -> list[dict[str, Any]]:
        """Return the status events since the start of the cloud, oldest first."""
        with self._reached():
            pages = self._cloud.client("logs").get_paginator("filter_log_events")
            found = pages.paginate(logGroupName=self.outputs["StatusLogGroupName"])
            return [json.loads(line["message"]) for page in found for line in page["events"]]

    def _sample(self, name: str) -> dict[str, Any]:
        """A sample event from EventBridge, with a new id, the current time and the region of this cloud."""
        event: dict[str, Any] = json.loads((EVENTS / name).read_bytes())
        return {**event, "id": str(uuid.uuid4()), "time": _now(), "region": self._cloud.region}

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except (
            UnreachableError,
            HTTPClientError,
            ValueError,
        ):  # ValueError: the endpoint has no scheme
            raise NotRunningError(
                f"no local cloud answers at {self.endpoint}: start it with appflow-gitops local up"
            ) from None
        except ClientError as error:
            raise NotRunningError(f"{self.endpoint}: {error}") from None


def _received(messages: Sequence[Mapping[str, Any]]) -> list[Message]:
    return [
        Message(
            message_id=message["MessageId"],
            receipt_handle=message["ReceiptHandle"],
            body=message["Body"],
            attributes=message["Attributes"],
            message_attributes=message.get("MessageAttributes", {}),
        )
        for message in messages
    ]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
