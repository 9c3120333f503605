"""Status events: one per outcome, in the form that ``docs/status-events.md`` promises.

Consumers match on detail-type and ``data``. This module renders every ``OutcomeReport``; ``drift`` renders drift.
"""

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field

from appflow_gitops.origin import DocumentVersion, Provenance, Wire
from appflow_gitops.status.envelope import StatusMetadata, render_detail
from appflow_gitops.sync.change import FindingMessage, timestamp
from appflow_gitops.sync.outcome import Outcome, OutcomeReport

if TYPE_CHECKING:
    from appflow_gitops.flows.diff import DiffItem
    from appflow_gitops.sync.plan import Adjustment


class StatusFinding(FindingMessage):
    """A finding as status events and the command's JSON show it."""


class StatusChange(Wire):
    """One difference between the live flow and its document."""

    op: Literal["add", "change", "remove"]
    pointer: str
    live: Any = None
    desired: Any = None

    @classmethod
    def of(cls, item: "DiffItem") -> Self:
        """Render a difference."""
        return cls(op=item.op, pointer=item.pointer, live=item.live, desired=item.desired)


class StatusAdjustment(Wire):
    """A value that was sent otherwise than the document declares it, and why."""

    pointer: str
    desired: Any
    sent: Any
    reason: str

    @classmethod
    def of(cls, adjustment: "Adjustment") -> Self:
        """Render an adjustment."""
        return cls(
            pointer=adjustment.pointer,
            desired=adjustment.desired,
            sent=adjustment.sent,
            reason=adjustment.reason,
        )


class StatusError(Wire):
    """Why a change was not made."""

    code: str
    message: str


class StatusData(Wire):
    """The outcome of the change."""

    flowName: str | None
    outcome: Outcome
    action: str | None = None
    reason: str | None = None
    document: DocumentVersion | None = None
    provenance: Provenance = Field(default_factory=Provenance)
    clientToken: str | None = None
    contentDigest: str | None = None
    flowStatus: str | None = None
    changes: tuple[StatusChange, ...] = ()
    changesTruncated: bool = False
    adjustments: tuple[StatusAdjustment, ...] = ()
    differences: tuple[StatusChange, ...] = ()
    findings: tuple[StatusFinding, ...] = ()
    findingsTruncated: bool = False
    error: StatusError | None = None
    executionId: str | None = None
    heldUntil: str | None = None

    def shorter(self) -> Self | None:
        """The same with its lists cut in half and marked as truncated; ``None`` when they are empty."""
        if not (self.changes or self.differences or self.findings):
            return None
        return self.model_copy(
            update={
                "changes": self.changes[: len(self.changes) // 2],
                "differences": self.differences[: len(self.differences) // 2],
                "findings": self.findings[: len(self.findings) // 2],
                "changesTruncated": bool(self.changes or self.differences) or self.changesTruncated,
                "findingsTruncated": bool(self.findings) or self.findingsTruncated,
            }
        )


class StatusEvent(Wire):
    """One event: its detail, and the ARN of the flow where it has one."""

    metadata: StatusMetadata
    data: StatusData
    resources: tuple[str, ...] = ()

    @property
    def detail_type(self) -> str:
        """The EventBridge detail-type."""
        return detail_type(self.data.outcome)

    def detail(self) -> str:
        """The detail as JSON of at most ``SIZE_LIMIT`` bytes, truncated and marked as such where needed."""
        return render_detail(self.metadata, self.data)


def detail_type(outcome: Outcome) -> str:
    """The EventBridge detail-type of an outcome's events."""
    return f"Flow {'Run' if outcome is Outcome.STARTED else 'Change'} {outcome.value}"


def render_outcome(report: OutcomeReport) -> StatusEvent:
    """The status event of an outcome."""
    result = report.result
    return StatusEvent(
        metadata=StatusMetadata(
            id=report.id,
            time=timestamp(report.reported_at),
            correlationId=report.correlation_id,
            attempt=report.attempt,
        ),
        data=StatusData(
            flowName=result.flow_name,
            outcome=result.outcome,
            action=result.action.value if result.action else None,
            reason=result.reason,
            document=report.document,
            provenance=report.provenance,
            clientToken=result.client_token,
            contentDigest=result.content_digest,
            flowStatus=result.flow_status,
            changes=tuple(map(StatusChange.of, result.changes)),
            adjustments=tuple(map(StatusAdjustment.of, result.adjustments)),
            differences=tuple(map(StatusChange.of, result.differences)),
            findings=tuple(map(StatusFinding.of, result.findings)),
            error=StatusError(code=result.error.code, message=result.error.message) if result.error else None,
            executionId=result.run,
            heldUntil=timestamp(result.held_until) if result.held_until is not None else None,
        ),
        resources=(result.arn,) if result.arn else (),
    )
