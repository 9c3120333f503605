"""Attempts: how often a change is tried, how long it waits in between, and what happens after the last attempt.

SQS counts the deliveries of a message. The first ``limit`` deliveries try the change. One more only reports, so that a
crash or a time-out in the last attempt is reported too; then SQS moves the message to the dead-letter queue
(template.yaml sets ``maxReceiveCount`` to ``limit`` + 1).
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache

from appflow_gitops.sync.apply.applier import Applier
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.errors import (
    RETRIES_EXHAUSTED,
    SyncError,
    TransientError,
    unexpected_as_transient,
)
from appflow_gitops.sync.outcome import OutcomeReport
from appflow_gitops.sync.ports import ChangeQueue

FIRST_WAIT = 5
LONGEST_WAIT = 300
TIME_FOR_ONE_CHANGE = 60.0
"""Seconds that an invocation must have left to start another change: a few AppFlow calls with their retries."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Handles deliveries one at a time; ``limit`` is the number of deliveries of a message that try it."""

    applier: Applier
    queue: ChangeQueue
    limit: int

    def for_batch(self) -> "Attempts":
        """The same for one batch: the environment is read once for all its deliveries."""
        return replace(self, applier=replace(self.applier, environment=cache(self.applier.environment)))

    def handle(self, delivery: Delivery, receipt: str, remaining: Callable[[], float]) -> OutcomeReport:
        """Carry out one delivery; ``remaining`` returns the seconds left of the invocation.

        Raises ``TransientError``, and nothing else, when the message must be retried. It is postponed already, by
        seconds instead of the queue's whole visibility timeout, so that it does not hold up its group.
        """
        with unexpected_as_transient():
            if delivery.attempt > self.limit:
                self.applier.report_exhausted(delivery)
                raise TransientError(
                    RETRIES_EXHAUSTED, "reported; the message moves to the dead-letter queue"
                )
            if remaining() < TIME_FOR_ONE_CHANGE:
                self._postpone(receipt, 0)
                raise TransientError("OutOfTime", "not started: not enough time left in this invocation")
            return self._attempted(delivery, receipt)

    def _attempted(self, delivery: Delivery, receipt: str) -> OutcomeReport:
        try:
            with unexpected_as_transient():
                return self.applier.apply(delivery)
        except TransientError as error:
            self._postpone(receipt, backoff(delivery))
            if delivery.attempt == self.limit:
                self.applier.report_exhausted(delivery, error)
            raise

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
