"""A document's tags: they are planned, compared, written and removed again; the tags of others stay."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appflow_gitops.flows.ownership import TAGS, Ownership
from appflow_gitops.sync.inventory import State, take_inventory
from appflow_gitops.sync.ownership import recorded_tags
from appflow_gitops.validation.environment import NO_ENVIRONMENT
from fakes.bucket import BUCKET
from fakes.flow_documents import orders, text
from fakes.push import one_by_one
from fakes.world import World

KEY = "flows/orders.json"


def applied(world: World, **members: Any) -> dict[str, Any]:
    [event] = world.apply(KEY, text(orders(**members)))
    return event.data.model_dump(mode="json")


def users(world: World) -> dict[str, str]:
    return {key: value for key, value in world.flows.tags("orders").items() if ":" not in key}


def state(world: World) -> State:
    inventory = take_inventory(
        world.flows,
        world.bucket,
        bucket=BUCKET,
        prefix="flows/",
        environment=NO_ENVIRONMENT,
        now=world.clock(),
        each=one_by_one,
    )
    return inventory.flows[0].state


def test_a_changed_tag_is_an_applied_change_without_an_update(world: World) -> None:
    world.flows.edit(orders())
    data = applied(world, tags={"team": "shop"})
    assert (data["outcome"], data["action"]) == ("Applied", "tag")
    assert data["changes"] == [{"op": "add", "pointer": "/tags/team", "live": None, "desired": "shop"}]
    assert "UpdateFlow" not in world.calls.operations()
    assert users(world) == {"team": "shop"}


def test_a_tag_that_the_document_no_longer_sets_is_removed_and_those_of_others_stay(world: World) -> None:
    world.flows.edit({**orders(), "tags": {"theirs": "1"}})
    applied(world, tags={"team": "shop", "cost": "42"})
    data = applied(world, tags={"team": "shop"})
    assert data["changes"] == [{"op": "remove", "pointer": "/tags/cost", "live": "42", "desired": None}]
    assert users(world) == {"theirs": "1", "team": "shop"}
    applied(world)
    assert users(world) == {"theirs": "1"}
    assert TAGS not in world.flows.tags("orders")


def test_a_tag_that_was_edited_by_hand_is_drift_and_is_restored(world: World) -> None:
    world.flows.edit(orders())
    applied(world, tags={"team": "shop"})
    assert state(world) is State.IN_SYNC
    world.flows.backend.flows["orders"].tags["team"] = "theirs"
    assert state(world) is State.DRIFTED
    world.clock.advance(60)
    scan = world.scan(self_heal=True)
    assert [report.drift.value for report in scan.reported] == ["drifted"]
    world.settle()
    assert users(world) == {"team": "shop"}


def test_a_version_without_a_commit_removes_the_commit_of_the_version_before(world: World) -> None:
    world.flows.edit(orders(description="before"))
    world.apply(KEY, text(orders()), commit="4f2c1a9")
    assert Ownership.of(world.flows.tags("orders")).commit == "4f2c1a9"
    world.apply(KEY, text(orders(description="uncommitted")))
    assert Ownership.of(world.flows.tags("orders")).commit is None


@pytest.mark.parametrize(
    ("commit", "recorded"),
    [
        ("4f2c1a9", "4f2c1a9"),
        ("release/2.1+3", "release/2.1+3"),
        ("c" * 256, "c" * 256),
        ("c" * 257, None),
        ("4f2c1a9 (dirty)", None),
        ("zürich", None),
        ("", None),
    ],
)
def test_only_a_commit_that_fits_into_a_tag_is_recorded(
    world: World, commit: str, recorded: str | None
) -> None:
    world.flows.edit(orders(description="before"))
    [event] = world.apply(KEY, text(orders()), commit=commit)
    assert event.data.outcome == "Applied"
    assert Ownership.of(world.flows.tags("orders")).commit == recorded


@given(st.sets(st.text("abcXYZ019+-=._:/", min_size=1, max_size=128), max_size=50))
def test_the_record_fits_into_a_tag_and_names_only_tags_of_the_document(keys: set[str]) -> None:
    record = recorded_tags(keys)
    assert all(len(value) <= 256 for value in record.values())
    read = Ownership.of(record).tags
    assert read <= keys
    # A key is left out only where it does not fit beside those before it.
    assert all(sum(len(one) + 1 for one in read) + len(key) > 256 for key in keys - read)
