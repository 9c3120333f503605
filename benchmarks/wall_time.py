"""From 200 dropped documents to their 200 status events, per change, against the AWS CLI updating flow after flow.

Both use one local cloud with the stack in it. The CLI is started once per change, as a script in CI would; ten of its
changes a round are enough to measure one.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import boto3

from benchmarks.changes import ROOT, document, flow_request, key_of
from benchmarks.figures import RATIO, Figure, MeasurementError, alternately

LIMIT = 0.2
CHANGES = 200
CLI_CHANGES = 10
TOOLS = Path(sys.executable).parent
PATIENCE_SECONDS = 120.0
_NUMBERS = count(1)


def figures(rounds: int) -> list[Figure]:
    """The ratio per change."""
    with tempfile.TemporaryDirectory() as folder, _local_cloud() as cloud:
        cloud.dropped(CHANGES)  # starts the functions
        candidate, baseline = partial(cloud.dropped, CHANGES), partial(cloud.updated_by_cli, Path(folder))
        ratio = alternately(candidate, baseline, rounds)
    return [Figure("wall time per change, 200 changes through the local cloud", ratio, LIMIT, RATIO)]


class Cloud:
    """A running local cloud with the flows in it, and a queue that gets every status event."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self._outputs = ready["outputs"]
        self._environment = {
            "AWS_ENDPOINT_URL": ready["endpoint"],
            "AWS_DEFAULT_REGION": ready["region"],
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
        }
        self._session: Any = boto3.Session("local", "local", region_name=ready["region"])
        self._storage, self._queues = self._client("s3"), self._client("sqs")
        self._heard = self._listen()
        flows = self._client("appflow")
        for name in map(_flow, range(CHANGES)):
            flows.create_flow(**flow_request(name, 0))

    def _client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=self._environment["AWS_ENDPOINT_URL"])

    def _listen(self) -> str:
        url = str(self._queues.create_queue(QueueName="heard")["QueueUrl"])
        described = self._queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        events, bus = self._client("events"), self._outputs["EventBusName"]
        pattern = json.dumps({"source": ["appflow-gitops"]})
        events.put_rule(Name="heard", EventBusName=bus, EventPattern=pattern)
        target = {"Id": "queue", "Arn": described["Attributes"]["QueueArn"]}
        events.put_targets(Rule="heard", EventBusName=bus, Targets=[target])
        return url

    def dropped(self, changes: int) -> float:
        """Seconds per change, from the first document dropped to the last status event."""
        started = time.perf_counter()
        for name in map(_flow, range(changes)):
            self._storage.put_object(
                Bucket=self._outputs["DocumentsBucketName"],
                Key=key_of(name),
                Body=document(name, next(_NUMBERS)),
            )
        self._wait_for(changes, started + PATIENCE_SECONDS)
        return (time.perf_counter() - started) / changes

    def _wait_for(self, changes: int, deadline: float) -> None:
        """Wait for the status events of so many changes. Raises MeasurementError for any that was not applied."""
        applied = 0
        while applied < changes:
            if time.perf_counter() > deadline:
                raise MeasurementError(f"{applied} of {changes} changes were applied in time")
            received = self._queues.receive_message(
                QueueUrl=self._heard, MaxNumberOfMessages=10, WaitTimeSeconds=1
            ).get("Messages", [])
            for message in received:
                event = json.loads(message["Body"])
                if event["detail-type"] != "Flow Change Applied":
                    raise MeasurementError(f"a change was not applied: {event}")
                self._queues.delete_message(QueueUrl=self._heard, ReceiptHandle=message["ReceiptHandle"])
            applied += len(received)

    def updated_by_cli(self, folder: Path) -> float:
        """Seconds per change of ``aws appflow update-flow``, a process for each."""
        requests = [folder / f"{number}.json" for number in range(CLI_CHANGES)]
        for number, path in enumerate(requests):
            path.write_text(json.dumps(flow_request(_flow(number), next(_NUMBERS))), encoding="utf-8")
        started = time.perf_counter()
        for path in requests:
            command = [
                sys.executable,
                str(TOOLS / "aws"),
                "appflow",
                "update-flow",
                "--cli-input-json",
                f"file://{path}",
            ]
            subprocess.run(  # noqa: S603 - the CLI of this environment
                command, check=True, env={**os.environ, **self._environment}, stdout=subprocess.DEVNULL
            )
        return (time.perf_counter() - started) / CLI_CHANGES


def _flow(number: int) -> str:
    return f"bench-{number}"


@contextmanager
def _local_cloud() -> Iterator[Cloud]:
    command = [str(TOOLS / "appflow-gitops"), "local", "up", "--port", "0", "--allow-missing"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        try:
            ready = process.stdout.readline() if process.stdout else ""
            if not ready:
                raise MeasurementError("the local cloud did not start; see the error above")
            yield Cloud(json.loads(ready))
        finally:
            process.send_signal(signal.SIGTERM)
