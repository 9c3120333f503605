"""How often a change is tried, and what is reported after the last attempt."""

import pytest

from appflow_gitops.sync.apply.attempts import LONGEST_WAIT, backoff
from appflow_gitops.sync.change import timestamp
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.errors import PermanentError, TransientError
from appflow_gitops.sync.ports import DeadLetter
from fakes.calls import Crash, Fault
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


def test_exhausted_retries_are_reported_once_with_the_cause_and_the_message_is_kept(world: World) -> None:
    prepared(world).calls.fail("UpdateFlow", *[THROTTLED] * ATTEMPTS)
    world.settle()
    assert world.calls.count("UpdateFlow") == ATTEMPTS
    [event] = world.bus.events
    assert event.data.error is not None
    assert event.data.error.code == "RetriesExhausted"
    assert f"after {ATTEMPTS} deliveries: ThrottlingException: Rate exceeded" in event.data.error.message
    assert len(world.queue.dead) == 1
    assert world.queue.messages == []


def test_failed_is_reported_within_about_two_minutes(world: World) -> None:
    start = world.clock.now
    prepared(world).calls.fail("UpdateFlow", *[THROTTLED] * ATTEMPTS)
    world.settle()
    assert world.bus.outcomes == ["Failed"]
    assert world.clock.now - start <= 130


def test_p8_a_failed_change_does_not_hold_up_the_next_version(world: World) -> None:
    prepared(world).calls.fail("UpdateFlow", *[THROTTLED] * ATTEMPTS)
    while "Failed" not in world.bus.outcomes:
        world.clock.now = world.queue.next_visible() or world.clock.now
        world.deliver()
    world.drop(KEY, text(orders(description="corrected")))
    assert [event.data.outcome for event in world.deliver()] == ["Applied"]


def test_a_dead_letter_is_the_change_with_the_time_and_number_of_its_failures(world: World) -> None:
    prepared(world)
    [sent] = [message.delivery().change for message in world.queue.messages]
    for round_ in (1, 2):
        world.calls.fail("UpdateFlow", *[THROTTLED] * ATTEMPTS)
        world.settle()
        [letter] = world.queue.dead
        kept = letter.delivery().change
        assert (kept.failedAt, kept.failures) == (timestamp(world.clock.now), round_)
        assert kept.model_copy(update={"failedAt": None, "failures": None}) == sent
        assert letter.group == sent.group
        assert "null" not in letter.body
        world.queue.redrive()


def test_a_change_that_dies_in_its_last_attempt_is_reported_and_kept(world: World) -> None:
    prepared(world)
    for _ in range(ATTEMPTS):
        world.calls.crash_after(2)
        world.clock.now = world.queue.next_visible() or world.clock.now
        with pytest.raises(Crash):
            world.deliver()
    assert world.bus.events == []
    world.calls.answer()
    world.settle()
    [event] = world.bus.events
    assert event.data.error is not None
    assert "the last attempt ended without an answer" in event.data.error.message
    assert (len(world.queue.dead), world.queue.messages) == (1, [])


def test_the_cause_is_reported_although_the_message_cannot_be_kept(world: World) -> None:
    denied = PermanentError("AccessDenied", "Not authorized to perform sqs:SendMessage")
    prepared(world).calls.answer(
        UpdateFlow=[Fault(THROTTLED)] * ATTEMPTS, SendMessage=[Fault(denied), Fault(denied)]
    )
    world.settle()
    error = world.bus.events[0].data.error
    assert error is not None
    assert "ThrottlingException" in error.message
    assert len(world.queue.dead) == 1


def test_a_message_without_a_change_is_kept_without_waiting(world: World) -> None:
    world.attempts.discard(DeadLetter("no change", "orders", "id"), "receipt")
    assert [letter.body for letter in world.queue.dead] == ["no change"]


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
