"""How many calls to AWS a change makes. ``docs/performance.md`` promises the numbers."""

import json

import pytest

from fakes.flow_documents import orders, text
from fakes.world import World

KEY = "flows/orders.json"


def deployed(environment: str = "") -> World:
    """A world with a live flow that ``KEY`` owns."""
    world = World(environment=environment)
    world.flows.edit(orders(description="before"))
    world.apply(KEY, text(orders(description="first")))
    return world


def calls_of_a_new_version(world: World) -> int:
    before = len(world.calls.made)
    [event] = world.apply(KEY, text(orders(description="second")))
    assert event.data.outcome == "Applied"
    return len(world.calls.made) - before


def test_an_applied_change_makes_ten_calls() -> None:
    assert calls_of_a_new_version(deployed()) == 10


def test_a_policy_costs_one_call_in_each_function_until_it_has_read_it_once() -> None:
    """The bucket here has no cache; ``S3Documents`` makes no call for a file whose ETag it knows."""
    world = deployed()
    world.bucket.put("policy.yaml", json.dumps({"documents": [{"prefix": "flows/", "flows": ["*"]}]}))
    assert calls_of_a_new_version(world) == 12


def test_a_takeover_that_waits_for_another_document_costs_other_changes_nothing() -> None:
    world = deployed()
    world.flows.edit(orders(flowName="returns", description="before"))
    world.apply("flows/returns.json", text(orders(flowName="returns")))
    world.apply("flows/moved.json", text(orders(flowName="returns", description="moved")))
    assert len(world.takeovers.kept) == 1
    assert calls_of_a_new_version(world) == 10


@pytest.mark.parametrize(("stored", "calls"), [(False, 10), (True, 12)])
def test_variables_cost_one_call_in_each_function_where_they_exist(stored: bool, calls: int) -> None:
    world = deployed("test")
    if stored:
        world.bucket.put("variables/test.yaml", "WORD: second")
    assert calls_of_a_new_version(world) == calls
