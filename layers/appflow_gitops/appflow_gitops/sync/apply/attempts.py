"""Attempts: how often a change is tried, how long it waits in between, and what happens after the last attempt.

SQS counts the deliveries of a message. Each has an invocation of its own (``BatchSize`` is 1), so each is an attempt.
When the last of them fails, the message moves to the dead-letter queue at once and the cause is reported. A last
attempt that is killed cannot do that: the next delivery does, without another attempt.
"""

from collections.abc import Callable
from contextlib import suppress

from appflow_gitops.service import service
from appflow_gitops.sync.apply.applier import Applier
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.errors import SyncError, TransientError, unexpected_as_transient
from appflow_gitops.sync.outcome import OutcomeReport
from appflow_gitops.sync.ports import ChangeQueue, DeadLetter, DeadLetters

FIRST_WAIT = 5
LONGEST_WAIT = 300


@service
class Attempts:
    """Handles deliveries; ``limit`` is the number of deliveries of a message that try it, ``clock`` epoch seconds."""

    applier: Applier
    queue: ChangeQueue
    dead_letters: DeadLetters
    clock: Callable[[], float]
    limit: int

    def handle(self, delivery: Delivery, receipt: str) -> OutcomeReport:
        """Carry out one delivery and return what was reported.

        Raises ``TransientError``, and nothing else, when the message must be retried. It is postponed already, by
        seconds instead of the queue's whole visibility timeout, so that it does not hold up its group.
        """
        with unexpected_as_transient():
            if delivery.attempt > self.limit:
                error = TransientError("NoAnswer", "the last attempt ended without an answer")
                return self._exhausted(delivery, receipt, error)
            try:
                with unexpected_as_transient():
                    return self.applier.apply(delivery)
            except TransientError as error:
                if delivery.attempt == self.limit:
                    return self._exhausted(delivery, receipt, error)
                self._postpone(receipt, backoff(delivery))
                raise

    def discard(self, letter: DeadLetter, receipt: str) -> None:
        """Move an invalid message to the dead-letter queue: retrying would not help."""
        with unexpected_as_transient():
            self._keep(letter, receipt)

    def _exhausted(self, delivery: Delivery, receipt: str, error: TransientError) -> OutcomeReport:
        """Move the message to the dead-letter queue and report the cause.

        The message is kept first: the report says where it is, and a repeated delivery does not replace the cause. If
        it cannot be kept, the queue's redrive policy does so after the next delivery.
        """
        try:
            self._keep(self._letter(delivery), receipt)
        except SyncError:
            self.applier.report_exhausted(delivery, error)
            raise
        try:
            return self.applier.report_exhausted(delivery, error)
        except SyncError:
            self._postpone(receipt, backoff(delivery))
            raise

    def _letter(self, delivery: Delivery) -> DeadLetter:
        """The message as it was, with the time and the number of its failures.

        Its id has the sequence number, because a change that is redriven and fails again within SQS's five minutes is a
        new letter.
        """
        change = delivery.change
        body = change.failed(self.clock()).model_dump_json(exclude_none=True)
        return DeadLetter(body, change.group, f"{change.id}.{delivery.sequence}")

    def _keep(self, letter: DeadLetter, receipt: str) -> None:
        try:
            self.dead_letters.keep(letter)
        except SyncError as error:
            self._postpone(receipt, LONGEST_WAIT)
            raise TransientError(
                error.code, f"not moved to the dead-letter queue: {error.message}"
            ) from error

    def _postpone(self, receipt: str, seconds: int) -> None:
        """A failure is harmless: the message returns after the queue's visibility timeout instead."""
        with suppress(SyncError):
            self.queue.postpone(receipt, seconds)


def backoff(delivery: Delivery) -> int:
    """Seconds until the next attempt: doubling from ``FIRST_WAIT`` to ``LONGEST_WAIT``.

    With a jitter of up to half of that, so that a fleet that failed together does not return together. It is derived
    from the change's id, which makes it deterministic.
    """
    longest = min(FIRST_WAIT << (delivery.attempt - 1), LONGEST_WAIT)
    jitter = int(delivery.change.id[:4], 16) / 0xFFFF
    return round(longest * (0.5 + 0.5 * jitter))
