"""A change is never done without a word, and what cannot be told is never forgotten."""

import pytest

from appflow_gitops.sync.errors import PermanentError, SyncError, TransientError
from fakes.calls import Fault
from fakes.flow_documents import orders, text
from fakes.queue import VISIBILITY
from fakes.world import ATTEMPTS, World

KEY = "flows/orders.json"
REFUSED = PermanentError("AccessDeniedException", "Not authorized to perform events:PutEvents")
DOWN = TransientError("InternalFailure", "The bus is down")

FAILS = pytest.mark.parametrize("error", [REFUSED, DOWN], ids=["refused", "down"])


@FAILS
def test_p3_a_rejection_that_cannot_be_told_brings_the_event_back(world: World, error: SyncError) -> None:
    arrival = world.dropped(KEY, "{")
    world.calls.fail("PutEvents", error)
    with pytest.raises(TransientError):
        world.intake.handle(arrival)
    world.intake.handle(arrival)
    assert world.bus.outcomes == ["Rejected"]


@FAILS
def test_p3_a_change_that_cannot_be_told_waits_in_the_dead_letters(world: World, error: SyncError) -> None:
    world.flows.edit(orders(description="before"))
    world.calls.fail("PutEvents", *[error] * (ATTEMPTS + 3))
    assert world.apply(KEY, text(orders())) == []
    world.calls.answer()
    world.queue.redrive()
    world.settle()
    assert world.bus.outcomes == ["Unchanged"]
    assert world.calls.count("UpdateFlow") == 1


@FAILS
def test_p8_a_message_that_cannot_be_postponed_comes_back_by_itself(world: World, error: SyncError) -> None:
    world.flows.edit(orders(description="before"))
    throttled = TransientError("ThrottlingException", "Rate exceeded")
    world.calls.answer(UpdateFlow=[Fault(throttled)], ChangeMessageVisibility=[Fault(error)])
    start = world.clock.now
    [event] = world.apply(KEY, text(orders()))
    assert event.data.outcome == "Applied"
    assert world.clock.now - start == VISIBILITY


@pytest.mark.parametrize("operation", ["PutEvents", "ChangeMessageVisibility"])
def test_p8_a_surprise_is_tried_again_wherever_it_comes_from(world: World, operation: str) -> None:
    world.flows.edit(orders(description="before"))
    throttled = TransientError("ThrottlingException", "Rate exceeded")
    surprise = Fault(KeyError("surprise"))
    world.calls.answer(**{"UpdateFlow": [Fault(throttled)], operation: [surprise]})
    assert [event.data.outcome for event in world.apply(KEY, text(orders()))] == ["Applied"]


def test_p8_a_surprise_on_arrival_brings_the_event_back(world: World) -> None:
    arrival = world.dropped(KEY, text(orders()))
    world.calls.fail("SendMessageBatch", KeyError("surprise"))
    with pytest.raises(TransientError, match="KeyError"):
        world.intake.handle(arrival)
