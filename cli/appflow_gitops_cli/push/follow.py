"""Following what was sent: which status events are due, which have come, and how long to look for them.

Nothing here calls AWS, sleeps or reads a clock by itself: ``command`` brings the log and the time along, and ``watch``
shows what was heard.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from appflow_gitops.aws.status_log import LoggedEvent
from appflow_gitops.status.events import StatusEvent
from appflow_gitops.sync.change import change_id
from appflow_gitops_cli.push.folder import LocalDocument

POLL = 2.0
"""Seconds between two looks."""
SKEW = 300.0
"""Seconds that this machine's clock may be ahead of AWS's. Looking too far back does no harm: ids are unique."""
OVERLAP = 120.0
"""Seconds before the newest event seen from where the next look starts, for those that were logged late."""
LOOKS_TO_A_FULL_ONE = 15
"""Every so many looks everything is read again, for events that came later still."""


class StatusLog(Protocol):
    """Where status events are kept."""

    def since(self, start: float) -> Iterator[LoggedEvent]:
        """Those logged with a time from ``start`` on (epoch seconds), in no order."""
        ...


@dataclass(frozen=True, slots=True)
class Awaited:
    """A document that was sent. ``identity`` is that of the event that brings it to intake, a drop or a request."""

    document: LocalDocument
    identity: str

    @property
    def whole(self) -> str:
        """The id of the status event that ends all of it: what is invalid, or gone, ends as a whole."""
        return change_id(self.identity, None)

    @property
    def of_flows(self) -> tuple[str, ...]:
        """The ids of the status events that end it flow by flow."""
        return tuple(change_id(self.identity, flow) for flow in self.document.flows)


@dataclass(slots=True)
class Following:
    """What is awaited, and what has been told about it, by id. Of events with one id the first counts."""

    awaited: Sequence[Awaited]
    told: dict[str, StatusEvent] = field(default_factory=dict)

    def hear(self, events: Iterable[StatusEvent]) -> list[StatusEvent]:
        """Take in what the log has; the events that are about what is awaited and were not known yet."""
        due = {id_ for awaited in self.awaited for id_ in (awaited.whole, *awaited.of_flows)}
        heard = []
        for event in events:
            if event.metadata.id in due and event.metadata.id not in self.told:
                self.told[event.metadata.id] = event
                heard.append(event)
        return heard

    def events_of(self, awaited: Awaited) -> tuple[StatusEvent, ...]:
        """What was told about one document."""
        return tuple(self.told[id_] for id_ in (awaited.whole, *awaited.of_flows) if id_ in self.told)

    def is_settled(self, awaited: Awaited) -> bool:
        """Whether nothing more is due: it ended as a whole, or every flow did."""
        if awaited.whole in self.told:
            return True
        return bool(awaited.of_flows) and all(id_ in self.told for id_ in awaited.of_flows)

    @property
    def open(self) -> list[Awaited]:
        """What is still awaited."""
        return [awaited for awaited in self.awaited if not self.is_settled(awaited)]


@dataclass(slots=True)
class Tail:
    """The end of the log from ``begin`` on (epoch seconds), looked at again and again."""

    log: StatusLog
    begin: float
    newest: float = 0.0
    looks: int = 0

    def look(self) -> list[StatusEvent]:
        """What may be new; much of it was seen before. Raises ``SyncError``."""
        is_full = self.looks % LOOKS_TO_A_FULL_ONE == 0
        self.looks += 1
        start = self.begin if is_full else max(self.begin, self.newest - OVERLAP)
        logged = list(self.log.since(start))
        self.newest = max([self.newest, *(entry.at for entry in logged)])
        return [entry.event for entry in logged]


def follow(  # noqa: PLR0913 - whom, where, how long, by which clock, and whom to tell
    following: Following,
    look: Callable[[], Iterable[StatusEvent]],
    *,
    timeout: float,
    clock: Callable[[], float],
    wait: Callable[[float], None],
    tell: Callable[[list[StatusEvent]], None],
) -> None:
    """Look until everything is settled, or ``timeout`` seconds have passed by ``clock``; ``wait`` sleeps.

    Raises whatever ``look`` raises.
    """
    deadline = clock() + timeout
    while following.open:
        tell(following.hear(look()))
        left = deadline - clock()
        if left <= 0:
            return
        if following.open:
            wait(min(POLL, left))
