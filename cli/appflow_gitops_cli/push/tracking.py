"""Tracks what was sent: which status events are due, which have arrived, and when to stop waiting.

Nothing here calls AWS, sleeps or reads a clock: ``command`` passes the log and the clock in, ``live_view`` displays the
events.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from appflow_gitops.aws.status_log import LoggedEvent
from appflow_gitops.status.events import StatusEvent
from appflow_gitops.sync.change import change_id
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_cli.push.local_documents import LocalDocument

POLL_INTERVAL = 2.0
"""Seconds between two polls."""
SILENCE = 60.0
"""Seconds without a status after which a document is sent again.

S3 may send no events for five minutes after its notifications were switched on.
"""
CLOCK_SKEW = 300.0
"""Seconds that this machine's clock may be ahead of AWS's. Reading too much of the log is safe: ids are unique."""
OVERLAP = 120.0
"""Seconds before the newest known event from which the next poll reads, for events that were logged late."""
POLLS_PER_FULL_READ = 15
"""Polls after which the log is read from the start again, for events that were logged even later."""


class StatusLog(Protocol):
    """The log that stores status events."""

    def since(self, start: float) -> Iterator[LoggedEvent]:
        """The events logged at ``start`` (epoch seconds) or later, in no particular order."""
        ...


@dataclass(frozen=True, slots=True)
class SentDocument:
    """A document that was sent. ``identity`` is that of the event that intake receives, a drop or a request."""

    document: LocalDocument
    identity: str

    @property
    def document_status_id(self) -> str:
        """The id of the status event on the whole document, for one that is rejected or superseded as a whole."""
        return change_id(self.identity, None)

    @property
    def flow_status_ids(self) -> tuple[str, ...]:
        """The ids of the status events on its flows."""
        return tuple(change_id(self.identity, flow) for flow in self.document.flows)

    @property
    def status_ids(self) -> tuple[str, ...]:
        """The ids of all status events that may arrive."""
        return (self.document_status_id, *self.flow_status_ids)


def is_held(event: StatusEvent) -> bool:
    """Whether another event with this id will follow."""
    return event.data.outcome is Outcome.HELD


@dataclass(slots=True)
class StatusTracker:
    """The documents that were sent, and the status events on them by id. Of events with one id the first counts.

    A held change is complete: it may wait for days. If it is applied meanwhile, that event counts.

    ``again`` has the documents that were sent once more, by key: the events of either count.
    """

    sent: Sequence[SentDocument]
    events: dict[str, StatusEvent] = field(default_factory=dict)
    again: dict[str, SentDocument] = field(default_factory=dict)

    def record(self, events: Iterable[StatusEvent]) -> list[StatusEvent]:
        """Record events from the log, and return those that are due and were not known yet."""
        due = {id_ for document in (*self.sent, *self.again.values()) for id_ in document.status_ids}
        new = []
        for event in events:
            known = self.events.get(event.metadata.id)
            is_new = known is None or (is_held(known) and not is_held(event))
            if event.metadata.id in due and is_new:
                self.events[event.metadata.id] = event
                new.append(event)
        return new

    def events_of(self, document: SentDocument) -> tuple[StatusEvent, ...]:
        """The status events on one document."""
        counted = self._counted(document)
        return tuple(self.events[id_] for id_ in counted.status_ids if id_ in self.events)

    def is_complete(self, document: SentDocument) -> bool:
        """Whether the document as a whole, or each of its flows, has a status event."""
        return self._is_complete(self._counted(document))

    def _counted(self, document: SentDocument) -> SentDocument:
        """The document as it was sent last, unless the first time is complete already."""
        return document if self._is_complete(document) else self.again.get(document.document.key, document)

    def _is_complete(self, document: SentDocument) -> bool:
        if document.document_status_id in self.events:
            return True
        ids = document.flow_status_ids
        return bool(ids) and all(id_ in self.events for id_ in ids)

    @property
    def pending(self) -> list[SentDocument]:
        """The documents that are not complete."""
        return [document for document in self.sent if not self.is_complete(document)]

    @property
    def silent(self) -> list[SentDocument]:
        """The documents without any status event that were sent only once."""
        return [
            document
            for document in self.pending
            if not self.events_of(document) and document.document.key not in self.again
        ]


@dataclass(slots=True)
class LogTail:
    """Polls the end of the log, from ``begin`` on (epoch seconds)."""

    log: StatusLog
    begin: float
    newest: float = 0.0
    polls: int = 0

    def poll(self) -> list[StatusEvent]:
        """Events that may be new; most of them are repeats. Raises ``SyncError``."""
        is_full = self.polls % POLLS_PER_FULL_READ == 0
        self.polls += 1
        start = self.begin if is_full else max(self.begin, self.newest - OVERLAP)
        logged = list(self.log.since(start))
        self.newest = max([self.newest, *(entry.at for entry in logged)])
        return [entry.event for entry in logged]


def wait_for_outcomes(  # noqa: PLR0913 - what to wait for, how, and for how long
    tracker: StatusTracker,
    poll: Callable[[], Iterable[StatusEvent]],
    *,
    timeout: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    on_events: Callable[[list[StatusEvent]], None],
    on_silence: Callable[[list[SentDocument]], None] = lambda _: None,
) -> None:
    """Poll until every document is complete, or ``timeout`` seconds have passed on ``clock``.

    ``on_events`` receives the new events of each poll, ``on_silence`` once the documents that have none after
    ``SILENCE`` seconds. Raises what they raise.
    """
    deadline, silence = clock() + timeout, clock() + SILENCE
    while tracker.pending:
        on_events(tracker.record(poll()))
        if clock() >= silence and tracker.silent:
            on_silence(tracker.silent)
        left = deadline - clock()
        if left <= 0:
            return
        if tracker.pending:
            sleep(min(POLL_INTERVAL, left))
