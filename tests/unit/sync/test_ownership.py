"""The owner of a flow, by its tags and by the documents."""

from dataclasses import replace

import pytest

from appflow_gitops.flows.ownership import CLOCK_TOLERANCE, DOCUMENT, STATUS, TAGS, Order, Ownership
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.change import timestamp
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.former_buckets import parse_former_buckets
from appflow_gitops.sync.ownership import owner_tag
from fakes.flow_documents import orders, text
from fakes.world import ATTEMPTS, World


@pytest.fixture
def owned(world: World) -> World:
    """A world in which flows/a.json owns the flow."""
    world.flows.edit(orders(description="before"))
    world.apply("flows/a.json", text(orders()))
    return world


def test_a_flow_that_another_document_still_declares_is_refused(owned: World) -> None:
    [event] = owned.apply("flows/b.json", text(orders(description="mine now")))
    assert event.data.outcome == "Rejected"
    assert event.data.error is not None
    assert event.data.error.code == "OwnedByAnotherDocument"
    assert "s3://documents/flows/a.json" in event.data.error.message
    assert owned.flows.configuration("orders")["description"] == "Orders of the shop"


def test_a_flow_changes_owner_when_its_document_was_deleted(owned: World) -> None:
    owned.bucket.delete("flows/a.json")
    [event] = owned.apply("flows/b.json", text(orders(description="mine now")))
    assert event.data.outcome == "Applied"
    assert Ownership.of(owned.flows.tags("orders")).document == "s3://documents/flows/b.json"


def test_a_flow_changes_owner_when_its_document_no_longer_declares_it(owned: World) -> None:
    owned.bucket.put("flows/a.json", text(orders(flowName="other")))
    [event] = owned.apply("flows/b.json", text(orders(description="mine now")))
    assert event.data.outcome == "Applied"


def test_an_owner_whose_latest_version_is_invalid_still_declares_its_flow(owned: World) -> None:
    owned.bucket.put("flows/a.json", "{")
    [event] = owned.apply("flows/b.json", text(orders(description="mine now")))
    assert event.data.outcome == "Rejected"


def test_a_request_for_an_owned_flow_is_refused(owned: World) -> None:
    owned.intake.handle(owned.requested(orders(description="by hand")))
    [event] = owned.deliver()
    assert event.data.outcome == "Rejected"
    assert event.data.error is not None
    assert '"force": true' in event.data.error.message


def test_a_forced_request_changes_an_owned_flow_and_leaves_it_its_owner(owned: World) -> None:
    owned.intake.handle(owned.requested(orders(description="by hand"), force=True))
    [event] = owned.deliver()
    assert event.data.outcome == "Applied"
    assert Ownership.of(owned.flows.tags("orders")).document == "s3://documents/flows/a.json"


def test_a_request_that_is_retried_after_a_later_change_is_superseded(world: World) -> None:
    world.flows.edit(orders(description="before"))
    world.intake.handle(world.requested(orders(description="first")))
    [late] = world.queue.receive()
    world.clock.advance(60)
    world.queue.delete(late)
    world.intake.handle(world.requested(orders(description="second")))
    world.deliver()
    event = world.handle(late)
    assert event is not None
    assert event.data.outcome == "Superseded"
    assert world.flows.configuration("orders")["description"] == "second"


def test_requests_of_one_second_are_ordered_by_the_queue_however_precise_their_times_are(
    world: World,
) -> None:
    world.flows.edit(orders(description="before"))
    for time, description in (("2026-01-15T12:00:00.600Z", "first"), ("2026-01-15T12:00:00Z", "second")):
        request = world.requested(orders(description=description))
        world.intake.handle(replace(request, time=time))
    world.deliver()
    world.deliver()
    assert world.bus.outcomes == ["Applied", "Applied"]
    assert world.flows.configuration("orders")["description"] == "second"


@pytest.mark.parametrize("tag", ["", "yesterday/1", "1/", "/", "1e9/5"])
def test_a_malformed_order_tag_counts_as_absent(tag: str) -> None:
    assert Ownership.of({"appflow-gitops:changed": tag}).order is None


@pytest.mark.parametrize(
    "key", ["flows/a.json", "flows/été (1)=%41+b.yaml", "flows/x'y\"z.yml", "flows/a b~.json"]
)
def test_any_key_survives_the_round_trip_through_a_tag(key: str) -> None:
    document = DocumentVersion(bucket="documents", key=key)
    tag = owner_tag(document)
    assert Ownership.of({"appflow-gitops:document": tag}).document == document.uri
    assert tag.isascii()


def test_a_document_cannot_give_its_flow_our_own_tags(world: World) -> None:
    world.flows.edit(orders(description="before"))
    forged = {"appflow-gitops:document": "s3://documents/flows/a.json", "team": "shop"}
    world.intake.handle(world.requested(orders(tags=forged)))
    [event] = world.deliver()
    assert event.data.outcome == "Applied"
    assert Ownership.of(world.flows.tags("orders")).document is None
    assert world.flows.tags("orders")["team"] == "shop"


def test_p2_a_request_is_stale_when_the_same_version_was_requested_after_it(owned: World) -> None:
    stale = owned.requested(orders(description="by hand"), force=True)
    owned.clock.advance(60)
    owned.intake.handle(owned.requested(DocumentVersion(bucket="documents", key="flows/a.json")))
    owned.settle()
    owned.intake.handle(stale)
    [event] = owned.deliver()
    assert event.data.outcome == "Superseded"


def test_p2_a_request_stays_stale_when_an_older_document_change_is_repeated(owned: World) -> None:
    again = owned.dropped("flows/a.json", text(orders()))
    owned.clock.advance(60)
    stale = owned.requested(orders(description="stale"), force=True)
    owned.clock.advance(60)
    owned.intake.handle(owned.requested(orders(description="by hand"), force=True))
    for request in (again, stale):
        owned.intake.handle(request)
        owned.settle()
    assert owned.bus.outcomes[-1] == "Superseded"


@pytest.mark.parametrize("ahead", [50, 1_000_000_000])
def test_a_request_of_a_clock_that_is_ahead_does_not_block_later_ones(world: World, ahead: float) -> None:
    world.flows.edit(orders(description="before"))
    early = world.requested(orders(description="early"))
    world.intake.handle(replace(early, time=timestamp(world.clock.now + ahead)))
    world.settle()
    world.clock.advance(1)
    world.intake.handle(world.requested(orders(description="today")))
    world.settle()
    assert world.bus.outcomes == ["Applied", "Applied"]
    assert world.flows.configuration("orders")["description"] == "today"


def test_an_order_tag_from_the_future_is_not_believed(world: World) -> None:
    world.flows.edit(orders(description="before"))
    world.flows.tags("orders")["appflow-gitops:changed"] = "4070908800/18849496460467696128"
    world.intake.handle(world.requested(orders(description="today")))
    [event] = world.deliver()
    assert event.data.outcome == "Applied"
    assert world.flows.tags("orders")["appflow-gitops:changed"].startswith(f"{int(world.clock.now)}/")


def test_p2_a_redriven_request_does_not_overtake_a_later_one_of_the_same_second(world: World) -> None:
    world.flows.edit(orders(description="before"))
    world.intake.handle(world.requested(orders(description="first")))
    world.calls.fail("UpdateFlow", *[TransientError("ThrottlingException", "Rate exceeded")] * ATTEMPTS)
    start = world.clock.now
    world.settle()
    world.clock.now = start + 0.2
    world.intake.handle(replace(world.requested(orders(description="second")), time=timestamp(start)))
    world.settle()
    world.queue.redrive()
    world.settle()
    assert world.bus.outcomes == ["Failed", "Applied", "Superseded"]


def test_p2_a_request_does_not_hide_which_version_of_the_document_was_applied() -> None:
    world = World(environment="prod")
    world.bucket.put("variables/prod.yaml", "TEXT: newer\n")
    world.flows.edit(orders(description="before"))
    older = world.dropped("flows/a.json", text(orders(description="older")))
    world.apply("flows/a.json", text(orders(description="${env.TEXT}")))
    world.intake.handle(world.requested(orders(description="by hand"), force=True))
    world.settle()
    tags = Ownership.of(world.flows.tags("orders"))
    assert tags.version != tags.request == "request-1"
    world.bucket.put("variables/prod.yaml", "OTHER: value\n")
    world.intake.handle(older)
    world.settle()
    assert world.bus.outcomes == ["Applied", "Applied", "Superseded"]
    assert world.flows.configuration("orders")["description"] == "by hand"


def test_the_tag_of_a_request_ends_with_the_next_version_of_the_document(owned: World) -> None:
    owned.intake.handle(owned.requested(orders(description="by hand"), force=True))
    owned.settle()
    owned.apply("flows/a.json", text(orders(description="2")))
    assert Ownership.of(owned.flows.tags("orders")).request is None


@pytest.mark.parametrize(
    ("former", "outcome"),
    [(frozenset(), "Rejected"), (frozenset({"old"}), "Applied"), (frozenset({"older"}), "Rejected")],
)
def test_only_an_owner_in_a_former_bucket_loses_its_flow(
    world: World, former: frozenset[str], outcome: str
) -> None:
    world.former_buckets = former
    world.flows.edit(orders(description="before"))
    world.flows.tags("orders")["appflow-gitops:document"] = "s3://old/flows/a.json"
    [event] = world.apply("flows/a.json", text(orders()))
    assert event.data.outcome == outcome


def test_a_change_whose_flow_was_renamed_by_variables_is_superseded() -> None:
    world = World(environment="prod", may_create=True)
    world.bucket.put("variables/prod.yaml", "NAME: orders\n")
    world.drop("flows/a.json", text(orders(flowName="${env.NAME}")))
    world.bucket.put("variables/prod.yaml", "NAME: renamed\n")
    [event] = world.deliver()
    assert event.data.outcome == "Superseded"
    assert event.data.reason == "the document does not declare flow 'orders' with the current variables"


def test_p10_a_record_cannot_name_our_own_tags() -> None:
    assert Ownership.of({TAGS: "team appflow-gitops:document cost"}).tags == {"team", "cost"}


@pytest.mark.parametrize(
    ("ahead", "counts"), [(0, True), (CLOCK_TOLERANCE, True), (CLOCK_TOLERANCE + 1, False)]
)
def test_p2_an_order_from_the_future_does_not_count(ahead: int, *, counts: bool) -> None:
    order = Order(1_768_478_400 + ahead, "1")
    owner = Ownership(order=order).trusted(1_768_478_400.0, frozenset())
    assert owner.order == (order if counts else None)


@pytest.mark.parametrize(
    ("buckets", "parsed"), [("", set()), ("one", {"one"}), (" one ,two,, ", {"one", "two"})]
)
def test_former_buckets_are_separated_by_commas(buckets: str, parsed: set[str]) -> None:
    assert parse_former_buckets(buckets) == parsed


@pytest.mark.parametrize("tag", [STATUS, DOCUMENT])
def test_an_empty_tag_counts_as_absent(tag: str) -> None:
    assert Ownership.of({tag: ""}) == Ownership()
