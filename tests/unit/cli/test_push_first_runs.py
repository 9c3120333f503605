"""``push --healthy``: which run it waits for, and when a flow counts as healthy."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from appflow_gitops.flows.last_run import LastRun
from appflow_gitops.flows.ownership import COMMIT
from appflow_gitops.flows.runs import Run
from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.sync.health.health import Objective
from appflow_gitops_cli.flow_runs import UPDATE_VISIBLE_AFTER, Waiting
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.push.first_runs import FirstRun, FirstRuns, unchanged_to_check
from appflow_gitops_cli.screen import Screen
from appflow_gitops_local.appflow.controls import controls
from fakes.clock import FakeClock
from fakes.flow_documents import orders, scheduled
from fakes.flows import FakeFlows

HOUR = 3600.0


@dataclass
class Runs:
    """The runs of the fake AppFlow, and the service that starts them."""

    flows: FakeFlows
    started: list[float] = field(default_factory=list)

    def latest(self, name: str) -> Any:
        return self.flows.latest(name)

    def start(self, name: str) -> str | None:
        self.started.append(self.flows.clock.now)
        answer = self.flows.backend.start_flow({"flowName": name})
        return str(answer["executionId"]) if "executionId" in answer else None


@pytest.fixture
def flows() -> FakeFlows:
    controls.outcomes.clear()
    return FakeFlows(FakeClock())


def check(
    flows: FakeFlows,
    *names: str,
    starts: bool = False,
    timeout: float = 600.0,
    minimum: int | None = None,
    commit: str | None = None,
) -> tuple[FirstRun, ...]:
    """The results for changed flows; without any, those of the unchanged ones, pushed with ``commit``."""
    waiting = Waiting(timeout, flows.clock, flows.clock.advance)
    objective = Objective(None, minimum)
    unchanged = {} if names else unchanged_to_check(flows.summaries(), (), commit)
    return FirstRuns(flows.describe, Runs(flows), lambda _: objective, waiting, starts=starts).check(
        names, unchanged
    )


@pytest.mark.parametrize(
    ("outcome", "minimum", "problem"),
    [
        ({"records": 5}, None, None),
        ({"records": 0}, None, "the first run after the change moved 0 records, expected 1 or more"),
        ({"records": 0}, 0, None),
        ({"records": 9}, 10, "the first run after the change moved 9 records, expected 10 or more"),
        ({"status": "Error", "message": "strange"}, None, "strange"),
        (
            {"status": "Error", "message": "timed out"},
            0,
            "the system did not respond in time; the next run may succeed",
        ),
    ],
)
def test_a_flow_is_healthy_if_its_first_run_moves_what_is_expected(
    flows: FakeFlows, outcome: dict[str, Any], minimum: int | None, problem: str | None
) -> None:
    flows.edit(orders())
    flows.script("orders", **outcome)
    [first] = check(flows, "orders", starts=True, minimum=minimum)
    assert first.problem == problem
    assert first.run


def test_a_run_starts_only_once_the_update_is_visible(flows: FakeFlows) -> None:
    flows.behave(update_propagation_seconds=UPDATE_VISIBLE_AFTER)
    flows.edit(orders())
    updated = flows.clock.now
    flows.edit(orders(description="new"))
    [first] = check(flows, "orders", starts=True)
    assert first.run
    assert first.run.started_at >= updated + UPDATE_VISIBLE_AFTER


def test_a_flow_on_demand_is_not_run_unasked(flows: FakeFlows) -> None:
    flows.edit(orders())
    [first] = check(flows, "orders")
    assert (first.run, first.problem) == (None, None)
    assert first.note == "not run, because it runs on demand; --run starts it"
    assert flows.latest("orders") == ()


def test_a_scheduled_flow_is_judged_by_its_first_run_after_the_change(flows: FakeFlows) -> None:
    flows.edit(scheduled())
    flows.start("orders")
    flows.script("orders", records=0)
    flows.clock.advance(HOUR)
    flows.run_events()
    flows.edit(scheduled(description="fixed"))
    flows.script("orders", records=7)
    [first] = check(flows, "orders", timeout=2 * HOUR)
    assert first.problem is None
    assert first.run
    assert first.run.records == 7


def test_a_flow_without_a_run_in_time_is_not_healthy(flows: FakeFlows) -> None:
    flows.edit(scheduled())
    flows.start("orders")
    [first] = check(flows, "orders", timeout=60)
    assert first.problem == "no run ended within 60 s after the change"


def test_a_flow_in_draft_is_not_waited_for(flows: FakeFlows) -> None:
    flows.edit(scheduled())
    before = flows.clock.now
    [first] = check(flows, "orders")
    assert first.problem == "the flow is Draft and does not run"
    assert flows.clock.now == before


def pushed(flows: FakeFlows, flow: dict[str, Any], **outcome: Any) -> None:
    """A push of commit 4f2c changed the flow, which has run once since then, with this outcome."""
    flows.edit(flow)
    flows.retag("orders", {COMMIT: "4f2c"})
    is_on_demand = flow["triggerConfig"]["triggerType"] == "OnDemand"
    if not is_on_demand:
        flows.start("orders")
        flows.script("orders", **outcome)
    flows.clock.advance(HOUR)
    if outcome and is_on_demand:
        flows.run("orders", **outcome)
    elif outcome:
        flows.run_events()


FAILED = {"status": "Error", "message": "strange"}


@pytest.mark.parametrize("commit", ["4f2c", "9c1e", None])
def test_a_repeated_job_is_red_as_long_as_the_latest_run_failed(flows: FakeFlows, commit: str | None) -> None:
    pushed(flows, orders(), **FAILED)
    [first] = check(flows, commit=commit)
    assert first.problem == "strange"
    flows.clock.advance(60)
    flows.run("orders", records=3)
    assert [first.problem for first in check(flows, commit=commit)] == ([None] if commit == "4f2c" else [])


def test_a_repeated_job_with_run_starts_one_after_a_failed_run_only(flows: FakeFlows) -> None:
    pushed(flows, orders(), **FAILED)
    flows.script("orders", records=5)
    [first] = check(flows, commit="4f2c", starts=True)
    assert (first.problem, len(flows.latest("orders"))) == (None, 2)
    [again] = check(flows, commit="4f2c", starts=True)
    assert (again.run, len(flows.latest("orders"))) == (first.run, 2)


def test_a_repeated_job_waits_for_the_next_run_of_a_scheduled_flow(flows: FakeFlows) -> None:
    pushed(flows, scheduled(), **FAILED)
    [late] = check(flows, commit="4f2c", timeout=60)
    assert late.problem == "strange"
    flows.script("orders", records=5)
    [first] = check(flows, commit="4f2c", timeout=2 * HOUR)
    assert first.problem is None


def test_a_repeated_job_is_red_for_a_run_that_moved_nothing(flows: FakeFlows) -> None:
    pushed(flows, orders(), records=0)
    [first] = check(flows, commit="4f2c")
    assert first.problem == "the latest run moved 0 records, expected 1 or more"


def test_a_repeated_job_is_red_for_a_flow_that_does_not_run(flows: FakeFlows) -> None:
    flows.edit(scheduled())
    flows.retag("orders", {COMMIT: "4f2c"})
    [first] = check(flows, commit="4f2c")
    assert first.problem == "the flow is Draft and does not run"


def test_an_unchanged_flow_of_another_commit_that_fails_is_red_without_a_wait(flows: FakeFlows) -> None:
    pushed(flows, scheduled(), **FAILED)
    before = flows.clock.now
    [first] = check(flows, commit="9c1e")
    assert (first.problem, flows.clock.now) == ("strange", before)


@pytest.mark.parametrize("outcome", [{"records": 5}, {"records": 0}, {}])
def test_other_unchanged_flows_are_not_checked(flows: FakeFlows, outcome: dict[str, Any]) -> None:
    pushed(flows, orders(), **outcome)
    before = len(flows.calls.made)
    assert check(flows, commit="9c1e") == ()
    assert {operation for operation, _ in flows.calls.made[before:]} == {"ListFlows"}


def test_a_run_before_the_change_says_nothing_about_it(flows: FakeFlows) -> None:
    pushed(flows, orders(), **FAILED)
    flows.clock.advance(60)
    pushed(flows, orders(description="fixed"))
    assert check(flows, commit="4f2c") == ()
    assert check(flows) == ()


def test_an_unchanged_flow_on_demand_without_a_run_is_not_mentioned(flows: FakeFlows) -> None:
    pushed(flows, orders())
    assert check(flows, commit="4f2c") == ()


def test_the_flows_run_at_the_same_time(flows: FakeFlows) -> None:
    for name in ("first", "second"):
        flows.edit(orders(flowName=name))
        flows.script(name, records=5, seconds=300)
    results = check(flows, "first", "second", starts=True, timeout=310)
    assert [first.problem for first in results] == [None, None]


def test_the_result_shows_the_message_and_its_cause() -> None:
    controls.outcomes.clear()
    flows = FakeFlows(FakeClock())
    flows.edit(orders())
    flows.script("orders", status="Error", message="invalid_grant")
    [first] = check(flows, "orders", starts=True)
    assert first.run
    assert list(first.lines(Screen())) == [
        f"Error orders: 0 records (run {first.run.id})",
        "    invalid_grant",
        "    cause: the credentials of the connector profile have expired; connect the profile again",
    ]


def test_no_run_of_a_scheduled_flow_is_started() -> None:
    from appflow_gitops_cli.flow_runs import start_run  # noqa: PLC0415

    flows = FakeFlows(FakeClock())
    flows.edit(scheduled())
    live = flows.describe("orders")
    assert live
    with pytest.raises(CommandError, match="flow 'orders' is Scheduled"):
        start_run(Runs(flows), live, Waiting(1, flows.clock, flows.clock.advance))
    assert flows.status("orders") == "Draft"


@pytest.mark.parametrize(
    ("run", "updated_at", "checked"),
    [
        (None, 5.0, False),
        (LastRun("Error", 6.0), 5.0, True),
        (LastRun("Error", 5.0), 5.0, False),
        (LastRun("Error", 6.0), None, True),
        (LastRun("Error", None), 5.0, False),
        (LastRun("Error", None), None, False),
        (LastRun("Successful", 6.0), 5.0, False),
    ],
)
def test_an_unchanged_flow_is_checked_if_a_run_failed_since_its_update(
    run: LastRun | None, updated_at: float | None, checked: bool
) -> None:
    flow = FlowSummary("orders", "arn", "Active", "Scheduled", {}, updated_at, run)
    assert unchanged_to_check([flow], (), None) == ({"orders": False} if checked else {})
    assert unchanged_to_check([flow], ("orders",), None) == {}


def test_a_flow_that_was_deleted_meanwhile_is_not_healthy(flows: FakeFlows) -> None:
    assert [first.problem for first in check(flows, "gone")] == ["the flow does not exist any more"]


def test_a_run_that_is_canceled_is_not_healthy(flows: FakeFlows) -> None:
    run = Run("run-1", "Canceled", flows.clock.now)
    waiting = Waiting(1.0, flows.clock, flows.clock.advance)
    runs = FirstRuns(flows.describe, Runs(flows), lambda _: Objective(None, None), waiting, starts=True)
    assert runs._problem("orders", run, "the run") == "the run ended Canceled"


def test_records_of_a_problem_are_readable(flows: FakeFlows) -> None:
    flows.edit(orders())
    flows.script("orders", records=1234)
    [first] = check(flows, "orders", starts=True, minimum=5678)
    assert first.problem == "the first run after the change moved 1,234 records, expected 5,678 or more"


def test_an_unknown_number_of_records_is_good_enough(flows: FakeFlows) -> None:
    waiting = Waiting(1.0, flows.clock, flows.clock.advance)
    runs = FirstRuns(flows.describe, Runs(flows), lambda _: Objective(None, None), waiting)
    assert runs._problem("orders", Run("run-1", "Successful", 0.0), "the run") is None
