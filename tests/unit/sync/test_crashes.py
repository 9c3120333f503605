"""P9: the process is killed right after any single call to AWS, and the message or event is retried.

``tests/integration/crash`` does the same to real processes.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import pytest

from appflow_gitops.flows.ownership import Ownership
from appflow_gitops.sync.change import change_id
from appflow_gitops.sync.intake.intake import IntakeRequest
from fakes.calls import Crash
from fakes.flow_documents import orders, scheduled, text
from fakes.world import ATTEMPTS, World

KEY = "flows/orders.json"
OTHER_KEY = "flows/other.json"


@dataclass(frozen=True)
class Scenario:
    """The live flow, the document, the number of calls and of updates that it takes, and the outcome."""

    prepare: Callable[[World], None]
    document: str
    calls: int
    updates: int
    outcome: str = "Applied"
    status: str = "Active"


def nothing(world: World) -> None:
    world.may_create = True


def on_demand(world: World) -> None:
    world.flows.edit(orders(description="before"))


def owned(world: World) -> None:
    on_demand(world)
    world.apply(KEY, text(orders(description="version 1")))


def in_sync(world: World) -> None:
    on_demand(world)
    world.apply(KEY, text(orders()) + "\n")


def hourly(world: World) -> None:
    world.flows.edit(scheduled(description="before"))
    world.flows.backend.start_flow({"flowName": "orders"})


def with_another_owner(world: World) -> None:
    on_demand(world)
    world.apply(OTHER_KEY, text(orders(description="from the other document")))
    world.bucket.delete(OTHER_KEY)


def two_flows(world: World) -> None:
    on_demand(world)
    world.flows.edit(orders(flowName="returns", description="before"))


SCENARIOS = {
    "first update": Scenario(on_demand, text(orders()), calls=11, updates=1),
    "update": Scenario(owned, text(orders()), calls=10, updates=1),
    "on demand becomes scheduled": Scenario(
        on_demand, text(scheduled(flowStatus="Active")), calls=12, updates=1
    ),
    "suspended with the update": Scenario(
        hourly, text(scheduled(flowStatus="Suspended")), calls=12, updates=1, status="Suspended"
    ),
    "create": Scenario(nothing, text(orders()), calls=10, updates=1),
    "create and activate": Scenario(nothing, text(scheduled(flowStatus="Active")), calls=11, updates=1),
    "unchanged": Scenario(in_sync, text(orders()), calls=8, updates=0, outcome="Unchanged"),
    "rejected": Scenario(on_demand, "{", calls=3, updates=0, outcome="Rejected"),
    "two flows": Scenario(two_flows, f"[{text(orders())}, {text(orders(flowName='returns'))}]", 19, 2),
    "another owner before": Scenario(with_another_owner, text(orders()), calls=12, updates=1),
}


def prepared(scenario: Scenario) -> tuple[World, IntakeRequest]:
    world = World()
    scenario.prepare(world)
    world.bus.events.clear()
    world.flows.tokens.clear()
    world.clock.advance(600)
    return world, world.dropped(KEY, scenario.document)


def carried_out(world: World, request: IntakeRequest) -> None:
    """Intake and apply, each again for as long as it is killed."""
    try:
        world.intake.handle(request)
    except Crash:
        world.intake.handle(request)
    world.settle()


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_scenario_makes_as_many_calls_as_are_crashed_below(name: str) -> None:
    scenario = SCENARIOS[name]
    world, request = prepared(scenario)
    before = len(world.calls.made)
    carried_out(world, request)
    assert len(world.calls.made) - before == scenario.calls
    assert set(world.bus.outcomes) == {scenario.outcome}


@pytest.mark.parametrize(
    ("name", "call"), [(name, call + 1) for name in SCENARIOS for call in range(SCENARIOS[name].calls)]
)
def test_p9_a_crash_after_this_call_loses_nothing_and_repeats_no_update(name: str, call: int) -> None:
    scenario = SCENARIOS[name]
    world, request = prepared(scenario)
    world.calls.crash_after(call)
    carried_out(world, request)
    assert len(set(world.flows.tokens)) == len(world.flows.tokens) == scenario.updates
    reported = {event.metadata.id: event.data.outcome.value for event in world.bus.events}
    flows = ["orders", "returns"] if scenario.prepare is two_flows else ["orders"]
    expected = [None] if scenario.outcome == "Rejected" else flows
    assert reported == {change_id(request.identity, flow): scenario.outcome for flow in expected}
    for flow in flows:
        assert world.flows.status(flow) == scenario.status
        assert world.flows.backend.flows[flow].runs == []
        if scenario.outcome != "Rejected":
            assert world.flows.configuration(flow)["description"] == "Orders of the shop"
            assert Ownership.of(world.flows.tags(flow)).document == f"s3://documents/{KEY}"


@pytest.mark.parametrize("call", [1, 2])
def test_p3_a_change_whose_every_attempt_is_killed_is_reported_and_kept(call: int) -> None:
    world, request = prepared(SCENARIOS["on demand becomes scheduled"])
    world.intake.handle(request)
    for _ in range(ATTEMPTS):
        world.clock.now = world.queue.next_visible() or world.clock.now
        world.calls.crash_after(call)
        with suppress(Crash):
            world.deliver()
    assert world.bus.events == []
    world.calls.answer()
    world.settle()
    [failed] = world.bus.events
    assert failed.data.error is not None
    assert failed.data.error.code == "RetriesExhausted"
    assert len(world.queue.dead) == 1
    world.queue.redrive()
    world.settle()
    assert world.bus.outcomes[1] == "Applied"
    assert world.flows.configuration("orders")["description"] == "Orders of the shop"
    assert world.flows.status("orders") == "Active"
