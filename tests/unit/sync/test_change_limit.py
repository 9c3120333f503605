"""``ChangeAtMost``: a mass change by variables, the policy or self-healing waits for a confirmation."""

import json
from typing import Any

import pytest

from appflow_gitops.sync.drift.detector import Scan
from appflow_gitops.sync.errors import TransientError
from fakes.calls import Crash
from fakes.flow_documents import orders, text
from fakes.world import World

HOUR = 3600
SIZE = 20
VARIABLES = "variables/prod.yaml"


def name(number: int) -> str:
    return f"flow-{number:02}"


@pytest.fixture
def fleet() -> World:
    """20 flows in sync; 12 of their documents use a variable."""
    world = World(may_create=True, environment="prod")
    world.bucket.put(VARIABLES, "TEXT: before\n")
    for number in range(SIZE):
        description = "${env.TEXT}" if number < 12 else "fixed"
        world.drop(f"flows/{number:02}.json", text(orders(flowName=name(number), description=description)))
    world.settle()
    world.bus.events.clear()
    world.calls.made.clear()
    return world


def change_variables(world: World) -> None:
    world.bucket.put(VARIABLES, "TEXT: after\n")


def edit(world: World, *numbers: int) -> None:
    world.clock.advance(1)
    for number in numbers:
        world.flows.edit(orders(flowName=name(number), description="by hand"))
    world.calls.made.clear()


def scan(world: World, limit: int = 5, confirmed: str | None = None) -> Scan:
    found = world.scan(self_heal=True, change_at_most=limit, confirmed=confirmed)
    world.settle()
    return found


def updates(world: World) -> int:
    return world.calls.count("UpdateFlow")


def data(world: World) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(world.bus.limited[-1].detail())["data"]
    return found


def test_variables_that_change_too_many_flows_change_none_and_are_reported_once(fleet: World) -> None:
    change_variables(fleet)
    for _ in range(3):
        assert scan(fleet).repairs == []
        fleet.clock.advance(2 * HOUR)
    assert updates(fleet) == 0
    [event] = fleet.bus.limited
    assert event.detail_type == "Flow Repairs Limited"
    found = data(fleet)
    assert (found["limit"], found["flows"], found["flowsRepaired"], found["flowsDeclared"]) == (5, 12, 0, 20)
    assert found["flowNames"] == [name(number) for number in range(12)]
    drift = fleet.bus.drifts[0].data
    assert (len(fleet.bus.drifts), drift.healing) == (12, False)
    assert drift.reason is not None
    assert f"confirm with 'appflow-gitops confirm {found['confirmation']}'" in drift.reason


def test_confirmed_all_are_written(fleet: World) -> None:
    change_variables(fleet)
    scan(fleet)
    assert len(scan(fleet, confirmed=data(fleet)["confirmation"]).repairs) == 12
    assert updates(fleet) == 12
    assert {fleet.flows.configuration(name(number))["description"] for number in range(12)} == {"after"}
    assert len(fleet.bus.limited) == 1


def test_without_a_limit_all_are_changed(fleet: World) -> None:
    change_variables(fleet)
    assert len(scan(fleet, limit=0).repairs) == 12
    assert fleet.bus.limited == []


def test_as_many_as_the_limit_are_changed_at_once(fleet: World) -> None:
    change_variables(fleet)
    assert len(scan(fleet, limit=12).repairs) == 12


def test_the_limit_counts_the_flows_of_the_last_hour(fleet: World) -> None:
    edit(fleet, 0, 1, 2)
    assert len(scan(fleet).repairs) == 3
    edit(fleet, 3, 4, 5)
    fleet.clock.advance(HOUR / 2)
    assert scan(fleet).repairs == []
    assert (data(fleet)["flows"], data(fleet)["flowsRepaired"]) == (3, 3)
    fleet.clock.advance(HOUR)
    assert len(scan(fleet).repairs) == 3


def test_confirmed_changes_do_not_count_for_the_hour(fleet: World) -> None:
    change_variables(fleet)
    scan(fleet)
    scan(fleet, confirmed=data(fleet)["confirmation"])
    edit(fleet, 13)
    assert len(scan(fleet).repairs) == 1


def test_a_confirmation_of_fewer_changes_is_answered_with_a_new_report(fleet: World) -> None:
    edit(fleet, *range(12, 18))
    scan(fleet)
    first = data(fleet)["confirmation"]
    change_variables(fleet)
    assert scan(fleet, confirmed=first).repairs == []
    assert (data(fleet)["flows"], len(fleet.bus.limited)) == (18, 2)
    assert data(fleet)["confirmation"] != first
    assert scan(fleet, confirmed="unknown").repairs == []
    assert len(fleet.bus.limited) == 3
    assert len(scan(fleet, confirmed=data(fleet)["confirmation"]).repairs) == 18


def test_what_fits_the_limit_again_is_changed_without_a_confirmation(fleet: World) -> None:
    edit(fleet, *range(6))
    assert scan(fleet).repairs == []
    fleet.flows.edit(orders(flowName=name(0), description="before"))
    assert len(scan(fleet).repairs) == 5


def test_drift_is_only_reported_without_self_healing(fleet: World) -> None:
    change_variables(fleet)
    found = fleet.scan(self_heal=False, change_at_most=5)
    assert (len(found.reported), found.repairs, fleet.bus.limited) == (12, [], [])


def test_a_document_that_is_dropped_is_not_limited(fleet: World) -> None:
    for number in range(SIZE):
        fleet.drop(f"flows/{number:02}.json", text(orders(flowName=name(number), description="next")))
    fleet.settle()
    assert updates(fleet) == SIZE
    assert scan(fleet).limited is None


def test_p9_a_confirmation_that_ends_early_is_repeated(fleet: World) -> None:
    """Lambda repeats the invocation. Some flows were changed already, so that fewer are left."""
    change_variables(fleet)
    scan(fleet)
    confirmation = data(fleet)["confirmation"]

    def crash(operation: str, _: int) -> None:
        if operation == "PutObject":
            raise Crash

    fleet.calls.faults = crash
    with pytest.raises(Crash):
        fleet.scan(self_heal=True, change_at_most=5, confirmed=confirmation)
    fleet.calls.faults = lambda *_: None
    fleet.deliver(4)
    scan(fleet, confirmed=confirmation)
    assert {fleet.flows.configuration(name(number))["description"] for number in range(12)} == {"after"}
    assert len(fleet.bus.limited) == 1


@pytest.mark.parametrize("number", [0, 1])
def test_p9_a_scan_that_ends_early_loses_no_count(fleet: World, number: int) -> None:
    """Whether it ends before or after the changes were queued, they count for the hour."""
    edit(fleet, *range(5))
    writes = iter(range(10))

    def crash(operation: str, _: int) -> None:
        if operation == ("SendMessageBatch", "PutObject")[number] and next(writes) == number:
            raise Crash

    fleet.calls.faults = crash
    with pytest.raises(Crash):
        scan(fleet)
    fleet.calls.faults = lambda *_: None
    fleet.settle()
    edit(fleet, 6)
    fleet.settle()
    found = scan(fleet)
    assert (found.repairs, data(fleet)["flowsRepaired"]) == ([], 5)


def test_p13_repairs_that_are_held_count_until_they_are_applied(fleet: World) -> None:
    freeze = {"deny": ["*"], "start": "2026-01-15T00:00", "duration": "1d"}
    grant = {"documents": [{"prefix": "flows/", "flows": ["*"]}], "windows": [freeze]}
    fleet.drop("policy.yaml", json.dumps(grant))
    edit(fleet, *range(5))
    assert len(scan(fleet).repairs) == 5
    for _ in range(3):
        fleet.pass_time(HOUR)
        edit(fleet, *range(5, 10))
        assert scan(fleet).repairs == []
    fleet.pass_time(12 * HOUR)
    assert updates(fleet) == 5


def test_a_report_that_cannot_be_sent_is_sent_by_the_next_scan(fleet: World) -> None:
    change_variables(fleet)
    fleet.calls.fail("PutEvents", TransientError("ThrottlingException", "Rate exceeded"))
    with pytest.raises(TransientError):
        scan(fleet)
    assert fleet.bus.limited == []
    assert scan(fleet).repairs == []
    assert len(fleet.bus.limited) == 1


def test_flows_that_no_time_was_left_for_still_count(fleet: World) -> None:
    change_variables(fleet)
    scan(fleet)
    times = iter([300.0] * 30)
    fleet.clock.advance(HOUR)
    found = fleet.scan(self_heal=True, change_at_most=11, remaining=lambda: next(times, 0.0))
    assert found.remaining
    assert found.repairs == []
    assert len(fleet.bus.limited) == 1


def test_a_confirmation_counts_while_the_queue_is_busy(fleet: World) -> None:
    """Before the differences were reported, the scan found that they were not changes in progress."""
    change_variables(fleet)
    fleet.queue.others = 3
    for _ in range(2):
        found = fleet.scan(self_heal=True, change_at_most=5)
        fleet.clock.advance(HOUR)
    assert found.limited
    assert (
        len(fleet.scan(self_heal=True, change_at_most=5, confirmed=found.limited.confirmation).repairs) == 12
    )
