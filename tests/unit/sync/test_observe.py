"""``mode: observe``: changes and drift of a folder are reported, and nothing is written to its flows."""

import pytest

from appflow_gitops.origin import DocumentVersion
from appflow_gitops.status.events import StatusEvent
from fakes.bucket import BUCKET
from fakes.flow_documents import orders, scheduled, text
from fakes.world import World

WRITES = frozenset({"UpdateFlow", "CreateFlow", "StartFlow", "StopFlow", "TagResource", "UntagResource"})
POLICY = "policy.yaml"
OBSERVE = """
documents:
  - {prefix: flows/, flows: ['*']}
  - {prefix: flows/found/, flows: [orders, returns], mode: observe}
requests: {flows: ['*'], runs: ['*']}
"""
APPLY = OBSERVE.replace("observe", "apply")
KEY = "flows/found/orders.json"


@pytest.fixture
def observed() -> World:
    """A stack that observes a folder, and a flow that was created by hand."""
    world = World(may_create=True)
    world.bucket.put(POLICY, OBSERVE)
    world.flows.edit(orders(description="live"))
    return world


def unwritten(world: World) -> bool:
    return not WRITES & set(world.calls.operations())


def last(events: list[StatusEvent]) -> tuple[str, str | None, list[str]]:
    data = events[-1].data
    return data.outcome.value, data.action, [change.pointer for change in data.changes]


def test_a_document_is_reported_with_what_it_would_change(observed: World) -> None:
    [event] = observed.apply(KEY, text(orders(description="document", tags={"team": "shop"})))
    assert event.detail_type == "Flow Change Observed"
    assert last([event]) == ("Observed", "update", ["/description", "/tags/team"])
    assert event.data.document is not None
    assert event.data.document.key == KEY
    assert unwritten(observed)
    assert observed.flows.tags("orders") == {}


def test_in_sync_not_even_the_owner_is_recorded(observed: World) -> None:
    assert last(observed.apply(KEY, text(orders(description="live")))) == ("Observed", "unchanged", [])
    assert observed.flows.tags("orders") == {}


def test_a_status_is_not_changed(observed: World) -> None:
    observed.flows.edit(scheduled(flowName="returns"))
    status = observed.flows.status("returns")
    found = last(observed.apply(KEY, text(scheduled(flowName="returns", flowStatus="Active"))))
    assert found == ("Observed", "activate", ["/flowStatus"])
    assert observed.flows.status("returns") == status
    assert unwritten(observed)


def test_a_missing_flow_is_not_created(observed: World) -> None:
    assert last(observed.apply(KEY, text(orders(flowName="returns"))))[:2] == ("Observed", "create")
    assert observed.flows.describe("returns") is None


def test_an_invalid_document_is_rejected_as_always(observed: World) -> None:
    assert last(observed.apply(KEY, text(orders(flowName="payroll"))))[0] == "Rejected"


def test_a_flow_of_another_document_is_reported_and_no_takeover_is_recorded(observed: World) -> None:
    observed.apply("flows/owner.json", text(orders(description="owner")))
    observed.calls.made.clear()
    [event] = observed.apply(KEY, text(orders(description="document")))
    assert event.data.error is not None
    assert (event.data.outcome, event.data.error.code) == ("Observed", "OwnedByAnotherDocument")
    assert unwritten(observed)
    assert not list(observed.takeovers.waiting(f"s3://{BUCKET}/flows/owner.json"))


def test_a_request_for_the_document_only_reports(observed: World) -> None:
    observed.bucket.put(KEY, text(orders(description="document")))
    observed.intake.handle(observed.requested(DocumentVersion(bucket=BUCKET, key=KEY), force=True))
    observed.settle()
    assert observed.bus.outcomes == ["Observed"]
    assert unwritten(observed)


def test_a_request_that_contains_an_observed_flow_only_reports(observed: World) -> None:
    observed.flows.edit(orders(flowName="other", description="live"))
    observed.calls.made.clear()
    for name in ("orders", "other"):
        observed.intake.handle(observed.requested(orders(flowName=name, description="sent"), force=True))
        observed.settle()
    assert observed.bus.outcomes == ["Observed", "Applied"]
    assert observed.flows.configuration("orders")["description"] == "live"


def test_a_requested_run_is_started(observed: World) -> None:
    observed.run_requested("orders")
    observed.settle()
    assert observed.bus.outcomes == ["Started"]


def test_a_scan_reports_a_difference_once_and_never_repairs_it(observed: World) -> None:
    observed.apply(KEY, text(orders(description="document")))
    [report] = observed.scan(self_heal=True).reported
    assert (report.flow_name, report.drift, report.repairs) == ("orders", "pending", False)
    assert report.reason is not None
    assert "observed" in report.reason
    for _ in range(3):
        observed.clock.advance(90_000)
        scan = observed.scan(self_heal=True)
        assert (scan.reported, scan.repairs) == ([], [])
    assert unwritten(observed)


def test_a_flow_in_sync_is_inspected_once(observed: World) -> None:
    observed.apply(KEY, text(orders(description="live")))
    observed.scan()
    observed.calls.made.clear()
    assert observed.scan().reported == []
    assert observed.calls.count("DescribeFlow") == 0


def test_a_scan_does_not_take_a_flow_over_that_its_owner_no_longer_declares(observed: World) -> None:
    observed.apply("flows/owner.json", text(orders(description="live")))
    observed.bucket.put(KEY, text(orders(description="live")))
    observed.bucket.put("flows/owner.json", text(orders(flowName="other")))
    before = observed.flows.tags("orders")
    assert observed.scan(self_heal=True).repairs == []
    observed.settle()
    assert observed.flows.tags("orders") == before


def test_an_owned_flow_whose_folder_is_observed_later_is_not_written_to(observed: World) -> None:
    observed.bucket.put(POLICY, APPLY)
    observed.apply(KEY, text(orders(description="document")))
    observed.bucket.put(POLICY, OBSERVE)
    observed.calls.made.clear()
    observed.flows.edit(orders(description="edited"))
    observed.calls.made.clear()
    assert last(observed.apply(KEY, text(orders(description="next"))))[0] == "Observed"
    observed.scan(self_heal=True)
    observed.settle()
    assert unwritten(observed)


def test_a_change_that_waits_in_the_queue_is_only_reported_once_the_mode_is_observe(observed: World) -> None:
    observed.bucket.put(POLICY, APPLY)
    observed.drop(KEY, text(orders(description="document")))
    observed.bucket.put(POLICY, OBSERVE)
    observed.settle()
    assert observed.bus.outcomes == ["Observed"]
    assert unwritten(observed)


def test_taking_over_repairs_what_was_observed(observed: World) -> None:
    observed.apply(KEY, text(orders(description="document")))
    observed.scan(self_heal=True)
    observed.bucket.put(POLICY, APPLY)
    assert [change.flowName for change in observed.scan(self_heal=True).repairs] == ["orders"]
    observed.settle()
    assert observed.bus.outcomes == ["Observed", "Applied"]
