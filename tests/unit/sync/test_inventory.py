"""The inventory: the status of every flow, and what it costs to find."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import pytest

from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.inventory import Each, Inventory, State, SyncStatus, take_inventory
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_cli.documents.document_text import as_yaml
from fakes.bucket import BUCKET
from fakes.flow_documents import orders, scheduled, text
from fakes.world import World

T = TypeVar("T")
R = TypeVar("R")

KEY = "flows/orders.json"


def one_by_one(work: Callable[[T], R], items: Sequence[T], doing: str) -> Iterable[R]:  # noqa: ARG001
    return map(work, items)


def look(world: World, each: Each = one_by_one) -> Inventory:
    stage = world.stored_environment.read()
    world.calls.made.clear()
    return take_inventory(
        world.flows,
        world.bucket,
        bucket=BUCKET,
        prefix="flows/",
        environment=stage,
        now=world.clock.now,
        each=each,
    )


def only(inventory: Inventory) -> SyncStatus:
    (standing,) = inventory.flows
    return standing


@pytest.fixture
def applied(world: World) -> World:
    """A world in which the document of the flow ``orders`` was applied an hour ago."""
    world.flows.edit(orders(description="before"))
    world.apply(KEY, text(orders()), commit="4f2c1a9")
    world.clock.advance(3600)
    return world


def test_a_flow_is_shown_with_its_document_version_and_commit(applied: World) -> None:
    standing = only(look(applied))
    assert (standing.state, standing.document, standing.version, standing.commit) == (
        State.IN_SYNC,
        KEY,
        "v1",
        "4f2c1a9",
    )
    assert look(applied).in_order


def test_an_edit_in_the_console_is_drift_with_what_differs(applied: World) -> None:
    applied.flows.edit(orders(description="by hand"))
    inventory = look(applied)
    standing = only(inventory)
    assert standing.state is State.DRIFTED
    assert [(item.pointer, item.live, item.desired) for item in standing.changes] == [
        ("/description", "by hand", "Orders of the shop")
    ]
    assert not inventory.in_order


def test_a_flow_that_was_stopped_by_hand_is_drifted(world: World) -> None:
    world.flows.edit(scheduled(description="before"))
    world.apply(KEY, text(scheduled(flowStatus="Active")))
    world.flows.stop("orders")
    standing = only(look(world))
    assert standing.state is State.DRIFTED
    assert [(item.pointer, item.live, item.desired) for item in standing.changes] == [
        ("/flowStatus", "Suspended", "Active")
    ]


def test_a_version_that_was_not_applied_is_pending_and_not_drifted(applied: World) -> None:
    applied.bucket.put(KEY, text(orders(description="newer")))
    assert only(look(applied)).state is State.PENDING


def test_a_change_that_appflow_cannot_make_is_noted(applied: World) -> None:
    moved = orders()
    moved["sourceFlowConfig"]["sourceConnectorProperties"]["S3"]["bucketName"] = "other-bucket"
    applied.apply(KEY, text(moved))
    standing = only(look(applied))
    assert standing.state is State.PENDING
    assert standing.outcome is Outcome.FAILED
    assert standing.note is not None
    assert standing.note.startswith("ReplacementRequired: AppFlow cannot change this in place")


def test_a_flow_that_matches_its_document_is_in_sync_though_nothing_was_applied(world: World) -> None:
    world.flows.edit(orders())
    world.bucket.put(KEY, text(orders()))
    standing = only(look(world))
    assert (standing.state, standing.document, standing.version) == (State.IN_SYNC, KEY, None)


def test_an_invalid_version_is_listed_and_the_valid_one_before_it_counts(applied: World) -> None:
    applied.bucket.put(KEY, "{")
    inventory = look(applied)
    assert only(inventory).state is State.IN_SYNC
    (invalid,) = inventory.invalid
    assert invalid.document == KEY
    assert invalid.error
    assert not inventory.in_order


def test_a_document_that_never_was_valid_is_listed(world: World) -> None:
    world.bucket.put("flows/broken.yaml", "flowName: x")
    inventory = look(world)
    assert [document.document for document in inventory.invalid] == ["flows/broken.yaml"]
    assert not inventory.missing


def test_flows_without_a_document_and_documents_without_a_flow_are_listed_apart(applied: World) -> None:
    applied.flows.edit(orders(flowName="by-hand"))
    applied.bucket.put("flows/new.json", text(orders(flowName="new")), commit="8d1e")
    inventory = look(applied)
    assert only(inventory).live.name == "orders"
    assert [standing.live.name for standing in inventory.unmanaged] == ["by-hand"]
    assert [(flow.name, flow.document, flow.commit) for flow in inventory.missing] == [
        ("new", "flows/new.json", "8d1e")
    ]


def test_unmanaged_flows_need_no_attention(world: World) -> None:
    world.flows.edit(orders())
    assert look(world).in_order


@pytest.mark.parametrize("last_words", [None, text(orders(flowName="another"))])
def test_a_flow_whose_document_was_deleted_is_orphaned(applied: World, last_words: str | None) -> None:
    if last_words is None:
        applied.bucket.delete(KEY)
    else:
        applied.bucket.put(KEY, last_words)
    standing = only(look(applied))
    assert (standing.state, standing.document) == (State.ORPHANED, KEY)


def test_a_flow_whose_document_has_no_valid_version_is_pending_and_not_orphaned(
    applied: World,
) -> None:
    applied.bucket.put("policy.yaml", "[")
    inventory = look(applied)
    standing = only(inventory)
    assert (standing.state, standing.document) == (State.PENDING, KEY)
    assert (
        standing.note == "what its document declares cannot be determined; the document is listed as invalid"
    )
    assert [document.document for document in inventory.invalid] == [KEY]


def test_a_flow_of_another_bucket_is_elsewhere(world: World) -> None:
    world.flows.edit(orders() | {"tags": {"appflow-gitops:document": "s3://elsewhere/flows/a.json"}})
    standing = only(look(world))
    assert (standing.state, standing.document) == (State.ELSEWHERE, "s3://elsewhere/flows/a.json")
    assert look(world).in_order


def test_where_two_documents_declare_a_flow_its_owner_counts(applied: World) -> None:
    applied.bucket.objects = {"flows/a.json": [], **applied.bucket.objects}
    applied.bucket.put("flows/a.json", text(orders(description="usurper")))
    assert only(look(applied)).document == KEY


def test_a_flow_whose_owner_was_deleted_waits_for_the_document_that_declares_it(applied: World) -> None:
    applied.bucket.delete(KEY)
    applied.bucket.put("flows/moved.json", text(orders(description="moved")))
    standing = only(look(applied))
    assert (standing.state, standing.note) == (State.PENDING, None)


def test_a_flow_of_a_document_in_another_bucket_names_its_owner(world: World) -> None:
    owner = "s3://elsewhere/flows/a.json"
    world.flows.edit(orders() | {"tags": {"appflow-gitops:document": owner}})
    world.bucket.put(KEY, text(orders(description="ours")))
    standing = only(look(world))
    assert (standing.state, standing.note) == (State.PENDING, f"the flow belongs to {owner}")


def test_documents_are_read_with_the_variables_of_the_environment() -> None:
    world = World(environment="test")
    world.flows.edit(orders(description="of test"))
    world.bucket.put("variables/test.yaml", "WHICH: of test")
    world.bucket.put(KEY, text(orders(description="${env.WHICH}")))
    assert only(look(world)).state is State.IN_SYNC


def test_a_changed_variable_is_pending_and_not_drifted() -> None:
    world = World(environment="test")
    world.flows.edit(orders())
    world.bucket.put("variables/test.yaml", "WHICH: before")
    world.apply(KEY, text(orders(description="${env.WHICH}")))
    world.bucket.put("variables/test.yaml", "WHICH: after")
    assert only(look(world)).state is State.PENDING


def test_objects_that_are_not_documents_are_not_read(world: World) -> None:
    world.bucket.put("flows/README.md", "# flows")
    world.bucket.put("policy.yaml", "{}")
    look(world)
    assert world.calls.count("GetObject") == 0


def test_flows_that_were_in_sync_after_their_last_update_are_not_described(world: World) -> None:
    for number in range(20):
        world.flows.edit(orders(flowName=f"flow-{number:02}"))
    world.clock.advance(3600)
    for number in range(20):
        live = world.flows.describe(f"flow-{number:02}")
        assert live is not None
        world.apply(f"flows/{live.name}.yaml", as_yaml(live))
    world.clock.advance(3600)
    world.flows.edit(orders(flowName="flow-07", description="by hand"))
    inventory = look(world)
    assert world.calls.count("DescribeFlow") == 1
    assert [flow.live.name for flow in inventory.flows if flow.state is not State.IN_SYNC] == ["flow-07"]


def test_flows_that_only_we_changed_are_not_described() -> None:
    world = World(may_create=True)
    world.flows.edit(orders(description="before"))
    world.apply(KEY, text(orders()))
    world.apply("flows/new.json", text(orders(flowName="new")))
    world.apply("flows/hourly.json", text(scheduled(flowName="hourly", flowStatus="Active")))
    assert look(world).in_order
    assert world.calls.count("DescribeFlow") == 0


def test_an_edit_between_our_update_and_our_check_settles_nothing(world: World) -> None:
    def quick_edit(operation: str, subject: str) -> None:  # noqa: ARG001
        if operation == "UpdateFlow":
            world.flows.edit(orders(description="by hand"))

    world.flows.edit(orders(description="before"))
    world.calls.watch = quick_edit
    world.apply(KEY, text(orders()))
    assert only(look(world)).state is State.DRIFTED


def test_flows_without_a_document_are_never_described(applied: World) -> None:
    applied.bucket.delete(KEY)
    applied.flows.edit(orders(flowName="by-hand"))
    look(applied)
    assert applied.calls.count("DescribeFlow") == 0


def test_a_flow_that_is_deleted_during_the_inventory_is_missing(applied: World) -> None:
    def gone(work: Callable[[T], R], items: Sequence[T], doing: str) -> Iterable[R]:
        if doing == "Comparing flows":
            applied.flows.backend.flows.clear()
        return one_by_one(work, items, doing)

    applied.flows.edit(orders(description="by hand"))
    inventory = look(applied, gone)
    assert [flow.name for flow in inventory.missing] == ["orders"]
    assert inventory.flows == ()


def test_the_last_run_is_reported(world: World) -> None:
    world.flows.edit(orders())
    world.flows.start("orders")
    (standing,) = look(world).unmanaged
    assert standing.live.last_run is not None
    assert standing.live.last_run.status == "Successful"
    assert standing.live.last_run.at == world.clock.now


def test_p7_one_unreadable_document_of_fifty_is_listed_as_invalid_beside_the_others(world: World) -> None:
    world.may_create = True
    for number in range(50):
        world.drop(f"flows/{number:02}.json", text(orders(flowName=f"flow-{number:02}")))
    world.settle()
    world.bucket.unreadable["flows/07.json"] = PermanentError("InvalidObjectState", "The object is archived.")
    inventory = look(world)
    assert [(each.document, each.error) for each in inventory.invalid] == [
        ("flows/07.json", "cannot read the object: InvalidObjectState: The object is archived.")
    ]
    states = [flow.state for flow in inventory.flows]
    assert (states.count(State.IN_SYNC), states.count(State.PENDING)) == (49, 1)


def test_a_flow_belongs_to_its_owner_only_while_that_one_declares_it(applied: World) -> None:
    applied.bucket.put("flows/moved.json", text(orders(description="moved")))
    applied.bucket.put(KEY, text(orders(flowName="another")))
    standing = only(look(applied))
    assert (standing.state, standing.document, standing.note) == (State.PENDING, "flows/moved.json", None)


def test_p10_a_thousand_invalid_versions_cost_ten_calls(applied: World) -> None:
    look(applied)
    before = applied.calls.count("GetObject")
    for _ in range(1000):
        applied.bucket.put(KEY, "{")
    look(applied)
    assert applied.calls.count("GetObject") - before <= 10
