"""Flows that move between documents follow, in whatever order the files are written and deleted."""

import json
from collections.abc import Callable

import pytest

from appflow_gitops.sync.errors import TransientError
from fakes.calls import Fault
from fakes.flow_documents import orders, text
from fakes.world import World

OLD, NEW = "flows/old.json", "flows/new.json"


@pytest.fixture
def owned(world: World) -> World:
    """A world in which ``OLD`` owns the flow ``orders``."""
    world.flows.edit(orders(description="before"))
    world.flows.edit(orders(flowName="returns", description="before"))
    world.apply(OLD, text(orders()))
    return world


def live(world: World, name: str = "orders") -> str:
    world.settle()
    return str(world.flows.configuration(name)["description"])


def owner(world: World, name: str = "orders") -> str:
    return world.flows.tags(name)["appflow-gitops:document"]


def test_a_flow_follows_when_the_new_file_is_written_before_the_old_one_is_deleted(owned: World) -> None:
    owned.apply(NEW, text(orders(description="moved")), commit="4f2c1a9")
    assert live(owned) == "Orders of the shop"
    owned.remove(OLD)
    assert (live(owned), owner(owned)) == ("moved", f"s3://documents/{NEW}")
    assert owned.bus.events[-1].data.provenance.commit == "4f2c1a9"


def test_a_flow_follows_when_the_old_file_no_longer_declares_it(owned: World) -> None:
    owned.apply(NEW, text(orders(description="moved")))
    owned.apply(OLD, text(orders(flowName="returns")))
    assert (live(owned), owner(owned)) == ("moved", f"s3://documents/{NEW}")
    assert owner(owned, "returns") == f"s3://documents/{OLD}"


def test_intake_returns_the_changes_of_a_document_and_those_of_the_flows_it_released(owned: World) -> None:
    owned.apply(NEW, text(orders(description="moved")))
    result = owned.intake.handle(owned.dropped(OLD, text(orders(flowName="returns"))))
    assert [change.flowName for change in result.changes] == ["returns", "orders"]
    assert result.report is None


def test_a_flow_stays_while_a_newer_version_of_its_owner_declares_it(owned: World) -> None:
    owned.apply(NEW, text(orders(description="moved")))
    owned.apply(OLD, text(orders(description="newer")))
    assert live(owned) == "newer"


def test_a_flow_stays_while_its_owner_is_invalid(owned: World) -> None:
    owned.apply(NEW, text(orders(description="moved")))
    owned.apply(OLD, "{")
    assert live(owned) == "Orders of the shop"


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("at_once", [True, False])
def test_two_flows_swapped_between_two_files_follow(owned: World, first: int, at_once: bool) -> None:
    owned.apply(NEW, text(orders(flowName="returns")))
    swapped = [
        (OLD, text(orders(flowName="returns", description="swapped"))),
        (NEW, text(orders(description="swapped"))),
    ]
    for key, content in (swapped[first], swapped[1 - first]):
        owned.drop(key, content)
        if not at_once:
            owned.settle()
    assert (live(owned), live(owned, "returns")) == ("swapped", "swapped")
    assert owner(owned) == f"s3://documents/{NEW}"


def test_the_owner_that_lets_go_while_the_takeover_is_recorded_is_asked_once_more(owned: World) -> None:
    owned.drop(NEW, text(orders(description="moved")))

    def delete_the_owner(operation: str, subject: str) -> None:
        if (operation, subject) == ("GetObject", OLD):
            owned.calls.watch = lambda *_: None
            owned.bucket.delete(OLD)

    owned.calls.watch = delete_the_owner
    [event] = owned.deliver()
    assert event.data.outcome == "Applied"


def test_p9_a_release_is_repeated_after_a_failure_and_applied_once(owned: World) -> None:
    owned.apply(NEW, text(orders(description="moved")))
    owned.calls.answer(DeleteObject=[Fault(TransientError("SlowDown", "Reduce your request rate"))])
    with pytest.raises(TransientError):
        owned.remove(OLD)
    before = len(owned.queue.messages)
    owned.remove(OLD)
    assert live(owned) == "moved"
    assert before == 1


def test_a_plan_records_no_takeover(owned: World) -> None:
    from appflow_gitops.origin import DocumentVersion, Mode  # noqa: PLC0415

    owned.bucket.put(NEW, text(orders(description="moved")))
    pointer = DocumentVersion(bucket="documents", key=NEW)
    owned.intake.handle(owned.requested(pointer, mode=Mode.PLAN))
    owned.settle()
    assert owned.takeovers.kept == {}


def a_lost_event(world: World) -> None:
    world.bucket.delete(OLD)


def a_flow_removed_from_the_document(world: World) -> None:
    world.bucket.put(OLD, json.dumps(orders(flowName="returns")))


@pytest.mark.parametrize("lost", [a_lost_event, a_flow_removed_from_the_document])
def test_a_scan_without_self_heal_completes_a_move_whose_event_was_lost(
    owned: World, lost: Callable[[World], None]
) -> None:
    owned.apply(NEW, text(orders(description="moved")))
    lost(owned)
    owned.scan()
    assert live(owned) == "moved"


@pytest.mark.parametrize("self_heal", [False, True])
def test_a_flow_that_matches_its_new_document_gets_it_as_owner_by_the_next_scan(
    owned: World, self_heal: bool
) -> None:
    owned.apply(NEW, text(orders()))
    a_lost_event(owned)
    scan = owned.scan(self_heal=self_heal)
    assert scan.reported == []
    owned.settle()
    assert owner(owned) == f"s3://documents/{NEW}"
    assert owned.bus.outcomes[-1] == "Unchanged"
    assert owned.scan(self_heal=self_heal).repairs == []


def test_a_flow_that_matches_another_document_stays_with_its_owner(owned: World) -> None:
    owned.apply(NEW, text(orders()))
    assert owned.scan(self_heal=True).repairs == []
    assert owner(owned) == f"s3://documents/{OLD}"


def test_a_flow_that_a_new_policy_gives_to_another_folder_follows_by_the_next_scan(owned: World) -> None:
    moved = "flows/team/new.json"
    owned.apply(moved, text(orders(description="moved")))
    grants = [{"prefix": "flows/", "flows": ["returns"]}, {"prefix": "flows/team/", "flows": ["orders"]}]
    assert owned.drop("policy.yaml", json.dumps({"documents": grants})).report is None
    assert live(owned) == "Orders of the shop"
    owned.scan()
    assert (live(owned), owner(owned)) == ("moved", f"s3://documents/{moved}")


def test_a_flow_of_another_bucket_is_not_waited_for(world: World) -> None:
    world.flows.edit(orders(description="before"))
    world.flows.retag("orders", {"appflow-gitops:document": "s3://elsewhere/flows/orders.json"})
    [event] = world.apply(NEW, text(orders()))
    assert event.data.outcome == "Rejected"
    assert world.takeovers.kept == {}
