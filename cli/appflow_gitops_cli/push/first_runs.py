"""``push --healthy``: the first run of every changed flow after the change, and whether it moved data."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.runs import Run
from appflow_gitops.sync.health.causes import explain
from appflow_gitops.sync.health.health import Objective
from appflow_gitops_cli.flow_runs import (
    RunService,
    Waiting,
    as_json,
    first_run_since,
    result_lines,
    run_with_id,
    start_run,
)
from appflow_gitops_cli.screen import Screen

DEFAULT_MINIMUM = 1
"""Records that the first run has to move where the policy sets no ``minimumRecords``."""


@dataclass(frozen=True, slots=True)
class FirstRun:
    """The first run of a flow after its change.

    ``problem`` is why the flow is not healthy, ``note`` why no run was due.
    """

    flow_name: str
    run: Run | None = None
    problem: str | None = None
    note: str | None = None

    def lines(self, screen: Screen) -> Iterable[str]:
        """The result as text."""
        if self.run:
            yield from result_lines(self.flow_name, self.run, screen)
        if self.problem and not (self.run and self.run.failed):
            yield f"{screen.printable(self.flow_name)}: {screen.style('error:', 'red', bold=True)} {self.problem}"
        if self.note:
            yield f"note: {screen.printable(self.flow_name)}: {self.note}"

    def to_json(self) -> dict[str, Any]:
        """The result as JSON shows it."""
        run = as_json(self.run) if self.run else None
        return {"flowName": self.flow_name, "run": run, "problem": self.problem, "note": self.note}


@dataclass(frozen=True, slots=True)
class FirstRuns:
    """Waits for first runs. ``objective`` returns what the policy expects of a flow; ``starts`` runs on demand."""

    describe: Callable[[str], LiveFlow | None]
    runs: RunService
    objective: Callable[[str], Objective]
    waiting: Waiting
    starts: bool = False

    def check(self, names: Sequence[str]) -> tuple[FirstRun, ...]:
        """The first run of each flow; all of them run at the same time. Raises ``SyncError``."""
        due = [self._due(name) for name in names]
        deadline = self.waiting.clock() + self.waiting.timeout
        return tuple(
            found if isinstance(found, FirstRun) else self._result(name, found, deadline)
            for name, found in zip(names, due, strict=True)
        )

    def _due(self, name: str) -> "FirstRun | Callable[[], Run | None]":
        """How to find the run to wait for, or the result where none is due."""
        live = self.describe(name)
        if live is None:
            return FirstRun(name, problem="the flow does not exist any more")
        if live.trigger_type == "OnDemand":
            if not self.starts:
                return FirstRun(name, note="not run, because it runs on demand; --run starts it")
            run_id = start_run(self.runs, live, self.waiting)
            return lambda: run_with_id(self.runs, name, run_id)
        if live.status != "Active":
            return FirstRun(name, problem=f"the flow is {live.status} and does not run")
        changed_at = live.last_updated_at or 0.0
        return lambda: first_run_since(self.runs, name, changed_at)

    def _result(self, name: str, find: Callable[[], Run | None], deadline: float) -> FirstRun:
        left = Waiting(max(0.0, deadline - self.waiting.clock()), self.waiting.clock, self.waiting.sleep)
        run = left.until(find)
        if run is None:
            return FirstRun(
                name, problem=f"no run ended within {self.waiting.timeout:.0f} s after the change"
            )
        return FirstRun(name, run, self._problem(name, run))

    def _problem(self, name: str, run: Run) -> str | None:
        if run.failed or not run.has_result:
            return explain(run.message) or run.message or f"the run ended {run.status}"
        minimum = self.objective(name).minimum_records
        expected = DEFAULT_MINIMUM if minimum is None else minimum
        if run.records is None or run.records >= expected:
            return None
        return f"the first run after the change moved {run.records:,} records, expected {expected:,} or more"
