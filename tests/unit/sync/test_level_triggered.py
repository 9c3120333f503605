"""The current document counts, whether its events are repeated, late, reordered or redriven."""

import random

import pytest

from appflow_gitops.flows.ownership import Ownership
from appflow_gitops.sync.change import change_id
from appflow_gitops.sync.errors import PermanentError, TransientError
from appflow_gitops.sync.intake.intake import IntakeRequest
from appflow_gitops.sync.ports import Request
from fakes.calls import Fault
from fakes.flow_documents import orders, text
from fakes.flows import FakeFlows
from fakes.world import ATTEMPTS, World

KEY = "flows/orders.json"
THROTTLED = TransientError("ThrottlingException", "Rate exceeded")
HOUR = 3600.0

VERSIONED = pytest.mark.parametrize("versioned", [True, False], ids=["versioned", "unversioned"])


def written(name: str) -> str:
    """A document that differs in its description."""
    return text(orders(description=name))


def live(world: World, flow: str = "orders") -> object:
    return world.flows.configuration(flow)["description"]


def deployed(*, versioned: bool = True) -> World:
    world = World(versioned=versioned)
    world.flows.edit(orders(description="before"))
    return world


def outcome_of(world: World, request: IntakeRequest, flow: str | None = "orders") -> str | None:
    """The last outcome of one event and flow; ``None`` without any."""
    wanted = change_id(request.identity, flow)
    reported = [event.data.outcome.value for event in world.bus.events if event.metadata.id == wanted]
    return reported[-1] if reported else None


@VERSIONED
def test_p4_a_b_a_b_a_within_minutes_is_five_times_applied_under_five_tokens(versioned: bool) -> None:
    world = deployed(versioned=versioned)
    events = []
    for name in "ABABA":
        events += world.apply(KEY, written(name))
        world.clock.advance(30)
    assert [event.data.outcome for event in events] == ["Applied"] * 5
    assert len({event.data.clientToken for event in events}) == 5
    assert live(world) == "A"


@pytest.mark.parametrize("hours", [0.01, 7.9, 9])
def test_p4_a_console_edit_is_repaired_by_dropping_the_same_document_again(hours: float) -> None:
    world = deployed()
    world.apply(KEY, written("A"))
    world.flows.edit(orders(description="by hand"))
    world.clock.advance(hours * HOUR)
    [event] = world.apply(KEY, written("A"))
    assert event.data.outcome == "Applied"
    assert live(world) == "A"


def test_p1_the_latest_valid_version_wins_over_an_invalid_one_in_front_of_it() -> None:
    world = deployed()
    good = world.dropped(KEY, written("A"))
    bad = world.dropped(KEY, "{")
    world.intake.handle(bad)
    world.intake.handle(good)
    world.settle()
    assert live(world) == "A"
    assert (outcome_of(world, bad, None), outcome_of(world, good)) == ("Rejected", "Applied")


def test_p1_a_deleted_document_changes_nothing_and_its_late_events_end_superseded() -> None:
    world = deployed()
    world.apply(KEY, written("A"))
    late = world.dropped(KEY, written("B"))
    world.bucket.delete(KEY)
    world.intake.handle(late)
    world.settle()
    assert live(world) == "A"
    assert outcome_of(world, late) == "Superseded"


def test_p1_a_document_that_was_deleted_and_dropped_again_counts_from_there() -> None:
    world = deployed()
    late = world.dropped(KEY, written("A"))
    world.bucket.delete(KEY)
    bad = world.dropped(KEY, "{")
    for request in (bad, late):
        world.intake.handle(request)
    world.settle()
    assert live(world) == "before"
    assert outcome_of(world, late) == "Superseded"


def test_p2_a_late_event_of_version_1_after_an_invalid_3_and_an_applied_2_ends_superseded() -> None:
    world = deployed()
    first = world.dropped(KEY, written("1"))
    second = world.dropped(KEY, written("2"))
    third = world.dropped(KEY, "{")
    for request in (third, second, first):
        world.intake.handle(request)
        world.settle()
    assert live(world) == "2"
    assert outcome_of(world, first) == "Superseded"
    assert world.calls.count("UpdateFlow") == 1


def test_p2_a_version_that_fails_while_the_next_is_applied_is_not_applied_later() -> None:
    world = deployed()
    world.drop(KEY, written("1"))
    world.drop(KEY, written("2"))
    world.calls.fail("GetObject", THROTTLED)
    world.settle()
    assert live(world) == "2"
    assert sorted(world.bus.outcomes) == ["Applied", "Superseded"]


@VERSIONED
def test_p2_an_event_about_an_outdated_version_ends_superseded(
    versioned: bool,
) -> None:
    world = deployed(versioned=versioned)
    old, new = world.dropped(KEY, written("A")), world.dropped(KEY, written("B"))
    for request in (new, old):
        world.intake.handle(request)
        world.settle()
    assert live(world) == "B"
    assert "Superseded" in {outcome_of(world, old), outcome_of(world, old, None)}
    assert outcome_of(world, new) == "Applied"


def test_p2_p3_25_flows_of_6_versions_end_at_their_latest_with_every_event_doubled_and_shuffled() -> None:
    world, chance = World(may_create=True), random.Random(20260115)  # noqa: S311 - repeatable on purpose
    flows = [f"flow-{number}" for number in range(25)]
    drops = [flow for flow in flows for _ in range(6)]
    chance.shuffle(drops)
    version = dict.fromkeys(flows, 0)
    pending: list[IntakeRequest] = []
    sent: list[tuple[IntakeRequest, str]] = []
    for flow in drops:
        version[flow] += 1
        document = text(orders(flowName=flow, description=f"version {version[flow]}"))
        request = world.dropped(f"flows/{flow}.json", document)
        sent.append((request, flow))
        pending += [request, request]
        world.clock.advance(chance.randrange(120))
        for _ in range(chance.randrange(4)):
            world.intake.handle(pending.pop(chance.randrange(len(pending))))
        if chance.random() < 0.3:
            world.deliver()
    chance.shuffle(pending)
    for request in pending:
        world.intake.handle(request)
    world.settle()
    assert {live(world, flow) for flow in flows} == {"version 6"}
    ended = [outcome_of(world, request, flow) for request, flow in sent]
    assert set(ended) <= {"Applied", "Unchanged", "Superseded"}
    assert world.queue.dead == []


@VERSIONED
def test_p3_every_repeat_of_an_event_is_reported_under_the_same_id(versioned: bool) -> None:
    world = deployed(versioned=versioned)
    request = world.dropped(KEY, written("A"))
    for _ in range(3):
        world.intake.handle(request)
        world.settle()
        world.clock.advance(HOUR)
    assert len({event.metadata.id for event in world.bus.events}) == 1
    assert world.bus.outcomes == ["Applied", "Unchanged", "Unchanged"]


def test_p5_a_doubled_event_finds_its_flow_in_sync_and_writes_nothing() -> None:
    world = deployed()
    request = world.dropped(KEY, written("A"))
    world.intake.handle(request)
    world.settle()
    world.clock.advance(HOUR)
    before = len(world.calls.made)
    world.intake.handle(request)
    world.settle()
    reads = {"GetObject", "ListObjects", "DescribeFlow", "SendMessageBatch", "PutEvents"}
    assert set(world.calls.operations()[before:]) == reads


def test_p6_what_appflow_cannot_change_leaves_the_flow_as_it_was() -> None:
    world = deployed()
    before = world.flows.backend.flows["orders"]
    world.apply(KEY, written("A").replace('"bucketPrefix": "orders"', '"bucketPrefix": "elsewhere"'))
    assert world.bus.outcomes == ["Failed"]
    assert world.flows.backend.flows == {"orders": before}
    assert world.calls.operations()[-2:] == ["DescribeFlow", "PutEvents"]


def test_p6_a_flow_that_exists_already_when_its_creation_is_repeated_is_a_success() -> None:
    world = World(may_create=True)
    lost = TransientError("ReadTimeoutError", "No answer", unanswered=True)
    world.calls.answer(CreateFlow=[Fault(lost, after=True)], DescribeFlow=[None, Fault(lost)])
    events = world.apply(KEY, written("A"))
    assert [event.data.outcome for event in events] == ["Applied"]
    assert list(world.flows.backend.flows) == ["orders"]
    assert Ownership.of(world.flows.tags("orders")).document == f"s3://documents/{KEY}"


@VERSIONED
def test_p1_a_flow_that_was_deleted_is_created_again_by_its_document_at_once(versioned: bool) -> None:
    world = World(may_create=True, versioned=versioned)
    for _ in range(3):
        [event] = world.apply(KEY, written("A"))
        assert (event.data.outcome, event.data.action, event.metadata.attempt) == ("Applied", "create", 1)
        del world.flows.backend.flows["orders"]
        world.clock.advance(1)
    assert len(set(world.flows.tokens)) == 3


def test_p4_a_retried_creation_repeats_its_token() -> None:
    world = World(may_create=True)
    lost = TransientError("ReadTimeoutError", "No answer", unanswered=True)
    world.calls.fail("CreateFlow", lost, lost)
    [event] = world.apply(KEY, written("A"))
    assert event.data.outcome == "Applied"
    assert world.flows.tokens == [event.data.clientToken] * 3


def test_p6_a_flow_that_was_created_in_the_meantime_is_adopted() -> None:
    world = World(may_create=True)
    made = False

    def concurrent_creation(operation: str, _: int) -> None:
        nonlocal made
        if operation == "CreateFlow" and not made:
            made = True
            world.flows.edit(orders(description="A"))

    world.calls.faults = concurrent_creation
    [event] = world.apply(KEY, written("A"))
    assert (event.data.outcome, event.metadata.attempt) == ("Applied", 1)
    assert Ownership.of(world.flows.tags("orders")).document == f"s3://documents/{KEY}"


def test_p7_p8_a_flow_whose_updates_always_fail_delays_no_other_and_is_dead_lettered() -> None:
    names = [f"flow-{number}" for number in range(15)]

    def fleet(broken: str | None) -> tuple[World, dict[str, float]]:
        """Two rounds of all flows; when each flow was last Applied, in seconds from the start."""
        world = World(may_create=True)
        fault = Fault(THROTTLED)
        world.calls.faults = lambda operation, _: (
            fault if operation == "CreateFlow" and world.calls.made[-1][1] == broken else None
        )
        start = world.clock.now
        for round_ in ("first", "second"):
            for name in names:
                world.drop(f"flows/{name}.json", text(orders(flowName=name, description=round_)))
        reported: dict[str, float] = {}
        while world.queue.messages:
            due = world.queue.next_visible()
            world.clock.now = max(world.clock.now, due or 0)
            reported |= {str(event.data.flowName): world.clock.now - start for event in world.deliver()}
        return world, reported

    _, healthy = fleet(None)
    world, beside = fleet("flow-3")
    others = set(names) - {"flow-3"}
    assert {name: beside[name] for name in others} == {name: healthy[name] for name in others}
    assert {live(world, name) for name in others} == {"second"}
    [dead] = [message.delivery().change for message in world.queue.dead if message.group == "flow-3"]
    failed = [event for event in world.bus.events if event.metadata.id == dead.id]
    assert {event.data.outcome for event in failed} == {"Failed"}
    assert world.calls.made.count(("CreateFlow", "flow-3")) == ATTEMPTS


def test_p9_a_lost_answer_costs_one_describe_and_no_second_update() -> None:
    world = deployed()
    lost = TransientError("ReadTimeoutError", "No answer", unanswered=True)
    world.calls.fail("UpdateFlow", lost, after=True)
    [event] = world.apply(KEY, written("A"))
    flow_calls = [operation for operation in world.calls.operations() if operation.endswith("Flow")]
    assert event.data.outcome == "Applied"
    assert flow_calls == ["DescribeFlow", "UpdateFlow", "DescribeFlow"]
    assert event.metadata.attempt == 1


def test_p9_a_call_that_was_lost_on_its_way_is_repeated_under_its_token() -> None:
    world = deployed()
    lost = TransientError("ReadTimeoutError", "No answer", unanswered=True)
    world.calls.fail("UpdateFlow", lost, lost)
    [event] = world.apply(KEY, written("A"))
    assert event.data.outcome == "Applied"
    assert world.flows.tokens == [event.data.clientToken] * 3


def test_p9_an_update_that_is_refused_leaves_no_trace_in_the_tags() -> None:
    world = deployed()
    world.apply(KEY, written("A"))
    before = dict(world.flows.tags("orders"))
    world.calls.fail("UpdateFlow", PermanentError("ValidationException", "No"))
    [event] = world.apply(KEY, written("B"))
    assert event.data.outcome == "Failed"
    assert world.flows.tags("orders") == before


class DeafFlows(FakeFlows):
    """An AppFlow that answers and does nothing: it takes the token for one that it knows."""

    def update(self, request: Request, token: str) -> None:
        self.tokens.append(token)
        self.calls("UpdateFlow", request["flowName"], lambda: None)


def test_p1_an_update_without_effect_is_never_reported_as_applied() -> None:
    world = World()
    world.flows = DeafFlows(world.clock, world.calls)
    world.flows.edit(orders(description="before"))
    world.apply(KEY, written("A"))
    assert set(world.bus.outcomes) == {"Failed"}
    assert len(world.flows.tokens) == ATTEMPTS
    assert len(set(world.flows.tokens)) == 1


def test_the_first_of_two_documents_racing_for_a_flow_keeps_it_whatever_is_repeated() -> None:
    world = deployed()
    one = world.dropped("flows/one.json", written("one"))
    other = world.dropped("flows/other.json", written("other"))
    for request in (one, other, other, one):
        world.intake.handle(request)
        world.clock.advance(HOUR)
    world.settle()
    assert live(world) == "one"
    assert (outcome_of(world, one), outcome_of(world, other)) == ("Unchanged", "Rejected")
    assert world.calls.count("UpdateFlow") == 1
