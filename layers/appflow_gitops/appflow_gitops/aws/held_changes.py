"""Held changes: the port ``HeldChanges`` with one object each in the documents bucket, ``ReleaseTimer`` with SQS."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from appflow_gitops.aws.errors import translated
from appflow_gitops.aws.state_object import S3StateObject
from appflow_gitops.service import service
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.held import HELD_PREFIX, HeldChange, ReleaseCheck, held_folder

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

BATCH_ENTRIES = 10
"""SQS's limit for the entries of one call."""


@service
class S3HeldChanges:
    """The objects under ``HELD_PREFIX`` of one bucket."""

    client: "S3Client"
    bucket: str

    def keep(self, held: HeldChange) -> None:
        """Store it; one that is stored already is replaced by the same."""
        self._object(held.key).write(held.model_dump_json(exclude_none=True).encode())

    def flows(self) -> list[str]:
        """The names of the flows with held changes."""
        with translated():
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=HELD_PREFIX, Delimiter="/"
            )
            folders = [folder["Prefix"] for page in pages for folder in page.get("CommonPrefixes", [])]
        return [folder.removeprefix(HELD_PREFIX).rstrip("/") for folder in folders]

    def of_flow(self, flow_name: str) -> list[HeldChange]:
        """The held changes of a flow, oldest first: S3 lists keys in order."""
        with translated():
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=held_folder(flow_name)
            )
            keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        return [held for key in keys if (held := self._object(key).read_as(HeldChange))]

    def remove(self, held: HeldChange) -> None:
        """Remove it; it may have been removed before."""
        self._object(held.key).delete()

    def _object(self, key: str) -> S3StateObject:
        return S3StateObject(self.client, self.bucket, key)


@service
class SqsReleaseTimer:
    """Sends checks to one standard queue, whose messages may be delayed."""

    client: "SQSClient"
    url: str

    def schedule(self, checks: Sequence[ReleaseCheck], delay: int) -> None:
        """Deliver the checks after ``delay`` seconds."""
        for first in range(0, len(checks), BATCH_ENTRIES):
            batch = checks[first : first + BATCH_ENTRIES]
            with translated():
                answer = self.client.send_message_batch(
                    QueueUrl=self.url,
                    Entries=[
                        {
                            "Id": str(number),
                            "MessageBody": check.model_dump_json(exclude_none=True),
                            "DelaySeconds": delay,
                        }
                        for number, check in enumerate(batch)
                    ],
                )
            if refused := answer.get("Failed"):
                raise TransientError(refused[0]["Code"], refused[0].get("Message", "SQS refused a message"))
