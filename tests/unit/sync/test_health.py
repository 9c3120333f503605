"""Changes of health: what ``watch_runs`` reports, how often, under which id, and at what cost."""

from typing import Any

import pytest

from appflow_gitops.flows.ownership import DOCUMENT
from appflow_gitops.status.health import render_health
from appflow_gitops.sync.change import timestamp
from appflow_gitops.sync.errors import PermanentError, TransientError
from appflow_gitops.sync.health.health import BrokenFields, Health
from appflow_gitops.sync.health.report import HealthReport
from appflow_gitops.sync.health.watcher import TIME_FOR_ONE_INSPECTION
from appflow_gitops_local.appflow.controls import controls
from fakes.bucket import BUCKET
from fakes.calls import Crash, Fault
from fakes.flow_documents import orders, scheduled, text
from fakes.world import World

KEY = "flows/orders.json"
HOUR = 3600.0
READING = {"DescribeFlow", "DescribeFlowExecutionRecords"}


@pytest.fixture(autouse=True)
def _no_outcomes_left() -> None:
    controls.outcomes.clear()


@pytest.fixture
def moving(world: World) -> World:
    """A world whose on-demand flow moved 50 records three times, then was changed by commit 9c1e."""
    world.may_create = True
    world.apply(KEY, text(orders()), commit="4f2c")
    for _ in range(3):
        world.clock.advance(60)
        world.observe(world.flows.run("orders", records=50))
    world.clock.advance(60)
    world.apply(KEY, text(orders(description="less")), commit="9c1e", actor="jo")
    world.clock.advance(60)
    world.bus.health.clear()
    return world


@pytest.fixture
def hourly(world: World) -> World:
    """A world with an active flow that runs every hour."""
    world.may_create = True
    world.apply(KEY, text(scheduled(flowStatus="Active")), commit="4f2c")
    world.bus.health.clear()
    return world


def lost(world: World) -> None:
    """AppFlow's events until now were not delivered."""
    world.flows.run_events()


def pass_hours(world: World, hours: int, **outcome: Any) -> list[HealthReport]:
    """Let a flow run every hour with this outcome; what the events about it led to."""
    reports = []
    for _ in range(hours):
        world.flows.script("orders", **outcome)
        world.clock.advance(HOUR)
        reports += world.observe(world.flows.run_events())
    return reports


def brief(reports: list[HealthReport]) -> list[tuple[str | None, str]]:
    return [(report.previous, report.found.health) for report in reports]


def test_a_run_without_records_after_a_change_is_reported_once_and_names_the_commit(moving: World) -> None:
    [report] = moving.observe(moving.flows.run("orders", records=0))
    assert moving.observe(moving.flows.run("orders", records=0)) == []
    data = render_health(report).data
    assert (data.previousHealth, data.health) == ("Healthy", "Silent")
    assert (data.provenance.commit, data.provenance.actor, data.firstRun) == ("9c1e", "jo", True)
    assert data.document
    assert data.document.key == KEY
    assert data.reason == "the latest run moved 0 records, an earlier one 50"
    assert len(moving.bus.health) == 1


def test_a_scan_makes_up_for_lost_events_with_the_same_id(moving: World) -> None:
    events = moving.flows.run("orders", records=0)
    [found] = moving.watch().reported
    moving.health.kept.clear()  # as if the scan had not been
    [seen] = moving.observe(events)
    assert found.id == seen.id
    assert render_health(found).data.provenance == render_health(seen).data.provenance
    assert moving.watch().reported == []


def test_what_is_reported_again_after_the_records_were_lost_has_the_same_id(moving: World) -> None:
    [report] = moving.observe(moving.flows.run("orders", records=0))
    moving.health.kept.clear()
    [again] = moving.watch().reported
    assert again.id == report.id


def test_a_crash_between_report_and_record_repeats_the_report_with_the_same_id(moving: World) -> None:
    events = moving.flows.run("orders", status="Error")
    sent = moving.calls.operations().count("PutEvents")
    moving.calls.watch = lambda operation, _: crash() if operation == "PutEvents" else None

    def crash() -> None:
        raise Crash

    with pytest.raises(Crash):
        moving.observe(events)
    moving.calls.watch = lambda *_: None
    moving.watch()
    assert moving.calls.operations().count("PutEvents") == sent + 2
    first, second = moving.bus.health
    assert first.metadata.id == second.metadata.id
    assert first.data == second.data


def test_no_change_is_named_that_was_applied_after_the_run(moving: World) -> None:
    moving.flows.run("orders", records=0)
    moving.clock.advance(60)
    moving.apply(KEY, text(orders(description="later")), commit="aaaa")
    [report] = moving.watch().reported
    assert report.found.health is Health.SILENT
    assert report.change is None


def test_a_flow_that_often_moves_nothing_is_reported_only_for_longer_silence(hourly: World) -> None:
    assert pass_hours(hourly, 2, records=5) == []
    assert brief(pass_hours(hourly, 2, records=0)) == [("Healthy", "Silent")]
    assert brief(pass_hours(hourly, 1, records=5)) == [("Silent", "Healthy")]
    assert pass_hours(hourly, 2, records=0) == []
    assert brief(pass_hours(hourly, 1, records=0)) == [("Healthy", "Silent")]


def test_a_failed_run_is_reported_with_the_cause_and_the_original_message(hourly: World) -> None:
    pass_hours(hourly, 1)
    [report] = pass_hours(hourly, 2, status="Error", message="INVALID_SESSION_ID: Session expired")
    data = render_health(report).data
    assert (data.health, data.message) == ("Degraded", "INVALID_SESSION_ID: Session expired")
    assert data.cause
    assert "credentials" in data.cause
    assert data.latestRun
    assert data.latestRun.status == "Error"


def test_records_that_the_destination_rejected_make_a_flow_degraded(hourly: World) -> None:
    pass_hours(hourly, 1)
    [report] = pass_hours(hourly, 1, records=7, putFailures=3)
    assert report.found.reason == "the destination rejected 3 records of the latest run"


@pytest.mark.parametrize("status", ["Suspended", "Errored"])
@pytest.mark.parametrize("delivered", [True, False])
def test_a_deactivated_flow_is_reported_whatever_status_it_has(
    hourly: World, status: str, *, delivered: bool
) -> None:
    hourly.flows.behave(deactivated_status=status)
    pass_hours(hourly, 1)
    reports = pass_hours(hourly, 4, status="Error") if delivered else []
    for _ in range(1 if delivered else 5):
        hourly.flows.script("orders", status="Error")
        hourly.clock.advance(HOUR)
        if not delivered:
            lost(hourly)
    reports += hourly.observe(hourly.flows.run_events()) if delivered else hourly.watch().reported
    assert reports[-1].found.health is Health.DEACTIVATED
    assert "push the document again" in str(reports[-1].hint)
    assert hourly.watch().flows == {Health.DEACTIVATED: 1}


@pytest.mark.parametrize("status", ["Suspended", "Errored"])
def test_self_heal_leaves_a_deactivated_flow_and_dropping_its_document_starts_it(
    hourly: World, status: str
) -> None:
    hourly.flows.behave(deactivated_status=status)
    pass_hours(hourly, 5, status="Error")
    scan = hourly.scan(self_heal=True)
    assert scan.repairs == []
    assert "AppFlow deactivated the flow" in str(scan.reported[0].reason)
    hourly.settle()
    assert hourly.flows.status("orders") == status
    hourly.apply(KEY, text(scheduled(flowStatus="Active")))
    assert hourly.flows.status("orders") == "Active"
    assert brief(pass_hours(hourly, 1, records=3)) == [("Deactivated", "Healthy")]


def test_a_document_without_flow_status_also_starts_a_deactivated_flow_again(world: World) -> None:
    world.may_create = True
    world.apply(KEY, text(scheduled(flowStatus="Active")))
    world.apply(KEY, text(scheduled()))
    pass_hours(world, 5, status="Error")
    assert world.flows.status("orders") == "Suspended"
    world.apply(KEY, text(scheduled(description="fixed")))
    assert world.flows.status("orders") == "Active"


def test_self_heal_reverts_an_edit_of_a_deactivated_flow_without_starting_it(hourly: World) -> None:
    pass_hours(hourly, 5, status="Error")
    hourly.flows.edit(scheduled(description="by hand"))
    hourly.scan(self_heal=True)
    hourly.settle()
    assert hourly.flows.configuration("orders")["description"] == "Orders of the shop"
    assert hourly.flows.status("orders") == "Suspended"


def test_a_flow_that_the_user_suspended_is_not_reported(hourly: World) -> None:
    pass_hours(hourly, 1)
    hourly.flows.stop("orders")
    hourly.clock.advance(10 * HOUR)
    scan = hourly.watch()
    assert (scan.reported, scan.flows) == ([], {Health.UNKNOWN: 1})


def test_a_missed_run_is_reported_once_and_the_next_run_makes_the_flow_healthy(hourly: World) -> None:
    pass_hours(hourly, 1)
    hourly.flows.backend.flows["orders"].due = None  # AppFlow starts no run
    hourly.clock.advance(2 * HOUR)
    assert hourly.watch().reported == []
    hourly.clock.advance(HOUR)
    [report] = hourly.watch().reported
    assert report.found.health is Health.STALE
    assert hourly.watch().reported == []
    hourly.flows.backend.flows["orders"].schedule_after(hourly.clock.to_datetime())
    assert brief(pass_hours(hourly, 1)) == [("Stale", "Healthy")]


def recreate(world: World) -> None:
    """The flow is deleted, and its document creates it again."""
    world.flows.remove("orders")
    world.clock.advance(60)
    world.apply(KEY, text(orders(description="new")), commit="7d1c")
    world.clock.advance(60)


def test_a_flow_that_was_deleted_and_created_again_starts_without_a_health(moving: World) -> None:
    moving.observe(moving.flows.run("orders", status="Error"))
    recreate(moving)
    scan = moving.watch()
    assert (scan.reported, scan.flows) == ([], {Health.UNKNOWN: 1})


def test_a_failure_of_a_new_flow_is_reported_although_its_predecessor_failed(moving: World) -> None:
    moving.observe(moving.flows.run("orders", status="Error"))
    recreate(moving)
    [report] = moving.observe(moving.flows.run("orders", status="Error"))
    assert (report.previous, report.found.health) == (None, Health.DEGRADED)


def test_a_late_event_about_a_deleted_flow_says_nothing_about_the_new_one(moving: World) -> None:
    late = moving.flows.run("orders", status="Error")
    recreate(moving)
    assert moving.observe(late) == []
    assert moving.watch().flows == {Health.UNKNOWN: 1}


@pytest.mark.parametrize("gone", ["deleted", "released"])
def test_a_scan_deletes_the_records_of_flows_that_are_not_managed_any_more(moving: World, gone: str) -> None:
    moving.observe(moving.flows.run("orders", records=50))
    assert set(moving.health.kept) == {"orders"}
    if gone == "deleted":
        moving.flows.remove("orders")
    else:
        moving.flows.tags("orders").clear()
    moving.watch()
    assert moving.health.kept == {}


@pytest.mark.parametrize(
    ("seconds", "inspected"), [(TIME_FOR_ONE_INSPECTION, True), (TIME_FOR_ONE_INSPECTION - 0.1, False)]
)
def test_a_scan_inspects_flows_and_deletes_records_while_there_is_time(
    moving: World, seconds: float, *, inspected: bool
) -> None:
    moving.observe(moving.flows.run("orders", records=50))
    moving.apply("flows/other.json", text(orders(flowName="other")))
    moving.flows.remove("orders")
    scan = moving.watch(lambda: seconds)
    assert (scan.flows.total(), scan.remaining) == ((1, 0) if inspected else (0, 1))
    assert ("orders" in moving.health.kept) is not inspected


def test_a_record_that_cannot_be_deleted_does_not_stop_the_scan(moving: World) -> None:
    moving.observe(moving.flows.run("orders", records=50))
    moving.flows.remove("orders")
    moving.calls.fail("DeleteObject", PermanentError("AccessDenied", "no"))
    assert moving.watch().failed == {"orders": "AccessDenied"}
    moving.watch()
    assert moving.health.kept == {}


def test_flows_that_are_not_managed_are_not_watched(world: World) -> None:
    world.flows.edit(orders())
    assert world.observe(world.flows.run("orders", status="Error")) == []
    assert world.watch().flows == {}
    assert world.bus.health == []


def test_a_flow_that_a_request_made_is_watched(world: World) -> None:
    world.may_create = True
    world.intake.handle(world.requested(orders()))
    world.settle()
    [report] = world.observe(world.flows.run("orders", status="Error"))
    assert report.change
    assert (report.change.document, report.change.request is None) == (None, False)


def test_the_objective_of_the_policy_decides(moving: World) -> None:
    moving.bucket.put(
        "policy.yaml",
        "documents: [{prefix: flows/, flows: ['*']}]\n"
        "health: [{flows: [ord*], minimumRecords: 20, staleAfter: 3h}]\n",
    )
    assert brief(moving.observe(moving.flows.run("orders", records=60))) == []
    moving.watch()  # the objective counts from the next inspection on
    [report] = moving.observe(moving.flows.run("orders", records=19))
    assert report.found.reason == "the latest run moved 19 records, expected 20 or more"
    moving.clock.advance(3 * HOUR + 1)
    assert brief(moving.watch().reported) == [("Silent", "Stale")]


def test_a_minimum_of_zero_accepts_empty_runs(moving: World) -> None:
    moving.bucket.put(
        "policy.yaml",
        "documents: [{prefix: flows/, flows: ['*']}]\nhealth: [{flows: ['*'], minimumRecords: 0}]\n",
    )
    assert moving.observe(moving.flows.run("orders", records=0)) == []


def names(size: int) -> list[str]:
    return [f"flow-{number:04}" for number in range(size)]


def fleet(world: World, size: int) -> World:
    """Managed flows that ran once, every run seen."""
    for name in names(size):
        world.flows.edit(orders(flowName=name))
        world.flows.retag(name, {DOCUMENT: f"s3://{BUCKET}/flows/{name}.json"})
    world.flows.run(*names(size), records=5)
    world.watch()
    world.bus.health.clear()
    return world


def test_a_scan_of_a_thousand_healthy_flows_costs_ten_calls(world: World) -> None:
    fleet(world, 1000)
    world.clock.advance(60)
    world.observe(world.flows.run(*names(1000), records=5))
    before = len(world.calls.made)
    assert world.watch().flows == {Health.HEALTHY: 1000}
    made = world.calls.operations()[before:]
    assert made.count("ListFlows") == 10
    assert not READING & set(made)


def test_an_expected_run_of_a_healthy_flow_costs_no_call_to_appflow(world: World) -> None:
    fleet(world, 1)
    events = world.flows.run("flow-0000", records=5)
    before = len(world.calls.made)
    assert world.observe(events) == []
    assert not READING & set(world.calls.operations()[before:])


def test_only_flows_with_something_new_are_inspected(world: World) -> None:
    fleet(world, 3)
    world.clock.advance(60)
    world.flows.run("flow-0001", status="Error")
    before = len(world.calls.made)
    assert [report.flow.name for report in world.watch().reported] == ["flow-0001"]
    assert {name for operation, name in world.calls.made[before:] if operation in READING} == {"flow-0001"}


def test_a_flow_that_cannot_be_inspected_does_not_stop_the_scan(world: World) -> None:
    fleet(world, 3)
    world.clock.advance(60)
    world.flows.run(*names(3), status="Error")
    world.calls.fail("DescribeFlow", PermanentError("AccessDeniedException", "no"))
    scan = world.watch()
    assert scan.failed == {"flow-0000": "AccessDeniedException"}
    assert len(scan.reported) == 2
    assert [report.flow.name for report in world.watch().reported] == ["flow-0000"]


def test_a_scan_that_is_throttled_continues_where_it_stopped(world: World) -> None:
    fleet(world, 2)
    world.clock.advance(60)
    world.flows.run(*names(2), status="Error")
    world.calls.answer(DescribeFlow=[None, Fault(TransientError("ThrottlingException", "slow down"))])
    with pytest.raises(TransientError):
        world.watch()
    assert [report.flow.name for report in world.watch().reported] == ["flow-0001"]


def test_no_inspection_starts_that_could_outlast_the_invocation(world: World) -> None:
    fleet(world, 2)
    world.clock.advance(60)
    world.flows.run(*names(2), status="Error")
    scan = world.watch(remaining=lambda: 59.0)
    assert (scan.remaining, scan.reported) == (2, [])


def test_a_run_that_the_records_do_not_show_yet_is_taken_from_its_event(moving: World) -> None:
    events = moving.flows.run("orders", status="Error", message="the token expired")
    run = moving.flows.backend.flows["orders"].runs.pop()
    [report] = moving.observe(events)
    moving.flows.backend.flows["orders"].runs.append(run)
    assert (report.found.health, report.found.message) == (Health.DEGRADED, "the token expired")
    moving.health.kept.clear()
    [again] = moving.watch().reported
    assert again.id == report.id


REMOVED = "fields that the flow uses were removed: 'id'"


def removed(world: World) -> None:
    """A field that the flow uses was removed at the source, just now."""
    world.broken_fields["orders"] = BrokenFields(world.clock.now, REMOVED)


def test_a_flow_with_a_removed_field_is_degraded_before_its_next_run(moving: World) -> None:
    moving.observe(moving.flows.run("orders", records=50))
    moving.clock.advance(60)
    removed(moving)
    (report,) = moving.watch().reported
    assert (report.found.health, report.found.reason) == (Health.DEGRADED, REMOVED)
    data = render_health(report).data
    assert (data.since, data.provenance.commit) == (timestamp(moving.clock.now), "9c1e")


def test_a_flow_with_a_removed_field_is_inspected_and_reported_once(moving: World) -> None:
    moving.observe(moving.flows.run("orders", records=50))
    moving.clock.advance(60)
    removed(moving)
    moving.watch()
    before = len(moving.calls.made)
    assert moving.watch().reported == []
    assert not READING & set(moving.calls.operations()[before:])


@pytest.mark.parametrize("repair", ["field", "run", "document"])
def test_a_flow_is_healthy_again_once_its_fields_are(moving: World, repair: str) -> None:
    moving.observe(moving.flows.run("orders", records=50))
    moving.clock.advance(60)
    removed(moving)
    moving.watch()
    moving.clock.advance(60)
    if repair == "field":
        moving.broken_fields.clear()
    elif repair == "run":
        moving.flows.run("orders", records=50)
    else:
        moving.apply(KEY, text(orders(description="repaired")), commit="7d1c")
    assert [report.found.health for report in moving.watch().reported] == [Health.HEALTHY]


def test_a_failing_flow_with_a_removed_field_is_inspected_once(moving: World) -> None:
    moving.observe(moving.flows.run("orders", status="Error", message="no such column"))
    moving.clock.advance(60)
    removed(moving)
    assert moving.watch().reported == []
    before = len(moving.calls.made)
    moving.watch()
    assert not READING & set(moving.calls.operations()[before:])
