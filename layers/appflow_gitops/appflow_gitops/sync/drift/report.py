"""Drift as a value: what ``detect_drift`` reports, the port it reports to, and where it keeps its scan state."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.origin import DocumentVersion, Provenance


class Drift(StrEnum):
    """How a flow and its document differ while no change is in progress."""

    DRIFTED = "drifted"
    PENDING = "pending"
    MISSING = "missing"
    ORPHANED = "orphaned"


@dataclass(frozen=True, slots=True)
class DriftReport:
    """One drift. ``id`` is the same for every report of it; ``detected_at`` is in epoch seconds.

    ``changes`` is what the document would change in the live flow; ``repairs`` says whether a change was queued that
    does so, and ``reason`` why none can.
    """

    id: str
    correlation_id: str
    detected_at: float
    flow_name: str
    drift: Drift
    arn: str | None = None
    reason: str | None = None
    document: DocumentVersion | None = None
    provenance: Provenance = field(default_factory=Provenance)
    flow_status: str | None = None
    changes: tuple[DiffItem, ...] = ()
    repairs: bool = False


@dataclass(frozen=True, slots=True)
class LimitedRepairs:
    """Repairs that exceed the ``limit``, a number of flows within an hour, and are not queued.

    ``confirmation`` is what a user confirms them with. ``recent`` is the number of flows that were repaired within the
    last hour, ``declared`` that of all flows that documents declare. ``detected_at`` is in epoch seconds.
    """

    id: str
    correlation_id: str
    detected_at: float
    confirmation: str
    limit: int
    flow_names: tuple[str, ...]
    recent: int
    declared: int

    @property
    def reason(self) -> str:
        """Why the flows are not repaired."""
        return (
            f"not repaired: {len(self.flow_names)} of {self.declared} flows would be changed, {self.recent} were "
            f"changed in the last hour, and ChangeAtMost allows {self.limit}; confirm with "
            f"'appflow-gitops confirm {self.confirmation}'"
        )


class DriftReporter(Protocol):
    """Where drift is reported."""

    def report(self, report: DriftReport) -> None:
        """Report one drift. Raises ``SyncError``."""
        ...

    def report_limited(self, limited: LimitedRepairs) -> None:
        """Report repairs that exceed the limit. Raises ``SyncError``."""
        ...


class ScanStateStore(Protocol):
    """Where the scan state is kept between scans, as the bytes that ``scan_state`` reads and writes."""

    def read(self) -> bytes | None:
        """What was written last; ``None`` before the first scan."""
        ...

    def write(self, content: bytes) -> None:
        """Replace it."""
        ...
