"""What the status event of each outcome contains, in every member."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from appflow_gitops.origin import DocumentVersion, Mode
from appflow_gitops.sync.errors import PermanentError, TransientError
from fakes.calls import Fault
from fakes.flow_documents import orders, scheduled, text
from fakes.world import World

KEY = "flows/orders.json"
OTHER = "flows/other.json"
WHO = {"commit": "4f2c1a9", "actor": "jo"}
DENIED = PermanentError("AccessDeniedException", "Not authorized")


def grant(**members: Any) -> str:
    folder = {"prefix": "flows/", "flows": ["*"], **members}
    return json.dumps({"documents": [folder], "requests": {"flows": ["*"], "runs": ["orders", "hourly"]}})


def live(description: str = "before") -> World:
    world = World()
    world.flows.edit(orders(description=description))
    return world


def applied() -> World:
    """The document owns the flow."""
    world = live()
    world.apply(KEY, text(orders()), **WHO)
    return world


def no_change() -> World:
    world = live("Orders of the shop")
    world.apply(KEY, text(orders()), **WHO)
    return world


def a_creation() -> World:
    world = World(may_create=True)
    world.apply(KEY, text(scheduled(flowStatus="Active")), **WHO)
    return world


def a_missing_flow() -> World:
    world = World()
    world.apply(KEY, text(orders()), **WHO)
    return world


def a_refused_update() -> World:
    world = live()
    world.calls.fail("UpdateFlow", DENIED)
    world.apply(KEY, text(orders()), **WHO)
    return world


def a_flow_of_another_document() -> World:
    world = applied()
    world.apply(OTHER, text(orders(description="mine")), **WHO)
    return world


def a_request_for_an_owned_flow() -> World:
    world = applied()
    world.intake.handle(world.requested(orders(description="mine"), **WHO))
    world.settle()
    return world


def a_forced_request() -> World:
    world = applied()
    world.intake.handle(world.requested(orders(description="mine"), force=True, **WHO))
    world.settle()
    return world


def a_plan() -> World:
    world = live()
    world.intake.handle(world.requested(orders(), mode=Mode.PLAN, **WHO))
    world.settle()
    return world


def a_plan_for_an_owned_flow() -> World:
    world = applied()
    world.intake.handle(world.requested(orders(description="mine"), mode=Mode.PLAN, **WHO))
    world.settle()
    return world


def an_observed_document() -> World:
    world = live()
    world.bucket.put("policy.yaml", grant(mode="observe"))
    world.apply(KEY, text(orders()), **WHO)
    return world


def a_creation_that_the_policy_forbids() -> World:
    world = World(may_create=True)
    world.bucket.put("policy.yaml", grant(create=False))
    world.apply(KEY, text(orders()), **WHO)
    return world


def an_invalid_document() -> World:
    world = live()
    world.drop(KEY, text(orders(tasks=[])), **WHO)
    return world


def a_document_that_the_policy_forbids_meanwhile() -> World:
    world = live()
    world.drop(KEY, text(orders()), **WHO)
    world.bucket.put("policy.yaml", grant(flows=["returns"]))
    world.settle()
    return world


def a_newer_version() -> World:
    world = live()
    world.drop(KEY, text(orders(description="first")), **WHO)
    world.bucket.put(KEY, text(orders()))
    world.deliver(1)
    return world


def a_deleted_document() -> World:
    world = live()
    request = world.dropped(KEY, text(orders()), **WHO)
    world.bucket.objects.clear()
    world.intake.handle(request)
    return world


def an_object_elsewhere() -> World:
    world = live()
    world.intake.handle(world.requested(DocumentVersion(bucket="elsewhere", key=KEY), **WHO))
    return world


def a_paused_flow() -> World:
    world = live()
    world.paused = True
    world.apply(KEY, text(orders()), **WHO)
    return world


def a_closed_window() -> World:
    world = live()
    window = {"deny": ["*"], "start": "2026-01-15T11:00", "duration": "2h"}
    world.bucket.put("policy.yaml", json.dumps({**json.loads(grant()), "windows": [window]}))
    world.apply(KEY, text(orders()), **WHO)
    return world


def a_requested_run() -> World:
    world = live()
    world.bucket.put("policy.yaml", grant())
    world.clock.advance(60)
    world.run_requested("orders")
    world.settle()
    return world


def a_paused_run() -> World:
    world = live()
    world.bucket.put("policy.yaml", grant())
    world.paused = True
    world.run_requested("orders")
    world.settle()
    return world


def a_run_that_no_grant_allows() -> World:
    world = live()
    world.bucket.put("policy.yaml", grant())
    world.run_requested("returns")
    return world


def a_run_of_a_scheduled_flow() -> World:
    world = World()
    world.flows.edit(scheduled(flowName="hourly"))
    world.bucket.put("policy.yaml", grant())
    world.run_requested("hourly")
    world.settle()
    return world


def a_run_of_a_missing_flow() -> World:
    world = World()
    world.bucket.put("policy.yaml", grant())
    world.run_requested("orders")
    world.settle()
    return world


def exhausted_retries() -> World:
    world = live()
    world.calls.answer(UpdateFlow=[Fault(TransientError("ThrottlingException", "Rate exceeded"))] * 9)
    world.apply(KEY, text(orders()), **WHO)
    return world


def an_event_that_cannot_be_handled() -> World:
    world = live()
    world.calls.fail("GetObject", PermanentError("AccessDenied", "no"))
    world.drop(KEY, text(orders()), **WHO)
    return world


def facts(world: World) -> dict[str, Any]:
    """The members of the last event that have a value, long ones by their parts, tokens and ids by their length."""
    event = world.bus.last
    data = {name: value for name, value in event["data"].items() if value not in (None, [], {}, False)}
    if "document" in data:
        data["document"] = "{bucket}/{key}@{versionId}".format(**data["document"])
    if "changes" in data:
        data["changes"] = [f"{item['op']} {item['pointer']}" for item in data["changes"]]
    if "findings" in data:
        data["findings"] = [finding["rule"] for finding in data["findings"]]
    if "error" in data:
        data["error"] = data["error"]["code"]
    data |= {
        name: len(data[name]) for name in ("clientToken", "contentDigest", "executionId") if name in data
    }
    resources = [arn.rpartition("/")[2] for arn in world.bus.events[-1].resources]
    metadata = event["metadata"]
    return {
        **data,
        **({"resources": resources} if resources else {}),
        "correlationId": metadata["correlationId"],
        "attempt": metadata["attempt"],
    }


DROPPED = {
    "correlationId": "event-s3://documents/flows/orders.json@v1",
    "attempt": 1,
    "document": "documents/flows/orders.json@v1",
    "provenance": WHO,
}
REQUESTED = {"correlationId": "request-1", "attempt": 1}
BY_JO = {**REQUESTED, "provenance": WHO}
FLOW = {"flowName": "orders", "resources": ["orders"]}
LIVE = {**FLOW, "flowStatus": "Active"}
DESIRED = {**LIVE, "contentDigest": 64}
UPDATE = {**DESIRED, "action": "update", "changes": ["change /description"]}
PAUSED = "changes of 'orders' are paused: the stack is deployed with Paused=true"
RUN = {**REQUESTED, "action": "run"}


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        (applied, {**DROPPED, **UPDATE, "outcome": "Applied", "clientToken": 81}),
        (no_change, {**DROPPED, **DESIRED, "outcome": "Unchanged", "action": "unchanged"}),
        (
            a_creation,
            {
                **DROPPED,
                **DESIRED,
                "outcome": "Applied",
                "action": "create",
                "clientToken": 81,
                "changes": [
                    "add /flowName",
                    "add /description",
                    "add /triggerConfig",
                    "add /sourceFlowConfig",
                    "add /destinationFlowConfigList/0",
                    *(f"add /tasks/{number}" for number in range(3)),
                ],
            },
        ),
        (
            a_missing_flow,
            {
                **DROPPED,
                "outcome": "Failed",
                "action": "refuse",
                "error": "ResourceNotFoundException",
                "flowName": "orders",
                "contentDigest": 64,
            },
        ),
        (
            a_refused_update,
            {**DROPPED, "outcome": "Failed", "error": "AccessDeniedException", "flowName": "orders"},
        ),
        (
            a_flow_of_another_document,
            {
                **DROPPED,
                **FLOW,
                "correlationId": "event-s3://documents/flows/other.json@v1",
                "document": "documents/flows/other.json@v1",
                "outcome": "Rejected",
                "error": "OwnedByAnotherDocument",
            },
        ),
        (
            a_request_for_an_owned_flow,
            {**BY_JO, **FLOW, "outcome": "Rejected", "error": "OwnedByAnotherDocument"},
        ),
        (a_forced_request, {**BY_JO, **UPDATE, "outcome": "Applied", "clientToken": 81}),
        (a_plan, {**BY_JO, **UPDATE, "outcome": "Planned"}),
        (
            a_plan_for_an_owned_flow,
            {
                **BY_JO,
                **FLOW,
                "outcome": "Planned",
                "action": "refuse",
                "error": "OwnedByAnotherDocument",
            },
        ),
        (an_observed_document, {**DROPPED, **UPDATE, "outcome": "Observed"}),
        (
            a_creation_that_the_policy_forbids,
            {**DROPPED, "outcome": "Rejected", "findings": ["AFG305"], "flowName": "orders"},
        ),
        (
            an_invalid_document,
            {**DROPPED, "outcome": "Rejected", "findings": ["AFG220"], "flowName": "orders"},
        ),
        (
            a_document_that_the_policy_forbids_meanwhile,
            {**DROPPED, "outcome": "Rejected", "findings": ["AFG301"], "flowName": "orders"},
        ),
        (
            a_newer_version,
            {
                **DROPPED,
                "outcome": "Superseded",
                "flowName": "orders",
                "reason": "version v2 of the document is newer",
            },
        ),
        (
            a_deleted_document,
            {**DROPPED, "provenance": None, "outcome": "Superseded", "reason": "the document was deleted"},
        ),
        (
            an_object_elsewhere,
            {
                **BY_JO,
                "outcome": "Rejected",
                "error": "NotADocument",
                "document": "elsewhere/flows/orders.json@None",
            },
        ),
        (a_paused_flow, {**DROPPED, **UPDATE, "outcome": "Held", "reason": PAUSED}),
        (
            a_closed_window,
            {
                **DROPPED,
                **UPDATE,
                "outcome": "Held",
                "reason": "in a deny window",
                "heldUntil": "2026-01-15T13:00:00.000Z",
            },
        ),
        (a_requested_run, {**RUN, **LIVE, "outcome": "Started", "executionId": 36}),
        (a_paused_run, {**RUN, **LIVE, "outcome": "Held", "reason": PAUSED}),
        (
            a_run_that_no_grant_allows,
            {**RUN, "outcome": "Rejected", "error": "RunNotAllowed", "flowName": "returns"},
        ),
        (
            a_run_of_a_scheduled_flow,
            {
                **RUN,
                "outcome": "Rejected",
                "error": "NotOnDemand",
                "flowName": "hourly",
                "flowStatus": "Draft",
                "resources": ["hourly"],
            },
        ),
        (
            a_run_of_a_missing_flow,
            {**RUN, "outcome": "Failed", "error": "ResourceNotFoundException", "flowName": "orders"},
        ),
        (
            exhausted_retries,
            {**DROPPED, "outcome": "Failed", "error": "RetriesExhausted", "flowName": "orders", "attempt": 5},
        ),
        (
            an_event_that_cannot_be_handled,
            {**DROPPED, "provenance": None, "outcome": "Failed", "error": "AccessDenied"},
        ),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_an_event_contains_every_fact_that_is_known_and_no_other(
    scenario: Callable[[], World], expected: dict[str, Any]
) -> None:
    known = {name: value for name, value in expected.items() if value is not None}
    assert facts(scenario()) == known
