"""The use case of ``watch_runs``: assess the health of flows and report each change of it once.

AppFlow's events report runs within seconds, but not all of them arrive. A scan makes up for lost events: ListFlows
shows the last run of 100 flows per call, and only flows with something new are inspected, with two calls each. Events
and scans assess the same records of AppFlow, so both report the same change of health with the same id.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.ownership import Ownership
from appflow_gitops.flows.runs import Run, newest_first
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.service import service
from appflow_gitops.sync.errors import PermanentError, SyncError, TransientError
from appflow_gitops.sync.health.health import (
    NO_OBJECTIVE,
    Assessment,
    BrokenFields,
    Health,
    Objective,
    assess,
    with_broken_fields,
)
from appflow_gitops.sync.health.record import HealthRecord, HealthRecords
from appflow_gitops.sync.health.report import AppliedChange, HealthReport, HealthReporter
from appflow_gitops.sync.ports import DocumentStore, FlowCatalog, RunCatalog
from appflow_gitops.validation.environment import Environment

TIME_FOR_ONE_INSPECTION = 60.0
"""Seconds that an invocation must have left to inspect another flow: a few calls with their retries."""


@dataclass(frozen=True, slots=True)
class RunEvent:
    """What an event of AppFlow says: a run of the flow ended, or (``None``) AppFlow deactivated the flow."""

    flow_name: str
    run: Run | None = None


@dataclass(slots=True)
class HealthScan:
    """The result of a scan: the changes of health that it reported.

    ``flows`` counts all managed flows by health. ``failed`` are the flows that could not be inspected, with the error's
    code; ``remaining`` counts the flows for which no time was left: the next scan continues with them.
    """

    reported: list[HealthReport] = field(default_factory=list)
    flows: Counter[Health] = field(default_factory=Counter)
    failed: dict[str, str] = field(default_factory=dict)
    remaining: int = 0


@service
class RunWatcher:
    """Watches the runs of managed flows.

    A flow is managed by a document in ``bucket``, or by requests. ``environment`` reads the current environment, whose
    policy has the objectives; ``clock`` returns epoch seconds. ``broken_fields`` reads the flows with fields that were
    removed or retyped, by name.
    """

    flows: FlowCatalog
    runs: RunCatalog
    records: HealthRecords
    reporter: HealthReporter
    documents: DocumentStore
    environment: Callable[[], Environment]
    clock: Callable[[], float]
    bucket: str
    broken_fields: Callable[[], Mapping[str, BrokenFields]] = dict

    def observe(self, event: RunEvent, correlation_id: str) -> HealthReport | None:
        """Handle an event of AppFlow; the change of health that it led to, if any. Raises ``SyncError``.

        A run that is as expected, of a healthy flow, costs no call to AppFlow.
        """
        record = self.records.read(event.flow_name)
        if record and event.run and record.continues(event.run):
            self.records.write(event.flow_name, record.after(event.run))
            return None
        objective = objective_of(self.environment(), event.flow_name)
        _, report = self._inspect(event.flow_name, record, objective, correlation_id, event.run)
        return report

    def scan(self, correlation_id: str, remaining: Callable[[], float]) -> HealthScan:
        """Assess every managed flow once; ``remaining`` returns the seconds left of the invocation.

        The records of flows that are not managed, or do not exist any more, are deleted. Raises ``SyncError`` when AWS
        does not answer. What was found until then is kept.
        """
        scan, environment, broken = HealthScan(), self.environment(), self.broken_fields()
        unused = set(self.records.names())  # read first: a flow created meanwhile is not in it
        for live in self.flows.summaries():
            if not self._is_managed(live.owner):
                continue
            unused.discard(live.name)
            record, objective = self.records.read(live.name), objective_of(environment, live.name)
            if record and record.is_current(live, objective, self.clock(), broken.get(live.name)):
                scan.flows[record.health] += 1
            elif remaining() < TIME_FOR_ONE_INSPECTION:
                scan.remaining += 1
            else:
                self._scan_one(live.name, record, objective, correlation_id, scan)
        for name in sorted(unused):
            if remaining() >= TIME_FOR_ONE_INSPECTION:
                self._delete_record(name, scan)
        return scan

    def _delete_record(self, name: str, scan: HealthScan) -> None:
        try:
            self.records.delete(name)
        except PermanentError as error:
            scan.failed[name] = error.code

    def _scan_one(
        self,
        name: str,
        record: HealthRecord | None,
        objective: Objective,
        correlation_id: str,
        scan: HealthScan,
    ) -> None:
        try:
            health, report = self._inspect(name, record, objective, correlation_id)
        except TransientError:
            raise
        except Exception as error:  # noqa: BLE001 - P7: one flow's failure must not stop the scan
            scan.failed[name] = error.code if isinstance(error, SyncError) else type(error).__name__
            return
        if health:
            scan.flows[health] += 1
        if report:
            scan.reported.append(report)

    def _inspect(
        self,
        name: str,
        record: HealthRecord | None,
        objective: Objective,
        correlation_id: str,
        seen: Run | None = None,
    ) -> tuple[Health | None, HealthReport | None]:
        """The health of a flow, and its report if it changed; no health for a flow that is not managed.

        ``seen`` is a run from an event, which AppFlow's records may not show yet. That a report begins is recorded
        before it: after a crash it is repeated, or followed by the report of what is true then.
        """
        live = self.flows.describe(name)
        if live is None or not self._is_managed(live.owner):
            return None, None
        if record and not record.is_about(live):
            record = None
        if seen and live.created_at is not None and seen.started_at < live.created_at:
            seen = None  # a run of a deleted flow with this name
        runs = with_event(self.runs.latest(name), seen)
        found = assess(live, runs, objective, self.clock())
        found = with_broken_fields(found, self.broken_fields().get(name), live, runs)
        after = HealthRecord.of(live, runs, found, objective, record)
        report = None
        if record.is_news(found.health) if record else found.health.needs_attention:
            change, previous = self._change(live, runs, found), record.reported if record else None
            report = HealthReport(correlation_id, self.clock(), live, found, previous, change)
            self.records.write(name, (record or after).model_copy(update={"reporting": found.health}))
            self.reporter.report(report)
        self.records.write(name, after)
        return found.health, report

    def _is_managed(self, owner: Ownership) -> bool:
        return owner.key_in(self.bucket) is not None or (owner.document is None and owner.request is not None)

    def _change(self, live: LiveFlow, runs: Sequence[Run], found: Assessment) -> AppliedChange | None:
        """The change that was live when the health began; ``None`` if the flow was changed since then."""
        owner, since = live.owner, found.since
        applied_at = owner.updated_at or live.last_updated_at
        began = found.overdue or (since.started_at if since else None)
        if began is None or applied_at is None or applied_at > began:
            return None
        before = next(
            (run for run in runs if run.has_result and run.started_at < began and run != since), None
        )
        first_run = before is None or before.started_at < applied_at
        key = owner.key_in(self.bucket)
        if key is None or owner.version is None:
            return AppliedChange(None, Provenance(commit=owner.commit), owner.request, first_run)
        version = DocumentVersion(bucket=self.bucket, key=key, versionId=owner.version)
        try:
            stored = self.documents.read(version)
        except PermanentError:
            stored = None
        provenance = stored.provenance if stored else Provenance(commit=owner.commit)
        return AppliedChange(stored.version if stored else version, provenance, owner.request, first_run)


def with_event(runs: Sequence[Run], seen: Run | None) -> tuple[Run, ...]:
    """The runs, with one from an event where AppFlow's records do not show its result yet."""
    if seen is None or any(run.id == seen.id and not run.is_in_progress for run in runs):
        return tuple(runs)
    return newest_first([seen, *(run for run in runs if run.id != seen.id)])


def objective_of(environment: Environment, flow_name: str) -> Objective:
    """The objective that the policy sets for a flow."""
    found = environment.policy.objective_for(flow_name) if environment.policy else None
    return NO_OBJECTIVE if found is None else Objective(found.stale_after, found.minimumRecords)
