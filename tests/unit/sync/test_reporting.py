"""Every change produces a status event, and one that cannot be sent is retried."""

import json
from typing import Any

import pytest

from appflow_gitops.findings import Finding, Severity
from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.status.envelope import SIZE_LIMIT
from appflow_gitops.status.events import render_outcome
from appflow_gitops.sync.errors import PermanentError, SyncError, TransientError
from appflow_gitops.sync.outcome import ChangeResult, Outcome, OutcomeReport
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


LONG = "\N{LATIN SMALL LETTER A WITH DIAERESIS}" * 20_000
CHANGES = tuple(DiffItem("change", ("tasks", index), LONG, LONG) for index in range(8))
FINDINGS = tuple(Finding("AFG101", Severity.ERROR, ("tasks", index), LONG) for index in range(8))


@pytest.mark.parametrize(
    ("members", "truncated"),
    [
        ({}, set()),
        ({"changes": CHANGES[:1], "findings": FINDINGS[:1]}, set()),
        ({"changes": CHANGES}, {"changesTruncated"}),
        ({"differences": CHANGES}, {"changesTruncated"}),
        ({"findings": FINDINGS}, {"findingsTruncated"}),
        ({"differences": CHANGES, "findings": FINDINGS}, {"changesTruncated", "findingsTruncated"}),
    ],
    ids=["nothing", "little", "changes", "differences", "findings", "both"],
)
def test_p3_an_event_fits_into_the_limit_and_says_what_was_left_out(
    members: dict[str, Any], truncated: set[str]
) -> None:
    result = ChangeResult(Outcome.FAILED, "orders", arn="arn:flow", **members)
    event = render_outcome(OutcomeReport("id", "correlation", 1.0, result))
    assert event.resources == ("arn:flow",)
    detail = event.detail()
    assert len(detail.encode()) <= SIZE_LIMIT
    data = json.loads(detail)["data"]
    assert {name for name in data if name.endswith("Truncated") and data[name]} == truncated
    for name, values in members.items():
        assert (len(data[name]) < len(values)) is bool(truncated)
