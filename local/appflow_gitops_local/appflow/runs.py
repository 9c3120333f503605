"""Runs of flows, and the outcomes that the control API schedules for them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from .definition import Members
from .json_values import read_record
from .scripts import Script
from .wire import epoch, without_absent

Status = Literal["Successful", "Error", "InProgress"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the next runs end. The fields have the names of the JSON form."""

    flowName: str | None = None
    """The flow; null: any."""
    status: Status = "Successful"
    """``InProgress``: the run does not end until it is canceled."""
    records: int | None = None
    """The number of records; by default as the switch ``runRecords`` says, 0 for a failed run."""
    bytes: int | None = None
    """The number of bytes; by default ``bytesPerRecord`` for each record."""
    message: str | None = None
    """The message of a failed run."""
    putFailures: int = 0
    """The number of records that the destination rejected."""
    seconds: float | None = None
    """The duration; by default as the switch ``runSeconds`` says."""
    times: int | None = 1
    """The number of runs; null: until the outcomes are cleared."""


LONGEST_RUN_SECONDS = 1e9


def outcome_from_json(members: Any) -> Outcome:
    """Read an outcome. Raises ValueError."""
    outcome = read_record(Outcome, members)
    if (outcome.seconds or 0) > LONGEST_RUN_SECONDS:
        raise ValueError("seconds: expected less than 1,000,000,000")
    return outcome


Outcomes = Script[Outcome]


@dataclass(slots=True)
class Run:
    """One run, with the result that it has or will have."""

    execution_id: str
    started: datetime
    ends: datetime | None
    """None: the run does not end by itself."""
    status: str
    """The final status."""
    records: int
    bytes: int
    message: str | None = None
    put_failures: int = 0
    pull_start: datetime | None = None
    pull_end: datetime | None = None
    scheduled: bool = False
    """Whether the schedule started it."""
    finished: bool = False
    canceled: datetime | None = None
    """When CancelFlowExecutions was called."""

    @property
    def shown_status(self) -> str:
        """The executionStatus."""
        if self.finished:
            return self.status
        return "CancelStarted" if self.canceled else "InProgress"

    def cancel(self, now: datetime, ends: datetime) -> None:
        """Start the cancellation, which is complete at ``ends``."""
        self.canceled, self.ends, self.status, self.message = now, ends, "Canceled", None

    def last_run_details(self) -> Members:
        """Return the lastRunExecutionDetails."""
        return without_absent(
            {
                "mostRecentExecutionTime": epoch(self.started),
                "mostRecentExecutionStatus": self.shown_status,
                "mostRecentExecutionMessage": self.message if self.finished else None,
            }
        )

    def to_json(self) -> Members:
        """Return the entry of DescribeFlowExecutionRecords."""
        updated = self.ends if self.finished and self.ends else self.canceled or self.started
        return without_absent(
            {
                "executionId": self.execution_id,
                "executionStatus": self.shown_status,
                "executionResult": self._result() if self.finished else None,
                "startedAt": epoch(self.started),
                "lastUpdatedAt": epoch(updated),
                "dataPullStartTime": self.pull_start and epoch(self.pull_start),
                "dataPullEndTime": self.pull_end and epoch(self.pull_end),
            }
        )

    def _result(self) -> Members:
        failed = self.status == "Error" or self.put_failures
        error = {"executionMessage": self.message, "putFailuresCount": self.put_failures}
        return without_absent(
            {
                "errorInfo": without_absent(error) if failed else None,
                "bytesProcessed": self.bytes,
                "bytesWritten": self.bytes if self.status == "Successful" else 0,
                "recordsProcessed": self.records,
            }
        )
