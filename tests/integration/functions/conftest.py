"""The functions as Lambda runs them: settings from the environment, clients made on first use."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from appflow_gitops.aws import clients

EVENTS = Path(__file__).parents[3] / "events"
DOCUMENTS = EVENTS / "documents"


@dataclass(frozen=True)
class Context:
    """What the handlers use of Lambda's context."""

    function_name: str = "function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:function"
    aws_request_id: str = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@dataclass(frozen=True)
class Deployment:
    """The resources around the functions."""

    bucket: str
    queue_url: str
    seen_url: str
    dead_url: str

    def drop(self, key: str, content: bytes) -> str:
        """Store a document; its version id."""
        return clients.s3().put_object(Bucket=self.bucket, Key=key, Body=content)["VersionId"]

    def queued(self) -> list[dict[str, Any]]:
        return _bodies(self.queue_url)

    def dead_letters(self) -> list[Any]:
        return _bodies(self.dead_url)

    def reported(self) -> list[dict[str, Any]]:
        """The data of the status events since the last call."""
        return [detail["data"] for detail in self.details()]

    def details(self) -> list[dict[str, Any]]:
        """The details of the status events since the last call."""
        return [body["detail"] for body in _bodies(self.seen_url)]


def _bodies(url: str) -> list[Any]:
    found = []
    while messages := clients.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in messages]
    return found


@pytest.fixture
def deployment(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:  # noqa: ARG001
    from apply.wiring import attempts  # noqa: PLC0415 - clients are made in the fixture's account
    from detect_drift.wiring import detector, schema_detector  # noqa: PLC0415
    from intake.wiring import dead_letters, intake  # noqa: PLC0415
    from watch_runs.wiring import watcher  # noqa: PLC0415

    bucket = "appflow-gitops-documents"
    s3, sqs, events = clients.s3(), clients.sqs(), clients.events()
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    queue = sqs.create_queue(QueueName="flow-changes.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    dead = sqs.create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    seen = sqs.create_queue(QueueName="seen")["QueueUrl"]
    failed_events = sqs.create_queue(QueueName="dead")["QueueUrl"]
    timers = sqs.create_queue(QueueName="timers")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=seen, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name="flows")
    events.put_rule(Name="all", EventBusName="flows", EventPattern='{"source": ["appflow-gitops"]}')
    events.put_targets(Rule="all", EventBusName="flows", Targets=[{"Id": "seen", "Arn": arn}])
    for name, value in {
        "DOCUMENTS_BUCKET": bucket,
        "DOCUMENTS_PREFIX": "flows/",
        "FLOW_CHANGES_QUEUE_URL": queue,
        "DEAD_LETTER_QUEUE_URL": dead,
        "EVENT_BUS_NAME": "flows",
        "EVENTS_DEAD_LETTER_QUEUE_URL": failed_events,
        "RELEASE_TIMERS_QUEUE_URL": timers,
        "MAX_ATTEMPTS": "5",
        "CREATE_MISSING_FLOWS": "true",
        "SELF_HEAL": "true",
    }.items():
        monkeypatch.setenv(name, value)
    yield Deployment(bucket, queue, seen, failed_events)
    for use_case in (intake, dead_letters, attempts, detector, schema_detector, watcher):
        use_case.cache_clear()


@dataclass(frozen=True)
class Logged:
    """What the functions logged so far."""

    stream: io.StringIO

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def logged() -> Iterator[Logged]:
    from apply.handler import observability as apply  # noqa: PLC0415 - as above
    from detect_drift.handler import observability as detect_drift  # noqa: PLC0415
    from intake.handler import observability as intake  # noqa: PLC0415
    from watch_runs.handler import observability as watch_runs  # noqa: PLC0415

    stream = io.StringIO()
    with ExitStack() as exits:
        for function in (apply, detect_drift, intake, watch_runs):
            [log] = [one for one in function.logger.handlers if isinstance(one, logging.StreamHandler)]
            exits.callback(log.setStream, log.setStream(stream))
        yield Logged(stream)
