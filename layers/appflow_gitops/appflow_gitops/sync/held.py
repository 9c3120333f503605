"""Held changes: changes that wait because their flow is paused, or because its window is closed.

``apply`` holds a change: it stores it as an object in the documents bucket and removes the message, which would block
the flow. ``intake`` releases it: it queues the change again. A timer message, which is repeated until then, invokes it
(``ReleaseCheck``); so does every change of the policy or the pauses, and a drift scan in case a timer was lost.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, Self

from appflow_gitops.origin import Wire
from appflow_gitops.sync.change import Change
from appflow_gitops.validation.environment import Environment

if TYPE_CHECKING:
    from appflow_gitops.validation.policy.hold import Hold

HELD_PREFIX = "held/"
"""The folder of held changes, outside of flows/, where documents are. It has one folder for each flow."""


class HeldChange(Wire):
    """A change that waits. ``sequence`` is the sequence number of its message, ``heldUntil`` when it may be applied."""

    change: Change
    sequence: str
    heldAt: str
    reason: str
    heldUntil: str | None = None

    @property
    def key(self) -> str:
        """The key of its object. Keys of one flow sort by the order of their messages.

        A change that is held once more has another key: it may be stored before the object of the first time is
        removed.
        """
        return f"{held_folder(self.change.flowName)}{self.sequence.zfill(20)}-{self.change.id}"

    @property
    def released(self) -> Change:
        """The change to queue."""
        return self.change.model_copy(update={"released": self.sequence})


class ReleaseCheck(Wire):
    """The message that invokes intake to release what waits for one flow.

    ``sequence`` is that of the change whose timer this is. Only the timer of the newest held change goes on, so that a
    flow has one timer, however many of its changes wait. ``None``: a check that is not repeated.
    """

    releaseFlow: str
    sequence: str | None = None

    @classmethod
    def timer_of(cls, held: HeldChange) -> Self:
        """The timer of a held change."""
        return cls(releaseFlow=held.change.flowName, sequence=held.sequence)


def held_folder(flow_name: str) -> str:
    """The folder of the changes of a flow that wait."""
    return f"{HELD_PREFIX}{flow_name}/"


class HeldChanges(Protocol):
    """Where changes wait. Methods raise ``SyncError``."""

    def keep(self, held: HeldChange) -> None:
        """Store it; one that is stored already is not stored twice."""
        ...

    def flows(self) -> Sequence[str]:
        """The names of the flows with held changes."""
        ...

    def of_flow(self, flow_name: str) -> Sequence[HeldChange]:
        """The held changes of a flow, oldest first."""
        ...

    def remove(self, held: HeldChange) -> None:
        """Remove it; it may have been removed before."""
        ...


class ReleaseTimer(Protocol):
    """The queue that delivers checks to intake."""

    def schedule(self, checks: Sequence[ReleaseCheck], delay: int) -> None:
        """Deliver the checks after ``delay`` seconds, at most ``LONGEST_DELAY``. Raises ``SyncError``."""
        ...


LONGEST_DELAY = 900
"""SQS's limit for the delay of a message, in seconds."""


def check_all(changes: HeldChanges, timer: ReleaseTimer) -> Sequence[str]:
    """Check the held changes of all flows at once; the names of the flows. Raises ``SyncError``."""
    flows = changes.flows()
    if flows:
        timer.schedule([ReleaseCheck(releaseFlow=name) for name in flows], 0)
    return flows


def hold_of(change: Change, environment: Environment, now: float) -> "Hold | None":
    """Why the change has to wait at ``now`` (epoch seconds); ``None`` if it may be applied.

    A repair is not from the actor who changed the document.
    """
    actor = None if change.is_repair else change.provenance.actor
    return environment.hold(change.flowName, actor, now)


def delay_until(until: float | None, now: float, longest: int = LONGEST_DELAY) -> int:
    """The seconds until a check at ``until``, at most ``longest``.

    A second more than necessary: the clock of ``apply`` may be behind.
    """
    return longest if until is None else max(1, min(longest, int(until - now) + 2))
