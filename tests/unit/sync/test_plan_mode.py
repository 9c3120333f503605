"""``"mode": "plan"`` reports what a change would do, and does nothing."""

from typing import Any

import pytest

from appflow_gitops.origin import DocumentVersion, Mode
from appflow_gitops.sync.errors import TransientError
from fakes.bucket import BUCKET
from fakes.flow_documents import orders, scheduled, text
from fakes.world import World

WRITES = {"UpdateFlow", "CreateFlow", "StartFlow", "StopFlow", "TagResource", "UntagResource"}


def planned(world: World, document: Any, **how: Any) -> dict[str, Any]:
    """The data of the status event that a request for a plan ends in; nothing may have been written for it."""
    before = len(world.calls.made)
    world.intake.handle(world.requested(document, mode=Mode.PLAN, **how))
    world.settle()
    assert not WRITES & set(world.calls.operations()[before:])
    assert world.bus.events[-1].detail_type == "Flow Change Planned"
    data: dict[str, Any] = world.bus.last["data"]
    return data


def test_a_plan_reports_what_would_change_and_changes_nothing(world: World) -> None:
    world.flows.edit(orders(description="before"))
    data = planned(world, orders(description="after"), commit="4f2c1a9")
    assert (data["action"], data["error"], data["clientToken"]) == ("update", None, None)
    assert data["changes"] == [
        {"op": "change", "pointer": "/description", "live": "before", "desired": "after"}
    ]
    assert data["provenance"] == {"commit": "4f2c1a9"}
    assert world.flows.configuration("orders")["description"] == "before"
    assert world.flows.tags("orders") == {}


def test_in_sync_not_even_a_tag_is_written(world: World) -> None:
    world.flows.edit(orders())
    assert planned(world, orders())["action"] == "unchanged"
    assert world.flows.tags("orders") == {}


@pytest.mark.parametrize(
    ("live", "desired", "status"),
    [
        (scheduled(), scheduled(), "Draft"),
        (scheduled(flowStatus="Active"), scheduled(description="after"), "Active"),
        (scheduled(flowStatus="Active"), scheduled(flowStatus="Suspended"), "Suspended"),
        (None, scheduled(flowStatus="Active"), "Active"),
        (None, scheduled(), None),
    ],
    ids=["in sync", "update", "suspend", "create and start", "create"],
)
def test_a_plan_reports_the_status_that_the_flow_would_have(
    world: World, live: dict[str, Any] | None, desired: dict[str, Any], status: str | None
) -> None:
    world.may_create = True
    if live:
        world.flows.edit({name: value for name, value in live.items() if name != "flowStatus"})
        if "flowStatus" in live:
            world.flows.start("orders")
    assert planned(world, desired)["flowStatus"] == status


def test_a_plan_reports_missing_tags_and_writes_none(world: World) -> None:
    world.flows.edit(orders())
    data = planned(world, orders(tags={"team": "shop"}))
    assert data["action"] == "tag"
    assert data["changes"] == [{"op": "add", "pointer": "/tags/team", "live": None, "desired": "shop"}]
    assert world.flows.tags("orders") == {}


def test_a_flow_that_would_be_started_is_not(world: World) -> None:
    world.flows.edit(scheduled())
    status = world.flows.status("orders")
    data = planned(world, scheduled(flowStatus="Active"))
    assert (data["action"], data["flowStatus"]) == ("activate", "Active")
    assert data["changes"] == [
        {"op": "change", "pointer": "/flowStatus", "live": status, "desired": "Active"}
    ]
    assert world.flows.status("orders") == status


def test_a_flow_that_would_be_created_is_not() -> None:
    world = World(may_create=True)
    assert planned(world, orders())["action"] == "create"
    assert world.flows.describe("orders") is None


def test_a_change_that_would_fail_is_planned_as_refused(world: World) -> None:
    data = planned(world, orders())
    assert (data["action"], data["error"]["code"]) == ("refuse", "ResourceNotFoundException")


def test_a_flow_of_a_document_is_planned_as_refused_unless_forced(world: World) -> None:
    world.flows.edit(orders())
    world.apply("flows/orders.json", text(orders()))
    data = planned(world, orders(description="mine"))
    assert (data["action"], data["error"]["code"]) == ("refuse", "OwnedByAnotherDocument")
    assert planned(world, orders(description="mine"), force=True)["action"] == "update"


def test_a_creation_that_the_policy_forbids_is_planned_as_refused() -> None:
    world = World(may_create=True)
    world.bucket.put("policy.yaml", "documents: [{prefix: flows/, flows: ['*'], create: false}]")
    world.bucket.put("flows/orders.json", text(orders()))
    data = planned(world, DocumentVersion(bucket=BUCKET, key="flows/orders.json"))
    assert data["action"] == "refuse"
    assert data["findings"]


def test_a_document_in_the_bucket_can_be_planned_too(world: World) -> None:
    world.flows.edit(orders())
    version = world.bucket.put("flows/orders.json", text(orders(description="after")))
    data = planned(world, DocumentVersion(bucket=BUCKET, key="flows/orders.json"))
    assert (data["action"], data["document"]["versionId"]) == ("update", version.versionId)
    assert world.flows.tags("orders") == {}


def test_p3_a_plan_of_an_invalid_document_is_rejected(world: World) -> None:
    world.intake.handle(world.requested({"flowName": "orders"}, mode=Mode.PLAN))
    assert world.bus.outcomes == ["Rejected"]


def test_p8_a_plan_is_retried_when_appflow_does_not_answer(world: World) -> None:
    world.flows.edit(orders(description="before"))
    world.calls.fail("DescribeFlow", TransientError("ThrottlingException", "Rate exceeded"))
    assert planned(world, orders())["action"] == "update"


def test_a_plan_does_not_supersede_later_changes(world: World) -> None:
    world.flows.edit(orders(description="before"))
    planned(world, orders(description="after"))
    world.intake.handle(world.requested(orders(description="after")))
    world.settle()
    assert world.bus.outcomes == ["Planned", "Applied"]


@pytest.mark.parametrize("mode", Mode)
def test_the_mode_travels_with_the_message(world: World, mode: Mode) -> None:
    [change] = world.intake.handle(world.requested(orders(), mode=mode)).changes
    assert type(change).model_validate_json(change.model_dump_json()).mode is mode
