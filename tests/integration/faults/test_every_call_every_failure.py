"""Every call that intake and apply make, times every way in which it can fail, through the real adapters.

Each failure strikes as often as the client itself tries, so that the message or the event has to come back.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from appflow_gitops.flows.ownership import TAGS, Ownership
from appflow_gitops.sync.intake.intake import IntakeRequest
from fakes.flow_documents import orders, scheduled, text

from .conftest import BUCKET, Deployment
from .wire import REFUSED, TRANSIENT

KEY = "flows/orders.json"
CLIENT_TRIES = 4


@dataclass(frozen=True)
class Situation:
    """The live flow and the document that make an operation necessary, and the outcome.

    ``on_top`` is dropped on top of the document before its event comes.
    """

    prepare: Callable[[Deployment], None]
    document: str
    on_top: str = ""
    outcome: str = "Applied"
    status: str = "Active"


def nothing(deployment: Deployment) -> None:
    pass


def on_demand(deployment: Deployment) -> None:
    deployment.appflow.create_flow(orders(description="before"))


def tagged(deployment: Deployment) -> None:
    """The flow has a tag that an earlier version of its document set."""
    tags = {TAGS: "team", "team": "shop"}
    deployment.appflow.create_flow({**orders(description="before"), "tags": tags})


def hourly(deployment: Deployment) -> None:
    deployment.appflow.create_flow(scheduled(description="before"))
    deployment.appflow.start_flow({"flowName": "orders"})


def dropped(deployment: Deployment, situation: Situation) -> IntakeRequest:
    situation.prepare(deployment)
    request = deployment.dropped(KEY, situation.document)
    if situation.on_top:
        deployment.dropped(KEY, situation.on_top)
    return request


UPDATE = Situation(on_demand, text(orders()))
REJECTED = Situation(on_demand, "{", outcome="Rejected")
SITUATIONS = {
    "GetObject": UPDATE,
    "ListObjectVersions": Situation(on_demand, text(orders()), on_top="{"),
    "SendMessageBatch": UPDATE,
    "DescribeFlow": UPDATE,
    "UpdateFlow": UPDATE,
    "TagResource": UPDATE,
    "UntagResource": Situation(tagged, text(orders())),
    "CreateFlow": Situation(nothing, text(orders())),
    "StartFlow": Situation(on_demand, text(scheduled(flowStatus="Active"))),
    "StopFlow": Situation(hourly, text(scheduled(flowStatus="Suspended")), status="Suspended"),
}
"""By the operation that fails."""


def assert_ended(deployment: Deployment, situation: Situation) -> None:
    """Exactly one change was reported, with the expected outcome, and the flow matches that."""
    reported = deployment.wire.reported()
    assert {detail["data"]["outcome"] for detail in reported} == {situation.outcome}
    assert len({detail["metadata"]["id"] for detail in reported}) == 1
    flow = deployment.appflow.flows["orders"]
    assert flow.runs == []
    if situation.outcome == "Applied":
        assert flow.definition.members["description"] == "Orders of the shop"
        assert flow.status == situation.status
        assert Ownership.of(flow.tags).document == f"s3://{BUCKET}/{KEY}"


@pytest.mark.parametrize("failure", TRANSIENT)
@pytest.mark.parametrize("operation", SITUATIONS)
def test_p8_p9_a_call_that_fails_for_a_while_is_applied_in_the_end(
    deployment: Deployment, operation: str, failure: str
) -> None:
    request = dropped(deployment, SITUATIONS[operation])
    deployment.wire.strike(operation, TRANSIENT[failure], CLIENT_TRIES)
    deployment.see_through(request)
    assert deployment.wire.struck[operation]
    assert_ended(deployment, SITUATIONS[operation])


@pytest.mark.parametrize("failure", [*TRANSIENT, "refused"])
@pytest.mark.parametrize("situation", [UPDATE, REJECTED], ids=["apply", "intake"])
def test_p3_an_outcome_that_cannot_be_reported_is_reported_in_the_end(
    deployment: Deployment, situation: Situation, failure: str
) -> None:
    request = dropped(deployment, situation)
    deployment.wire.strike("PutEvents", TRANSIENT.get(failure, REFUSED), CLIENT_TRIES)
    deployment.see_through(request)
    assert deployment.wire.struck["PutEvents"]
    assert_ended(deployment, situation)


@pytest.mark.parametrize("failure", [*TRANSIENT, "refused"])
def test_p8_a_change_that_cannot_be_postponed_is_retried(deployment: Deployment, failure: str) -> None:
    request = dropped(deployment, UPDATE)
    deployment.wire.strike("UpdateFlow", TRANSIENT["throttled"], CLIENT_TRIES)
    deployment.wire.strike("ChangeMessageVisibility", TRANSIENT.get(failure, REFUSED), CLIENT_TRIES)
    deployment.see_through(request)
    assert deployment.wire.struck["ChangeMessageVisibility"]
    assert_ended(deployment, UPDATE)


@pytest.mark.parametrize("operation", SITUATIONS)
def test_p8_a_permanent_refusal_ends_failed_at_the_first_attempt(
    deployment: Deployment, operation: str
) -> None:
    request = dropped(deployment, SITUATIONS[operation])
    deployment.wire.strike(operation, REFUSED, CLIENT_TRIES)
    deployment.see_through(request)
    [detail] = deployment.wire.reported()
    assert detail["data"]["outcome"] == "Failed"
    assert detail["data"]["error"]["code"] == "AccessDeniedException"
    assert (deployment.wire.struck[operation], deployment.comebacks) == (1, 0)


@pytest.mark.parametrize("failure", [name for name in TRANSIENT if "malformed" not in name])
@pytest.mark.parametrize(
    "operation", ["DescribeFlow", "UpdateFlow", "CreateFlow", "StartFlow", "TagResource", "UntagResource"]
)
def test_p8_a_call_that_fails_once_is_retried_by_the_client(
    deployment: Deployment, operation: str, failure: str
) -> None:
    request = dropped(deployment, SITUATIONS[operation])
    deployment.wire.strike(operation, TRANSIENT[failure], 1)
    deployment.see_through(request)
    assert deployment.comebacks == 0
    assert_ended(deployment, SITUATIONS[operation])


@pytest.mark.parametrize("times", [1, CLIENT_TRIES])
def test_p9_a_lost_answer_costs_no_second_update(deployment: Deployment, times: int) -> None:
    request = dropped(deployment, UPDATE)
    before = deployment.appflow.flows["orders"].last_updated_at
    deployment.wire.strike("UpdateFlow", TRANSIENT["time-out after"], times)
    deployment.see_through(request)
    assert deployment.wire.count("DescribeFlow") == 2
    assert deployment.comebacks == 0
    assert deployment.appflow.flows["orders"].last_updated_at > before
    bodies = {body for operation, body in deployment.wire.carried_out if operation == "UpdateFlow"}
    assert len(bodies) == 1
