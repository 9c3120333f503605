"""A status event reports what was done, also when a later step is refused, and what is known is refused before."""

import json
import string
from dataclasses import replace

import botocore.session
import pytest
from botocore.model import ServiceModel

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.ownership import OUR_TAGS, REQUEST, TAG_LIMIT, Ownership
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.status.events import StatusData
from appflow_gitops.sync.errors import PermanentError, TransientError
from appflow_gitops.sync.inventory import State, claims, read_declaration, sync_status
from appflow_gitops.sync.ownership import owner_tag
from appflow_gitops.sync.ports import Request
from appflow_gitops.validation.environment import Environment
from fakes.calls import Crash, Fault
from fakes.flow_documents import orders, scheduled, text
from fakes.flows import FakeFlows
from fakes.world import ATTEMPTS, World

KEY = "flows/orders.json"
DENIED = PermanentError("AccessDeniedException", "Not authorized")
THROTTLED = TransientError("ThrottlingException", "Rate exceeded")
HOUR = 3600


def failed(world: World) -> StatusData:
    """The data of the last event, which must be Failed with an error."""
    data = world.bus.events[-1].data
    assert (data.outcome, data.error is not None) == ("Failed", True)
    return data


def owned(world: World) -> World:
    """A scheduled flow that runs and belongs to the document."""
    world.flows.edit(scheduled(description="before"))
    world.flows.backend.start_flow({"flowName": "orders"})
    world.apply(KEY, text(scheduled(description="version 1")))
    return world


def state(world: World) -> State:
    """What a scan would find."""
    declaration = read_declaration("documents", KEY, documents=world.bucket, environment=Environment())
    assert declaration
    [claim] = claims([declaration], list(world.flows.summaries()))
    live = None if claim.is_settled else world.flows.describe("orders")
    return sync_status(claim, live, world.clock.now).state


def test_an_unowned_flow_is_claimed_before_it_is_updated(world: World) -> None:
    world.flows.edit(orders(description="before"))
    world.calls.fail("TagResource", DENIED)
    world.apply(KEY, text(orders()))
    data = failed(world)
    assert data.error is not None
    assert data.error.message == "not updated, because it could not be tagged: Not authorized"
    assert (data.clientToken, data.changes, data.flowStatus) == (None, (), "Active")
    assert world.calls.count("UpdateFlow") == 0


@pytest.mark.parametrize("again", [False, True], ids=["first version", "next version"])
def test_a_claimed_flow_that_was_not_updated_is_not_taken_for_applied(world: World, again: bool) -> None:
    world.flows.edit(orders(description="before"))
    if again:
        world.apply("flows/a.json", text(orders()))
        world.bucket.delete("flows/a.json")
    world.calls.fail("UpdateFlow", PermanentError("ValidationException", "No"))
    world.apply(KEY, text(orders(description="mine")))
    assert failed(world).changes == ()
    assert Ownership.of(world.flows.tags("orders")).document == f"s3://documents/{KEY}"
    assert state(world) is State.PENDING


def test_a_crash_between_claim_and_update_is_completed_by_the_next_delivery(world: World) -> None:
    world.flows.edit(orders(description="before"))
    world.drop(KEY, text(orders()))
    world.calls.answer(TagResource=[Fault(Crash(), after=True)])
    with pytest.raises(Crash):
        world.deliver()
    assert state(world) is State.PENDING
    world.settle()
    assert world.bus.outcomes == ["Applied"]


def test_a_flow_that_was_updated_and_cannot_be_activated_is_reported_with_its_changes(world: World) -> None:
    world.flows.edit(orders())
    world.calls.fail("StartFlow", DENIED)
    world.apply(KEY, text(scheduled(flowStatus="Active")))
    data = failed(world)
    assert data.error is not None
    assert data.error.message == "updated, but could not be activated: Not authorized"
    assert (data.error.code, data.action, data.flowStatus) == ("AccessDeniedException", "update", "Draft")
    assert data.changes
    assert data.clientToken == world.flows.tokens[-1]
    assert Ownership.of(world.flows.tags("orders")).document == f"s3://documents/{KEY}"
    assert state(world) is State.DRIFTED


def test_a_flow_that_could_not_be_activated_is_activated_once_the_cause_is_gone(world: World) -> None:
    world.flows.edit(orders())
    world.calls.fail("StartFlow", DENIED)
    world.apply(KEY, text(scheduled(flowStatus="Active")))
    [event] = world.apply(KEY, text(scheduled(flowStatus="Active")) + " ")
    assert (event.data.outcome, event.data.action) == ("Applied", "activate")
    assert world.flows.status("orders") == "Active"
    assert state(world) is State.IN_SYNC


def test_a_flow_that_was_updated_and_cannot_be_suspended_is_reported_with_its_changes(world: World) -> None:
    owned(world).calls.fail("StopFlow", DENIED)
    world.apply(KEY, text(scheduled(flowStatus="Suspended", description="version 2")))
    data = failed(world)
    assert data.error is not None
    assert data.error.message == "updated, but could not be suspended: Not authorized"
    assert [change.pointer for change in data.changes] == ["/description"]
    assert data.flowStatus == "Active"


@pytest.mark.parametrize(("operation", "step"), [("TagResource", "tagged"), ("DescribeFlow", "read back")])
def test_an_update_that_cannot_be_recorded_is_reported_with_its_changes(
    world: World, operation: str, step: str
) -> None:
    owned(world).drop(KEY, text(scheduled(description="version 2")))
    calls = [None, Fault(DENIED)] if operation == "DescribeFlow" else [Fault(DENIED)]
    world.calls.answer(**{operation: calls})
    world.settle()
    data = failed(world)
    assert data.error is not None
    assert data.error.message == f"updated, but could not be {step}: Not authorized"
    assert [change.pointer for change in data.changes] == ["/description"]
    assert data.clientToken == world.flows.tokens[-1]


def test_a_flow_that_was_created_and_cannot_be_activated_is_reported_as_created() -> None:
    world = World(may_create=True)
    world.calls.fail("StartFlow", DENIED)
    world.apply(KEY, text(scheduled(flowStatus="Active")))
    data = failed(world)
    assert data.error is not None
    assert data.error.message == "created, but could not be activated: Not authorized"
    assert (data.action, data.flowStatus) == ("create", "Draft")


class Recording(FakeFlows):
    """An AppFlow whose times are whole hours, and that may accept an update without effect."""

    has_effect = True

    def describe(self, name: str) -> LiveFlow | None:
        found = FakeFlows.describe(self, name)
        return found and replace(
            found, last_updated_at=found.last_updated_at and found.last_updated_at // HOUR
        )

    def update(self, request: Request, token: str) -> None:
        if self.has_effect:
            FakeFlows.update(self, request, token)


@pytest.mark.parametrize(("has_effect", "outcome"), [(True, "Applied"), (False, "Failed")])
def test_an_update_within_one_tick_of_appflows_clock_counts_by_its_content(
    world: World, *, has_effect: bool, outcome: str
) -> None:
    world.flows = Recording(world.clock, world.calls)
    world.flows.edit(orders(description="before"))
    world.flows.has_effect = has_effect
    [event] = world.apply(KEY, text(orders()))
    assert event.data.outcome.value == outcome


@pytest.mark.parametrize(
    ("error", "cause"),
    [(THROTTLED, "ThrottlingException: "), (KeyError("tags"), "InternalError: ")],
    ids=["throttled", "unexpected"],
)
def test_exhausted_retries_are_reported_with_what_the_last_attempt_did(
    world: World, error: Exception, cause: str
) -> None:
    owned(world).drop(KEY, text(scheduled(description="version 2")))
    lost = TransientError("ReadTimeoutError", "No answer")
    world.calls.answer(UpdateFlow=[Fault(lost)] * (ATTEMPTS - 1), TagResource=[Fault(error)])
    world.settle()
    data = next(event.data for event in world.bus.events if event.data.outcome == "Failed")
    assert data.error is not None
    assert data.error.code == "RetriesExhausted"
    assert f"{cause}updated, but could not be tagged" in data.error.message
    assert [change.pointer for change in data.changes] == ["/description"]


def test_every_printable_key_fits_into_a_tag_that_appflow_accepts() -> None:
    model = ServiceModel(
        botocore.session.Session().get_component("data_loader").load_service_model("appflow", "service-2")
    )
    pattern = model.shape_for("TagValue").metadata["pattern"]
    assert pattern == r"[\s\w+-=\.:/@]*"
    allowed = set(
        string.ascii_letters + string.digits + "_ \t\n@" + "".join(map(chr, range(ord("+"), ord("=") + 1)))
    )
    document = DocumentVersion(bucket="documents", key=f"flows/{string.printable}é.json")
    assert set(owner_tag(document)) <= allowed
    assert Ownership.of({"appflow-gitops:document": owner_tag(document)}).document == document.uri


def test_as_many_tags_are_accepted_as_fit_beside_ours(world: World) -> None:
    world.flows.edit(scheduled(description="before"))
    room = TAG_LIMIT - len(OUR_TAGS)
    world.flows.backend.flows["orders"].tags.update({f"console{number}": "x" for number in range(room - 2)})
    tags = {"one": "1", "two": "2", "appflow-gitops:document": "forged"}
    [event] = world.apply(KEY, text(scheduled(tags=tags, flowStatus="Active")), commit="4f2c1a9")
    assert event.data.outcome == "Applied"
    assert world.flows.tags("orders").keys() >= OUR_TAGS - {REQUEST}


def test_more_tags_than_fit_are_refused_before_anything_is_changed(world: World) -> None:
    room = TAG_LIMIT - len(OUR_TAGS)
    world.flows.edit(orders(description="before"))
    world.flows.backend.flows["orders"].tags["console"] = "x"
    world.apply(KEY, text(orders(tags={f"tag{number}": "x" for number in range(room)})))
    error = failed(world).error
    assert error is not None
    assert error.code == "TooManyTags"
    assert f"would have {room + 1} tags" in error.message
    assert world.calls.count("UpdateFlow") + world.calls.count("TagResource") == 0


def test_a_schedule_without_a_run_left_is_refused(world: World) -> None:
    world.flows.edit(orders())
    flow = scheduled()
    schedule = flow["triggerConfig"]["triggerProperties"]["Scheduled"]
    schedule |= {"scheduleStartTime": world.clock.now - 24 * HOUR, "scheduleEndTime": world.clock.now + 60}
    schedule["scheduleExpression"] = "rate(7days)"
    world.apply(KEY, json.dumps(flow))
    error = failed(world).error
    assert error is not None
    assert error.code == "ScheduleEnded"
    schedule["scheduleEndTime"] = world.clock.now + 7 * 24 * HOUR
    [event] = world.apply(KEY, json.dumps(flow))
    assert event.data.outcome == "Applied"


def test_a_flow_in_sync_whose_schedule_ended_stays_unchanged(world: World) -> None:
    flow = scheduled()
    schedule = flow["triggerConfig"]["triggerProperties"]["Scheduled"]
    schedule["scheduleEndTime"] = world.clock.now + HOUR
    world.flows.edit(flow)
    world.clock.advance(2 * HOUR)
    [event] = world.apply(KEY, json.dumps(flow))
    assert event.data.outcome == "Unchanged"


def test_a_flow_status_that_was_not_read_back_is_left_out(world: World) -> None:
    world.flows.edit(orders(description="before"))
    world.calls.answer(DescribeFlow=[None, Fault(DENIED)])
    world.apply(KEY, text(scheduled()))
    assert (failed(world).flowStatus, world.flows.status("orders")) == (None, "Draft")


def test_a_flow_status_is_left_out_when_the_call_that_sets_it_has_no_answer(world: World) -> None:
    world.flows.edit(scheduled(description="before"))
    lost = Fault(TransientError("ReadTimeoutError", "No answer", unanswered=True), after=True)
    world.calls.answer(StartFlow=[lost] * ATTEMPTS)
    world.drop(KEY, text(scheduled(flowStatus="Active")))
    last = world.queue.receive()[0]
    last.received = ATTEMPTS
    world.handle(last)
    assert (failed(world).flowStatus, world.flows.status("orders")) == (None, "Active")


def test_the_status_of_a_version_that_was_not_applied_starts_no_flow(world: World) -> None:
    world.flows.edit(orders(description="before"))
    world.calls.fail("UpdateFlow", *[THROTTLED] * ATTEMPTS)
    world.apply(KEY, text(scheduled(flowStatus="Active")))
    assert failed(world).changes == ()
    for description in ("no status", "still none"):
        world.apply(KEY, text(scheduled(description=description)))
        assert world.flows.status("orders") == "Draft"
