"""The names of all metrics, for the functions that count and the tests that hold ``template.yaml`` to them.

The dashboard and the alarms go by these names. Their only dimension is ``service``, the function: whatever grows with
use, such as a flow's name, belongs into the log, because every combination of dimensions is a metric that is paid for.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Self

from appflow_gitops.status.events import Outcome

if TYPE_CHECKING:
    from appflow_gitops.status.drift import Drift


class Metric(StrEnum):
    """What is counted, and ``LATENCY``, which is measured in milliseconds.

    An outcome is counted under its own name. The kinds of drift are not counted but told anew by each scan: so many
    flows drift now.
    """

    APPLIED = "Applied"
    UNCHANGED = "Unchanged"
    REJECTED = "Rejected"
    FAILED = "Failed"
    SUPERSEDED = "Superseded"
    PLANNED = "Planned"
    EVENTS = "Events"
    QUEUED = "Queued"
    RETRIED = "Retried"
    THROTTLED = "Throttled"
    LATENCY = "Latency"
    DRIFTED = "Drifted"
    PENDING = "Pending"
    MISSING = "Missing"
    ORPHANED = "Orphaned"

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """The metric that counts an outcome."""
        return cls(outcome.value)

    @classmethod
    def of_drift(cls, drift: "Drift") -> Self:
        """The metric that tells how many flows drift so."""
        return cls(drift.value.title())
