"""The last run of a flow, as ListFlows and DescribeFlow return it. Apart from ``runs``, which apply does not need."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ERROR = "Error"


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run of a flow; ``at`` in epoch seconds."""

    status: str
    at: float | None = None
    message: str | None = None


def parse_last_run(details: Mapping[str, Any] | None) -> LastRun | None:
    """Return the last run of ``lastRunExecutionDetails``; ``None`` for a flow that has not run."""
    status = (details or {}).get("mostRecentExecutionStatus")
    if not details or not status:
        return None
    at = epoch(details.get("mostRecentExecutionTime"))
    return LastRun(status, at, details.get("mostRecentExecutionMessage"))


def epoch(moment: datetime | float | None) -> float | None:
    """Return a time in epoch seconds."""
    if moment is None:
        return None
    seconds = moment.timestamp() if isinstance(moment, datetime) else moment
    return round(seconds, 6)  # boto3 has microseconds; both forms of one time must be equal
