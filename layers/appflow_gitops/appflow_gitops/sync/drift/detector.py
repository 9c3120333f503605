"""The use case of ``detect_drift``: every document is compared with its live flow, and what differs is told once.

What it costs follows what has changed, not how many flows there are. ListFlows and the documents tell of most flows
that they are as they were left (``Claim.is_settled``), or as they were found the last time (``sync.memory``); only the
others are looked at closer, with one DescribeFlow each. The handler calls ``DriftDetector.scan`` once per schedule.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from appflow_gitops.flows.summary import summary_of
from appflow_gitops.origin import Provenance
from appflow_gitops.status.drift import Drift, DriftData, DriftEvent
from appflow_gitops.status.events import StatusChange, StatusMetadata, timestamp
from appflow_gitops.sync.change import Change, change_id
from appflow_gitops.sync.drift.candidates import Candidate, candidates
from appflow_gitops.sync.drift.scan_state import LastSeen, read_scan_state
from appflow_gitops.sync.errors import SyncError, TransientError
from appflow_gitops.sync.inventory import (
    Claim,
    State,
    SyncStatus,
    document_keys,
    read_declaration,
    sync_status,
)
from appflow_gitops.sync.ports import ChangeQueue, DocumentCatalog, FlowCatalog, ScanStateStore, StatusBus
from appflow_gitops.validation.environment import Environment

TIME_FOR_ONE_LOOK = 60.0
"""Seconds that must be left of an invocation to look at another flow: a few calls with their retries."""

MENDABLE = frozenset({Drift.DRIFTED, Drift.PENDING})
"""What a change through the queue can mend. A flow that is gone stays gone: a new one would not know its position."""

MAY_BE_UNDER_WAY = frozenset({Drift.PENDING, Drift.MISSING})
"""What also looks so while a change is on its way."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a closer look found: how the flow stands to its document, and where it drifts how."""

    candidate: Candidate
    drift: Drift | None = None
    standing: SyncStatus | None = None

    @property
    def id(self) -> str:
        """Names this drift: the same flow, the same document, the same difference."""
        return change_id(f"drift {self.candidate.fingerprint}", self.candidate.name)

    def remembered(self, candidate: Candidate) -> LastSeen:
        """What is kept of it, under the fingerprint that led to it."""
        return LastSeen(
            fingerprint=candidate.fingerprint, drift=self.drift, told=self.id if self.drift else None
        )

    @property
    def is_mendable(self) -> bool:
        """Whether a change through the queue would mend it."""
        return self.drift in MENDABLE and not (self.standing and self.standing.note)


@dataclass(slots=True)
class Scan:
    """What a scan did: the events that it sent and the changes that it queued.

    ``drifting`` counts the flows that drift, told before or not. ``unseen`` are those that could not be looked at, with
    the error's code; ``left`` counts those for which there was no time: the next scan goes on with them.
    """

    told: list[DriftEvent] = field(default_factory=list)
    healing: list[Change] = field(default_factory=list)
    drifting: Counter[Drift] = field(default_factory=Counter)
    unseen: dict[str, str] = field(default_factory=dict)
    left: int = 0


@dataclass(frozen=True, slots=True)
class DriftDetector:
    """Looks for drift with the ports it is given.

    ``bucket`` and ``prefix`` say where documents live; ``stage`` reads the stage of now; ``clock`` gives epoch seconds;
    ``heals`` has what drifts mended by way of the queue.
    """

    flows: FlowCatalog
    documents: DocumentCatalog
    queue: ChangeQueue
    bus: StatusBus
    memory: ScanStateStore
    environment: Callable[[], Environment]
    clock: Callable[[], float]
    bucket: str
    prefix: str
    heals: bool = False

    def scan(self, correlation_id: str, remaining: Callable[[], float]) -> Scan:
        """Look at everything once; ``remaining`` tells the seconds left of the invocation.

        Raises ``SyncError`` when AWS does not answer. What was found until then is kept, so that the next scan goes on
        from there.
        """
        scan, environment = Scan(), self.environment()
        before = read_scan_state(self.memory.read()).under(heals=self.heals)
        waiting = list(self._suspects(environment))
        after = {each.name: before.flows[each.name] for each in waiting if each.name in before.flows}
        try:
            for candidate in waiting:
                seen = after.get(candidate.name)
                if seen and seen.fingerprint == candidate.fingerprint:
                    continue
                if remaining() < TIME_FOR_ONE_LOOK:
                    scan.left += 1
                elif found := self._certain(candidate, environment, scan):
                    self._tell(found, seen, scan, correlation_id)
                    after[candidate.name] = found.remembered(candidate)
        finally:
            # At the end, because our own changes would look as if changes were under way; and before it is remembered
            # what was told, so that a crash in between repeats both and loses neither.
            self.queue.send(scan.healing)
            kept = before.model_copy(update={"flows": after})
            if kept != before:
                self.memory.write(kept.model_dump_json(exclude_none=True).encode())
        scan.drifting = kept.counts
        return scan

    def _suspects(self, environment: Environment) -> Iterator[Candidate]:
        keys = document_keys(self.documents, self.bucket, self.prefix)
        read = [
            read_declaration(self.bucket, key, documents=self.documents, environment=environment)
            for key in keys
        ]
        return candidates([found for found in read if found], list(self.flows.summaries()), self.bucket)

    def _certain(self, candidate: Candidate, environment: Environment, scan: Scan) -> Look | None:
        """What is found on looking closer; ``None`` where that cannot be told now.

        What may be a change under way counts only if it still looks so after the queue was seen to be empty.
        """
        try:
            found = self._look(candidate, environment)
            if found.drift not in MAY_BE_UNDER_WAY:
                return found
            return self._look(candidate, environment) if self.queue.is_empty() else None
        except TransientError:
            raise
        except Exception as error:  # noqa: BLE001 - P7: what one flow has in store keeps nobody from the others
            scan.unseen[candidate.name] = error.code if isinstance(error, SyncError) else type(error).__name__
            return None

    def _look(self, candidate: Candidate, environment: Environment) -> Look:
        """Read the document and then the flow once more: whatever changed since, both are of now."""
        key = candidate.key(self.bucket)
        declaration = key and read_declaration(
            self.bucket, key, documents=self.documents, environment=environment
        )
        live = self.flows.describe(candidate.name)
        declares = declaration if declaration and candidate.name in declaration.flows else None
        seen = Candidate(candidate.name, summary_of(live) if live else None, declares)
        if seen.live is None:
            return Look(seen, Drift.MISSING if declares else None)
        if declares is None:
            is_orphan = seen.key(self.bucket) == key and not (
                declaration and declaration.has_no_valid_version
            )
            return Look(seen, Drift.ORPHANED if is_orphan else None)
        standing = sync_status(Claim(seen.live, declares), live, self.clock())
        return Look(seen, None if standing.state is State.IN_SYNC else Drift(standing.state.value), standing)

    def _tell(self, found: Look, seen: LastSeen | None, scan: Scan, correlation_id: str) -> None:
        """Send the event of a drift that was not told yet, and have it mended where that is asked for."""
        if found.drift is None or (seen and seen.told == found.id):
            return
        heals = self.heals and found.is_mendable
        event = drift_event(found, found.drift, heals=heals, now=self.clock(), correlation_id=correlation_id)
        self.bus.publish([event])
        scan.told.append(event)
        if heals:
            scan.healing.append(healing(found, event))


def drift_event(found: Look, drift: Drift, *, heals: bool, now: float, correlation_id: str) -> DriftEvent:
    """The event that tells of a drift. ``now`` in epoch seconds."""
    live, declaration, standing = found.candidate.live, found.candidate.declaration, found.standing
    return DriftEvent(
        metadata=StatusMetadata(id=found.id, time=timestamp(now), correlationId=correlation_id),
        data=DriftData(
            flowName=found.candidate.name,
            drift=drift,
            reason=standing.note if standing else None,
            document=declaration.version if declaration else None,
            provenance=declaration.provenance if declaration else Provenance(),
            flowStatus=live.status if live else None,
            changes=tuple(map(StatusChange.of, standing.changes)) if standing else (),
            healing=heals,
        ),
        resources=(live.arn,) if live else (),
    )


def healing(found: Look, event: DriftEvent) -> Change:
    """The change that mends a drift: its document once more, on the same way as any other change."""
    return Change(
        identity=f"drift:{found.id}",
        flowName=found.candidate.name,
        correlationId=event.metadata.correlationId,
        requestedAt=event.metadata.time,
        document=event.data.document,
        provenance=event.data.provenance,
    )
