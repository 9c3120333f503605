"""Attempts: how often a change is tried, how long it waits in between, and what happens after the last.

The apply handler gives every record to ``Attempts.take``. SQS counts the deliveries: the first ``limit`` of them try;
one more only reports, so that a crash or a time-out in the last attempt is told too; then SQS moves the message to
the dead letters (template.yaml holds ``maxReceiveCount`` to ``limit`` + 1).
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache

from appflow_gitops.status.events import StatusEvent
from appflow_gitops.sync.apply.applier import Applier
from appflow_gitops.sync.apply.delivery import Delivery
from appflow_gitops.sync.errors import (
    RETRIES_EXHAUSTED,
    SyncError,
    TransientError,
    surprises_as_transient,
)
from appflow_gitops.sync.ports import ChangeQueue

FIRST_WAIT = 5
LONGEST_WAIT = 300
TIME_FOR_ONE_CHANGE = 60.0
"""Seconds that must be left of an invocation to begin another change: a few AppFlow calls with their retries."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Takes deliveries one at a time; ``limit`` is how many deliveries of a message try it."""

    applier: Applier
    queue: ChangeQueue
    limit: int

    def for_batch(self) -> "Attempts":
        """The same for one batch: the stage is read once for all that is taken."""
        return replace(self, applier=replace(self.applier, environment=cache(self.applier.environment)))

    def take(self, delivery: Delivery, receipt: str, remaining: Callable[[], float]) -> StatusEvent:
        """Carry out one delivery; ``remaining`` tells the seconds left of the invocation.

        Raises ``TransientError``, and nothing else, when the message has to come back; it is then postponed already,
        by a few seconds and not by the queue's whole visibility timeout, so that its group is not held up.
        """
        with surprises_as_transient():
            if delivery.attempt > self.limit:
                self.applier.give_up(delivery)
                raise TransientError(RETRIES_EXHAUSTED, "Reported; the message goes to the dead letters.")
            if remaining() < TIME_FOR_ONE_CHANGE:
                self._postpone(receipt, 0)
                raise TransientError("OutOfTime", "Not begun: too little is left of this invocation.")
            return self._tried(delivery, receipt)

    def _tried(self, delivery: Delivery, receipt: str) -> StatusEvent:
        try:
            with surprises_as_transient():
                return self.applier.apply(delivery)
        except TransientError as error:
            self._postpone(receipt, wait(delivery))
            if delivery.attempt == self.limit:
                self.applier.fail(delivery, error)
            raise

    def _postpone(self, receipt: str, seconds: int) -> None:
        """A courtesy to the other changes of the flow: without it, the queue's own timeout brings the message back."""
        with suppress(SyncError):
            self.queue.postpone(receipt, seconds)


def wait(delivery: Delivery) -> int:
    """Seconds until the next attempt: doubling from ``FIRST_WAIT`` to ``LONGEST_WAIT``.

    Spread over half to all of that by the change's id, so that a fleet that failed together does not return together
    and a test needs no dice.
    """
    longest = min(FIRST_WAIT << (delivery.attempt - 1), LONGEST_WAIT)
    spread = int(delivery.change.id[:4], 16) / 0xFFFF
    return round(longest * (0.5 + 0.5 * spread))
