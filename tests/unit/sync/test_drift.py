"""Scans for drift: what they report, how often, at what cost, and what they repair."""

import json
from collections.abc import Callable

import pytest

from appflow_gitops.flows.ownership import TAG_LIMIT
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.status.drift import DriftEvent, render_drift
from appflow_gitops.sync.drift.detector import LONGEST_CHANGE, TIME_FOR_ONE_INSPECTION, Scan
from appflow_gitops.sync.errors import PermanentError, TransientError
from fakes.bucket import BUCKET
from fakes.calls import Crash, Fault
from fakes.flow_documents import orders, scheduled, text
from fakes.world import World, no_fault

KEY = "flows/orders.json"


@pytest.fixture
def applied(world: World) -> World:
    """A world in which the document of the flow ``orders`` was applied and found in sync."""
    world.flows.edit(orders(description="before"))
    world.apply(KEY, text(orders()), commit="4f2c1a9")
    world.bus.events.clear()
    return world


def fleet(world: World, size: int) -> World:
    """So many flows, each made from its document."""
    world.may_create = True
    for number in range(size):
        world.drop(f"flows/{number:04}.json", text(orders(flowName=f"flow-{number:04}")))
    world.settle()
    world.bus.events.clear()
    return world


def kinds(scan: Scan) -> list[tuple[str, str]]:
    return [(report.flow_name, report.drift.value) for report in scan.reported]


def only(scan: Scan) -> DriftEvent:
    (report,) = scan.reported
    return render_drift(report)


def edit(world: World, name: str = "orders") -> None:
    world.flows.edit(orders(flowName=name, description="by hand"))


def once_flows_are_listed(world: World, happens: Callable[[], object]) -> None:
    """Let something happen between the listing and the inspections."""

    def watch(operation: str, subject: str) -> None:  # noqa: ARG001
        if operation == "ListFlows":
            world.calls.watch = lambda *_: None
            happens()

    world.calls.watch = watch


def test_a_fleet_in_sync_is_neither_inspected_nor_reported_nor_recorded(world: World) -> None:
    fleet(world, 20)
    world.calls.made.clear()
    assert kinds(world.scan()) == []
    assert world.calls.count("DescribeFlow") == 0
    assert world.calls.count("PutObject") == 0


def test_a_drift_is_reported_with_its_diff_and_its_document(applied: World) -> None:
    edit(applied)
    event = only(applied.scan())
    assert event.detail_type == "Flow Drift Detected"
    assert event.resources == (applied.flows.backend.flows["orders"].arn,)
    detail = json.loads(event.detail())
    assert detail["metadata"]["correlationId"] == "scan-1"
    data = detail["data"]
    assert (data["flowName"], data["drift"], data["healing"]) == ("orders", "drifted", False)
    assert (data["document"]["key"], data["document"]["versionId"]) == (KEY, "v1")
    assert data["provenance"] == {"commit": "4f2c1a9"}
    assert data["changes"] == [
        {"op": "change", "pointer": "/description", "live": "by hand", "desired": "Orders of the shop"}
    ]
    assert applied.bus.drifts == [event]


def test_a_drift_is_reported_and_inspected_once_however_many_scans_follow(applied: World) -> None:
    edit(applied)
    applied.scan()
    applied.calls.made.clear()
    for _ in range(3):
        scan = applied.scan()
        assert kinds(scan) == []
        assert scan.drifting == {"drifted": 1}
    assert applied.calls.count("DescribeFlow") == 0


def test_another_edit_is_another_drift(applied: World) -> None:
    edit(applied)
    first = only(applied.scan())
    applied.clock.advance(60)
    applied.flows.edit(orders(description="by another hand"))
    assert only(applied.scan()).metadata.id != first.metadata.id


def test_a_drift_that_returns_after_a_repair_is_reported_again(applied: World) -> None:
    edit(applied)
    applied.scan()
    applied.clock.advance(60)
    applied.apply(KEY, text(orders()))
    scan = applied.scan()
    assert (kinds(scan), scan.drifting) == ([], {})
    applied.clock.advance(60)
    edit(applied)
    assert kinds(applied.scan()) == [("orders", "drifted")]


def test_an_edit_without_effect_is_not_drift_and_is_inspected_once(applied: World) -> None:
    applied.clock.advance(60)
    applied.flows.edit(orders())
    assert kinds(applied.scan()) == []
    applied.calls.made.clear()
    assert kinds(applied.scan()) == []
    assert applied.calls.count("DescribeFlow") == 0


def test_a_flow_that_was_stopped_by_hand_drifts(world: World) -> None:
    world.flows.edit(scheduled(description="before"))
    world.apply(KEY, text(scheduled(flowStatus="Active")))
    world.flows.stop("orders")
    event = only(world.scan())
    assert event.data.flowStatus == "Suspended"
    assert [change.pointer for change in event.data.changes] == ["/flowStatus"]


def test_a_flow_whose_document_was_deleted_is_reported(applied: World) -> None:
    applied.bucket.delete(KEY)
    event = only(applied.scan())
    assert (event.data.drift.value, event.data.document, event.data.changes) == ("orphaned", None, ())
    assert kinds(applied.scan()) == []


def test_a_document_whose_flow_was_deleted_is_reported(applied: World) -> None:
    del applied.flows.backend.flows["orders"]
    event = only(applied.scan())
    assert (event.data.drift.value, event.resources) == ("missing", ())
    assert event.data.document == DocumentVersion(
        bucket=BUCKET, key=KEY, versionId="v1", eTag=applied.bucket.objects[KEY][0].version.eTag
    )
    assert kinds(applied.scan()) == []


def test_a_version_that_could_not_be_applied_is_reported_with_the_reason(applied: World) -> None:
    moved = orders()
    moved["sourceFlowConfig"]["sourceConnectorProperties"]["S3"]["bucketName"] = "other-bucket"
    applied.apply(KEY, text(moved))
    event = only(applied.scan(self_heal=True))
    assert (event.data.drift.value, event.data.healing) == ("pending", False)
    assert event.data.reason is not None
    assert event.data.reason.startswith("ReplacementRequired: AppFlow cannot change this in place")


@pytest.mark.parametrize("flow", ["there", "not there"])
def test_a_change_in_progress_is_not_drift(applied: World, flow: str) -> None:
    name = "orders" if flow == "there" else "new"
    key = KEY if flow == "there" else "flows/new.json"
    applied.may_create = True
    applied.drop(key, text(orders(flowName=name, description="newer")))
    assert kinds(applied.scan()) == []
    applied.settle()
    assert kinds(applied.scan()) == []


def test_a_change_that_ends_during_the_scan_is_not_drift(applied: World) -> None:
    """The documents were read and the flows listed before it; the inspection sees its result."""
    applied.drop(KEY, text(orders(description="newer")))
    once_flows_are_listed(applied, applied.settle)
    assert kinds(applied.scan()) == []


def test_a_document_that_changes_during_the_scan_is_not_drift(applied: World) -> None:
    edit(applied)
    once_flows_are_listed(applied, lambda: applied.apply(KEY, text(orders(description="by hand"))))
    assert kinds(applied.scan()) == []


def test_an_edit_during_the_scan_is_reported_once(applied: World) -> None:
    edit(applied)
    once_flows_are_listed(applied, lambda: applied.flows.edit(orders(description="by another hand")))
    assert kinds(applied.scan()) == [("orders", "drifted")]
    assert kinds(applied.scan()) == []


@pytest.mark.parametrize("when", ["before we look", "while we look"])
def test_a_broken_policy_orphans_no_flow(applied: World, when: str) -> None:
    def broken() -> None:
        applied.bucket.put("policy.yaml", "[")

    if when == "before we look":
        broken()
        edit(applied)
    else:
        applied.bucket.delete(KEY)
        once_flows_are_listed(applied, lambda: applied.bucket.put(KEY, "{"))
    assert kinds(applied.scan()) == []


def test_a_flow_that_another_document_takes_over_during_the_scan_is_not_orphaned(applied: World) -> None:
    applied.bucket.delete(KEY)
    once_flows_are_listed(applied, lambda: applied.apply("flows/moved.json", text(orders())))
    assert kinds(applied.scan()) == []


def remembered_in_sync(world: World) -> None:
    """The flow was saved unchanged: only the scan state knows that it is in sync."""
    world.clock.advance(60)
    world.flows.edit(scheduled(description="of now"))
    assert kinds(world.scan()) == []


@pytest.mark.parametrize("change", ["the flow was stopped", "a variable has another value"])
def test_a_flow_in_sync_is_inspected_again_after_any_change(change: str) -> None:
    world = World(environment="test")
    world.bucket.put("variables/test.yaml", "WHEN: of now")
    world.flows.edit(scheduled(description="before"))
    world.apply(KEY, text(scheduled(description="${env.WHEN}", flowStatus="Active")))
    remembered_in_sync(world)
    if change == "the flow was stopped":
        world.flows.stop("orders")
    else:
        world.bucket.put("variables/test.yaml", "WHEN: of tomorrow")
    assert [name for name, _ in kinds(world.scan())] == ["orders"]


def test_unmanaged_flows_and_flows_of_other_buckets_do_not_drift(world: World) -> None:
    world.flows.edit(orders())
    world.flows.edit(
        orders(flowName="elsewhere") | {"tags": {"appflow-gitops:document": "s3://elsewhere/flows/a.json"}}
    )
    assert kinds(world.scan()) == []


def test_a_repair_goes_through_the_queue_and_the_flow_matches_its_document_again(applied: World) -> None:
    edit(applied)
    event = only(applied.scan(self_heal=True))
    assert event.data.healing
    applied.settle()
    assert applied.flows.configuration("orders")["description"] == "Orders of the shop"
    [healed] = applied.bus.events
    assert (healed.data.outcome, healed.metadata.correlationId) == ("Applied", "scan-1")
    assert healed.data.provenance.commit == "4f2c1a9"
    assert kinds(applied.scan(self_heal=True)) == []


def test_the_repair_of_one_flow_does_not_suppress_the_report_of_the_next(world: World) -> None:
    fleet(world, 2)
    edit(world, "flow-0000")
    del world.flows.backend.flows["flow-0001"]
    assert kinds(world.scan(self_heal=True)) == [("flow-0000", "drifted"), ("flow-0001", "missing")]


def test_drift_reported_before_appflow_stopped_answering_is_repaired(world: World) -> None:
    fleet(world, 3)
    for number in range(3):
        edit(world, f"flow-{number:04}")
    silent = Fault(TransientError("ThrottlingException", "Slow down."))
    world.calls.answer(DescribeFlow=[None, silent])
    with pytest.raises(TransientError):
        world.scan(self_heal=True)
    world.settle()
    assert world.bus.outcomes == ["Applied"]


def test_switching_self_heal_on_repairs_existing_drift(applied: World) -> None:
    edit(applied)
    applied.scan()
    assert only(applied.scan(self_heal=True)).data.healing
    assert kinds(applied.scan(self_heal=True)) == []


def test_nothing_is_repaired_without_self_heal(applied: World) -> None:
    edit(applied)
    applied.scan()
    assert applied.queue.is_empty()


def test_p6_self_heal_never_creates_a_deleted_flow(applied: World) -> None:
    applied.may_create = True
    del applied.flows.backend.flows["orders"]
    assert not only(applied.scan(self_heal=True)).data.healing
    applied.settle()
    assert "orders" not in applied.flows.backend.flows


def test_the_next_scan_continues_where_time_ran_out(world: World) -> None:
    fleet(world, 6)
    for number in range(6):
        edit(world, f"flow-{number:04}")
    ticks = iter([300.0] * (1 + 6 + 4) + [10.0] * 100)  # the start, six documents, four flows
    first = world.scan(remaining=lambda: next(ticks))
    assert (len(first.reported), first.remaining) == (4, 2)
    second = world.scan()
    assert (len(second.reported), second.remaining) == (2, 0)
    assert {report.flow_name for report in (*first.reported, *second.reported)} == set(
        world.flows.backend.flows
    )


def test_the_next_scan_continues_where_appflow_did_not_answer(world: World) -> None:
    fleet(world, 6)
    for number in range(6):
        edit(world, f"flow-{number:04}")
    throttled = Fault(TransientError("ThrottlingException", "Slow down."))
    world.calls.answer(DescribeFlow=[None, None, throttled])
    with pytest.raises(TransientError):
        world.scan()
    assert len(world.bus.drifts) == 2
    assert len(world.scan().reported) == 4
    assert len({event.metadata.id for event in world.bus.drifts}) == 6


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermanentError("AccessDeniedException", "Not yours."), "AccessDeniedException"),
        (KeyError("unexpected"), "KeyError"),
    ],
    ids=["refused", "an unexpected exception"],
)
def test_p7_a_failed_inspection_does_not_stop_the_scan(world: World, error: Exception, code: str) -> None:
    fleet(world, 2)
    edit(world, "flow-0000")
    edit(world, "flow-0001")
    world.calls.fail("DescribeFlow", error)
    scan = world.scan()
    assert scan.failed == {"flow-0000": code}
    assert kinds(scan) == [("flow-0001", "drifted")]
    assert kinds(world.scan()) == [("flow-0000", "drifted")]


CALLS = [
    "GetObject",
    "ListObjects",
    "GetObject",
    "ListObjects",
    "GetObject",
    "ListFlows",
    "GetObject",
    "DescribeFlow",
]
CALLS += ["PutEvents", "SendMessageBatch", "PutObject", "ReceiveMessage"]


def test_a_scan_that_finds_a_drift_makes_these_calls(applied: World) -> None:
    edit(applied)
    applied.calls.made.clear()
    applied.scan(self_heal=True)
    assert applied.calls.operations() == CALLS


@pytest.mark.parametrize("call", range(1, len(CALLS) + 1))
def test_p9_a_crash_after_any_call_loses_no_drift_and_repeats_it_under_its_id(
    applied: World, call: int
) -> None:
    edit(applied)
    last = len(applied.calls.made) + call

    def dead_from_then_on(_: str, number: int) -> Fault | None:
        return Fault(Crash(), after=number == last) if number >= last else None

    applied.calls.faults = dead_from_then_on
    with pytest.raises(Crash):
        applied.scan(self_heal=True)
    applied.calls.faults = no_fault
    applied.scan(self_heal=True)
    assert len({event.metadata.id for event in applied.bus.drifts}) == 1
    applied.settle()
    assert applied.flows.configuration("orders")["description"] == "Orders of the shop"
    assert applied.bus.outcomes == ["Applied"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"flows": 7}', b"\xff", b'{"schemaVersion": "2"}'])
def test_a_scan_state_that_cannot_be_parsed_counts_as_empty(applied: World, content: bytes) -> None:
    edit(applied)
    applied.state.content = content
    assert kinds(applied.scan()) == [("orders", "drifted")]
    assert kinds(applied.scan()) == []


def test_the_cost_of_a_thousand_flows_follows_the_number_of_changes(world: World) -> None:
    fleet(world, 1000)
    for number in (7, 500, 999):
        edit(world, f"flow-{number:04}")
    world.calls.made.clear()
    assert len(world.scan().reported) == 3
    assert world.calls.count("DescribeFlow") == 3


def test_a_flow_is_inspected_once_where_tagging_counts_as_an_update(world: World) -> None:
    """Whether TagResource moves lastUpdatedAt is unknown. If so, the tag settles nothing, and the scan state does."""
    world.flows.behave(tags_are_updates=True)
    fleet(world, 5)
    world.calls.made.clear()
    assert kinds(world.scan()) == []
    assert world.calls.count("DescribeFlow") == 5
    assert kinds(world.scan()) == []
    assert world.calls.count("DescribeFlow") == 5


@pytest.fixture
def fifty(world: World) -> World:
    """Fifty flows in sync, of which one document cannot be read and another flow was edited."""
    fleet(world, 50)
    edit(world, "flow-0007")
    world.bucket.unreadable["flows/0001.json"] = PermanentError(
        "InvalidObjectState", "The object is archived."
    )
    return world


def test_p7_an_unreadable_document_stops_no_scan_and_orphans_no_flow(fifty: World) -> None:
    scan = fifty.scan()
    assert kinds(scan) == [("flow-0007", "drifted")]
    assert scan.unreadable == {"flows/0001.json": "InvalidObjectState"}


def test_an_orphan_is_reported_after_a_scan_that_could_not_read_its_document(applied: World) -> None:
    applied.bucket.delete(KEY)
    refused = PermanentError("AccessDenied", "Access Denied")
    once_flows_are_listed(applied, lambda: applied.calls.fail("GetObject", refused))
    assert kinds(applied.scan()) == []
    assert kinds(applied.scan()) == [("orders", "orphaned")]


def test_what_was_reported_of_a_flow_is_kept_while_its_document_is_unreadable(world: World) -> None:
    fleet(world, 1)
    edit(world, "flow-0000")
    assert kinds(world.scan()) == [("flow-0000", "drifted")]
    world.bucket.unreadable["flows/0000.json"] = PermanentError("AccessDenied", "Access Denied")
    assert kinds(world.scan()) == []
    world.bucket.unreadable.clear()
    assert kinds(world.scan()) == []


def test_p10_a_scan_stops_reading_documents_when_its_time_runs_out(world: World) -> None:
    fleet(world, 6)
    edit(world, "flow-0000")
    world.calls.made.clear()
    scan = world.scan(remaining=lambda: 300.0 if world.calls.count("GetObject") < 4 else 10.0)
    assert (scan.reported, world.calls.count("GetObject")) == ([], 4)
    assert scan.remaining > 0
    assert kinds(world.scan()) == [("flow-0000", "drifted")]


def test_p7_documents_that_take_up_the_time_of_every_scan_hide_no_drift(world: World) -> None:
    """Each scan reads two documents and inspects one flow; the next one continues behind them."""
    fleet(world, 6)
    for number in range(6):
        edit(world, f"flow-{number:04}")

    def remaining() -> float:
        made = world.calls.operations()[before:]
        read = made[: made.index("ListFlows")] if "ListFlows" in made else made
        if "DescribeFlow" in made:
            return 10.0
        return 300.0 if read.count("GetObject") < 2 + 2 else 70.0  # the policy, the scan state, two documents

    found = []
    for _ in range(6):
        before = len(world.calls.made)
        found += kinds(world.scan(remaining=remaining))
    assert [name for name, _ in found] == [f"flow-000{number}" for number in (0, 2, 4, 1, 3, 5)]


def test_p7_a_flow_that_does_not_answer_ends_one_scan_but_hides_no_drift(world: World) -> None:
    fleet(world, 3)
    for number in range(3):
        edit(world, f"flow-{number:04}")
    silent = Fault(TransientError("ReadTimeoutError", "No answer", unanswered=True))
    world.calls.faults = lambda operation, _: (
        silent if (operation, world.calls.made[-1][1]) == ("DescribeFlow", "flow-0000") else None
    )
    for _ in range(2):
        with pytest.raises(TransientError):
            world.scan()
    assert [event.data.flowName for event in world.bus.drifts] == ["flow-0001", "flow-0002"]


def test_a_complete_scan_leaves_no_position_behind(world: World) -> None:
    fleet(world, 3)
    edit(world, "flow-0001")
    ticks = iter([300.0] * 3 + [10.0] * 100)
    assert world.scan(remaining=lambda: next(ticks)).remaining > 0
    assert b"documentsAfter" in (world.state.content or b"")
    world.scan()
    assert b"After" not in (world.state.content or b"")


def taken_over(world: World) -> World:
    """A world in which ``flows/moved.json`` wants a flow that ``KEY`` owns and declares."""
    world.flows.edit(orders(description="before"))
    world.apply(KEY, text(orders()))
    world.apply("flows/moved.json", text(orders(description="moved")))
    return world


def test_a_flow_that_another_document_owns_is_pending_only_while_that_one_may_declare_it(
    world: World,
) -> None:
    taken_over(world)
    assert kinds(world.scan()) == []
    world.bucket.delete(KEY)
    event = only(world.scan(self_heal=True))
    assert (event.data.drift.value, event.data.reason, event.data.healing) == ("pending", None, True)
    world.settle()
    assert world.flows.configuration("orders")["description"] == "moved"


def test_p2_a_flow_is_not_repaired_from_another_document_while_its_owner_is_undetermined(
    world: World,
) -> None:
    taken_over(world)
    world.bucket.put(KEY, "{")
    world.bucket.unreadable[KEY] = PermanentError("InvalidObjectState", "The object is archived.")
    event = only(world.scan(self_heal=True))
    assert event.data.reason == f"the flow belongs to s3://{BUCKET}/{KEY}"
    assert not event.data.healing


DENIED = PermanentError("AccessDeniedException", "Not now.")
HOUR = 3600.0


def hourly_scans(world: World, hours: int) -> None:
    """Scans with SelfHeal every hour, each with the deliveries after it."""
    for _ in range(hours):
        world.clock.advance(HOUR)
        world.scan(self_heal=True)
        world.settle()


def test_a_repair_that_fails_is_retried_with_growing_waits_until_it_succeeds(applied: World) -> None:
    edit(applied)
    applied.calls.faults = lambda operation, _: Fault(DENIED) if operation == "UpdateFlow" else None
    hourly_scans(applied, 48)
    assert len(applied.bus.drifts) == 1
    assert applied.bus.outcomes == ["Failed"] * 6  # after 0, 1, 3, 7, 15 and 31 hours
    applied.calls.faults = no_fault
    hourly_scans(applied, 24)
    assert applied.flows.configuration("orders")["description"] == "Orders of the shop"


@pytest.mark.parametrize("drift", ["pending", "missing"])
def test_a_difference_that_outlasts_any_change_is_reported_though_the_queue_is_busy(
    applied: World, drift: str
) -> None:
    if drift == "pending":
        applied.bucket.put(KEY, text(orders(description="newer")))
    else:
        del applied.flows.backend.flows["orders"]
    applied.drop("flows/other.json", text(orders(flowName="other")))
    for _ in range(3):  # each of them must keep the time of the first
        assert kinds(applied.scan()) == []
        applied.clock.advance(LONGEST_CHANGE / 3)
    assert kinds(applied.scan()) == [("orders", drift), ("other", "missing")]
    assert kinds(applied.scan()) == []


def test_a_drift_whose_repair_fails_is_reported_once_though_the_queue_is_busy(applied: World) -> None:
    applied.bucket.put(KEY, text(orders(description="newer")))
    applied.calls.faults = lambda operation, _: Fault(DENIED) if operation == "UpdateFlow" else None
    for _ in range(5):
        applied.queue.others = True
        applied.clock.advance(25 * HOUR)
        applied.scan(self_heal=True)
        applied.queue.others = False
        applied.settle()
    assert applied.bus.outcomes == ["Failed"] * 4
    assert len(applied.bus.drifts) == 1


def test_an_earlier_version_repairs_no_flow_on_which_a_later_one_that_became_invalid_is_live(
    applied: World,
) -> None:
    applied.environment = "prod"
    applied.bucket.put("variables/prod.yaml", "TEXT: newer")
    applied.apply(KEY, text(orders(description="${env.TEXT}")))
    applied.bucket.put("variables/prod.yaml", "OTHER: newer")
    applied.bus.events.clear()
    drift = only(applied.scan(self_heal=True))
    assert (drift.data.drift, drift.data.healing) == ("pending", False)
    assert drift.data.reason == (
        "a later version of the document is live already, and is invalid by now: unknown variable 'TEXT'"
    )
    hourly_scans(applied, 48)
    assert applied.bus.events == []
    assert len(applied.bus.drifts) == 1


def test_a_change_in_progress_is_not_reported_however_often_it_is_seen(applied: World) -> None:
    applied.drop(KEY, text(orders(description="newer")))
    for _ in range(4):
        applied.clock.advance(600)
        assert kinds(applied.scan()) == []
    applied.settle()
    assert kinds(applied.scan()) == []


def test_a_change_that_failed_for_a_transient_reason_is_queued_again_without_self_heal(
    applied: World,
) -> None:
    applied.calls.faults = lambda operation, _: (
        Fault(TransientError("InternalServerException", "Try later.")) if operation == "UpdateFlow" else None
    )
    applied.apply(KEY, text(orders(description="newer")))
    assert applied.bus.outcomes == ["Failed"]
    for hours, letters in ((1, 1), (1, 1), (1, 1)):
        applied.clock.advance(hours * HOUR)
        applied.scan()
        applied.settle()
        assert len(applied.queue.dead) == letters
    assert applied.bus.outcomes == ["Failed"] * 3  # after 0, 1 and 3 hours
    applied.calls.faults = no_fault
    applied.clock.advance(4 * HOUR)
    applied.scan()
    applied.settle()
    assert applied.flows.configuration("orders")["description"] == "newer"
    assert applied.queue.dead == []


def test_p8_a_change_that_sqs_dead_lettered_itself_is_reported_once_its_cause_is_gone(
    applied: World,
) -> None:
    """Neither the letter nor the report could be sent, so the message has no time of a failure."""
    down = Fault(TransientError("InternalError", "Try later."))
    broken = {"UpdateFlow", "SendMessage", "PutEvents"}
    applied.calls.faults = lambda operation, _: down if operation in broken else None
    applied.drop(KEY, text(orders(description="newer")))
    applied.settle()
    [letter] = applied.queue.dead
    assert (letter.delivery().change.failedAt, applied.bus.outcomes) == (None, [])
    applied.calls.faults = no_fault
    assert applied.scan().requeued == 0
    applied.clock.advance(HOUR)
    assert applied.scan().requeued == 1
    applied.settle()
    assert (applied.bus.outcomes, applied.queue.dead) == (["Applied"], [])


def test_a_change_that_sqs_dead_letters_again_waits_longer(applied: World) -> None:
    down = Fault(TransientError("InternalError", "Try later."))
    broken = {"UpdateFlow", "SendMessage"}
    applied.calls.faults = lambda operation, _: down if operation in broken else None
    applied.drop(KEY, text(orders(description="newer")))
    requeued = []
    for _ in range(8):
        applied.settle()
        applied.clock.advance(HOUR)
        requeued.append(applied.scan().requeued)
    assert requeued == [1, 0, 1, 0, 0, 0, 1, 0]


def test_p9_a_dead_letter_is_removed_only_after_its_change_was_queued(applied: World) -> None:
    applied.calls.faults = lambda operation, _: (
        Fault(TransientError("InternalServerException", "Try later.")) if operation == "UpdateFlow" else None
    )
    applied.apply(KEY, text(orders(description="newer")))
    applied.clock.advance(HOUR)
    applied.calls.fail("SendMessageBatch", TransientError("InternalError", "Try later."))
    with pytest.raises(TransientError):
        applied.scan()
    assert len(applied.queue.dead) == 1


@pytest.mark.parametrize(
    ("seconds", "requeued"), [(TIME_FOR_ONE_INSPECTION, 1), (TIME_FOR_ONE_INSPECTION - 0.1, 0)]
)
def test_failed_changes_are_queued_again_while_there_is_time(
    applied: World, seconds: float, requeued: int
) -> None:
    applied.calls.faults = lambda operation, _: (
        Fault(TransientError("InternalServerException", "Try later.")) if operation == "UpdateFlow" else None
    )
    applied.apply(KEY, text(orders(description="newer")))
    applied.clock.advance(HOUR)
    assert applied.scan(remaining=lambda: seconds).requeued == requeued


def test_a_document_whose_key_intake_rejects_repairs_nothing(world: World) -> None:
    world.flows.edit(orders(description="before"))
    world.drop(f"flows/{'x' * 300}.json", text(orders()))
    assert kinds(world.scan(self_heal=True)) == []
    assert world.queue.messages == []


def test_a_change_that_ends_between_the_inspection_and_the_look_at_the_queue_is_not_drift(
    applied: World,
) -> None:
    applied.drop(KEY, text(orders(description="newer")))

    def watch(operation: str, _: str) -> None:
        if operation == "DescribeFlow":
            applied.calls.watch = lambda *_: None
            applied.settle()

    applied.calls.watch = watch
    assert kinds(applied.scan()) == []


def test_tags_of_others_do_not_drift_of_a_flow_in_sync(world: World) -> None:
    world.flows.edit(scheduled())
    world.apply(KEY, text(scheduled(flowStatus="Suspended")))
    others = TAG_LIMIT - len(world.flows.tags("orders"))
    world.flows.retag("orders", {f"team-{number}": "x" for number in range(others)})
    assert kinds(world.scan()) == []


@pytest.mark.parametrize(("former", "adopts"), [(frozenset(), False), (frozenset({"old"}), True)])
def test_a_flow_that_belongs_to_a_former_bucket_can_be_repaired(
    world: World, former: frozenset[str], adopts: bool
) -> None:
    world.former_buckets = former
    world.flows.edit(orders(description="before"))
    world.flows.tags("orders")["appflow-gitops:document"] = "s3://old/flows/a.json"
    world.bucket.put(KEY, text(orders()))
    event = only(world.scan(self_heal=True))
    assert (event.data.drift, event.data.healing) == ("pending", adopts)
    assert (event.data.reason is None) == adopts


@pytest.fixture
def forced(applied: World) -> World:
    """A world in which a forced request changed the flow of the document."""
    applied.intake.handle(applied.requested(orders(description="urgent"), force=True))
    applied.settle()
    applied.bus.events.clear()
    return applied


def test_a_forced_request_is_reported_as_drift_and_stays_under_self_heal(forced: World) -> None:
    event = only(forced.scan(self_heal=True))
    assert (event.data.drift, event.data.healing) == ("drifted", False)
    assert (
        event.data.reason == "changed by forced request 'request-1'; drop or push the document to replace it"
    )
    assert kinds(forced.scan(self_heal=True)) == []
    assert forced.flows.configuration("orders")["description"] == "urgent"


def test_an_edit_after_a_forced_request_does_not_undo_the_request(forced: World) -> None:
    edit(forced)
    assert only(forced.scan(self_heal=True)).data.healing is False


def test_a_dropped_document_ends_a_forced_request(forced: World) -> None:
    forced.apply(KEY, text(orders()))
    edit(forced)
    assert only(forced.scan(self_heal=True)).data.healing is True


def test_a_version_that_failed_after_a_forced_request_is_repaired(forced: World) -> None:
    forced.bucket.put(KEY, text(orders(description="newer")))
    event = only(forced.scan(self_heal=True))
    assert (event.data.drift, event.data.healing) == ("pending", True)


def test_a_forced_request_that_declares_the_same_as_the_document_is_in_sync(applied: World) -> None:
    applied.intake.handle(applied.requested(orders(), force=True))
    applied.settle()
    assert kinds(applied.scan(self_heal=True)) == []
