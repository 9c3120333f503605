"""Run flows as time passes: start due runs, end them, count failures, deactivate.

Time is the clock of the behaviour. Nothing happens between calls: every operation on a flow first catches up with the
clock, in the order in which runs started and ended.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from .behaviour import Behaviour
from .controls import Controls
from .definition import Connection, Definition
from .events import FlowEvent, event_flow_report, fields_imported, flow_deactivated, run_ended, run_started
from .flows import Flow, moment_of
from .runs import Outcome, Run

FIRST_PULL = timedelta(days=30)
"""What the first incremental run pulls. Source: user guide."""


class Runner:
    """Runs flows and publishes what happens."""

    def __init__(self, controls: Controls, publish: Callable[[FlowEvent], None]) -> None:
        self._controls = controls
        self._publish = publish

    @property
    def _behaviour(self) -> Behaviour:
        return self._controls.behaviour

    def catch_up(self, flow: Flow) -> None:
        """Do what was due for a flow until now."""
        now = self._behaviour.now()
        self._receive_events(flow, now)
        while True:
            ending = min(flow.running, key=_end, default=None)
            if ending and _end(ending) <= min(now, flow.due or now):
                self._end(flow, ending)
            elif flow.due and flow.due <= now:
                self._start_due(flow, flow.due)
            else:
                return

    def run_on_demand(self, flow: Flow) -> Run:
        """Start a run of an on-demand flow now."""
        run = self._start(flow, self._behaviour.now(), self._outcome(flow), None)
        self.catch_up(flow)
        return run

    def cancel(self, flow: Flow, execution_ids: list[str] | None) -> list[str]:
        """Cancel runs in progress, all if no ids are passed. Return the ids that cannot be canceled."""
        now = self._behaviour.now()
        cancelable = {run.execution_id: run for run in flow.running if not run.canceled}
        ids = list(cancelable) if execution_ids is None else execution_ids
        for name in ids:
            if name in cancelable:
                cancelable[name].cancel(now, now + timedelta(seconds=self._behaviour.cancel_seconds))
        self.catch_up(flow)
        return [name for name in ids if name not in cancelable]

    def _receive_events(self, flow: Flow, now: datetime) -> None:
        """Run an event-triggered flow once for each outcome that names it: outcomes stand in for change events."""
        count = 0
        while flow.definition.trigger_type == "Event" and flow.status == "Active":
            outcome = self._controls.outcomes.next(
                lambda candidate: candidate.flowName == flow.name and candidate.times is not None
            )
            if outcome is None:
                break
            count += 1
            run = self._start(flow, now, outcome, None)
            if _end(run) <= now:
                self._end(flow, run)
        if count:
            self._publish(event_flow_report(flow.identity, flow.runs[-1], count))

    def _start_due(self, flow: Flow, due: datetime) -> None:
        flow.schedule_after(due)
        run = self._start(flow, due, self._outcome(flow), self._pull_window(flow, due))
        run.scheduled = True

    def _pull_window(self, flow: Flow, due: datetime) -> tuple[datetime, datetime] | None:
        """Return the times of the first and last change that an incremental run transfers."""
        schedule = flow.definition.schedule or {}
        if schedule.get("dataPullMode") == "Complete":
            return None
        first = due - FIRST_PULL
        start = flow.position or moment_of(schedule.get("firstExecutionFrom"), first)
        return start, due - timedelta(seconds=schedule.get("scheduleOffset", 0))

    def _outcome(self, flow: Flow) -> Outcome:
        outcomes = self._controls.outcomes
        return outcomes.next(lambda candidate: candidate.flowName in {None, flow.name}) or Outcome()

    def _start(
        self, flow: Flow, at: datetime, outcome: Outcome, pull: tuple[datetime, datetime] | None
    ) -> Run:
        failure = self._missing_field(self._definition(flow, at))
        run = new_run(self._execution_id(flow), at, outcome, failure, self._behaviour)
        run.pull_start, run.pull_end = pull or (None, None)
        flow.runs.append(run)
        flow.running.append(run)
        self._publish(run_started(flow.identity, run))
        self._import_fields(flow, run)
        return run

    def _end(self, flow: Flow, run: Run) -> None:
        ended = _end(run)
        run.finished = True
        flow.running.remove(run)
        self._publish(run_ended(flow.identity, run, ended))
        if run.status == "Successful":
            flow.failures, flow.position = 0, run.pull_end or flow.position
        elif run.status == "Error":
            flow.failures += 1
            self._deactivate(flow, run, ended)

    def _deactivate(self, flow: Flow, run: Run, at: datetime) -> None:
        """Deactivate a flow that has failed as often in a row as its threshold."""
        behaviour = self._behaviour
        threshold = (flow.definition.schedule or {}).get(
            "flowErrorDeactivationThreshold", behaviour.error_threshold
        )
        if not flow.runs_by_itself or flow.status != "Active" or not threshold or flow.failures < threshold:
            return
        reason = f"The flow failed {flow.failures} times in a row: {run.message}"
        flow.deactivate(behaviour.deactivated_status, reason)
        self._publish(flow_deactivated(flow.identity, run, at, reason))

    def _definition(self, flow: Flow, at: datetime) -> Definition:
        """Return the definition that a run uses: an on-demand run may start before an update has taken effect."""
        delay = timedelta(seconds=self._behaviour.update_propagation_seconds)
        if flow.previous and flow.replaced_at and not flow.runs_by_itself and at < flow.replaced_at + delay:
            return flow.previous
        return flow.definition

    def _missing_field(self, definition: Definition) -> str | None:
        """Return why a run fails: a field that a task uses is missing in an entity that is described."""
        source = self._fields(definition.source)
        if source is not None and (missing := sorted(definition.source_fields - source)):
            return _missing("source", definition.source, missing)
        for destination in definition.destinations:
            fields = self._fields(destination)
            if fields is not None and (missing := sorted(definition.destination_fields - fields)):
                return _missing("destination", destination, missing)
        return None

    def _fields(self, connection: Connection) -> set[str] | None:
        """Return the fields of a described entity as they are now, past AppFlow's cache."""
        described = self._controls.entities.description(
            connection.connector, connection.profile, connection.entity
        )
        return None if described is None else {field["identifier"] for field in described.fields or ()}

    def _import_fields(self, flow: Flow, run: Run) -> None:
        """Report new fields of a source whose flow transfers them without an update: from Salesforce to S3."""
        source, (destination, *_) = flow.definition.source, flow.definition.destinations
        fields = self._fields(source)
        known, flow.known_fields = flow.known_fields, fields
        dynamic = (source.properties or {}).get("enableDynamicFieldUpdate")
        if known and fields and dynamic and destination.connector == "S3" and (new := sorted(fields - known)):
            self._publish(fields_imported(flow.identity, run, new))

    def _execution_id(self, flow: Flow) -> str:
        text = f"{self._behaviour.seed} {flow.arn} {flow.number} {len(flow.runs)}"
        return str(UUID(bytes=sha256(text.encode()).digest()[:16], version=4))


def new_run(
    execution_id: str, started: datetime, outcome: Outcome, failure: str | None, behaviour: Behaviour
) -> Run:
    """Return a run with the outcome that it will have; ``failure`` is why it fails in any case."""
    status = "Error" if failure else outcome.status
    seconds = behaviour.run_seconds if outcome.seconds is None else outcome.seconds
    records = behaviour.run_records if status == "Successful" else 0
    if outcome.records is not None and not failure:
        records = outcome.records
    return Run(
        execution_id=execution_id,
        started=started,
        ends=None if status == "InProgress" else started + timedelta(seconds=seconds),
        status=status,
        records=records,
        bytes=records * behaviour.bytes_per_record if outcome.bytes is None else outcome.bytes,
        message=failure or outcome.message or ("The flow run failed." if status == "Error" else None),
        put_failures=outcome.putFailures,
    )


def _end(run: Run) -> datetime:
    return run.ends or datetime.max.replace(tzinfo=run.started.tzinfo)


def _missing(end: str, connection: Connection, fields: list[str]) -> str:
    names = ", ".join(fields)
    return f"The {end} object {connection.entity} does not have the mapped fields: {names}"
