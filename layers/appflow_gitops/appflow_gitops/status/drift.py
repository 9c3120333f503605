"""The events that tell of drift: how a live flow and its document differ though no change is under way.

``sync.drift`` makes them; ``docs/status-events.md`` promises their form.
"""

from enum import StrEnum
from typing import Self

from pydantic import Field

from appflow_gitops.origin import DocumentVersion, Provenance, Wire
from appflow_gitops.status.events import StatusChange, StatusMetadata, fitted

DRIFT_DETECTED = "Flow Drift Detected"
"""The EventBridge detail-type."""


class Drift(StrEnum):
    """How a flow and its document differ though no change is under way; the words of ``appflow-gitops status``."""

    DRIFTED = "drifted"
    PENDING = "pending"
    MISSING = "missing"
    ORPHANED = "orphaned"


class DriftData(Wire):
    """What differs, and whether it is being mended."""

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
        """The same with its list cut in half and marked as cut; ``None`` when it is empty."""
        if not self.changes:
            return None
        half = self.changes[: len(self.changes) // 2]
        return self.model_copy(update={"changes": half, "changesTruncated": True})


class DriftEvent(Wire):
    """One event: its detail, and the ARN of the flow where there is one."""

    metadata: StatusMetadata
    data: DriftData
    resources: tuple[str, ...] = ()

    @property
    def detail_type(self) -> str:
        """The EventBridge detail-type."""
        return DRIFT_DETECTED

    def detail(self) -> str:
        """The detail as JSON, cut to what fits into an event."""
        return fitted(self.metadata, self.data)
