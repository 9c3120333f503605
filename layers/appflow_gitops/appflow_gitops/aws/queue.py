"""The FIFO queue between intake and apply, and its dead letters: ``ChangeQueue`` and ``DeadLetters`` with boto3."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from appflow_gitops.aws.errors import translated
from appflow_gitops.service import service
from appflow_gitops.sync.change import MESSAGE_BYTES, Change
from appflow_gitops.sync.errors import PermanentError, TransientError
from appflow_gitops.sync.ports import DeadLetter

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import (
        BatchResultErrorEntryTypeDef,
        MessageTypeDef,
        SendMessageBatchRequestEntryTypeDef,
    )

BATCH_ENTRIES = 10
BATCH_BYTES = MESSAGE_BYTES
"""SQS's limits for the entries of one call: their number, and the bytes of their bodies."""
READING_SECONDS = 300
"""How long a scan has for the dead letters that it has read: it does not read them twice."""
COUNTS: tuple[Literal["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"], ...] = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
)
"""Waiting messages, and messages in flight. The queue has no delay."""


@service
class SqsChanges:
    """Sends changes to one queue, postpones received messages, and checks whether the queue is empty."""

    client: "SQSClient"
    url: str

    def send(self, changes: Sequence[Change]) -> None:
        """Queue all of them; a change that was sent less than five minutes ago is not queued twice."""
        for batch in batches([(change, change.model_dump_json(exclude_none=True)) for change in changes]):
            with translated():
                answer = self.client.send_message_batch(
                    QueueUrl=self.url,
                    Entries=[_entry(number, change, body) for number, (change, body) in enumerate(batch)],
                )
            if refused := answer.get("Failed"):
                raise _as_error(refused)
            if len(answer.get("Successful", ())) < len(batch):
                raise TransientError("MalformedAnswer", "SQS does not confirm every message")

    def postpone(self, receipt: str, seconds: int) -> None:
        """Have a received message delivered again after ``seconds``."""
        with translated():
            self.client.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=seconds
            )

    def is_empty(self) -> bool:
        """Whether no change waits or is in flight. SQS's counts are approximate, and up to a minute old."""
        with translated():
            answer = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=[*COUNTS])
        counted = answer.get("Attributes", {})
        if not counted.keys() >= set(COUNTS):
            raise TransientError("MalformedAnswer", "SQS does not report the number of messages")
        return all(int(counted[name]) == 0 for name in COUNTS)


@service
class SqsDeadLetters:
    """Sends dead letters to one FIFO queue."""

    client: "SQSClient"
    url: str

    def keep(self, letter: DeadLetter) -> None:
        """Store a letter; one with the same id is not stored twice within five minutes."""
        with translated():
            self.client.send_message(
                QueueUrl=self.url,
                MessageBody=letter.body,
                MessageGroupId=letter.group,
                MessageDeduplicationId=letter.id,
            )


@service
class SqsFailedChanges:
    """Reads the dead letters of one FIFO queue. Those that are left there return when they are visible again."""

    client: "SQSClient"
    url: str

    def failed(self) -> Iterator[tuple[Change, str]]:
        """Every change whose attempts were exhausted, with the receipt of its message."""
        while True:
            with translated():
                answer = self.client.receive_message(
                    QueueUrl=self.url,
                    MaxNumberOfMessages=BATCH_ENTRIES,
                    VisibilityTimeout=READING_SECONDS,
                    MessageSystemAttributeNames=["SentTimestamp", "DeadLetterQueueSourceArn"],
                )
            messages = answer.get("Messages", [])
            if not messages:
                return
            for message in messages:
                with suppress(ValidationError):  # a message without a change is left to the operator
                    yield _failed_change(message), message["ReceiptHandle"]

    def remove(self, receipt: str) -> None:
        """Remove a message."""
        with translated():
            self.client.delete_message(QueueUrl=self.url, ReceiptHandle=receipt)


@service
class SqsFailedEvents:
    """Keeps the records of failed events in one standard queue."""

    client: "SQSClient"
    url: str

    def keep(self, body: str) -> None:
        """Add a message. Raises ``SyncError``."""
        with translated():
            self.client.send_message(QueueUrl=self.url, MessageBody=body)


def _failed_change(message: "MessageTypeDef") -> Change:
    """The change in a dead letter. Raises ``ValidationError`` for another body.

    If apply could not move the message itself, SQS has: the body is then that of the queue, without this failure. The
    time of a message in a FIFO queue is that of the move.
    """
    change = Change.model_validate_json(message["Body"])
    attributes = message["Attributes"]
    if change.failedAt and "DeadLetterQueueSourceArn" not in attributes:
        return change
    return change.failed(int(attributes["SentTimestamp"]) / 1000)


def batches(messages: Sequence[tuple[Change, str]]) -> Iterator[list[tuple[Change, str]]]:
    """The messages in their order, in as few batches as SQS allows."""
    batch: list[tuple[Change, str]] = []
    size = 0
    for change, body in messages:
        length = len(body.encode())
        if batch and (len(batch) == BATCH_ENTRIES or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((change, body))
        size += length
    if batch:
        yield batch


def _entry(number: int, change: Change, body: str) -> "SendMessageBatchRequestEntryTypeDef":
    return {
        "Id": str(number),
        "MessageBody": body,
        "MessageGroupId": change.group,
        "MessageDeduplicationId": change.deduplication_id,
    }


def _as_error(refused: Sequence["BatchResultErrorEntryTypeDef"]) -> PermanentError | TransientError:
    """The error for refused entries. Sending all of them again is harmless: each is queued once."""
    first = refused[0]
    family = PermanentError if all(entry["SenderFault"] for entry in refused) else TransientError
    return family(first["Code"], first.get("Message", "SQS refused a message"))
