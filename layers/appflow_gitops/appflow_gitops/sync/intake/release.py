"""Release held changes: queue them again once their flow may be changed."""

from collections.abc import Callable

from appflow_gitops.service import service
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.errors import unexpected_as_transient
from appflow_gitops.sync.held import (
    HeldChange,
    HeldChanges,
    ReleaseCheck,
    ReleaseTimer,
    check_all,
    delay_until,
    hold_of,
)
from appflow_gitops.sync.ports import ChangeQueue
from appflow_gitops.sync.stored_environment import EnvironmentReader

UNTIL_NEXT_SCAN = 3900.0
"""Seconds in which the next hourly scan checks again, and replaces a timer that was lost."""


@service
class Releaser:
    """Releases held changes. ``environment`` reads the current environment, ``clock`` returns epoch seconds."""

    changes: HeldChanges
    timer: ReleaseTimer
    queue: ChangeQueue
    environment: EnvironmentReader
    clock: Callable[[], float]

    def release(self, check: ReleaseCheck) -> tuple[Change, ...]:
        """Queue the changes of a flow that may be applied now, in their order, and check the others later.

        Each is removed after it is queued: a crash in between queues it twice, which does no harm. In a broken
        environment all wait, because apply would reject them.

        Raises ``TransientError``, and nothing else, when the check must be repeated.
        """
        with unexpected_as_transient():
            held = self.changes.of_flow(check.releaseFlow)
            if not held:
                return ()
            environment, now = self.environment(), self.clock()
            holds = [hold_of(each.change, environment, now) for each in held]
            if environment.is_broken:
                free, waiting, until = [], list(held), None
            else:
                free = [each for each, hold in zip(held, holds, strict=True) if hold is None]
                waiting = [each for each in held if each not in free]
                until = min((hold.until for hold in holds if hold and hold.until is not None), default=None)
            self.queue.send([each.released for each in free])
            for each in free:
                self.changes.remove(each)
            if waiting:
                self._check_again(check, held[-1], waiting[-1], until, now)
            return tuple(each.released for each in free)

    def check_all(self) -> None:
        """Check the held changes of all flows at once. Raises ``SyncError``."""
        check_all(self.changes, self.timer)

    def _check_again(
        self, check: ReleaseCheck, newest: HeldChange, waiting: HeldChange, until: float | None, now: float
    ) -> None:
        """Go on with the timer of the flow. A single check waits for an opening before the next scan only.

        The change that the timer was set for may have been discarded: the timer then goes on for those before it.
        """
        delay = delay_until(until, now)
        if check.sequence is not None and int(check.sequence) >= int(newest.sequence):
            self.timer.schedule([ReleaseCheck.timer_of(waiting)], delay)
        elif check.sequence is None and until is not None and until - now <= UNTIL_NEXT_SCAN:
            self.timer.schedule([check], delay)
