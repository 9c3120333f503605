"""What a scan concludes from one inspection: who may repair it, how long it may be a change in progress, its report."""

from dataclasses import replace
from typing import Any

import pytest

from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.apply.reconcile import Reconciler
from appflow_gitops.sync.declaration import Declaration
from appflow_gitops.sync.drift.candidates import Candidate
from appflow_gitops.sync.drift.detector import (
    LONGEST_CHANGE,
    DriftDetector,
    Inspection,
    drift_report,
    in_progress_since,
    repair,
)
from appflow_gitops.sync.drift.limit import Limit
from appflow_gitops.sync.drift.report import Drift, DriftReport, LimitedRepairs
from appflow_gitops.sync.drift.scan_state import LastSeen
from appflow_gitops.sync.inventory import State, SyncStatus
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.validate import validate_value
from fakes.flow_documents import scheduled
from fakes.world import World

NOW, HOUR = 1_768_478_400.0, 3600.0
VERSION = DocumentVersion(bucket="documents", key="flows/orders.json", versionId="v1")
WHO = Provenance(commit="4f2c1a9", actor="jo")
OURS = {"appflow-gitops:document": VERSION.uri}
THEIRS = {"appflow-gitops:document": "s3://documents/flows/b.json"}
LIVE = FlowSummary("orders", "arn:orders", "Active", "Scheduled", OURS, NOW)
TAKEN = replace(LIVE, tags=THEIRS)


def declared() -> Declaration:
    [flow] = validate_value(scheduled(), Environment()).flows
    assert flow.document
    return Declaration(VERSION, {"orders": flow.document}, provenance=WHO)


def inspected(live: FlowSummary | None, drift: Drift | None, **members: Any) -> Inspection:
    status = SyncStatus(live, State(drift or "in sync"), **members) if live else None
    return Inspection(Candidate("orders", live, declared()), drift, status)


PENDING = replace(inspected(LIVE, Drift.PENDING), may_be_in_progress=True)
PRINT = PENDING.candidate.fingerprint


@pytest.mark.parametrize("drift", list(Drift))
def test_only_an_edit_and_a_change_that_was_not_applied_can_be_repaired(drift: Drift) -> None:
    live = None if drift is Drift.MISSING else LIVE
    assert inspected(live, drift).is_repairable == (drift in (Drift.DRIFTED, Drift.PENDING))


@pytest.mark.parametrize("members", [{"note": "refused"}, {"is_observed": True}])
def test_what_a_change_cannot_repair_or_may_not_is_not_repaired(members: dict[str, Any]) -> None:
    assert not inspected(LIVE, Drift.DRIFTED, **members).is_repairable
    assert not inspected(TAKEN, Drift.PENDING, **members).is_takeover


def test_a_flow_in_sync_and_one_without_an_inspection_are_not_repaired() -> None:
    assert not inspected(LIVE, None).is_repairable
    assert inspected(None, Drift.MISSING).status is None
    assert not inspected(None, Drift.MISSING).is_takeover


@pytest.mark.parametrize(
    ("live", "drift", "is_takeover"),
    [
        (TAKEN, None, True),
        (TAKEN, Drift.PENDING, True),
        (TAKEN, Drift.DRIFTED, False),
        (TAKEN, Drift.ORPHANED, False),
        (LIVE, None, False),
        (LIVE, Drift.PENDING, False),
    ],
)
def test_a_takeover_is_a_flow_of_another_document_that_is_in_sync_or_pending(
    live: FlowSummary, drift: Drift | None, is_takeover: bool
) -> None:
    assert inspected(live, drift).is_takeover == is_takeover


def test_a_takeover_without_a_status_is_none() -> None:
    assert not Inspection(Candidate("orders", TAKEN, declared())).is_takeover


def seen(**members: Any) -> LastSeen:
    return LastSeen(**{"fingerprint": PRINT, **members})


@pytest.mark.parametrize(
    ("before", "since"),
    [
        (None, NOW),
        (seen(), NOW),
        (seen(since=NOW - 60), NOW - 60),
        (seen(since=NOW - LONGEST_CHANGE + 1), NOW - LONGEST_CHANGE + 1),
        (seen(since=NOW - LONGEST_CHANGE), None),
        (seen(since=NOW - HOUR), None),
        (seen(since=NOW - HOUR, fingerprint="another"), NOW),
        (seen(reported="r"), None),
        (seen(limited=True), None),
        (seen(since=NOW - 60, reported="r"), None),
        (seen(reported="r", fingerprint="another"), NOW),
        (seen(limited=True, fingerprint="another"), NOW),
    ],
)
def test_a_difference_may_be_a_change_in_progress_for_as_long_as_a_change_takes(
    before: LastSeen | None, since: float | None
) -> None:
    assert in_progress_since(PENDING, before, NOW) == since


def test_the_longest_change_takes_45_minutes() -> None:
    assert LONGEST_CHANGE == 45 * 60


@pytest.mark.parametrize("before", [None, seen(since=NOW - 60)])
def test_what_cannot_be_a_change_in_progress_is_none(before: LastSeen | None) -> None:
    assert in_progress_since(inspected(LIVE, Drift.PENDING), before, NOW) is None


def test_repairs_of_the_same_difference_count_on() -> None:
    subject = PENDING.candidate.subject
    before = seen(subject=subject, repairs=3, repairedAt=NOW)
    expected = LastSeen(
        fingerprint=PRINT,
        drift=Drift.PENDING,
        reported=PENDING.id,
        subject=subject,
        repairs=3,
        repairedAt=NOW,
    )
    assert PENDING.last_seen(before) == expected


@pytest.mark.parametrize(
    "before", [None, seen(subject="another", repairs=3, repairedAt=NOW), seen(repairs=3)]
)
def test_repairs_of_another_difference_do_not_count(before: LastSeen | None) -> None:
    found = PENDING.last_seen(before)
    assert (found.repairs, found.repairedAt) == (0, None)


def test_a_flow_in_sync_is_kept_without_a_difference() -> None:
    found = inspected(LIVE, None)
    assert found.last_seen(None) == LastSeen(fingerprint=found.candidate.fingerprint)


def test_a_takeover_in_sync_is_kept_with_its_difference_and_reported_as_none() -> None:
    found = inspected(TAKEN, None).last_seen(None)
    assert (found.drift, found.reported) == (None, None)
    assert found.subject == inspected(TAKEN, None).candidate.subject


CHANGES = (DiffItem("change", ("description",), "before", "after"),)


def test_the_report_has_what_the_inspection_found() -> None:
    found = inspected(LIVE, Drift.DRIFTED, changes=CHANGES, note="refused")
    assert drift_report(found, Drift.DRIFTED, repairs=True, now=NOW, correlation_id="scan-1") == DriftReport(
        id=found.id,
        correlation_id="scan-1",
        detected_at=NOW,
        flow_name="orders",
        drift=Drift.DRIFTED,
        arn="arn:orders",
        reason="refused",
        document=VERSION,
        provenance=WHO,
        flow_status="Active",
        changes=CHANGES,
        repairs=True,
    )


def test_the_report_of_a_missing_flow_has_its_document() -> None:
    found = inspected(None, Drift.MISSING)
    report = drift_report(found, Drift.MISSING, repairs=False, now=NOW, correlation_id="scan-1")
    assert report == DriftReport(
        found.id, "scan-1", NOW, "orders", Drift.MISSING, document=VERSION, provenance=WHO
    )


def test_the_report_of_an_orphan_has_its_flow() -> None:
    found = Inspection(Candidate("orders", LIVE, None), Drift.ORPHANED)
    report = drift_report(found, Drift.ORPHANED, repairs=False, now=NOW, correlation_id="scan-1")
    assert report == DriftReport(
        found.id, "scan-1", NOW, "orders", Drift.ORPHANED, arn="arn:orders", flow_status="Active"
    )


def test_the_first_repair_is_named_after_the_drift_and_later_ones_are_numbered() -> None:
    first, second = (repair(PENDING, earlier, now=NOW, correlation_id="scan-1") for earlier in (0, 1))
    assert first.identity == f"drift:{PENDING.id}"
    assert second.identity == f"drift:{PENDING.id}:1"
    assert first.is_repair
    assert (first.flowName, first.correlationId) == ("orders", "scan-1")
    assert first.requestedAt == "2026-01-15T12:00:00.000Z"
    assert (first.document, first.provenance) == (VERSION, WHO)


LIMIT = Limit(3, {"a": "1", "b": "2"}, frozenset("bc"), {"a": "1", "b": "2", "d": "4"}, "known")


def test_a_flow_that_was_repaired_and_is_to_be_repaired_again_counts_once() -> None:
    assert not LIMIT.is_exceeded
    assert replace(LIMIT, most=2).is_exceeded
    assert replace(LIMIT, recent=frozenset("cd")).is_exceeded


def test_a_confirmation_is_about_the_repairs_that_were_reported_with_it() -> None:
    assert LIMIT.is_confirmed_by("known")
    assert not LIMIT.is_confirmed_by("unknown")
    assert not LIMIT.is_confirmed_by(None)
    assert not replace(LIMIT, limited_as=None).is_confirmed_by(None)


@pytest.mark.parametrize("wanted", [{"e": "5"}, {"a": "changed"}, {"a": "1", "e": "5"}])
def test_a_confirmation_is_not_about_other_repairs(wanted: dict[str, str | None]) -> None:
    assert not replace(LIMIT, wanted=wanted).is_confirmed_by("known")


def test_the_report_of_limited_repairs_has_every_count() -> None:
    limit = replace(LIMIT, wanted={"b": "2", "a": "1"})
    assert limit.report("scan-1", NOW, 9) == LimitedRepairs(
        id=limit.id,
        correlation_id="scan-1",
        detected_at=NOW,
        confirmation=limit.id[:12],
        limit=3,
        flow_names=("a", "b"),
        recent=2,
        declared=9,
    )
    assert limit.id == LIMIT.id
    assert limit.id != replace(LIMIT, wanted={"a": "1", "b": "3"}).id


def test_unless_it_is_allowed_to_a_reconciler_creates_nothing_and_a_scan_repairs_nothing() -> None:
    world = World()
    assert not Reconciler(world.flows, world.clock).may_create
    parameters = {each.name: each.default for each in DriftDetector.__dataclass_fields__.values()}
    assert (parameters["self_heal"], parameters["change_at_most"]) == (False, 0)
