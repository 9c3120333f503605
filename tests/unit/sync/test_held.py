"""Changes of paused flows, and outside of windows, are held and reported, and applied once when that ends."""

import json
from typing import Any

import pytest

from appflow_gitops.status.events import StatusEvent
from appflow_gitops.sync.change import timestamp
from appflow_gitops.sync.errors import PermanentError, TransientError
from appflow_gitops.sync.outcome import Outcome
from fakes.calls import Crash, Fault
from fakes.flow_documents import orders, scheduled, text
from fakes.world import World

KEY = "flows/orders.json"
HOUR = 3600.0
WRITES = {"UpdateFlow", "CreateFlow", "TagResource", "UntagResource", "StartFlow", "StopFlow"}
GRANT = {"documents": [{"prefix": "flows/", "flows": ["*"]}], "requests": {"flows": ["*"], "runs": ["*"]}}
# The virtual clock starts on Thursday 2026-01-15 at 12:00 UTC.
NIGHTLY = {"allow": ["*"], "start": "22:00", "duration": "2h", "reason": "nightly"}
FREEZE = {"deny": ["orders"], "start": "12:00", "duration": "1h"}
PAUSED = {"flows": ["orders"], "reason": "incident"}


def govern(world: World, **members: Any) -> None:
    """Store a policy, as an operator does: its event reaches intake."""
    world.drop("policy.yaml", json.dumps({**GRANT, **members}))


@pytest.fixture
def live(world: World) -> World:
    """A world with the live flow ``orders``, in sync with its document."""
    world.flows.edit(orders(description="first"))
    world.apply(KEY, text(orders(description="first")))
    world.clock.advance(60)
    world.bus.events.clear()
    return world


def change(world: World, description: str) -> list[StatusEvent]:
    return world.apply(KEY, text(orders(description=description)))


def description(world: World) -> Any:
    found = world.flows.describe("orders")
    assert found
    return found.configuration["description"]


def outcomes(world: World) -> list[Outcome]:
    return [event.data.outcome for event in world.bus.events]


def test_a_change_of_a_paused_flow_is_held_and_reported(live: World) -> None:
    govern(live, paused=[PAUSED])
    [event] = change(live, "second")
    assert event.detail_type == "Flow Change Held"
    assert event.data.reason == "changes of 'orders' are paused: incident"
    assert (event.data.heldUntil, event.data.flowStatus) == (None, "Active")
    assert [item.pointer for item in event.data.changes] == ["/description"]
    assert description(live) == "first"


def test_a_held_change_writes_nothing_to_appflow(live: World) -> None:
    govern(live, paused=[PAUSED])
    before = len(live.calls.made)
    change(live, "second")
    assert not WRITES & {operation for operation, _ in live.calls.made[before:]}


def test_a_change_outside_of_its_window_is_applied_at_the_opening(live: World) -> None:
    govern(live, windows=[NIGHTLY])
    [event] = change(live, "second")
    opening = live.clock.now - live.clock.now % 86400 + 22 * HOUR
    assert (event.data.outcome, event.data.heldUntil) == ("Held", timestamp(opening))
    live.pass_time(opening - live.clock.now - 1)
    assert outcomes(live) == ["Held"]
    live.pass_time(10)
    assert outcomes(live) == ["Held", "Applied"]
    assert description(live) == "second"


def test_the_outcome_of_a_held_change_has_the_id_of_its_hold(live: World) -> None:
    govern(live, windows=[FREEZE])
    change(live, "second")
    live.pass_time(HOUR)
    assert outcomes(live) == ["Held", "Applied"]
    assert len({event.metadata.id for event in live.bus.events}) == 1


def test_a_window_that_opens_within_the_deduplication_of_the_queue_loses_nothing(live: World) -> None:
    live.clock.now += HOUR - 60 - live.clock.now % HOUR  # a minute before the freeze ends
    govern(live, windows=[FREEZE])
    change(live, "second")
    live.pass_time(70)
    assert outcomes(live) == ["Held", "Applied"]


def test_the_latest_version_is_applied_once(live: World) -> None:
    govern(live, windows=[FREEZE])
    for number in range(3):
        change(live, f"version {number}")
    live.pass_time(HOUR)
    assert outcomes(live) == [*["Held"] * 3, "Superseded", "Superseded", "Applied"]
    assert description(live) == "version 2"
    assert not live.held.kept


def test_held_requests_are_applied_in_their_order(live: World) -> None:
    live.remove(KEY)
    govern(live, windows=[FREEZE])
    for number in range(2):
        live.intake.handle(live.requested(orders(description=f"request {number}"), force=True))
        live.settle()
    live.pass_time(HOUR)
    assert outcomes(live) == ["Held", "Held", "Applied", "Applied"]
    assert description(live) == "request 1"


def test_a_held_request_does_not_replace_a_later_one_of_a_break_glass_actor(live: World) -> None:
    """Also if both arrived in the same millisecond: a held change keeps its position in the queue."""
    live.remove(KEY)
    govern(live, windows=[{**FREEZE, "breakGlass": ["ops-*"]}])
    for actor in ("anna", "ops-anna"):
        live.intake.handle(live.requested(orders(description=f"of {actor}"), force=True, actor=actor))
        live.settle()
    live.pass_time(HOUR)
    assert outcomes(live) == ["Held", "Applied", "Superseded"]
    assert description(live) == "of ops-anna"


def test_a_request_to_run_a_paused_flow_is_held(world: World) -> None:
    world.may_create = True
    world.apply(KEY, text(orders()))
    world.clock.advance(60)
    govern(world, paused=[PAUSED])
    world.run_requested("orders")
    world.settle()
    assert (outcomes(world)[-1], world.bus.events[-1].data.action) == ("Held", "run")
    assert world.flows.latest("orders") == ()


def test_a_held_change_blocks_neither_other_flows_nor_plans(live: World) -> None:
    govern(live, paused=[PAUSED])
    change(live, "second")
    live.may_create = True
    [other] = live.apply("flows/returns.json", text(orders(flowName="returns")))
    assert other.data.outcome == "Applied"
    assert live.queue.is_empty()


def test_a_change_that_would_be_refused_anyway_is_refused_at_once(live: World) -> None:
    govern(live, paused=[{"flows": ["*"], "reason": "x"}])
    [missing] = live.apply("flows/returns.json", text(orders(flowName="returns")))
    assert missing.data.outcome in ("Failed", "Rejected")
    [invalid] = live.apply(KEY, text(orders(tasks=[])))[-1:]
    assert invalid.data.outcome == "Rejected"


@pytest.mark.parametrize("by", ["new policy", "no policy"])
def test_the_end_of_a_pause_releases_its_changes_at_once(live: World, by: str) -> None:
    govern(live, paused=[PAUSED])
    change(live, "second")
    live.pass_time(HOUR)
    if by == "new policy":
        govern(live)
    else:
        live.remove("policy.yaml")
    live.settle()
    assert outcomes(live) == ["Held", "Applied"]


def test_an_invalid_policy_keeps_what_is_held(live: World) -> None:
    govern(live, paused=[PAUSED])
    change(live, "second")
    live.drop("policy.yaml", "[")
    live.pass_time(HOUR)
    assert outcomes(live) == ["Held", "Rejected"]  # the policy
    govern(live)
    live.settle()
    assert outcomes(live)[-1] == "Applied"


def test_paused_yaml_pauses_without_a_policy(live: World) -> None:
    live.drop("paused.yaml", "paused: [{flows: ['*'], reason: stop}]")
    [event] = change(live, "second")
    assert event.data.reason == "changes of 'orders' are paused: stop"
    live.remove("paused.yaml")
    live.settle()
    assert outcomes(live) == ["Held", "Applied"]


def test_an_invalid_paused_yaml_is_reported_and_pauses_everything(live: World) -> None:
    live.drop("paused.yaml", "paused: [{flows: ['*'], reasn: stop}]")
    assert outcomes(live) == ["Rejected"]
    [event] = change(live, "second")
    assert event.data.outcome == "Held"
    assert "invalid pauses: paused.yaml, line 1" in str(event.data.reason)


def test_the_parameter_of_the_stack_pauses_everything_until_it_is_reset(live: World) -> None:
    live.paused = True
    [event] = change(live, "second")
    assert event.data.reason == "changes of 'orders' are paused: the stack is deployed with Paused=true"
    live.paused = False
    live.pass_time(900 + 60)
    assert outcomes(live) == ["Held", "Applied"]


def test_a_break_glass_actor_passes_a_window(live: World) -> None:
    govern(live, windows=[{**FREEZE, "breakGlass": ["ops-*"]}])
    [held] = live.apply(KEY, text(orders(description="second")), actor="anna")
    [applied] = live.apply(KEY, text(orders(description="third")), actor="ops-anna")
    assert (held.data.outcome, applied.data.outcome) == ("Held", "Applied")


@pytest.mark.parametrize(
    "closed",
    [{"paused": [PAUSED]}, {"windows": [FREEZE]}],
    ids=["paused", "opens soon"],
)
def test_a_flow_has_one_timer_however_many_of_its_changes_wait(live: World, closed: dict[str, Any]) -> None:
    govern(live, **closed)
    for number in range(5):
        change(live, f"version {number}")
    live.pass_time(HOUR / 2)
    assert len(live.timer.waiting) == 1


def test_a_policy_that_changes_while_a_change_is_being_held_releases_it(live: World) -> None:
    """The policy's event comes before the change is stored; the first check finds it seconds later."""
    govern(live, paused=[PAUSED])
    live.calls.watch = lambda operation, _: (
        live.bucket.objects.pop("policy.yaml", None) if operation == "DescribeFlow" else None
    )
    change(live, "second")
    live.pass_time(10)
    assert outcomes(live) == ["Held", "Applied"]


def test_discarding_the_newest_held_change_does_not_stop_the_timer_of_the_others(live: World) -> None:
    govern(live, windows=[{**FREEZE, "duration": "3h"}])
    change(live, "second")
    live.clock.advance(1)
    change(live, "third")
    live.pass_time(HOUR)
    live.held.kept.pop(max(live.held.kept))
    live.bucket.put(KEY, text(orders(description="invalid", tasks=[])))  # the second version counts again
    live.pass_time(3 * HOUR)
    assert not live.held.kept


@pytest.mark.parametrize("call", ["StopFlow", "TagResource", "PutEvents"])
def test_a_change_in_progress_is_completed_although_its_flow_is_paused_meanwhile(
    world: World, call: str
) -> None:
    world.flows.edit(scheduled(description="first"))
    world.flows.start("orders")
    world.apply(KEY, text(scheduled(description="first")))
    world.clock.advance(60)
    world.bus.events.clear()
    world.drop(KEY, text(scheduled(description="second", flowStatus="Suspended")))
    throttled = Fault(TransientError("ThrottlingException", "Rate exceeded"))
    claims_first = [None] if call == "TagResource" else []
    world.calls.answer(**{call: [*claims_first, throttled]})
    world.deliver(1)
    assert description(world) == "second"
    govern(world, paused=[PAUSED])
    world.settle()
    [event] = world.bus.events
    assert (event.data.outcome, event.data.flowStatus) == ("Applied", "Suspended")


def test_a_change_that_failed_before_its_update_is_held(live: World) -> None:
    live.drop(KEY, text(orders(description="second")))
    live.calls.fail("UpdateFlow", TransientError("ThrottlingException", "Rate exceeded"))
    live.deliver(1)
    govern(live, paused=[PAUSED])
    live.settle()
    assert outcomes(live) == ["Held"]


def test_a_change_that_follows_the_update_of_another_within_a_second_is_held(live: World) -> None:
    change(live, "second")
    live.drop(KEY, text(orders(description="second")) + " ")
    live.calls.fail("DescribeFlow", TransientError("ThrottlingException", "Rate exceeded"))
    live.deliver(1)
    govern(live, paused=[PAUSED])
    live.settle()
    assert outcomes(live) == ["Applied", "Held"]


def test_a_lost_timer_is_replaced_by_the_next_scan(live: World) -> None:
    govern(live, windows=[FREEZE])
    change(live, "second")
    live.timer.waiting.clear()
    live.pass_time(2 * HOUR)
    assert outcomes(live) == ["Held"]
    live.scan()
    live.settle()
    assert outcomes(live) == ["Held", "Applied"]


def test_a_lost_timer_is_replaced_although_the_window_is_closed_during_every_scan(live: World) -> None:
    short = {"allow": ["*"], "start": "12:30", "duration": "10m"}
    govern(live, windows=[short])
    change(live, "second")
    live.timer.waiting.clear()
    for _ in range(24):
        live.scan()
        live.pass_time(HOUR)
    assert outcomes(live) == ["Held", "Applied"]


def test_a_change_that_cannot_be_stored_is_not_lost(live: World) -> None:
    govern(live, paused=[PAUSED])
    live.calls.fail("PutObject", *[PermanentError("AccessDenied", "no")] * 2)
    change(live, "second")
    assert outcomes(live) == ["Held"]
    assert len(live.held.kept) == 1


@pytest.mark.parametrize("call", range(1, 12))
def test_a_crash_after_any_call_neither_loses_a_change_nor_applies_it_twice(live: World, call: int) -> None:
    govern(live, windows=[FREEZE])
    live.drop(KEY, text(orders(description="second")))
    live.calls.crash_after(call)
    live.settle()
    live.pass_time(HOUR)
    live.pass_time(HOUR)
    assert description(live) == "second"
    assert outcomes(live).count(Outcome.APPLIED) == 1
    assert live.calls.count("UpdateFlow") == 1
    live.scan()
    live.settle()
    assert not live.held.kept


@pytest.mark.parametrize("call", range(1, 8))
def test_a_crash_during_the_release_neither_loses_a_change_nor_applies_it_twice(
    live: World, call: int
) -> None:
    govern(live, windows=[FREEZE])
    change(live, "second")
    live.clock.now += HOUR
    live.calls.crash_after(call)
    live.settle()
    live.pass_time(2 * HOUR)
    assert description(live) == "second"
    assert outcomes(live).count(Outcome.APPLIED) == 1
    assert live.calls.count("UpdateFlow") == 1
    assert not live.held.kept


def test_a_crash_is_what_the_tests_above_cause(live: World) -> None:
    live.calls.crash_after(1)
    with pytest.raises(Crash):
        live.drop(KEY, text(orders()))


def test_a_held_change_is_not_drift(live: World) -> None:
    govern(live, paused=[PAUSED])
    change(live, "second")
    for _ in range(3):
        live.clock.advance(HOUR)
        assert live.scan().reported == []


def test_self_healing_respects_pauses_and_repairs_when_they_end(live: World) -> None:
    govern(live, paused=[PAUSED])
    live.flows.edit(orders(description="edited"))
    for _ in range(5):
        live.clock.advance(HOUR)
        live.scan(self_heal=True)
        live.settle()
    assert description(live) == "edited"
    assert outcomes(live) == ["Held"]
    govern(live)
    live.settle()
    assert description(live) == "first"
    assert outcomes(live) == ["Held", "Applied"]


def test_a_break_glass_document_does_not_let_its_repairs_pass(live: World) -> None:
    live.apply(KEY, text(orders(description="urgent")), actor="ops-anna")
    live.clock.advance(60)
    govern(live, windows=[{**FREEZE, "breakGlass": ["ops-*"]}])
    live.flows.edit(orders(description="edited"))
    live.clock.advance(60)
    live.scan(self_heal=True)
    live.settle()
    assert outcomes(live)[-1] == "Held"
