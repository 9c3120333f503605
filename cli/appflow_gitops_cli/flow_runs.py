"""Runs of flows: start one, wait for one, and print them. For ``run``, ``runs`` and ``push --healthy``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.runs import Run
from appflow_gitops.quoting import quoted
from appflow_gitops.sync.apply.requested_run import UPDATE_VISIBLE_AFTER
from appflow_gitops.sync.change import timestamp
from appflow_gitops.sync.health.causes import explain
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.screen import Screen

POLL_INTERVAL = 2.0
"""Seconds between two polls."""

_COLOURS = {"Successful": "green", "Error": "red", "Canceled": "yellow", "CancelStarted": "yellow"}


class RunService(Protocol):
    """The runs of all flows of the account and region."""

    def latest(self, name: str) -> tuple[Run, ...]:
        """The latest runs of a flow, newest first."""
        ...

    def start(self, name: str) -> str | None:
        """Start a run of an on-demand flow; its id."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """How to wait: ``clock`` returns epoch seconds; the wait ends ``timeout`` seconds after it began."""

    timeout: float
    clock: Callable[[], float]
    sleep: Callable[[float], None]

    def until(self, found: Callable[[], Run | None]) -> Run | None:
        """Poll until a run is found; ``None`` after the timeout."""
        deadline = self.clock() + self.timeout
        while (run := found()) is None:
            left = deadline - self.clock()
            if left <= 0:
                return None
            self.sleep(min(POLL_INTERVAL, left))
        return run


def start_run(runs: RunService, live: LiveFlow, waiting: Waiting) -> str:
    """Start a run that uses the current configuration, and return its id. Raises CommandError for other flows."""
    if live.trigger_type != "OnDemand":
        raise CommandError(
            f"flow {quoted(live.name)} is {live.trigger_type}: AppFlow starts its runs, expected an on-demand flow"
        )
    visible = (live.last_updated_at or 0.0) + UPDATE_VISIBLE_AFTER
    if (left := visible - waiting.clock()) > 0:
        waiting.sleep(min(left, UPDATE_VISIBLE_AFTER))
    run = runs.start(live.name)
    if run is None:
        raise CommandError(f"AppFlow returned no run of flow {quoted(live.name)}")
    return run


def run_with_id(runs: RunService, name: str, run_id: str) -> Run | None:
    """The run once it has ended."""
    found = (run for run in runs.latest(name) if run.id == run_id and not run.is_in_progress)
    return next(found, None)


def first_run_since(runs: RunService, name: str, moment: float) -> Run | None:
    """The first run that started after ``moment`` (epoch seconds) and has a result."""
    found = [run for run in runs.latest(name) if run.has_result and run.started_at > moment]
    return found[-1] if found else None


def result_lines(name: str, run: Run, screen: Screen) -> list[str]:
    """The result of a run on one line, and AppFlow's message and its cause on the next."""
    status = screen.style(run.status, _COLOURS.get(run.status))
    lines = [f"{status} {screen.printable(name)}: {moved(run)} (run {run.id})"]
    if run.message:
        lines.append(f"    {screen.printable(run.message)}")
    if cause := explain(run.message):
        lines.append(f"    cause: {cause}")
    return lines


def table_lines(runs: Sequence[Run], screen: Screen) -> list[str]:
    """One line for each run, the message of a failed one below it."""
    lines = []
    for run in runs:
        status = screen.style(f"{run.status:<13}", _COLOURS.get(run.status))
        lines.append(f"{timestamp(run.started_at)[:19]}Z  {status}  {moved(run):<16}  {run.id}")
        if run.message:
            lines.append(f"    {screen.printable(run.message)}")
    return lines


def moved(run: Run) -> str:
    """What the run moved, in words."""
    if run.is_in_progress:
        return "in progress"
    records = "unknown" if run.records is None else f"{run.records:,}"
    rejected = f", {run.rejected:,} rejected" if run.rejected else ""
    return f"{records} {'record' if run.records == 1 else 'records'}{rejected}"


def as_json(run: Run) -> dict[str, object]:
    """The run as JSON shows it."""
    return {
        "executionId": run.id,
        "status": run.status,
        "startedAt": timestamp(run.started_at),
        "records": run.records,
        "rejected": run.rejected,
        "message": run.message,
        "cause": explain(run.message),
    }
