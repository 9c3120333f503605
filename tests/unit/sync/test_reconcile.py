"""Which outcome a change has that left nothing to do."""

import pytest

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.apply.reconcile import _outcome
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops.sync.plan import Plan

REQUESTED = 1_768_478_400.0
CHANGE = Change(
    identity="1", flowName="orders", correlationId="c", requestedAt="2026-01-15T12:00:00.000Z", desired={}
)


@pytest.mark.parametrize(
    ("attempt", "updated_at", "outcome"),
    [
        (1, REQUESTED + 1, Outcome.UNCHANGED),
        (2, REQUESTED + 1, Outcome.APPLIED),
        (2, REQUESTED, Outcome.APPLIED),
        (2, REQUESTED - 1, Outcome.UNCHANGED),
        (2, None, Outcome.UNCHANGED),
    ],
)
def test_an_earlier_attempt_that_updated_the_flow_counts_as_applied(
    attempt: int, updated_at: float | None, outcome: Outcome
) -> None:
    live = LiveFlow("orders", "arn", "Active", {}, last_updated_at=updated_at)
    assert _outcome(Delivery(CHANGE, attempt, "1"), Plan(Action.UNCHANGED), live) is outcome
    assert _outcome(Delivery(CHANGE, attempt, "1"), Plan(Action.UPDATE), live) is Outcome.APPLIED
