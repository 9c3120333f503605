"""SQS's answers to a batch: what counts as queued, and what is retried."""

from typing import Any, cast

import pytest

from appflow_gitops.aws.queue import BATCH_BYTES, BATCH_ENTRIES, SqsChanges, SqsFailedChanges, batches
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.errors import PermanentError, SyncError, TransientError

OURS = {"Id": "0", "Code": "InvalidMessageContents", "Message": "Bad character.", "SenderFault": True}
THEIRS = {"Id": "1", "Code": "InternalError", "Message": "Try later.", "SenderFault": False}
QUEUED = {"Id": "0"}


class StubSqs:
    """Gives one answer."""

    def __init__(self, **answer: Any) -> None:
        self.answer = answer

    def send_message_batch(self, QueueUrl: str, Entries: list[Any]) -> dict[str, Any]:  # noqa: ARG002, N803
        return self.answer


def send(**answer: Any) -> None:
    changes = [
        Change(identity=str(number), flowName="orders", correlationId="1", requestedAt="2026-01-15T12:00:00Z")
        for number in range(2)
    ]
    SqsChanges(cast("Any", StubSqs(**answer)), "url").send(changes)


@pytest.mark.parametrize(
    ("failed", "family"),
    [
        ([OURS, OURS], PermanentError),
        ([OURS, THEIRS], TransientError),
        ([THEIRS], TransientError),
    ],
    ids=["all refused", "one refused, one failed", "one failed"],
)
def test_p8_entries_that_sqs_does_not_queue_are_an_error(
    failed: list[dict[str, Any]], family: type[SyncError]
) -> None:
    with pytest.raises(family):
        send(Successful=[QUEUED, QUEUED][len(failed) :], Failed=failed)


def test_an_answer_that_leaves_out_an_entry_is_transient() -> None:
    with pytest.raises(TransientError, match="MalformedAnswer"):
        send(Successful=[QUEUED])


def test_entries_that_sqs_confirms_are_queued() -> None:
    send(Successful=[QUEUED, QUEUED])


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([], []),
        ([1] * (BATCH_ENTRIES + 1), [BATCH_ENTRIES, 1]),
        ([BATCH_BYTES - 1, 1], [2]),
        ([BATCH_BYTES - 1, 2], [1, 1]),
        ([BATCH_BYTES, 1, 1], [1, 2]),
    ],
    ids=["none", "one too many", "exactly the limit", "one byte too many", "a full one first"],
)
def test_a_batch_keeps_the_limits_of_sqs(lengths: list[int], expected: list[int]) -> None:
    change = Change(identity="1", flowName="orders", correlationId="1", requestedAt="2026-01-15T12:00:00Z")
    made = list(batches([(change, "x" * length) for length in lengths]))
    assert [len(batch) for batch in made] == expected


SENT = "2026-01-15T12:00:00Z"
MOVED = {"SentTimestamp": "1768478400000", "DeadLetterQueueSourceArn": "arn:aws:sqs:us-east-1:1:changes.fifo"}
"""The attributes of a message that SQS moved to the dead letters at ``SENT``."""


class StubDeadLetters:
    """Returns one message, once."""

    def __init__(self, body: str, attributes: dict[str, str]) -> None:
        self.messages = [{"Body": body, "Attributes": attributes, "ReceiptHandle": "receipt"}]

    def receive_message(
        self,
        MessageSystemAttributeNames: list[str],  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        messages, self.messages = self.messages, []
        for message in messages:
            attributes = message["Attributes"]
            message["Attributes"] = {
                name: attributes[name] for name in MessageSystemAttributeNames if name in attributes
            }
        return {"Messages": messages}


@pytest.mark.parametrize(
    ("earlier", "attributes", "expected"),
    [
        ({}, MOVED, ("2026-01-15T12:00:00.000Z", 1)),
        ({"failedAt": "2026-01-15T08:00:00Z", "failures": 3}, MOVED, ("2026-01-15T12:00:00.000Z", 4)),
        (
            {"failedAt": "2026-01-15T08:00:00Z", "failures": 3},
            {"SentTimestamp": MOVED["SentTimestamp"]},
            ("2026-01-15T08:00:00Z", 3),
        ),
    ],
    ids=["moved by SQS", "moved by SQS after a redrive", "sent by apply"],
)
def test_a_dead_letter_that_sqs_moved_itself_counts_as_a_failure_of_then(
    earlier: dict[str, Any], attributes: dict[str, str], expected: tuple[str, int]
) -> None:
    change = Change(identity="1", flowName="orders", correlationId="1", requestedAt=SENT, **earlier)
    client = StubDeadLetters(change.model_dump_json(exclude_none=True), attributes)
    [(failed, receipt)] = SqsFailedChanges(cast("Any", client), "url").failed()
    assert (failed.failedAt, failed.failures, receipt) == (*expected, "receipt")
