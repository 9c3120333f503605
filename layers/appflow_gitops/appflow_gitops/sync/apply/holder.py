"""Keep a change that has to wait, and set the timer that releases it."""

from collections.abc import Callable

from appflow_gitops.service import service
from appflow_gitops.sync.change import timestamp
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.errors import PermanentError, TransientError
from appflow_gitops.sync.held import HeldChange, HeldChanges, ReleaseCheck, ReleaseTimer, delay_until
from appflow_gitops.sync.outcome import ChangeResult

FIRST_CHECK = 5
"""Seconds until the first check: a policy that changed while the change was being stored did not release it."""


@service
class Holder:
    """Keeps changes. ``clock`` returns epoch seconds."""

    changes: HeldChanges
    timer: ReleaseTimer
    clock: Callable[[], float]

    def keep(self, delivery: Delivery, result: ChangeResult) -> None:
        """Store the change, then set its timer. Repeating both after a crash does no harm.

        Raises ``TransientError`` whenever that fails, even for a permanent reason: the change must not be lost.
        """
        now, until = self.clock(), result.held_until
        held = HeldChange(
            change=delivery.change,
            sequence=delivery.sequence,
            heldAt=timestamp(now),
            reason=result.reason or "",
            heldUntil=None if until is None else timestamp(until),
        )
        try:
            self.changes.keep(held)
            self.timer.schedule([ReleaseCheck.timer_of(held)], delay_until(until, now, FIRST_CHECK))
        except PermanentError as error:
            raise TransientError(error.code, f"not held: {error.message}") from error
