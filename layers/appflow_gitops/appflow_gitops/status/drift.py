"""Drift events: how a live flow and its document differ while no change is in progress.

``docs/status-events.md`` promises their form.
"""

from typing import Self

from pydantic import Field

from appflow_gitops.origin import DocumentVersion, Provenance, Wire
from appflow_gitops.service import service
from appflow_gitops.status.bus import EventBus
from appflow_gitops.status.envelope import StatusMetadata, render_detail
from appflow_gitops.status.events import StatusChange
from appflow_gitops.sync.change import timestamp
from appflow_gitops.sync.drift.report import Drift, DriftReport, LimitedRepairs

DRIFT_DETECTED = "Flow Drift Detected"
"""The EventBridge detail-type."""
REPAIRS_LIMITED = "Flow Repairs Limited"
"""The EventBridge detail-type of repairs that wait for a confirmation."""


class DriftData(Wire):
    """What differs, and whether it is being repaired."""

    flowName: str
    drift: Drift
    reason: str | None = None
    document: DocumentVersion | None = None
    provenance: Provenance = Field(default_factory=Provenance)
    flowStatus: str | None = None
    changes: tuple[StatusChange, ...] = ()
    changesTruncated: bool = False
    healing: bool = False

    def shorter(self) -> Self | None:
        """The same with its list cut in half and marked as truncated; ``None`` when it is empty."""
        if not self.changes:
            return None
        half = self.changes[: len(self.changes) // 2]
        return self.model_copy(update={"changes": half, "changesTruncated": True})


class DriftEvent(Wire):
    """One event: its detail, and the ARN of the flow where it has one."""

    metadata: StatusMetadata
    data: DriftData
    resources: tuple[str, ...] = ()

    @property
    def detail_type(self) -> str:
        """The EventBridge detail-type."""
        return DRIFT_DETECTED

    def detail(self) -> str:
        """The detail as JSON, truncated to the size of an event."""
        return render_detail(self.metadata, self.data)


def render_drift(report: DriftReport) -> DriftEvent:
    """The event of a drift."""
    return DriftEvent(
        metadata=StatusMetadata(
            id=report.id, time=timestamp(report.detected_at), correlationId=report.correlation_id
        ),
        data=DriftData(
            flowName=report.flow_name,
            drift=report.drift,
            reason=report.reason,
            document=report.document,
            provenance=report.provenance,
            flowStatus=report.flow_status,
            changes=tuple(map(StatusChange.of, report.changes)),
            healing=report.repairs,
        ),
        resources=(report.arn,) if report.arn else (),
    )


class LimitedRepairsData(Wire):
    """The repairs that exceed the limit, and the numbers."""

    confirmation: str
    limit: int
    flows: int
    flowsRepaired: int
    flowsDeclared: int
    flowNames: tuple[str, ...] = ()
    flowNamesTruncated: bool = False

    def shorter(self) -> Self | None:
        """The same with its list cut in half and marked as truncated; ``None`` when it is empty."""
        if not self.flowNames:
            return None
        half = self.flowNames[: len(self.flowNames) // 2]
        return self.model_copy(update={"flowNames": half, "flowNamesTruncated": True})


class LimitedRepairsEvent(Wire):
    """One event: its detail. It is about several flows, so that it has no ARN."""

    metadata: StatusMetadata
    data: LimitedRepairsData
    resources: tuple[str, ...] = ()

    @property
    def detail_type(self) -> str:
        """The EventBridge detail-type."""
        return REPAIRS_LIMITED

    def detail(self) -> str:
        """The detail as JSON, truncated to the size of an event."""
        return render_detail(self.metadata, self.data)


def render_limited(limited: LimitedRepairs) -> LimitedRepairsEvent:
    """The event of repairs that are limited."""
    return LimitedRepairsEvent(
        metadata=StatusMetadata(
            id=limited.id, time=timestamp(limited.detected_at), correlationId=limited.correlation_id
        ),
        data=LimitedRepairsData(
            confirmation=limited.confirmation,
            limit=limited.limit,
            flows=len(limited.flow_names),
            flowsRepaired=limited.recent,
            flowsDeclared=limited.declared,
            flowNames=limited.flow_names,
        ),
    )


@service
class DriftEventReporter:
    """Implements ``DriftReporter``: sends an event for each drift."""

    bus: EventBus

    def report(self, report: DriftReport) -> None:
        """Send the event. Raises ``SyncError``."""
        self.bus.publish(render_drift(report))

    def report_limited(self, limited: LimitedRepairs) -> None:
        """Send the event of limited repairs. Raises ``SyncError``."""
        self.bus.publish(render_limited(limited))
