"""How often a change is tried, and what is reported after the last attempt."""

import pytest

from appflow_gitops.sync.apply.attempts import LONGEST_WAIT, backoff
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.errors import PermanentError, TransientError
from fakes.flow_documents import orders, text
from fakes.world import ATTEMPTS, World

KEY = "flows/orders.json"
THROTTLED = TransientError("ThrottlingException", "Rate exceeded")


def prepared(world: World) -> World:
    world.flows.edit(orders(description="before"))
    world.drop(KEY, text(orders()))
    return world


def test_p8_a_transient_error_is_retried_within_seconds(world: World) -> None:
    prepared(world).calls.fail("UpdateFlow", THROTTLED)
    assert world.deliver() == []
    due = world.queue.next_visible()
    assert due is not None
    assert 0 < due - world.clock.now <= 10
    world.settle()
    assert world.bus.outcomes == ["Applied"]


def test_p8_a_permanent_error_is_never_retried(world: World) -> None:
    prepared(world).calls.fail("UpdateFlow", PermanentError("ServiceQuotaExceededException", "Too many"))
    world.settle()
    assert world.calls.count("UpdateFlow") == 1
    assert world.bus.outcomes == ["Failed"]


def test_exhausted_retries_are_reported_with_the_cause_and_the_message_is_kept(world: World) -> None:
    prepared(world).calls.fail("UpdateFlow", *[THROTTLED] * ATTEMPTS)
    world.settle()
    assert world.calls.count("UpdateFlow") == ATTEMPTS
    assert set(world.bus.outcomes) == {"Failed"}
    error = world.bus.events[0].data.error
    assert error is not None
    assert "ThrottlingException" in error.message
    assert len({event.metadata.id for event in world.bus.events}) == 1
    assert len(world.queue.dead) == 1


def test_a_redriven_change_is_carried_out(world: World) -> None:
    prepared(world).calls.fail("UpdateFlow", *[THROTTLED] * ATTEMPTS)
    world.settle()
    world.queue.redrive()
    world.settle()
    assert world.bus.outcomes[-1] == "Applied"


def test_a_redriven_change_that_a_newer_version_has_overtaken_ends_superseded(world: World) -> None:
    prepared(world).calls.fail("UpdateFlow", *[THROTTLED] * ATTEMPTS)
    world.settle()
    world.apply(KEY, text(orders(description="newer")))
    world.queue.redrive()
    world.settle()
    assert world.bus.outcomes[-1] == "Superseded"
    assert world.flows.configuration("orders")["description"] == "newer"


def test_a_change_is_retried_when_its_status_event_cannot_be_sent(world: World) -> None:
    prepared(world).calls.fail("PutEvents", TransientError("InternalFailure", "The bus is down"))
    assert world.deliver() == []
    world.settle()
    assert world.bus.outcomes == ["Applied"]
    assert world.calls.count("UpdateFlow") == 1


def test_no_change_is_started_without_enough_time_left(world: World) -> None:
    [message] = prepared(world).queue.receive()
    with pytest.raises(TransientError, match="OutOfTime"):
        world.attempts.handle(message.delivery(), message.receipt, lambda: 30.0)
    assert world.calls.count("DescribeFlow") == 0
    assert world.queue.next_visible() == world.clock.now


def test_an_unexpected_exception_is_retried_and_then_reported(world: World) -> None:
    prepared(world).calls.fail("DescribeFlow", *[KeyError("unexpected")] * ATTEMPTS)
    world.settle()
    error = world.bus.events[0].data.error
    assert error is not None
    assert "KeyError" in error.message
    assert len(world.queue.dead) == 1


def test_the_backoff_grows_and_stays_within_five_minutes(world: World) -> None:
    [message] = prepared(world).queue.receive()
    change = message.delivery().change
    waits = [backoff(Delivery(change, attempt, "1")) for attempt in range(1, 30)]
    assert waits == sorted(waits)
    assert 2 <= waits[0] <= 5
    assert waits[-1] <= LONGEST_WAIT
