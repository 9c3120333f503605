"""Requested runs: who may request them, when they start, and how they end."""

from typing import Any

import pytest

from appflow_gitops.sync.apply.requested_run import UPDATE_VISIBLE_AFTER
from appflow_gitops.sync.errors import PermanentError, TransientError
from appflow_gitops.sync.intake.request import parse_run_request
from appflow_gitops_local.appflow.controls import controls
from fakes.calls import Fault
from fakes.flow_documents import orders, scheduled, text
from fakes.world import World

POLICY = "documents: [{prefix: flows/, flows: ['*']}]\nrequests: {flows: [], runs: [ord*]}\n"
KEY = "flows/orders.json"


@pytest.fixture
def allowed(world: World) -> World:
    """A world with an on-demand flow, updated long ago, that requests may run."""
    controls.outcomes.clear()
    world.may_create = True
    world.bucket.put("policy.yaml", POLICY)
    world.apply(KEY, text(orders()))
    world.clock.advance(3600)
    world.bus.events.clear()
    return world


def last(world: World) -> Any:
    return world.bus.events[-1]


def test_a_requested_run_is_started_and_reported(allowed: World) -> None:
    allowed.run_requested("orders")
    allowed.settle()
    [run] = allowed.flows.latest("orders")
    assert (last(allowed).detail_type, last(allowed).data.executionId) == ("Flow Run Started", run.id)


@pytest.mark.parametrize(
    "policy",
    [
        None,
        "documents: []\n",
        "documents: []\nrequests: {flows: ['*']}\n",
        "documents: []\nrequests: {flows: ['*'], runs: [sales-*]}\n",
        "documents: 5\n",
    ],
)
def test_without_a_grant_no_run_is_started(world: World, policy: str | None) -> None:
    world.flows.edit(orders())
    if policy:
        world.bucket.put("policy.yaml", policy)
    world.run_requested("orders")
    world.settle()
    assert (last(world).data.outcome, last(world).data.error.code) == ("Rejected", "RunNotAllowed")
    assert world.flows.latest("orders") == ()


def test_the_policy_at_the_time_of_the_run_counts(allowed: World) -> None:
    allowed.run_requested("orders")
    allowed.bucket.put("policy.yaml", POLICY.replace("ord*", "other"))
    allowed.settle()
    assert last(allowed).data.error.code == "RunNotAllowed"
    assert allowed.flows.latest("orders") == ()


def test_a_run_starts_behind_waiting_changes_and_once_they_are_visible(allowed: World) -> None:
    allowed.flows.behave(update_propagation_seconds=UPDATE_VISIBLE_AFTER)
    allowed.drop(KEY, text(orders(description="new")))
    allowed.run_requested("orders")
    allowed.settle()
    assert [event.data.outcome for event in allowed.bus.events] == ["Applied", "Started"]
    live, [run] = allowed.flows.describe("orders"), allowed.flows.latest("orders")
    assert live
    assert live.last_updated_at
    assert run.started_at >= live.last_updated_at + UPDATE_VISIBLE_AFTER


def test_a_repeated_delivery_starts_one_run(allowed: World) -> None:
    allowed.run_requested("orders")
    allowed.calls.answer(StartFlow=[Fault(TransientError("ConnectionClosed", "lost"), after=True)])
    allowed.settle()
    assert len(allowed.flows.latest("orders")) == 1
    assert last(allowed).data.outcome == "Started"


def test_a_scheduled_flow_is_neither_run_nor_activated(allowed: World) -> None:
    allowed.flows.edit(scheduled())
    allowed.run_requested("orders")
    allowed.settle()
    assert (last(allowed).data.outcome, last(allowed).data.error.code) == ("Rejected", "NotOnDemand")
    assert allowed.flows.status("orders") == "Draft"


def test_a_missing_flow_is_reported(allowed: World) -> None:
    allowed.run_requested("ord-missing")
    allowed.settle()
    assert (last(allowed).data.outcome, last(allowed).data.action) == ("Failed", "run")


@pytest.mark.parametrize("detail", [{}, {"flowName": 5}, {"flowName": "orders", "force": True}, {"data": []}])
def test_a_detail_of_another_form_is_rejected(detail: dict[str, Any]) -> None:
    with pytest.raises(PermanentError, match="expected a detail of"):
        parse_run_request(detail)


def test_a_detail_may_be_wrapped_as_in_our_own_events() -> None:
    request = parse_run_request(
        {"metadata": {}, "data": {"flowName": "orders", "provenance": {"actor": "jo"}}}
    )
    assert (request.flowName, request.provenance.actor) == ("orders", "jo")
