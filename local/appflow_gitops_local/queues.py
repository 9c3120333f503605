"""The queues of the local cloud, read in this process rather than over HTTP.

``delivery`` reads and writes through ``Queues``; ``server`` shares what moto needs help with.
"""

import itertools
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import Message as MotoMessage
from moto.sqs.models import Queue, SQSBackend, sqs_backends

from appflow_gitops_local.envelopes import Message

PULSE_SECONDS = 0.05
"""How often a waiting reader looks at a queue without being woken: messages turn visible without an event."""


def release_expired(queue: Queue) -> None:
    """Let messages whose visibility timeout is over hold up their group no longer.

    moto does this while it hands messages out, one by one, and can then give a group's second message before its
    first.
    """
    for message in [message for message in queue.pending_messages if message.visible]:
        queue.pending_messages.discard(message)


@contextmanager
def quick_retention() -> Iterator[None]:
    """Let moto read the retention of a queue alone: it counts all messages for each one that it hands out."""

    def is_retained(backend: SQSBackend, queue_name: str, message: MotoMessage) -> bool:
        queue: Any = backend.get_queue(queue_name)  # moto sets its attributes dynamically
        retained_until: float = queue.message_retention_period + (message.sent_timestamp or 0) / 1000
        return retained_until > time.time()

    with patch.object(SQSBackend, "is_message_valid_based_on_retention_period", is_retained):
        yield


def redrive(region: str, source_arn: str, destination_arn: str | None) -> int:
    """Move the messages of a dead-letter queue back to its source, as StartMessageMoveTask does; return their number.

    Raises LookupError when a queue is missing, or the source is not a dead-letter queue.
    """
    backend = sqs_backends[DEFAULT_ACCOUNT_ID][region]
    arns = {queue.queue_arn: name for name, queue in backend.queues.items()}
    source = arns[source_arn]
    origins = [queue.queue_arn for queue in backend.list_dead_letter_source_queues(source)]
    if not origins:
        raise LookupError(source_arn)
    destination = arns[destination_arn or origins[0]]
    moved = 0
    while messages := backend.receive_message(source, 10, 0, 30, ["All"]):
        for message in messages:
            backend.send_message(
                destination,
                message.body,
                message_attributes=message.message_attributes,
                deduplication_id=message.deduplication_id,
                group_id=message.group_id,
            )
            backend.delete_message(source, message.receipt_handle or "")
        moved += len(messages)
    return moved


class Queues:
    """moto's SQS of one region. Queues go by their names; ``state`` is the server's lock."""

    def __init__(self, state: threading.Condition, region: str) -> None:
        self._state = state
        self._backend: SQSBackend = sqs_backends[DEFAULT_ACCOUNT_ID][region]
        self._sequence = itertools.count(1)
        self._sequences: dict[str, str] = {}

    def _sequence_number(self, message: MotoMessage) -> str | None:
        """The message's place in its queue: moto's own numbers are random, SQS's grow.

        Given when a message is first seen. Within a group that is in the order of sending.
        """
        if message.sequence_number is None:
            return None
        if message.id not in self._sequences:
            self._sequences[message.id] = f"{next(self._sequence):020}"
        return self._sequences[message.id]

    def receive(
        self, queue: str, limit: int, *, wait: float, visibility: int | None = None
    ) -> tuple[Message, ...]:
        """Up to ``limit`` messages, waiting for the first up to ``wait`` seconds; none when the queue is
        gone.

        They are hidden for ``visibility`` seconds, the queue's own when None.
        """
        deadline = time.monotonic() + wait
        with self._state:
            while True:
                received = self._receive(queue, limit, visibility)
                left = deadline - time.monotonic()
                if received or left <= 0:
                    return received
                self._state.wait(min(left, PULSE_SECONDS))

    def _receive(self, queue: str, limit: int, visibility: int | None) -> tuple[Message, ...]:
        known = self._backend.queues.get(queue)
        if known is None:
            return ()
        release_expired(known)
        # moto sets it dynamically; ``known.attributes`` counts all messages.
        seconds = known.visibility_timeout if visibility is None else visibility  # type: ignore[attr-defined]
        received = self._backend.receive_message(queue, limit, 0, seconds, ["All"])
        return tuple(_message(message, self._sequence_number(message)) for message in received)

    def delete(self, queue: str, messages: Collection[Message]) -> None:
        """Take messages out of the queue; those that were taken out meanwhile do not matter."""
        with self._state:
            self._backend.delete_message_batch(
                queue,
                [{"Id": message.message_id, "ReceiptHandle": message.receipt_handle} for message in messages],
            )
            for message in messages:
                self._sequences.pop(message.message_id, None)
            self._state.notify_all()

    def hide(self, queue: str, message: Message, seconds: int) -> None:
        """Make a received message visible again after ``seconds``."""
        with self._state:
            self._backend.change_message_visibility(queue, message.receipt_handle, seconds)

    def send(self, queue: str, body: str, attributes: dict[str, Any] | None = None) -> None:
        """Put a message into a standard queue, with the message attributes given."""
        with self._state:
            self._backend.send_message(queue, body, message_attributes=attributes)
            self._state.notify_all()


def _message(message: MotoMessage, sequence_number: str | None) -> Message:
    attributes: dict[str, object] = {
        "ApproximateReceiveCount": message.approximate_receive_count,
        "SentTimestamp": message.sent_timestamp,
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": message.approximate_first_receive_timestamp,
        "SequenceNumber": sequence_number,
        "MessageGroupId": message.group_id,
        "MessageDeduplicationId": message.deduplication_id,
        "AWSTraceHeader": message.system_attributes.get("AWSTraceHeader", {}).get("StringValue"),
    }
    return Message(
        message_id=message.id,
        receipt_handle=message.receipt_handle or "",
        body=message.body,
        attributes={name: str(value) for name, value in attributes.items() if value is not None},
        message_attributes=message.message_attributes,
    )
