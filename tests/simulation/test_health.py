"""Histories of runs: lost, late and repeated events, faults, crashes, lost health records, and deactivated flows.

At rest, after a scan without faults, the health of every flow is the one that AppFlow's own records imply, and the
last one that was reported. Throughout, SelfHeal starts no flow that AppFlow deactivated, and while the health records
exist and no invocation is interrupted, a health is reported again only with the same id.
"""

import os
from itertools import pairwise, takewhile
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from appflow_gitops.sync.errors import TransientError
from appflow_gitops_local.appflow.controls import controls
from fakes.calls import Crash
from fakes.flow_documents import orders, scheduled, text
from fakes.world import World, no_fault

RUNS = int(os.environ.get("SIMULATION_RUNS", "200"))
SHRINK = os.environ.get("SIMULATION_SHRINK") != "no"
STEPS = 25
HOUR = 3600.0
HOURLY, DEMANDED = "hourly", "demanded"
DOCUMENTS = {
    HOURLY: scheduled(flowName=HOURLY, flowStatus="Active"),
    DEMANDED: orders(flowName=DEMANDED),
}
OUTCOMES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"records": 5},
        {"records": 0},
        {"status": "Error", "message": "the token expired"},
        {"records": 5, "putFailures": 2},
    ]
)


class Watching(RuleBasedStateMachine):
    """The deployment in memory; ``undelivered`` are AppFlow's events that may still arrive."""

    def __init__(self) -> None:
        super().__init__()
        controls.outcomes.clear()
        self.world = World(may_create=True)
        self.undelivered: list[dict[str, Any]] = []
        self.versions = 0
        self.losses: list[int] = []
        """How many events there were each time that the health records were lost."""
        self.interruptions: list[int] = []
        """The same for invocations that crashed or failed: whether a report was sent is unknown then."""
        for name in DOCUMENTS:
            self._drop(name)

    def _drop(self, name: str) -> None:
        self.versions += 1
        document = {**DOCUMENTS[name], "description": f"version {self.versions}"}
        self.world.apply(f"flows/{name}.json", text(document), commit=f"c{self.versions}")

    def _observe(self, event: dict[str, Any]) -> None:
        """Lambda retries an event that fails; one that crashes it, too."""
        try:
            self.world.observe([event])
        except (Crash, TransientError):
            self.interruptions.append(len(self.world.bus.health))
            self.undelivered.append(event)
        finally:
            self.world.calls.faults = no_fault

    def _scan(self) -> None:
        try:
            self.world.watch()
        except (Crash, TransientError):
            self.interruptions.append(len(self.world.bus.health))
        finally:
            self.world.calls.faults = no_fault

    @rule(outcomes=st.lists(OUTCOMES, min_size=1, max_size=5))
    def hours_pass(self, outcomes: list[dict[str, Any]]) -> None:
        for outcome in outcomes:
            controls.outcomes.clear()
            self.world.flows.script(HOURLY, **outcome)
            self.world.clock.advance(HOUR)
            self.undelivered += self.world.flows.run_events()

    @rule()
    def a_token_expires(self) -> None:
        """So many runs fail that AppFlow deactivates the flow."""
        self.hours_pass([{"status": "Error", "message": "the token expired"}] * 5)

    @rule(busy=st.integers(0, 2), quiet=st.integers(1, 3))
    def a_night_passes(self, busy: int, quiet: int) -> None:
        self.hours_pass([{"records": 5}] * busy + [{"records": 0}] * quiet)

    @rule(outcome=OUTCOMES)
    def a_user_runs_a_flow(self, outcome: dict[str, Any]) -> None:
        self.world.clock.advance(60)
        controls.outcomes.clear()
        self.undelivered += self.world.flows.run(DEMANDED, **outcome)

    @rule(which=st.integers(0, 50), repeated=st.booleans())
    def an_event_arrives(self, which: int, *, repeated: bool) -> None:
        if self.undelivered:
            event = self.undelivered[which % len(self.undelivered)]
            if not repeated:
                self.undelivered.remove(event)
            self._observe(event)

    @rule()
    def events_are_lost(self) -> None:
        self.undelivered.clear()

    @rule()
    def a_scan_is_due(self) -> None:
        self._scan()

    @rule(call=st.integers(1, 8), scans=st.booleans())
    def the_next_invocation_crashes(self, call: int, *, scans: bool) -> None:
        self.world.calls.crash_after(call)
        if self.undelivered and not scans:
            self._observe(self.undelivered.pop())
        else:
            self._scan()

    @rule(
        operation=st.sampled_from(["ListFlows", "DescribeFlow", "DescribeFlowExecutionRecords", "PutEvents"])
    )
    def appflow_throttles_a_scan(self, operation: str) -> None:
        self.world.calls.fail(operation, TransientError("ThrottlingException", "slow down"))
        self._scan()

    @rule()
    def health_records_are_lost(self) -> None:
        self.losses.append(len(self.world.bus.health))
        self.world.health.kept.clear()

    @rule(name=st.sampled_from(sorted(DOCUMENTS)))
    def a_flow_is_deleted_and_created_again(self, name: str) -> None:
        self.losses.append(len(self.world.bus.health))
        self.world.flows.remove(name)
        self.world.clock.advance(60)
        self._drop(name)

    @rule(name=st.sampled_from(sorted(DOCUMENTS)))
    def a_document_is_dropped(self, name: str) -> None:
        self._drop(name)

    @rule(status=st.sampled_from(["Suspended", "Errored"]))
    def deactivated_flows_get_another_status(self, status: str) -> None:
        self.world.flows.behave(deactivated_status=status)

    @rule()
    def drift_is_reverted(self) -> None:
        before = self.world.flows.status(HOURLY)
        self.world.scan(self_heal=True)
        self.world.settle()
        assert self.world.flows.status(HOURLY) == before, "SelfHeal changed the status of a flow"

    @invariant()
    def a_health_is_repeated_only_with_the_same_id(self) -> None:
        for name in DOCUMENTS:
            events = [
                (number, event)
                for number, event in enumerate(self.world.bus.health)
                if event.data.flowName == name
            ]
            for (first, earlier), (second, later) in pairwise(events):
                if earlier.data.health is later.data.health and earlier.metadata.id != later.metadata.id:
                    # In between it had another health, which was not reported: without a record the first good
                    # health is not, and after an interruption only what is true then.
                    gaps = (*self.losses, *self.interruptions)
                    assert any(first < gap <= second for gap in gaps)

    def teardown(self) -> None:
        self.undelivered += self.world.flows.run_events()
        self.world.watch()
        for name in DOCUMENTS:
            expected = implied(self.world.flows.backend.flows[name])
            record = self.world.health.kept[name]
            assert record.health == expected
            events = [event.data.health for event in self.world.bus.health if event.data.flowName == name]
            if expected in ("Degraded", "Silent", "Deactivated"):
                assert events[-1] == expected
            elif expected == "Healthy" and events and not self.losses:
                assert events[-1] == "Healthy"


def implied(flow: Any) -> str:
    """The health by the emulator's own records of a flow."""
    ended = [run for run in reversed(flow.runs) if run.status in ("Successful", "Error")]
    if flow.runs_by_itself and (flow.status == "Errored" or flow.status_message):
        return "Deactivated"
    if not ended:
        return "Unknown"
    if ended[0].status == "Error" or ended[0].put_failures:
        return "Degraded"
    empty = len(list(takewhile(is_empty, ended)))
    longest, length = 0, 0
    for run in ended[empty:]:
        length = length + 1 if is_empty(run) else 0
        longest = max(longest, length)
    moved = any(run.records for run in ended[empty:])
    return "Silent" if moved and empty > longest else "Healthy"


def is_empty(run: Any) -> bool:
    return run.status == "Successful" and not run.put_failures and run.records == 0


def test_health_never_contradicts_the_records_of_appflow() -> None:
    how = settings(
        max_examples=RUNS,
        stateful_step_count=STEPS,
        derandomize="SIMULATION_RUNS" not in os.environ,
        database=None,
        deadline=None,
        phases=[Phase.generate, *[Phase.shrink] * SHRINK],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Watching, settings=how)
