"""The health of a flow: what its runs, its schedule and its objective say about the data that it moves. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from appflow_gitops.findings import Json
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.runs import Run
from appflow_gitops.flows.schedule import parse_rate
from appflow_gitops.sync.described import Described

GRACE = 900.0
"""Seconds that a run may start late; AppFlow documents no bound."""


class Health(Described):
    """Whether a flow moves data."""

    # The one table of healths: name, colour in the terminal, and meaning. Events, schemas, docs, metrics and the
    # command read it.

    HEALTHY = "Healthy", "green", "The latest run succeeded."
    DEGRADED = (
        "Degraded",
        "red",
        "The latest run failed, the destination rejected records of it, or fields that the flow uses were removed.",
    )
    SILENT = (
        "Silent",
        "yellow",
        "The latest runs moved fewer records than the objective, or none for longer than ever before.",
    )
    STALE = "Stale", "yellow", "A run is overdue by the flow's schedule or objective."
    DEACTIVATED = (
        "Deactivated",
        "red",
        "AppFlow stopped the flow because its runs failed. Nothing restarts it by itself.",
    )
    UNKNOWN = "Unknown", None, "The flow has not run, or is not active."

    @property
    def needs_attention(self) -> bool:
        """Whether data is missing."""
        return self not in (Health.HEALTHY, Health.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Objective:
    """What is expected of a flow: a run every ``stale_after`` seconds, with ``minimum_records``. ``None``: default."""

    stale_after: float | None = None
    minimum_records: int | None = None


NO_OBJECTIVE = Objective()


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a flow is due to run by its schedule: every ``interval`` seconds between ``start`` and ``end``.

    Without an interval it is unknown when the flow runs: on demand, on events, or by a cron expression.
    """

    interval: float | None = None
    start: float | None = None
    end: float | None = None

    def overdue_since(
        self, objective: Objective, last_run: float | None, changed_at: float | None, now: float
    ) -> float | None:
        """When the next run was due at the latest, in epoch seconds; ``None`` if none is overdue.

        ``last_run`` is when the last one started, ``changed_at`` the last update of the flow. One run may be skipped.
        """
        patience = objective.stale_after
        if patience is None:
            patience = 2 * self.interval + GRACE if self.interval else None
        since = [moment for moment in (last_run, changed_at, self.start) if moment is not None]
        if patience is None or not since or (self.end is not None and self.end <= now):
            return None
        due = max(since) + patience
        return due if due < now else None


def timetable(live: LiveFlow) -> Timetable:
    """The timetable of a live flow."""
    trigger = live.configuration.get("triggerConfig")
    properties = trigger.get("triggerProperties") if isinstance(trigger, dict) else None
    schedule = properties.get("Scheduled") if isinstance(properties, dict) else None
    if not isinstance(schedule, dict):
        return Timetable()
    rate = parse_rate(str(schedule.get("scheduleExpression", "")))
    return Timetable(
        float(rate.seconds) if rate and rate.seconds else None,
        _seconds(schedule.get("scheduleStartTime")),
        _seconds(schedule.get("scheduleEndTime")),
    )


@dataclass(frozen=True, slots=True)
class BrokenFields:
    """Fields that a flow uses were removed or retyped: its next run is expected to fail. ``since`` in epoch seconds."""

    since: float
    reason: str

    def affect(self, updated_at: float | None, last_run_at: float | None) -> bool:
        """Whether the flow was not updated and has not run since."""
        return all(moment is None or moment <= self.since for moment in (updated_at, last_run_at))


@dataclass(frozen=True, slots=True)
class Assessment:
    """The health of a flow and the facts behind it.

    ``since`` is the first of the ``runs`` for which it is so, ``latest`` the latest run with a result. ``overdue`` is
    when a run was due, or when fields of a flow with ``broken`` ones changed; ``message`` is AppFlow's own.
    """

    health: Health
    reason: str
    runs: tuple[Run, ...] = ()
    latest: Run | None = None
    overdue: float | None = None
    message: str | None = None
    broken: bool = False

    @property
    def since(self) -> Run | None:
        """The first run for which it is so; for an overdue run the last one before it."""
        return self.runs[-1] if self.runs else self.latest


def assess(live: LiveFlow, runs: Sequence[Run], objective: Objective, now: float) -> Assessment:
    """Return the health of a flow. ``runs`` are its latest ones, newest first; ``now`` in epoch seconds."""
    ended = [run for run in runs if run.has_result]
    latest = ended[0] if ended else None
    if is_deactivated(live, latest):
        message = live.status_message or (latest.message if latest else None)
        return Assessment(Health.DEACTIVATED, "AppFlow deactivated the flow", (), latest, message=message)
    if live.trigger_type != "OnDemand" and live.status != "Active":
        return Assessment(Health.UNKNOWN, f"the flow is {live.status}", latest=latest)
    started = runs[0].started_at if runs else None
    if overdue := timetable(live).overdue_since(objective, started, live.last_updated_at, now):
        return Assessment(Health.STALE, "a run is overdue", latest=latest, overdue=overdue)
    return _assess_runs(ended, objective) if ended else Assessment(Health.UNKNOWN, "the flow has not run")


def with_broken_fields(
    found: Assessment, broken: BrokenFields | None, live: LiveFlow, runs: Sequence[Run]
) -> Assessment:
    """Return the health of a flow with broken fields: Degraded, unless it needs attention anyway."""
    last_run_at = max((run.started_at for run in runs if not run.is_in_progress), default=None)
    if broken is None or not broken.affect(live.last_updated_at, last_run_at):
        return found
    if found.health.needs_attention:
        return replace(found, broken=True)
    return Assessment(Health.DEGRADED, broken.reason, latest=found.latest, overdue=broken.since, broken=True)


def _assess_runs(ended: Sequence[Run], objective: Objective) -> Assessment:
    latest = ended[0]
    if failed := tuple(takewhile(lambda run: run.failed, ended)):
        return Assessment(Health.DEGRADED, _failure(failed), failed, latest, message=latest.message)
    if empty := _unusually_empty(ended, objective.minimum_records):
        return Assessment(Health.SILENT, _emptiness(empty, ended, objective), empty, latest)
    good = tuple(takewhile(lambda run: not run.failed, ended))
    return Assessment(Health.HEALTHY, _movement(latest), good, latest)


def is_deactivated(live: LiveFlow, latest: Run | None) -> bool:
    """Whether AppFlow stopped the flow.

    Without a message of AppFlow, a suspended flow counts as deactivated if its ``latest`` run failed and its document
    does not want it suspended.
    """
    if live.is_deactivated:
        return True
    failed = latest is not None and latest.failed
    return failed and live.status == "Suspended" and live.owner.status != "Suspended"


def _unusually_empty(ended: Sequence[Run], minimum: int | None) -> tuple[Run, ...]:
    """The latest runs with fewer records than ``minimum``.

    Without a minimum: those without records, if earlier ones moved some and never so many in a row moved none.
    """
    if minimum is not None:
        return tuple(takewhile(lambda run: _is_below(run, minimum), ended))
    empty = tuple(takewhile(lambda run: _is_below(run, 1), ended))
    earlier = ended[len(empty) :]
    if not any(run.records for run in earlier) or len(empty) <= max(_empty_streaks(earlier), default=0):
        return ()
    return empty


def _empty_streaks(runs: Sequence[Run]) -> Iterator[int]:
    length = 0
    for run in runs:
        length = length + 1 if _is_below(run, 1) else 0
        yield length


def _is_below(run: Run, minimum: int) -> bool:
    return not run.failed and run.records is not None and run.records < minimum


def _failure(failed: Sequence[Run]) -> str:
    latest = failed[0]
    if latest.status == "Successful":
        return f"the destination rejected {latest.rejected:,} records of the latest run"
    return "the latest run failed" if len(failed) == 1 else f"the latest {len(failed)} runs failed"


def _emptiness(empty: Sequence[Run], ended: Sequence[Run], objective: Objective) -> str:
    moved = f"the latest run moved {empty[0].records or 0:,} records"
    if len(empty) > 1:
        moved = f"the latest {len(empty)} runs moved {empty[0].records or 0:,} records each"
    if objective.minimum_records is not None:
        return f"{moved}, expected {objective.minimum_records:,} or more"
    before = next(run.records for run in ended[len(empty) :] if run.records)
    return f"{moved}, an earlier one {before:,}"


def _movement(latest: Run) -> str:
    return (
        "the latest run succeeded"
        if latest.records is None
        else f"the latest run moved {latest.records:,} records"
    )


def _seconds(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
