"""Health records: what is known of a flow's health, one small record for each managed flow.

They let a run that is as expected cost no call to AppFlow, and a health be reported once. They may be lost at any time:
the next scan then inspects every flow, and what it reports again has the same id as before.
"""

from collections.abc import Sequence
from typing import Literal, Protocol, Self

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.runs import Run
from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.origin import Wire
from appflow_gitops.sync.health.health import (
    Assessment,
    BrokenFields,
    Health,
    Objective,
    Timetable,
    timetable,
)

PRECISION = 1.0
"""Seconds by which two times of one run may differ: events and ListFlows have different precisions."""


class HealthRecord(Wire):
    """What the last inspection of a flow found. Times are in epoch seconds.

    ``reported`` is the health that was reported last, or the first one that needed no report. ``reporting`` is one
    whose report began and whose end is unknown, because the invocation crashed. ``assessedAt`` is the start of the
    latest run that had ended. ``createdAt``, ``updatedAt``, ``status`` and the schedule are those of the flow then.
    ``broken``: it used fields that had been removed or retyped.
    """

    schemaVersion: Literal["1"] = "1"
    health: Health
    reported: Health | None = None
    reporting: Health | None = None
    assessedAt: float | None = None
    createdAt: float | None = None
    updatedAt: float | None = None
    status: str = ""
    interval: float | None = None
    start: float | None = None
    end: float | None = None
    staleAfter: float | None = None
    minimumRecords: int | None = None
    broken: bool = False

    @classmethod
    def of(
        cls, live: LiveFlow, runs: Sequence[Run], found: Assessment, objective: Objective, before: Self | None
    ) -> Self:
        """The record of an inspection, which found these ``runs``, after ``before``."""
        schedule, known = timetable(live), found.health is not Health.UNKNOWN
        return cls(
            health=found.health,
            reported=found.health if known else before.reported if before else None,
            reporting=before.reporting if before and not known else None,
            assessedAt=max((run.started_at for run in runs if not run.is_in_progress), default=None),
            createdAt=live.created_at,
            updatedAt=live.last_updated_at,
            status=live.status,
            interval=schedule.interval,
            start=schedule.start,
            end=schedule.end,
            staleAfter=objective.stale_after,
            minimumRecords=objective.minimum_records,
            broken=found.broken,
        )

    @property
    def objective(self) -> Objective:
        """The objective that the flow was assessed by."""
        return Objective(self.staleAfter, self.minimumRecords)

    def is_about(self, live: LiveFlow | FlowSummary) -> bool:
        """Whether it is about this flow, not about one with its name that was deleted."""
        if self.createdAt is None or live.created_at is None:
            return True
        return abs(self.createdAt - live.created_at) <= PRECISION

    def continues(self, run: Run) -> bool:
        """Whether a run that just ended is as expected, so that a healthy flow remains healthy."""
        expected = 1 if self.minimumRecords is None else self.minimumRecords
        return (
            self.health is Health.HEALTHY
            and self.reporting is None
            and run.has_result
            and not run.failed
            and run.records is not None
            and run.records >= expected
        )

    def is_news(self, health: Health) -> bool:
        """Whether a health that was found has to be reported after this record."""
        return health is not Health.UNKNOWN and (self.reporting is not None or health is not self.reported)

    def after(self, run: Run) -> Self:
        """The record after a run that ``continues`` it; an older run changes nothing."""
        return self.model_copy(update={"assessedAt": max(run.started_at, self.assessedAt or 0.0)})

    def is_current(
        self, live: FlowSummary, objective: Objective, now: float, broken: BrokenFields | None = None
    ) -> bool:
        """Whether ListFlows shows nothing that is newer than this record. ``now`` in epoch seconds.

        ``broken`` are the fields of the flow that were removed or retyped, if any.
        """
        last = live.last_run.at if live.last_run else None
        seen = last is None or (self.assessedAt is not None and last <= self.assessedAt + PRECISION)
        return (
            seen
            and self.is_about(live)
            and self.reporting is None
            and self.updatedAt == live.last_updated_at
            and self.status == live.status
            and self.objective == objective
            and self.broken == (broken is not None and broken.affect(live.last_updated_at, last))
            and self._is_stale(live, last, now) == (self.health is Health.STALE)
        )

    def _is_stale(self, live: FlowSummary, last: float | None, now: float) -> bool:
        schedule = Timetable(self.interval, self.start, self.end)
        runs = live.trigger_type == "OnDemand" or live.status == "Active"
        return runs and schedule.overdue_since(self.objective, last, self.updatedAt, now) is not None


class HealthRecords(Protocol):
    """Where health records are kept."""

    def read(self, flow_name: str) -> HealthRecord | None:
        """The record of a flow; ``None`` where there is none, or none that can be parsed."""
        ...

    def write(self, flow_name: str, record: HealthRecord) -> None:
        """Replace it."""
        ...

    def names(self) -> frozenset[str]:
        """The flows that have a record."""
        ...

    def delete(self, flow_name: str) -> None:
        """Delete the record of a flow."""
        ...
