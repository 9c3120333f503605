"""A small cloud on this machine's loopback, with the local AppFlow, and a worker process that calls it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.server import ThreadedMotoServer

from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.models import AppFlowBackend, appflow_backends
from appflow_gitops_local.appflow.register import register
from fakes.flows import LENIENT

REGION = "us-east-1"
BUCKET = "appflow-gitops-documents"
ROOT = Path(__file__).parents[3]


@dataclass
class Worker:
    """The worker process; see ``worker.py``."""

    process: "subprocess.Popen[str]"

    def carry_out(self, function: str, event: dict[str, Any], die_after: int | None = None) -> dict[str, Any]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(
            json.dumps({"function": function, "event": event, "dieAfter": die_after}) + "\n"
        )
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@dataclass
class Cloud:
    """The resources around the functions, over HTTP; AppFlow from inside."""

    endpoint: str
    drops: int = 0

    @cached_property
    def session(self) -> boto3.Session:
        return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION)

    @cached_property
    def s3(self) -> Any:
        return self.session.client("s3", endpoint_url=self.endpoint)

    @cached_property
    def sqs(self) -> Any:
        return self.session.client("sqs", endpoint_url=self.endpoint)

    @cached_property
    def events(self) -> Any:
        return self.session.client("events", endpoint_url=self.endpoint)

    @property
    def appflow(self) -> AppFlowBackend:
        backend: AppFlowBackend = appflow_backends[DEFAULT_ACCOUNT_ID][REGION]
        return backend

    @property
    def queue_url(self) -> str:
        return f"{self.endpoint}/{DEFAULT_ACCOUNT_ID}/flow-changes.fifo"

    @property
    def seen_url(self) -> str:
        return f"{self.endpoint}/{DEFAULT_ACCOUNT_ID}/seen"

    def deploy(self) -> None:
        """Reset everything."""
        self.forget()
        self.s3.create_bucket(Bucket=BUCKET)
        controls.behaviour = LENIENT
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        self.sqs.create_queue(
            QueueName="flow-changes.fifo", Attributes={"FifoQueue": "true", "VisibilityTimeout": "1800"}
        )
        self.sqs.create_queue(QueueName="seen")
        self.events.create_event_bus(Name="flows")
        self.events.put_rule(Name="all", EventBusName="flows", EventPattern='{"source": ["appflow-gitops"]}')
        arn = f"arn:aws:sqs:{REGION}:{DEFAULT_ACCOUNT_ID}:seen"
        self.events.put_targets(Rule="all", EventBusName="flows", Targets=[{"Id": "seen", "Arn": arn}])

    def forget(self) -> None:
        requests.post(f"{self.endpoint}/moto-api/reset", timeout=5).raise_for_status()

    def environment(self) -> dict[str, str]:
        """The environment variables of the functions."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_EC2_METADATA_DISABLED": "true",
            "DOCUMENTS_BUCKET": BUCKET,
            "DOCUMENTS_PREFIX": "flows/",
            "FLOW_CHANGES_QUEUE_URL": self.queue_url,
            "DEAD_LETTER_QUEUE_URL": f"{self.endpoint}/123456789012/dead.fifo",
            "RELEASE_TIMERS_QUEUE_URL": f"{self.endpoint}/123456789012/timers",
            "EVENT_BUS_NAME": "flows",
            "MAX_ATTEMPTS": "5",
            "CREATE_MISSING_FLOWS": "true",
            "POWERTOOLS_LOG_LEVEL": "CRITICAL",
            "POWERTOOLS_METRICS_DISABLED": "true",
        }

    def drop(self, key: str, content: str) -> dict[str, Any]:
        """Store a document; the event that S3 sends for it."""
        stored = self.s3.put_object(Bucket=BUCKET, Key=key, Body=content.encode())
        self.drops += 1
        described = {"key": key, "version-id": stored["VersionId"], "etag": stored["ETag"].strip('"')}
        return {
            "id": f"event-{self.drops}",
            "detail-type": "Object Created",
            "source": "aws.s3",
            "time": datetime.now(UTC).isoformat(),
            "detail": {
                "bucket": {"name": BUCKET},
                "object": {**described, "sequencer": f"{self.drops:016X}"},
            },
        }

    def delete(self, key: str) -> None:
        self.s3.delete_object(Bucket=BUCKET, Key=key)

    def batch(self) -> dict[str, Any]:
        """What Lambda would give apply now."""
        answer = self.sqs.receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=10, AttributeNames=["All"]
        )
        return {"Records": [record(message) for message in answer.get("Messages", [])]}

    def reported(self) -> list[dict[str, Any]]:
        """The details of all status events."""
        found: list[dict[str, Any]] = []
        while messages := self.sqs.receive_message(QueueUrl=self.seen_url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            found += [json.loads(message["Body"])["detail"] for message in messages]
        return found


def record(message: dict[str, Any]) -> dict[str, Any]:
    """A message as Lambda hands it over."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{DEFAULT_ACCOUNT_ID}:flow-changes.fifo",
        "awsRegion": REGION,
    }


@pytest.fixture(scope="session")
def server() -> Iterator[Cloud]:
    register()
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    cloud = Cloud("http://{}:{}".format(*server.get_host_and_port()))
    yield cloud
    cloud.forget()
    server.stop()


@pytest.fixture(scope="session")
def worker(server: Cloud) -> Iterator[Worker]:
    paths = [str(ROOT / "functions"), str(ROOT / "tests")]
    environment = {**os.environ, **server.environment(), "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, str(Path(__file__).with_name("worker.py"))]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Worker(process)


@pytest.fixture
def cloud(server: Cloud) -> Cloud:
    server.deploy()
    return server
