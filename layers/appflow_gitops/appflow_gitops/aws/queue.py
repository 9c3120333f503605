"""The FIFO queue between intake and apply: the port ``ChangeQueue`` served with boto3."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from appflow_gitops.aws.errors import translated
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.errors import PermanentError, TransientError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import BatchResultErrorEntryTypeDef, SendMessageBatchRequestEntryTypeDef

BATCH_ENTRIES = 10
BATCH_BYTES = 256 * 1024
"""SQS takes at most so many entries, and so many bytes of bodies, in one call."""
COUNTS: tuple[Literal["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"], ...] = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
)
"""Messages that wait, and those that were received and not yet deleted. The queue delays none."""


@dataclass(frozen=True, slots=True)
class SqsChanges:
    """Sends changes to one queue, postpones what was received from it, and tells whether it is empty."""

    client: "SQSClient"
    url: str

    def send(self, changes: Sequence[Change]) -> None:
        """Queue all of them; a change that was sent within five minutes before is not queued twice."""
        for batch in batches([(change, change.model_dump_json(exclude_none=True)) for change in changes]):
            with translated():
                answer = self.client.send_message_batch(
                    QueueUrl=self.url,
                    Entries=[_entry(number, change, body) for number, (change, body) in enumerate(batch)],
                )
            if refused := answer.get("Failed"):
                raise _as_error(refused)
            if len(answer.get("Successful", ())) < len(batch):
                raise TransientError("MalformedAnswer", "SQS does not say that it took every message.")

    def postpone(self, receipt: str, seconds: int) -> None:
        """Have a message that was received delivered again after so many seconds."""
        with translated():
            self.client.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=seconds
            )

    def is_empty(self) -> bool:
        """Whether no change waits, is hidden or is being carried out. SQS counts approximately, and within a minute."""
        with translated():
            answer = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=[*COUNTS])
        counted = answer.get("Attributes", {})
        if not counted.keys() >= set(COUNTS):
            raise TransientError("MalformedAnswer", "SQS does not say how many messages there are.")
        return all(int(counted[name]) == 0 for name in COUNTS)


def batches(messages: Sequence[tuple[Change, str]]) -> Iterator[list[tuple[Change, str]]]:
    """The messages in their order, in as few batches as SQS takes."""
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
        "MessageDeduplicationId": change.id,
    }


def _as_error(refused: Sequence["BatchResultErrorEntryTypeDef"]) -> PermanentError | TransientError:
    """Entries that SQS refused: sending all of them again is harmless, since each is queued once."""
    first = refused[0]
    family = PermanentError if all(entry["SenderFault"] for entry in refused) else TransientError
    return family(first["Code"], first.get("Message", "SQS refused a message."))
