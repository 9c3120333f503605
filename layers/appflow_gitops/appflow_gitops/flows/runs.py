"""Runs of a flow, as AppFlow records them.

``aws.runs`` parses DescribeFlowExecutionRecords; ``sync.health`` and the commands ``run``, ``runs`` and ``push`` use
them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from appflow_gitops.flows.last_run import ERROR, epoch

IN_PROGRESS = frozenset({"InProgress", "CancelStarted"})
SUCCESSFUL = "Successful"


@dataclass(frozen=True, slots=True)
class Run:
    """One run. ``status`` is AppFlow's executionStatus; times are in epoch seconds; unknown values are ``None``.

    ``rejected`` is the number of records that the destination rejected.
    """

    id: str
    status: str
    started_at: float
    updated_at: float | None = None
    records: int | None = None
    written: int | None = None
    """Bytes."""
    rejected: int = 0
    message: str | None = None

    @property
    def is_in_progress(self) -> bool:
        """Whether the run has no result yet."""
        return self.status in IN_PROGRESS

    @property
    def has_result(self) -> bool:
        """Whether the run moved data or failed to; a canceled run did neither."""
        return self.status in (SUCCESSFUL, ERROR)

    @property
    def failed(self) -> bool:
        """Whether the run failed as a whole or for some records."""
        return self.status == ERROR or self.rejected > 0


def parse_run(entry: Mapping[str, Any]) -> Run:
    """Return the run of an entry of DescribeFlowExecutionRecords, from boto3 (datetimes) or JSON (epoch seconds)."""
    result = entry.get("executionResult") or {}
    error = result.get("errorInfo") or {}
    return Run(
        id=entry["executionId"],
        status=entry.get("executionStatus", ""),
        started_at=epoch(entry.get("startedAt")) or 0.0,
        updated_at=epoch(entry.get("lastUpdatedAt")),
        records=result.get("recordsProcessed"),
        written=result.get("bytesWritten"),
        rejected=error.get("putFailuresCount") or 0,
        message=error.get("executionMessage"),
    )


def newest_first(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Return the runs in the order in which they started, the last one first; runs of one moment as they are."""
    return tuple(sorted(runs, key=lambda run: run.started_at, reverse=True))
