"""``push --healthy``: the first run of every changed flow after the change, and whether it moved data.

Flows that this push did not change are judged by their latest run, so that a job that is repeated after a failed run
succeeds only after a good one.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from appflow_gitops.flows.last_run import ERROR
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.runs import Run
from appflow_gitops.flows.summary import FlowSummary
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

_GONE = "the flow does not exist any more"


@dataclass(frozen=True, slots=True)
class FirstRun:
    """The first run of a flow after its change; of an unchanged flow the latest one.

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
class _Due:
    """A run to wait for; ``otherwise`` is the result if it does not end in time."""

    name: str
    which: str
    find: Callable[[], Run | None]
    otherwise: FirstRun


@dataclass(frozen=True, slots=True)
class FirstRuns:
    """Waits for first runs. ``objective`` returns what the policy expects of a flow; ``starts`` runs on demand."""

    describe: Callable[[str], LiveFlow | None]
    runs: RunService
    objective: Callable[[str], Objective]
    waiting: Waiting
    starts: bool = False

    def check(
        self, names: Sequence[str], unchanged: Mapping[str, bool] | None = None
    ) -> tuple[FirstRun, ...]:
        """The first run of each flow, and the latest of each unchanged one that has to be checked.

        ``unchanged`` is from ``unchanged_to_check``. All flows run at the same time. Raises ``SyncError``.
        """
        due = [self._due(name) for name in names]
        due += [self._due_again(name, waits=waits) for name, waits in (unchanged or {}).items()]
        deadline = self.waiting.clock() + self.waiting.timeout
        results = (self._result(each, deadline) if isinstance(each, _Due) else each for each in due)
        return tuple(result for result in results if result)

    def _due(self, name: str) -> "FirstRun | _Due | None":
        """The run to wait for after a change, or the result where none is due."""
        live = self.describe(name)
        return FirstRun(name, problem=_GONE) if live is None else self._first_run(live)

    def _first_run(self, live: LiveFlow) -> "FirstRun | _Due":
        name, which = live.name, "the first run after the change"
        late = FirstRun(name, problem=f"no run ended within {self.waiting.timeout:.0f} s after the change")
        if live.trigger_type == "OnDemand":
            if not self.starts:
                return FirstRun(name, note="not run, because it runs on demand; --run starts it")
            return self._started(live, which, late)
        if live.status != "Active":
            return FirstRun(name, problem=f"the flow is {live.status} and does not run")
        changed_at = live.last_updated_at or 0.0
        return _Due(name, which, lambda: first_run_since(self.runs, name, changed_at), late)

    def _due_again(self, name: str, *, waits: bool) -> "FirstRun | _Due | None":
        """As ``_due`` for an unchanged flow: a good run is its result, a failed one only if no other is waited for."""
        live = self.describe(name)
        if live is None:
            return FirstRun(name, problem=_GONE)
        is_on_demand, changed_at = live.trigger_type == "OnDemand", live.last_updated_at or 0.0
        latest = next((each for each in self.runs.latest(name) if each.has_result), None)
        if latest is None or latest.started_at <= changed_at:
            return self._first_run(live) if (self.starts if is_on_demand else waits) else None
        result = FirstRun(name, latest, self._problem(name, latest, "the latest run"))
        if result.problem and is_on_demand and self.starts:
            return self._started(live, "the run", result)
        if result.problem and waits and not is_on_demand and live.status == "Active":
            started_at = latest.started_at
            return _Due(name, "the run", lambda: first_run_since(self.runs, name, started_at), result)
        return result

    def _started(self, live: LiveFlow, which: str, otherwise: FirstRun) -> "_Due":
        run_id = start_run(self.runs, live, self.waiting)
        return _Due(live.name, which, lambda: run_with_id(self.runs, live.name, run_id), otherwise)

    def _result(self, due: "_Due", deadline: float) -> FirstRun:
        left = Waiting(max(0.0, deadline - self.waiting.clock()), self.waiting.clock, self.waiting.sleep)
        run = left.until(due.find)
        return (
            due.otherwise if run is None else FirstRun(due.name, run, self._problem(due.name, run, due.which))
        )

    def _problem(self, name: str, run: Run, which: str) -> str | None:
        if run.failed or not run.has_result:
            return explain(run.message) or run.message or f"the run ended {run.status}"
        minimum = self.objective(name).minimum_records
        expected = DEFAULT_MINIMUM if minimum is None else minimum
        if run.records is None or run.records >= expected:
            return None
        return f"{which} moved {run.records:,} records, expected {expected:,} or more"


def unchanged_to_check(
    in_sync: Iterable[FlowSummary], changed: Collection[str], commit: str | None
) -> dict[str, bool]:
    """The flows to check that this push did not change, by name, and whether to wait for their next run.

    Those that an earlier push of the same commit changed are: the job is repeated. Those whose latest run since their
    last update failed are not waited for.
    """
    return {
        live.name: is_repeated
        for live in in_sync
        if live.name not in changed
        and ((is_repeated := commit is not None and live.owner.commit == commit) or _has_failed(live))
    }


def _has_failed(live: FlowSummary) -> bool:
    last, updated_at = live.last_run, live.last_updated_at or 0.0
    return last is not None and last.status == ERROR and (last.at or 0.0) > updated_at
