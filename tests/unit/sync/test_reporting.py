"""Every change produces a status event, and one that cannot be sent is retried."""

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
def test_p3_an_event_is_retried_when_its_rejection_cannot_be_reported(world: World, error: SyncError) -> None:
    request = world.dropped(KEY, "{")
    world.calls.fail("PutEvents", error)
    with pytest.raises(TransientError):
        world.intake.handle(request)
    world.intake.handle(request)
    assert world.bus.outcomes == ["Rejected"]


@FAILS
def test_p3_a_change_that_cannot_be_reported_is_dead_lettered(world: World, error: SyncError) -> None:
    world.flows.edit(orders(description="before"))
    world.calls.fail("PutEvents", *[error] * (ATTEMPTS + 3))
    assert world.apply(KEY, text(orders())) == []
    world.calls.answer()
    world.queue.redrive()
    world.settle()
    # Kept by apply, and once more by the redrive policy, because apply could not finish the delivery.
    assert set(world.bus.outcomes) == {"Unchanged"}
    assert world.calls.count("UpdateFlow") == 1


@FAILS
def test_p8_a_message_that_cannot_be_postponed_returns_after_the_visibility_timeout(
    world: World, error: SyncError
) -> None:
    world.flows.edit(orders(description="before"))
    throttled = TransientError("ThrottlingException", "Rate exceeded")
    world.calls.answer(UpdateFlow=[Fault(throttled)], ChangeMessageVisibility=[Fault(error)])
    start = world.clock.now
    [event] = world.apply(KEY, text(orders()))
    assert event.data.outcome == "Applied"
    assert world.clock.now - start == VISIBILITY


@pytest.mark.parametrize("operation", ["PutEvents", "ChangeMessageVisibility"])
def test_p8_an_unexpected_exception_is_retried_wherever_it_is_raised(world: World, operation: str) -> None:
    world.flows.edit(orders(description="before"))
    throttled = TransientError("ThrottlingException", "Rate exceeded")
    surprise = Fault(KeyError("unexpected"))
    world.calls.answer(**{"UpdateFlow": [Fault(throttled)], operation: [surprise]})
    assert [event.data.outcome for event in world.apply(KEY, text(orders()))] == ["Applied"]


def test_p8_an_unexpected_exception_in_intake_retries_the_event(world: World) -> None:
    request = world.dropped(KEY, text(orders()))
    world.calls.fail("SendMessageBatch", KeyError("unexpected"))
    with pytest.raises(TransientError, match="KeyError"):
        world.intake.handle(request)
