"""Health events: a flow started or stopped to move data as expected. ``docs/status-events.md`` promises their form."""

from typing import Self

from pydantic import Field

from appflow_gitops.flows.runs import Run
from appflow_gitops.origin import DocumentVersion, Provenance, Wire
from appflow_gitops.service import service
from appflow_gitops.status.bus import EventBus
from appflow_gitops.status.envelope import StatusMetadata, render_detail
from appflow_gitops.sync.change import timestamp
from appflow_gitops.sync.health.health import Health
from appflow_gitops.sync.health.report import AppliedChange, HealthReport

HEALTH_CHANGED = "Flow Health Changed"
"""The EventBridge detail-type."""


class HealthRun(Wire):
    """One run."""

    executionId: str
    status: str
    startedAt: str
    records: int | None = None
    rejected: int = 0

    @classmethod
    def of(cls, run: Run) -> Self:
        """Render a run."""
        return cls(
            executionId=run.id,
            status=run.status,
            startedAt=timestamp(run.started_at),
            records=run.records,
            rejected=run.rejected,
        )


class HealthData(Wire):
    """The health of a flow, and since when and why it is so."""

    flowName: str
    health: Health
    previousHealth: Health | None = None
    since: str | None = None
    reason: str
    message: str | None = None
    cause: str | None = None
    hint: str | None = None
    document: DocumentVersion | None = None
    provenance: Provenance = Field(default_factory=Provenance)
    requestId: str | None = None
    firstRun: bool = False
    flowStatus: str
    latestRun: HealthRun | None = None

    def shorter(self) -> None:
        """An event of this kind always fits."""


class HealthEvent(Wire):
    """One event: its detail, and the ARN of the flow."""

    metadata: StatusMetadata
    data: HealthData
    resources: tuple[str, ...] = ()

    @property
    def detail_type(self) -> str:
        """The EventBridge detail-type."""
        return HEALTH_CHANGED

    def detail(self) -> str:
        """The detail as JSON."""
        return render_detail(self.metadata, self.data)


def render_health(report: HealthReport) -> HealthEvent:
    """The event of a change of health."""
    flow, found, change = report.flow, report.found, report.change or AppliedChange()
    began = found.overdue or (found.since.started_at if found.since else None)
    return HealthEvent(
        metadata=StatusMetadata(
            id=report.id, time=timestamp(report.reported_at), correlationId=report.correlation_id
        ),
        data=HealthData(
            flowName=flow.name,
            health=found.health,
            previousHealth=report.previous,
            since=None if began is None else timestamp(began),
            reason=found.reason,
            message=found.message,
            cause=report.cause,
            hint=report.hint,
            document=change.document,
            provenance=change.provenance,
            requestId=change.request,
            firstRun=change.first_run,
            flowStatus=flow.status,
            latestRun=HealthRun.of(found.latest) if found.latest else None,
        ),
        resources=(flow.arn,) if flow.arn else (),
    )


@service
class HealthEventReporter:
    """Implements ``HealthReporter``: sends an event for each change of health."""

    bus: EventBus

    def report(self, report: HealthReport) -> None:
        """Send the event. Raises ``SyncError``."""
        self.bus.publish(render_health(report))
