"""The use case of ``detect_drift``: compare every document with its live flow and report each difference once.

The cost follows the number of changes, not the number of flows. Most flows are settled by the documents and ListFlows
alone (``Claim.is_settled``), or unchanged since the last scan (``scan_state``). Only the others are inspected, with one
DescribeFlow each. The handler calls ``DriftDetector.scan`` once per schedule.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from appflow_gitops.flows.summary import summarise
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.service import service
from appflow_gitops.sync.change import REPAIR, Change, change_id, timestamp
from appflow_gitops.sync.declaration import Declaration, document_keys, read_declaration
from appflow_gitops.sync.drift.candidates import Candidate, candidates, undetermined_flows
from appflow_gitops.sync.drift.limit import Limit
from appflow_gitops.sync.drift.report import Drift, DriftReport, DriftReporter, LimitedRepairs, ScanStateStore
from appflow_gitops.sync.drift.scan_state import LastSeen, ScanState, continued, read_scan_state
from appflow_gitops.sync.drift.waits import is_due
from appflow_gitops.sync.errors import SyncError, TransientError
from appflow_gitops.sync.held import HeldChanges, ReleaseTimer, check_all
from appflow_gitops.sync.inventory import (
    Claim,
    State,
    SyncStatus,
    sync_status,
)
from appflow_gitops.sync.ports import ChangeQueue, DocumentCatalog, FailedChanges, FlowCatalog
from appflow_gitops.validation.environment import NO_ENVIRONMENT, Environment

TIME_FOR_ONE_INSPECTION = 60.0
"""Seconds that an invocation must have left to inspect another flow: a few calls with their retries."""

TIME_FOR_ONE_REPORT = 0.1
"""Seconds that an invocation must have left for each drift that is reported once all flows are inspected."""

SHARE_OF_INSPECTIONS = 0.25
"""The share of the time that is left for inspections, however many documents there are."""

REPAIRABLE = frozenset({Drift.DRIFTED, Drift.PENDING})
"""What a change can repair. A deleted flow is not created again: the new one would not know its position."""

LONGEST_CHANGE = 2700.0
"""Seconds that a change may be in progress: a crashed delivery is hidden for half an hour."""

MAY_BE_IN_PROGRESS = frozenset({Drift.PENDING, Drift.MISSING})
"""What a change in progress looks like, too."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """The result of an inspection: the flow's sync status, and its drift, if any."""

    candidate: Candidate
    drift: Drift | None = None
    status: SyncStatus | None = None
    may_be_in_progress: bool = False
    is_held: bool = False

    @property
    def id(self) -> str:
        """Identifies this drift: the same flow, the same document, the same difference."""
        return change_id(f"drift {self.candidate.fingerprint}", self.candidate.name)

    @property
    def is_repairable(self) -> bool:
        """Whether a change through the queue would repair it."""
        return self.drift in REPAIRABLE and not (
            self.status and (self.status.note or self.status.is_observed)
        )

    @property
    def is_takeover(self) -> bool:
        """Whether the document takes the flow over from one that let go of it. ``intake`` has missed that, then.

        The flow may match the document already, and only its tags still name the other one.
        """
        is_open = self.drift in (None, Drift.PENDING) and self.candidate.has_other_owner
        may_write = self.status is not None and not (self.status.note or self.status.is_observed)
        return is_open and may_write

    def last_seen(self, before: LastSeen | None) -> LastSeen:
        """What the scan state keeps of it; repairs of the same difference count on."""
        subject = self.candidate.subject
        same = before if before and before.subject == subject else None
        return LastSeen(
            fingerprint=self.candidate.fingerprint,
            drift=self.drift,
            reported=self.id if self.drift else None,
            subject=subject if self.drift or self.is_takeover else None,
            repairs=same.repairs if same else 0,
            repairedAt=same.repairedAt if same else None,
        )


@dataclass(slots=True)
class Scan:
    """The result of a scan: the drift that it reported and the repairs that it queued.

    ``drifting`` counts all drifting flows, reported before or not. ``failed`` are the flows that could not be
    inspected, and ``unreadable`` the keys of the documents that could not be read, with the error's code; ``remaining``
    counts the documents and flows for which no time was left: the next scan continues with them. ``limited`` are
    repairs that exceed the limit. ``requeued`` counts the changes from the dead-letter queue. ``declarations`` are
    those of all documents, read in ``environment``. ``held`` are the flows with changes that are held.
    """

    correlation_id: str = ""
    confirmation: str | None = None
    """What the event of the scan confirms."""
    reported: list[DriftReport] = field(default_factory=list)
    repairs: list[Change] = field(default_factory=list)
    drifting: Counter[Drift] = field(default_factory=Counter)
    failed: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    remaining: int = 0
    limited: LimitedRepairs | None = None
    is_confirmed: bool = False
    """Whether the user confirmed the repairs of this scan."""
    requeued: int = 0
    declarations: list[Declaration] = field(default_factory=list)
    environment: Environment = NO_ENVIRONMENT
    held: frozenset[str] = frozenset()


@service
class DriftDetector:
    """Scans for drift.

    Documents are stored in ``bucket`` under ``prefix``; ``environment`` reads the current environment; ``clock``
    returns epoch seconds; with ``self_heal``, drift is repaired by a change through the queue. More than
    ``change_at_most`` flows within an hour are repaired only once that is confirmed; 0 means any number.
    """

    flows: FlowCatalog
    documents: DocumentCatalog
    queue: ChangeQueue
    reporter: DriftReporter
    state: ScanStateStore
    environment: Callable[[], Environment]
    clock: Callable[[], float]
    bucket: str
    prefix: str
    held: HeldChanges
    timer: ReleaseTimer
    dead_letters: FailedChanges | None = None
    self_heal: bool = False
    change_at_most: int = 0

    def scan(self, correlation_id: str, remaining: Callable[[], float], confirmed: str | None = None) -> Scan:
        """Compare everything once; ``remaining`` returns the seconds left of the invocation.

        ``confirmed`` is the confirmation of repairs that exceed the limit.

        Raises ``SyncError`` when AWS does not answer. The results until then are kept, and the next scan continues
        from there.
        """
        environment = self.environment()
        scan = Scan(
            correlation_id,
            confirmed,
            environment=environment,
            held=frozenset(check_all(self.held, self.timer)),
        )
        before = read_scan_state(self.state.read()).under(self_heal=self.self_heal)
        due = before.due(self.clock())
        declared, documents_after = self._declarations(environment, scan, remaining, before.documentsAfter)
        scan.declarations = declared
        summaries = list(self.flows.summaries())
        waiting = list(candidates(declared, summaries, self.bucket))
        names = {*(each.name for each in waiting), *undetermined_flows(declared, summaries, self.bucket)}
        after = {name: seen for name, seen in before.flows.items() if name in names}
        flows_after, unread = before.flowsAfter, scan.remaining
        counting: list[Inspection] = []
        try:
            for candidate in continued(waiting, flows_after, lambda each: each.name):
                seen = after.get(candidate.name)
                if seen and seen.fingerprint == candidate.fingerprint and candidate.name not in due:
                    continue
                if remaining() < TIME_FOR_ONE_INSPECTION + TIME_FOR_ONE_REPORT * len(counting):
                    scan.remaining += 1
                    continue
                flows_after = candidate.name
                if found := self._inspected(candidate, environment, scan):
                    self._record_or_limit(found, after, scan, counting)
            if scan.remaining == unread:
                flows_after = None
        finally:
            try:
                self._record_limited(counting, before, after, scan)
            finally:
                # At the end, because our own changes would look like changes in progress. Before the state is written,
                # so that a crash in between repeats both and loses neither.
                limits = self._limit_state(before, after, scan)
                self._send_repairs(scan, before, limits)
                reached = {"documentsAfter": documents_after, "flowsAfter": flows_after}
                kept = before.model_copy(update={"flows": after, **reached, **limits})
                if kept != before:
                    self.state.write(kept.render())
        scan.drifting = kept.counts
        scan.requeued = self._requeue_failed(remaining) if self.dead_letters else 0
        return scan

    def _declarations(
        self, environment: Environment, scan: Scan, remaining: Callable[[], float], after: str | None
    ) -> tuple[list[Declaration], str | None]:
        """What all documents declare, sorted by key. A document for which no time is left is undetermined.

        Reading starts behind the key ``after``. Also returns the last key that was read, if not all were.
        """
        declared = []
        reserve = max(TIME_FOR_ONE_INSPECTION, SHARE_OF_INSPECTIONS * remaining())
        for key in continued(document_keys(self.documents, self.bucket, self.prefix), after, str):
            if remaining() < reserve:
                scan.remaining += 1
                unread = DocumentVersion(bucket=self.bucket, key=key)
                declared.append(Declaration(unread, {}, is_latest=False, error="not read: no time was left"))
                continue
            after = key
            if found := self._read(key, environment):
                if found.unreadable:
                    scan.unreadable[key] = found.unreadable
                declared.append(found)
        declared.sort(key=lambda each: each.version.key)
        return declared, after if scan.remaining else None

    def _read(self, key: str, environment: Environment) -> Declaration | None:
        return read_declaration(self.bucket, key, documents=self.documents, environment=environment)

    def _inspected(self, candidate: Candidate, environment: Environment, scan: Scan) -> Inspection | None:
        """The inspection of a candidate; ``None`` where it failed, or its document could not be read.

        What may be a change in progress counts only if it is still there after the queue was seen to be empty, or
        for longer than a change can take (``_record``).
        """
        try:
            found = self._inspect(candidate, environment)
            if found is None or (found.drift not in MAY_BE_IN_PROGRESS and not found.is_takeover):
                return found
            if candidate.name in scan.held:
                return replace(found, is_held=True)
            if self.queue.is_empty():
                return self._inspect(candidate, environment)
            return replace(found, may_be_in_progress=True)
        except TransientError:
            raise
        except Exception as error:  # noqa: BLE001 - P7: one flow's failure must not stop the scan
            scan.failed[candidate.name] = error.code if isinstance(error, SyncError) else type(error).__name__
            return None

    def _inspect(self, candidate: Candidate, environment: Environment) -> Inspection | None:
        """Read the document and then the flow again, so that both are current.

        ``None`` where nothing is known of the document. It is not kept, so that the next scan inspects the flow again.
        """
        key = candidate.key(self.bucket)
        declaration = self._read(key, environment) if key else None
        live = self.flows.describe(candidate.name)
        declares = declaration if declaration and candidate.name in declaration.flows else None
        current = Candidate(candidate.name, summarise(live) if live else None, declares)
        if current.live and current.has_other_owner and (owner := current.live.owner.key_in(self.bucket)):
            current = replace(current, owner=self._read(owner, environment))
        if current.live is None:
            return Inspection(current, Drift.MISSING if declares else None)
        if declares is None:
            if declaration and declaration.is_undetermined:
                return None
            return Inspection(current, Drift.ORPHANED if current.key(self.bucket) == key else None)
        status = sync_status(Claim(current.live, declares, current.owner), live, self.clock())
        drift = None if status.state is State.IN_SYNC else Drift(status.state.value)
        return Inspection(current, drift, status)

    def _record_or_limit(
        self, found: Inspection, after: dict[str, LastSeen], scan: Scan, counting: list[Inspection]
    ) -> None:
        """Record an inspection, or add it to those whose repairs count for the limit."""
        name = found.candidate.name
        if self.change_at_most and self._wants_repair(found, after.get(name), scan):
            counting.append(found)
        else:
            after[name] = self._record(found, after.get(name), scan)

    def _record_limited(
        self,
        counting: Sequence[Inspection],
        before: ScanState,
        after: dict[str, LastSeen],
        scan: Scan,
    ) -> None:
        """Record the inspections whose repairs count for the limit. All or none of the repairs are queued."""
        if not counting:
            return
        now = self.clock()
        wanted = {name: seen.subject for name, seen in after.items() if seen.limited}
        wanted |= {found.candidate.name: found.candidate.subject for found in counting}
        recent = frozenset(before.recent(now, scan.held))
        limit = Limit(self.change_at_most, wanted, recent, before.limited, before.limitedAs)
        scan.is_confirmed = limit.is_confirmed_by(scan.confirmation)
        if limit.is_exceeded and not scan.is_confirmed:
            flows = {name for declaration in scan.declarations for name in declaration.flows}
            limited = limit.report(scan.correlation_id, now, len(flows))
            if scan.confirmation or limited.confirmation != before.limitedAs:
                self.reporter.report_limited(limited)
            scan.limited = limited
        for found in counting:
            name = found.candidate.name
            after[name] = self._record(found, before.flows.get(name), scan)

    def _limit_state(self, before: ScanState, after: Mapping[str, LastSeen], scan: Scan) -> dict[str, object]:
        """What the scan state keeps for the limit. Confirmed repairs do not count for later scans."""
        if not self.change_at_most:
            return {"repaired": None, "limitedAs": None}
        now = self.clock()
        recent = before.recent(now, scan.held)
        if not scan.is_confirmed:
            recent |= {change.flowName: now for change in scan.repairs}
        limited_as = before.limitedAs if any(seen.limited for seen in after.values()) else None
        return {
            "repaired": recent or None,
            "limitedAs": scan.limited.confirmation if scan.limited else limited_as,
        }

    def _send_repairs(self, scan: Scan, before: ScanState, limits: Mapping[str, object]) -> None:
        """Queue the repairs. Those that count for the limit are recorded before, so that a crash loses no count."""
        if scan.repairs and limits["repaired"] != before.repaired:
            counted = before.model_copy(update={"repaired": limits["repaired"]})
            self.state.write(counted.render())
        self.queue.send(scan.repairs)

    def _wants_repair(self, found: Inspection, before: LastSeen | None, scan: Scan) -> bool:
        """Whether to queue a change that repairs what was found.

        A takeover is a dropped document that was rejected too early, so it does not need ``self_heal``. A repair that
        did not succeed is queued again with growing waits. A held change counts as in progress, and will repair the
        drift as well.
        """
        if not self._may_repair(found) or found.is_held or found.candidate.name in scan.held:
            return False
        now, seen = self.clock(), found.last_seen(before)
        if in_progress_since(found, before, now) is not None:
            return False
        return seen.repairedAt is None or is_due(seen.repairs, seen.repairedAt, now)

    def _may_repair(self, found: Inspection) -> bool:
        return found.is_takeover or (found.is_repairable and self.self_heal)

    def _unrepaired(self, found: Inspection, seen: LastSeen, scan: Scan, *, limited: bool) -> LastSeen:
        """What the scan state keeps of an inspection without a repair: those that wait for one are repeated."""
        if limited:
            return seen.model_copy(update={"limited": True})
        is_held = self._may_repair(found) and found.candidate.name in scan.held
        return seen.model_copy(update={"since": self.clock()}) if is_held else seen

    def _record(self, found: Inspection, before: LastSeen | None, scan: Scan) -> LastSeen:
        """Report a drift that was not reported before, and queue its repair; what the scan state keeps of it."""
        now, seen = self.clock(), found.last_seen(before)
        if found.drift is None and not found.is_takeover:
            return seen
        if found.is_held:
            return seen.model_copy(update={"drift": None, "reported": None, "since": now})
        if (since := in_progress_since(found, before, now)) is not None:
            return seen.model_copy(update={"drift": None, "reported": None, "since": since})
        wants_repair = self._wants_repair(found, before, scan)
        repairs = wants_repair and scan.limited is None
        if found.drift and (before is None or before.reported != found.id):
            report = drift_report(
                found, found.drift, repairs=repairs, now=now, correlation_id=scan.correlation_id
            )
            if wants_repair and scan.limited:
                report = replace(report, reason=scan.limited.reason)
            self.reporter.report(report)
            scan.reported.append(report)
        if not repairs:
            return self._unrepaired(found, seen, scan, limited=wants_repair)
        scan.repairs.append(repair(found, seen.repairs, now=now, correlation_id=scan.correlation_id))
        return seen.model_copy(update={"repairs": seen.repairs + 1, "repairedAt": now})

    def _requeue_failed(self, remaining: Callable[[], float]) -> int:
        """Queue changes again that failed for a transient reason; the number of them.

        They wait for hours in the dead-letter queue, longer after each failure. None is removed before it is queued.
        """
        assert self.dead_letters  # noqa: S101 - checked by the caller
        requeued = 0
        for change, receipt in self.dead_letters.failed():
            if remaining() < TIME_FOR_ONE_INSPECTION:
                break
            if change.failedAt and is_due(change.failures or 1, _epoch(change.failedAt), self.clock()):
                self.queue.send([change])
                self.dead_letters.remove(receipt)
                requeued += 1
        return requeued


def in_progress_since(found: Inspection, before: LastSeen | None, now: float) -> float | None:
    """When the difference was first found, while it may still be a change in progress; times in epoch seconds."""
    if not found.may_be_in_progress:
        return None
    is_known = before is not None and before.fingerprint == found.candidate.fingerprint
    if before and is_known and (before.limited or before.reported):
        return None  # it was found to be none before it was reported
    since = before.since if before and is_known else None
    return (since or now) if since is None or now - since < LONGEST_CHANGE else None


def drift_report(
    found: Inspection, drift: Drift, *, repairs: bool, now: float, correlation_id: str
) -> DriftReport:
    """The report of a drift. ``now`` in epoch seconds."""
    live, declaration, status = found.candidate.live, found.candidate.declaration, found.status
    return DriftReport(
        found.id,
        correlation_id,
        now,
        found.candidate.name,
        drift,
        arn=live.arn if live else None,
        reason=status.note if status else None,
        document=declaration.version if declaration else None,
        provenance=declaration.provenance if declaration else Provenance(),
        flow_status=live.status if live else None,
        changes=status.changes if status else (),
        repairs=repairs,
    )


def repair(found: Inspection, earlier: int, *, now: float, correlation_id: str) -> Change:
    """The change that repairs a drift: re-apply the document, by the same path as any other change.

    ``earlier`` counts the changes that did not repair it: a new one has a new id.
    """
    declaration = found.candidate.declaration
    return Change(
        identity=f"{REPAIR}{found.id}" + (f":{earlier}" if earlier else ""),
        flowName=found.candidate.name,
        correlationId=correlation_id,
        requestedAt=timestamp(now),
        document=declaration.version if declaration else None,
        provenance=declaration.provenance if declaration else Provenance(),
    )


def _epoch(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
