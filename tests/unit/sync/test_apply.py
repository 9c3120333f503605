"""A change in the plain: described, compared, updated, read back, reported."""

import pytest

from appflow_gitops.flows import ownership
from appflow_gitops.flows.canonical import content_digest
from appflow_gitops.sync.errors import PermanentError, TransientError
from fakes.calls import Crash, Fault
from fakes.flow_documents import orders, scheduled, text
from fakes.world import ATTEMPTS, World

KEY = "flows/orders.json"


def test_a_document_that_differs_is_applied_and_the_flow_then_matches_it(world: World) -> None:
    world.flows.edit(orders(description="before"))
    [event] = world.apply(KEY, text(orders()))
    assert event.detail_type == "Flow Change Applied"
    assert event.data.action == "update"
    assert world.flows.configuration("orders")["description"] == "Orders of the shop"
    assert event.resources == (world.flows.backend.flows["orders"].arn,)


def test_the_status_event_shows_what_was_changed_and_by_which_token(world: World) -> None:
    world.flows.edit(orders(description="before"))
    [event] = world.apply(KEY, text(orders()), commit="4f2c1a9")
    data = event.data
    [change] = data.changes
    assert (change.op, change.pointer, change.live, change.desired) == (
        "change",
        "/description",
        "before",
        "Orders of the shop",
    )
    assert data.clientToken is not None
    assert data.clientToken[:64] == data.contentDigest == content_digest(orders())
    assert data.provenance.commit == "4f2c1a9"
    assert data.differences == ()


def test_p5_a_flow_in_sync_is_not_written_to(world: World) -> None:
    world.flows.edit(orders())
    world.apply(KEY, text(orders()))
    before = len(world.calls.made)
    [event] = world.apply(KEY, text(orders()).replace("\n", "\n "))
    assert event.data.outcome == "Unchanged"
    assert "UpdateFlow" not in world.calls.operations()[before:]


def test_a_missing_flow_fails_with_a_hint(world: World) -> None:
    [event] = world.apply(KEY, text(orders()))
    assert event.data.outcome == "Failed"
    assert event.data.error is not None
    assert event.data.error.code == "ResourceNotFoundException"
    assert "CreateMissingFlows" in event.data.error.message


def test_a_missing_flow_is_created_where_the_stack_allows_it() -> None:
    world = World(may_create=True)
    [event] = world.apply(KEY, text(orders(tags={"team": "shop"})))
    assert (event.data.outcome, event.data.action) == ("Applied", "create")
    tags = world.flows.tags("orders")
    assert (tags["team"], tags[ownership.VERSION]) == ("shop", "v1")


def test_a_created_flow_is_owned_from_its_first_moment() -> None:
    world = World(may_create=True)
    world.drop(KEY, text(orders(tags={"team": "shop"})))
    world.calls.fail("CreateFlow", Crash(), after=True)
    with pytest.raises(Crash):
        world.deliver()
    tags = world.flows.tags("orders")
    assert (tags["team"], tags[ownership.VERSION]) == ("shop", "v1")


def test_a_created_scheduled_flow_has_the_status_that_its_document_asks_for() -> None:
    world = World(may_create=True)
    [event] = world.apply(KEY, text(scheduled(flowStatus="Active")))
    assert event.data.flowStatus == world.flows.status("orders") == "Active"


def test_an_active_flow_that_an_update_leaves_in_draft_is_active_again_at_the_end(world: World) -> None:
    world.flows.behave(update_of_active_schedule="Draft")
    world.flows.edit(scheduled(description="before"))
    world.flows.start("orders")
    [event] = world.apply(KEY, text(scheduled()))
    assert event.data.outcome == "Applied"
    assert event.data.flowStatus == world.flows.status("orders") == "Active"


def test_an_on_demand_flow_that_becomes_scheduled_stays_in_draft_as_a_new_one_does(world: World) -> None:
    world.flows.edit(scheduled())
    world.flows.start("orders")
    for flow in (orders(), scheduled()):
        [event] = world.apply(KEY, text(flow))
        assert event.data.outcome == "Applied"
    assert event.data.flowStatus == world.flows.status("orders") == "Draft"
    [event] = world.apply(KEY, text(scheduled(flowStatus="Active")))
    assert world.flows.status("orders") == "Active"


def test_a_version_that_failed_does_not_start_a_flow_in_draft_later() -> None:
    world = World(may_create=True)
    world.apply(KEY, text(scheduled()))
    refused = TransientError("ThrottlingException", "Rate exceeded")
    world.calls.fail("UpdateFlow", *[refused] * ATTEMPTS)
    [event] = world.apply(KEY, text(scheduled(flowStatus="Active", description="new")))
    assert event.data.outcome == "Failed"
    [event] = world.apply(KEY, text(scheduled()))
    assert (event.data.outcome, world.flows.status("orders")) == ("Unchanged", "Draft")


@pytest.mark.parametrize(
    ("before", "asked", "action"), [("Active", "Suspended", "suspend"), ("Suspended", "Active", "activate")]
)
def test_a_status_alone_is_changed_without_an_update(
    world: World, before: str, asked: str, action: str
) -> None:
    world.flows.edit(scheduled())
    world.flows.backend.flows["orders"].status = before
    [event] = world.apply(KEY, text(scheduled(flowStatus=asked)))
    assert (event.data.outcome, event.data.action) == ("Applied", action)
    assert event.data.flowStatus == world.flows.status("orders") == asked
    assert world.calls.count("UpdateFlow") == 0


def test_what_appflow_cannot_change_is_refused_before_any_call(world: World) -> None:
    world.flows.edit(orders())
    moved = text(orders()).replace('"bucketPrefix": "orders"', '"bucketPrefix": "elsewhere"', 1)
    [event] = world.apply(KEY, moved)
    error = event.data.error
    assert event.data.outcome == "Failed"
    assert error is not None
    assert error.code == "ReplacementRequired"
    assert "/sourceFlowConfig/sourceConnectorProperties/S3/bucketPrefix" in error.message
    assert "orders" in error.message
    assert "elsewhere" in error.message
    assert world.calls.operations()[-2:] == ["DescribeFlow", "PutEvents"]


def test_an_event_bridge_destination_is_updated_with_its_live_object(world: World) -> None:
    flow = orders(
        triggerConfig={"triggerType": "Event"},
        sourceFlowConfig={
            "connectorType": "Salesforce",
            "connectorProfileName": "crm",
            "sourceConnectorProperties": {"Salesforce": {"object": "AccountChangeEvent"}},
        },
        destinationFlowConfigList=[
            {
                "connectorType": "EventBridge",
                "destinationConnectorProperties": {"EventBridge": {"object": "changes"}},
            }
        ],
        tasks=[{"taskType": "Map_all", "sourceFields": []}],
    )
    world.flows.edit({**flow, "description": "before"})

    [event] = world.apply(KEY, text(flow))

    [adjustment] = event.data.adjustments
    live = "aws.partner/appflow/salesforce.com/123456789012/changes"
    assert (event.data.outcome, adjustment.desired, adjustment.sent) == ("Applied", "changes", live)
    assert [change.pointer for change in event.data.changes] == ["/description"]


def test_a_past_start_time_is_moved_forward_in_phase_and_reported(world: World) -> None:
    world.flows.edit(orders())
    flow = scheduled()
    flow["triggerConfig"]["triggerProperties"]["Scheduled"]["scheduleStartTime"] = world.clock.now - 5400
    [event] = world.apply(KEY, text(flow))
    [adjustment] = event.data.adjustments
    assert event.data.outcome == "Applied"
    assert adjustment.pointer.endswith("/scheduleStartTime")
    assert (adjustment.sent - adjustment.desired) % 3600 == 0
    [again] = world.apply(KEY, text(flow) + " ")
    assert again.data.outcome == "Unchanged"


def test_the_flow_carries_its_document_version_digest_and_commit_as_tags(world: World) -> None:
    world.flows.edit(orders(description="before"))
    world.apply(KEY, text(orders()), commit="4f2c1a9")
    tags = world.flows.tags("orders")
    assert tags[ownership.DOCUMENT] == "s3://documents/flows/orders.json"
    assert tags[ownership.VERSION] == "v1"
    assert tags[ownership.DIGEST] == content_digest(orders())
    assert tags[ownership.COMMIT] == "4f2c1a9"


def test_what_appflow_refuses_for_good_ends_failed_at_once(world: World) -> None:
    world.flows.edit(orders())
    world.flows.behave(refuse_profile_change=True)
    flow = orders()
    flow["sourceFlowConfig"]["connectorProfileName"] = "unknown"
    [event] = world.apply(KEY, text(flow))
    assert event.data.outcome == "Failed"
    assert event.data.error is not None
    assert event.data.error.code == "ValidationException"
    assert world.calls.count("UpdateFlow") == 1


MAP_ALL = {"taskType": "Map_all", "sourceFields": []}
PROJECTION = {
    "taskType": "Filter",
    "sourceFields": ["Id", "Name", "LastModifiedDate", "Email"],
    "connectorOperator": {"S3": "PROJECTION"},
}


def test_p1_a_projection_that_the_document_drops_beside_map_all_is_dropped_in_the_flow_once(
    world: World,
) -> None:
    world.flows.edit(orders(description="before"))
    world.apply(KEY, text(orders(tasks=[PROJECTION, MAP_ALL])))
    [event] = world.apply(KEY, text(orders(tasks=[MAP_ALL])))
    assert (event.data.outcome, event.data.action) == ("Applied", "update")
    assert [change.op for change in event.data.changes] == ["remove"] * len(event.data.changes)
    tasks = world.flows.configuration("orders")["tasks"]
    assert not [task for task in tasks if "Email" in task["sourceFields"]]
    [event] = world.apply(KEY, text(orders(tasks=[MAP_ALL])) + " ")
    assert event.data.outcome == "Unchanged"


def test_p1_a_dropped_projection_is_seen_although_the_digest_was_removed_from_the_tags(world: World) -> None:
    world.flows.edit(orders(description="before"))
    world.apply(KEY, text(orders(tasks=[PROJECTION, MAP_ALL])))
    del world.flows.backend.flows["orders"].tags[ownership.DIGEST]
    [event] = world.apply(KEY, text(orders(tasks=[MAP_ALL])))
    assert (event.data.outcome, event.data.action) == ("Applied", "update")
    assert not [
        task for task in world.flows.configuration("orders")["tasks"] if "Email" in task["sourceFields"]
    ]
    [event] = world.apply(KEY, text(orders(tasks=[MAP_ALL])) + " ")
    assert event.data.outcome == "Unchanged"


def test_p1_a_projection_is_dropped_although_the_tags_of_the_change_that_added_it_were_refused(
    world: World,
) -> None:
    world.flows.edit(orders(description="before"))
    tagged = iter((None, Fault(PermanentError("AccessDeniedException", "denied"))))
    world.calls.faults = lambda operation, _: next(tagged, None) if operation == "TagResource" else None
    [event] = world.apply(KEY, text(orders(tasks=[PROJECTION, MAP_ALL])))
    assert (event.data.outcome, event.data.action) == ("Failed", "update")
    [event] = world.apply(KEY, text(orders(tasks=[MAP_ALL])))
    assert (event.data.outcome, event.data.action) == ("Applied", "update")


@pytest.fixture
def with_map_all(world: World) -> World:
    """A world in which a document with Map_all was applied, and its flow was edited in the console since."""
    world.flows.edit(orders(description="before"))
    world.apply(KEY, text(orders(tasks=[MAP_ALL])))
    world.clock.advance(60)
    return world


def test_p1_a_projection_that_is_added_in_the_console_beside_map_all_is_dropped_once(
    with_map_all: World,
) -> None:
    with_map_all.flows.edit(orders(tasks=[MAP_ALL, PROJECTION]))
    [report] = with_map_all.scan(self_heal=True).reported
    assert (report.drift, report.repairs) == ("drifted", True)
    with_map_all.settle()
    assert PROJECTION not in with_map_all.flows.configuration("orders")["tasks"]
    assert with_map_all.scan(self_heal=True).reported == []
    [event] = with_map_all.apply(KEY, text(orders(tasks=[MAP_ALL])) + " ")
    assert event.data.outcome == "Unchanged"


def test_a_flow_with_map_all_that_is_saved_unchanged_does_not_drift(with_map_all: World) -> None:
    with_map_all.flows.edit(orders(tasks=[MAP_ALL]))
    assert with_map_all.scan().reported == []


def test_a_flow_with_map_all_does_not_drift_because_its_source_has_other_fields(with_map_all: World) -> None:
    """AppFlow may generate other tasks for them without an update of the flow."""
    with_map_all.flows.behave(source_fields=("Id", "Name", "Phone"))
    [event] = with_map_all.apply(KEY, text(orders(tasks=[MAP_ALL])) + " ")
    assert event.data.outcome == "Unchanged"


def test_p5_a_flow_with_tasks_that_map_all_generated_is_not_written_to(world: World) -> None:
    world.flows.edit(orders(tasks=[MAP_ALL]))
    for content in (text(orders(tasks=[MAP_ALL])), text(orders(tasks=[MAP_ALL])) + " "):
        [event] = world.apply(KEY, content)
        assert event.data.outcome == "Unchanged"
    assert world.calls.count("UpdateFlow") == 0
