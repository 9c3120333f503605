"""The use cases with their real adapters, over a wire that can fail."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID

from appflow_gitops.aws import clients
from appflow_gitops.aws.appflow import AppFlowService
from appflow_gitops.aws.bus import EventBridgeBus
from appflow_gitops.aws.documents import S3Documents
from appflow_gitops.aws.held_changes import S3HeldChanges, SqsReleaseTimer
from appflow_gitops.aws.queue import SqsChanges, SqsDeadLetters
from appflow_gitops.aws.takeovers import S3Takeovers
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.status.reporter import StatusReporter
from appflow_gitops.sync.apply.applier import Applier
from appflow_gitops.sync.apply.attempts import Attempts
from appflow_gitops.sync.apply.holder import Holder
from appflow_gitops.sync.apply.reconcile import Reconciler
from appflow_gitops.sync.change import Change, timestamp
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.intake.intake import Intake, IntakeRequest
from appflow_gitops.sync.intake.release import Releaser
from appflow_gitops.sync.stored_environment import StoredEnvironment
from appflow_gitops.sync.takeover import Takeovers
from appflow_gitops_local.appflow.models import AppFlowBackend, appflow_backends

from .wire import Wire

REGION = "us-east-1"
BUCKET = "appflow-gitops-documents"
LIMIT = 5


@dataclass
class Deployment:
    """Intake and apply; ``see_through`` is what Lambda and SQS do between and around them."""

    intake: Intake
    attempts: Attempts
    wire: Wire
    s3: Any
    sqs: Any
    queue_url: str
    comebacks: int = 0

    @property
    def appflow(self) -> AppFlowBackend:
        backend: AppFlowBackend = appflow_backends[DEFAULT_ACCOUNT_ID][REGION]
        return backend

    def dropped(self, key: str, content: str) -> IntakeRequest:
        stored = self.s3.put_object(Bucket=BUCKET, Key=key, Body=content.encode())
        version = DocumentVersion(
            bucket=BUCKET, key=key, versionId=stored["VersionId"], eTag=stored["ETag"].strip('"')
        )
        return IntakeRequest(f"{version.uri}@{version.label}", "event", timestamp(time.time()), version)

    def see_through(self, request: IntakeRequest) -> None:
        """Handle the request and carry out its changes, each as often as it is retried."""
        while not self._taken(request):
            self.comebacks += 1
        answer = self.sqs.receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=10, AttributeNames=["All"]
        )
        for message in answer.get("Messages", []):
            change = Change.model_validate_json(message["Body"])
            sequence = message["Attributes"]["SequenceNumber"]
            for attempt in range(1, LIMIT + 1):
                if self._carried_out(Delivery(change, attempt, sequence), message["ReceiptHandle"]):
                    break
                self.comebacks += 1

    def _taken(self, request: IntakeRequest) -> bool:
        try:
            self.intake.handle(request)
        except TransientError:
            return False
        return True

    def _carried_out(self, delivery: Delivery, receipt: str) -> bool:
        try:
            self.attempts.handle(delivery, receipt)
        except TransientError:
            return False
        return True


@dataclass(frozen=True)
class Clients:
    """One of each, on the wire: making them takes longer than any test."""

    s3: Any
    sqs: Any
    events: Any
    appflow: Any
    wire: Wire


@pytest.fixture(scope="package")
def wired() -> Iterator[Clients]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }.items():
            environment.setenv(name, value)
        made = Clients(clients.s3(), clients.sqs(), clients.events(), clients.appflow(), Wire())
    every = (made.s3, made.sqs, made.events, made.appflow)
    for client in every:
        made.wire.lay(client)
    yield made
    for client in every:
        client.close()


@pytest.fixture
def deployment(
    aws: None,  # noqa: ARG001 - the account has to be there
    wired: Clients,
    monkeypatch: pytest.MonkeyPatch,
) -> Deployment:
    # The clients' own retries are real; only their pauses are not.
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    wired.wire.reset()
    wired.s3.create_bucket(Bucket=BUCKET)
    wired.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    attributes = {"FifoQueue": "true", "VisibilityTimeout": "1800"}
    queue_url = wired.sqs.create_queue(QueueName="flow-changes.fifo", Attributes=attributes)["QueueUrl"]
    dead = wired.sqs.create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    wired.events.create_event_bus(Name="flows")
    documents, queue = S3Documents(wired.s3), SqsChanges(wired.sqs, queue_url)
    takeovers = S3Takeovers(wired.s3, BUCKET)
    reporter = StatusReporter(EventBridgeBus(wired.events, "flows"))
    environment = StoredEnvironment(documents, BUCKET).read
    takeovers = S3Takeovers(wired.s3, BUCKET)
    timers = wired.sqs.create_queue(QueueName="timers")["QueueUrl"]
    held, timer = S3HeldChanges(wired.s3, BUCKET), SqsReleaseTimer(wired.sqs, timers)
    reconciler = Reconciler(AppFlowService(wired.appflow), time.time, may_create=True)
    return Deployment(
        Intake(
            documents,
            queue,
            reporter,
            time.time,
            Takeovers(takeovers, documents, environment),
            BUCKET,
            "flows/",
            environment,
            Releaser(held, timer, queue, environment, time.time),
        ),
        Attempts(
            Applier(reconciler, documents, takeovers, reporter, Holder(held, timer, time.time), environment),
            queue,
            SqsDeadLetters(wired.sqs, dead),
            time.time,
            LIMIT,
        ),
        wired.wire,
        wired.s3,
        wired.sqs,
        queue_url,
    )
