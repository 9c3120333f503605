"""A change of health as a value: what ``watch_runs`` reports, and the port it reports to."""

from dataclasses import dataclass, field
from typing import Protocol

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.change import change_id
from appflow_gitops.sync.health.causes import explain
from appflow_gitops.sync.health.health import Assessment, Health

_HINTS = {
    Health.DEGRADED: "fix the cause; the next successful run makes the flow Healthy",
    Health.SILENT: (
        "check filters and mapping in the document, and whether the source has new records; if this is normal, set "
        "minimumRecords: 0 under health in the policy"
    ),
    Health.STALE: "check the schedule and the runs in AppFlow",
    Health.DEACTIVATED: "fix the cause, then drop or push the document again, which starts the flow",
}
"""What to do."""


@dataclass(frozen=True, slots=True)
class AppliedChange:
    """The change that was live when the health began. ``first_run`` is whether its first run was affected already."""

    document: DocumentVersion | None = None
    provenance: Provenance = field(default_factory=Provenance)
    request: str | None = None
    first_run: bool = False


@dataclass(frozen=True, slots=True)
class HealthReport:
    """One change of health; ``reported_at`` in epoch seconds.

    ``previous`` is the health that was reported last, if known; ``change`` the change that was live when the health
    began, if that is known.
    """

    correlation_id: str
    reported_at: float
    flow: LiveFlow
    found: Assessment
    previous: Health | None = None
    change: AppliedChange | None = None

    @property
    def id(self) -> str:
        """Identifies the change of health by the flow, the health, and the run since which it is so."""
        run = self.found.since
        return change_id(f"health {self.found.health} {run.id if run else ''}", self.flow.name)

    @property
    def cause(self) -> str | None:
        """The cause of a failed run in plain words; ``None`` where it is unknown."""
        return explain(self.found.message)

    @property
    def hint(self) -> str | None:
        """What to do."""
        return _HINTS.get(self.found.health)


class HealthReporter(Protocol):
    """Where changes of health are reported."""

    def report(self, report: HealthReport) -> None:
        """Report one change of health. Raises ``SyncError``."""
        ...
