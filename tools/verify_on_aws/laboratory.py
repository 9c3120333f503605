"""The laboratory: two buckets and one flow in a real account, made for a minute or two and removed whatever happens.

``verify`` opens it, each of the ``questions`` works on its flow. The flow never runs: its schedule starts a day after
the laboratory was opened, and it is never run on demand.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tools.verify_on_aws.answer import code_of, refusal

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient
    from mypy_boto3_s3 import S3Client

PREFIX = "appflow-gitops-verify-"
TAGS = {"made-by": "appflow-gitops-verify"}
DAY = 86_400
HOME_OF_S3 = "us-east-1"
"""The one region that CreateBucket does not take for a place."""

SOURCE_PREFIX = "rows"
SOURCE_OBJECT = b"name\nexample\n"
SOURCE_ACTIONS = ("s3:ListBucket", "s3:GetObject")
DESTINATION_ACTIONS = (
    "s3:PutObject",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
    "s3:ListBucketMultipartUploads",
    "s3:GetBucketAcl",
    "s3:PutObjectAcl",
)
"""What a bucket has to allow AppFlow: user guide, "Amazon S3 Bucket Policies for Amazon AppFlow"."""

CREATION_ATTEMPTS = 6
CREATION_PAUSE = 5.0
_NOT_READY = {"ConnectorServerException", "ValidationException", "ConflictException"}
"""What CreateFlow may say before new bucket policies hold everywhere, and while a flow of the name is being deleted."""

REMOVAL_ATTEMPTS = 3
REMOVAL_PAUSE = 5.0
_GONE = {"NoSuchBucket", "ResourceNotFoundException"}

STATUS_CHECKS = 10
STATUS_PAUSE = 2.0


class UnsettledError(Exception):
    """A flow did not get the status that StartFlow or StopFlow gives it: the next result would mean nothing."""


@dataclass(frozen=True, slots=True)
class Clients:
    """The ways to AWS, all with one profile and region. ``unretried`` shows throttling as it is."""

    appflow: "AppflowClient"
    unretried: "AppflowClient"
    s3: "S3Client"


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that was made, or may have been: an answer can get lost."""

    what: str
    remove: Callable[[], object]
    by_hand: str
    """The command that removes it."""


class Laboratory:
    """One flow to try things on. ``wait`` takes seconds; ``now`` is in epoch seconds."""

    def __init__(self, clients: Clients, account: str, wait: Callable[[float], object], now: int) -> None:
        self.appflow = clients.appflow
        self.unretried = clients.unretried
        self.wait = wait
        self.now = now
        # Shorter than an account id, so that no report hides it.
        self.name = f"{PREFIX}{secrets.token_hex(5)}"
        self.left: list[Thing] = []
        """What is there to be removed; after the laboratory was closed, what could not be."""
        self._s3 = clients.s3
        self._account = account

    @property
    def buckets(self) -> tuple[str, str]:
        """The source bucket and the destination bucket."""
        return f"{self.name}-source", f"{self.name}-destination"

    def schedule(self, **members: Any) -> dict[str, Any]:
        """The flow's triggerConfig, with members of the schedule replaced."""
        schedule = {
            "scheduleExpression": "rate(3hours)",
            "dataPullMode": "Incremental",
            "scheduleStartTime": self.now + DAY,
            **members,
        }
        return {"triggerType": "Scheduled", "triggerProperties": {"Scheduled": schedule}}

    def request(self, **members: Any) -> dict[str, Any]:
        """The UpdateFlow request of the known base, with members replaced; None leaves one out."""
        source, destination = self.buckets
        request = {
            "flowName": self.name,
            "description": "base",
            "triggerConfig": self.schedule(),
            "sourceFlowConfig": {
                "connectorType": "S3",
                "sourceConnectorProperties": {"S3": {"bucketName": source, "bucketPrefix": SOURCE_PREFIX}},
            },
            "destinationFlowConfigList": [
                {
                    "connectorType": "S3",
                    "destinationConnectorProperties": {"S3": {"bucketName": destination}},
                }
            ],
            "tasks": [
                {
                    "taskType": "Map",
                    "sourceFields": ["name"],
                    "destinationField": "name",
                    "connectorOperator": {"S3": "NO_OP"},
                }
            ],
            **members,
        }
        return {member: value for member, value in request.items() if value is not None}

    def update(self, **members: Any) -> None:
        """UpdateFlow to the base with members replaced. Without a clientToken the SDK gives a new one."""
        self.appflow.update_flow(**self.request(**members))

    def describe(self) -> Mapping[str, Any]:
        """The live flow, as DescribeFlow answers."""
        return self.appflow.describe_flow(flowName=self.name)

    def activate(self) -> None:
        """StartFlow, and wait until the flow is Active. Raises UnsettledError."""
        self.appflow.start_flow(flowName=self.name)
        self._wait_until(lambda status: status == "Active")

    def suspend(self) -> None:
        """StopFlow, and wait until the flow is not Active any more. Raises UnsettledError."""
        self.appflow.stop_flow(flowName=self.name)
        self._wait_until(lambda status: status != "Active")

    def back_to_base(self) -> None:
        """Undo what a question did: the base request is live, and the flow is not active.

        A flow that refuses to be brought back is created again, so that the other questions get their answers.
        """
        self._rest()  # whether an Active flow accepts an update is unknown
        if refusal(self.update):
            self._remove_flow()
            self._create_flow()
        self._rest()  # an update may activate

    def open(self) -> None:
        """Make the buckets and the flow. Raises botocore's errors."""
        source, destination = self.buckets
        self._make_bucket(source, SOURCE_ACTIONS)
        self._make_bucket(destination, DESTINATION_ACTIONS)
        self._s3.put_object(Bucket=source, Key=f"{SOURCE_PREFIX}/rows.csv", Body=SOURCE_OBJECT)
        self._make_flow()

    def close(self, report: Callable[[str], object]) -> None:
        """Remove everything that was made, the flow first, and report what could not be."""
        reasons: dict[str, str] = {}
        try:
            for thing in reversed(tuple(self.left)):
                if reason := self._reason_to_stay(thing):
                    reasons[thing.what] = reason
                else:
                    self.left.remove(thing)
        finally:  # after another Ctrl-C too
            for thing in self.left:
                reason = reasons.get(thing.what, "it was not tried")
                report(f"Not removed: {thing.what} ({reason}). Remove it with: {thing.by_hand}")

    def _make_bucket(self, bucket: str, actions: tuple[str, ...]) -> None:
        by_hand = f"aws s3 rb --force s3://{bucket}"
        self.left.append(Thing(f"the bucket {bucket}", lambda: self._remove_bucket(bucket), by_hand))
        region = self._s3.meta.region_name
        place: Any = (
            {"CreateBucketConfiguration": {"LocationConstraint": region}} if region != HOME_OF_S3 else {}
        )
        self._s3.create_bucket(Bucket=bucket, **place)
        tags: Any = [{"Key": key, "Value": value} for key, value in TAGS.items()]
        self._s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
        self._s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(self._policy(bucket, actions)))

    def _policy(self, bucket: str, actions: tuple[str, ...]) -> dict[str, Any]:
        arn = f"arn:{self._s3.meta.partition}:s3:::{bucket}"
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "appflow.amazonaws.com"},
            "Action": list(actions),
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"StringEquals": {"aws:SourceAccount": self._account}},
        }
        return {"Version": "2012-10-17", "Statement": [statement]}

    def _make_flow(self) -> None:
        by_hand = f"aws appflow delete-flow --force-delete --flow-name {self.name}"
        self.left.append(Thing(f"the flow {self.name}", self._remove_flow, by_hand))
        self._create_flow()

    def _create_flow(self) -> None:
        for left in reversed(range(CREATION_ATTEMPTS)):
            try:
                self.appflow.create_flow(**self.request(), tags=TAGS)
            except ClientError as error:
                if not left or code_of(error) not in _NOT_READY:
                    raise
                self.wait(CREATION_PAUSE)
            else:
                return

    def _rest(self) -> None:
        if self.describe()["flowStatus"] == "Active":
            self.suspend()

    def _wait_until(self, settled: Callable[[str], bool]) -> None:
        for _ in range(STATUS_CHECKS):
            status = self.describe()["flowStatus"]
            if settled(status):
                return
            self.wait(STATUS_PAUSE)
        raise UnsettledError(f"the flow is still {status} after {STATUS_CHECKS * STATUS_PAUSE:.0f} s")

    def _reason_to_stay(self, thing: Thing) -> str | None:
        """Remove the thing; why it could not be, if so."""
        reason = None
        for attempt in range(REMOVAL_ATTEMPTS):
            if attempt:
                self.wait(REMOVAL_PAUSE)
            try:
                thing.remove()
            except Exception as error:  # noqa: BLE001 - whatever it is, the rest has to go
                if code_of(error) in _GONE:
                    return None
                reason = str(error)
            else:
                return None
        return reason

    def _remove_flow(self) -> None:
        self.appflow.delete_flow(flowName=self.name, forceDelete=True)

    def _remove_bucket(self, bucket: str) -> None:
        for page in self._s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                self._s3.delete_object(Bucket=bucket, Key=entry["Key"], VersionId=entry["VersionId"])
        self._s3.delete_bucket(Bucket=bucket)


@contextmanager
def laboratory(
    clients: Clients,
    account: str,
    *,
    wait: Callable[[float], object],
    now: int,
    report: Callable[[str], object],
) -> Iterator[Laboratory]:
    """A laboratory that is closed after any exception and after Ctrl-C; ``report`` gets what could not be removed.

    Raises botocore's errors when it cannot be made.
    """
    made = Laboratory(clients, account, wait, now)
    try:
        made.open()
        yield made
    finally:
        made.close(report)
