"""Which change a change of health names: the one that was live when the health began."""

from typing import Any

import pytest

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.ownership import COMMIT, DOCUMENT, REQUEST, UPDATED, VERSION
from appflow_gitops.flows.runs import Run
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.health.health import Assessment, Health
from appflow_gitops.sync.health.report import AppliedChange
from fakes.bucket import BUCKET
from fakes.flow_documents import orders, text
from fakes.world import World

KEY = "flows/orders.json"
TAGS = {DOCUMENT: f"s3://{BUCKET}/{KEY}", VERSION: "v1", COMMIT: "4f2c", UPDATED: "100", REQUEST: "request-1"}
FAILED = Run("r9", "Error", 200.0)


def change(world: World, *before: Run, since: Run | None = FAILED, **members: Any) -> AppliedChange | None:
    """The change that is named for a health that began with the run ``since``; ``before`` are the runs before it."""
    overdue, tags = members.pop("overdue", None), members.pop("tags", TAGS)
    live = LiveFlow("orders", "arn", "Active", {}, tags=tags, **members)
    runs = [*([since] if since else []), *before]
    found = Assessment(Health.DEGRADED, "", (since,) if since else (), overdue=overdue)
    return world.watcher._change(live, runs, found)


@pytest.fixture
def stored(world: World) -> World:
    world.bucket.put(KEY, text(orders()), commit="4f2c", actor="jo")
    return world


def test_the_version_in_the_tags_is_named_with_its_provenance_and_request(stored: World) -> None:
    found = change(stored)
    assert found
    assert found.document
    assert (found.document.key, found.document.versionId) == (KEY, "v1")
    assert found.document.eTag
    assert (found.provenance.commit, found.provenance.actor) == ("4f2c", "jo")
    assert (found.request, found.first_run) == ("request-1", True)


@pytest.mark.parametrize(
    ("applied_at", "members"),
    [
        (200, {}),
        (None, {"last_updated_at": 200.0}),
        (100, {"last_updated_at": 300.0}),
        (100, {"since": None, "overdue": 100.0}),
    ],
)
def test_a_change_that_was_applied_when_the_health_began_is_named(
    stored: World, applied_at: int | None, members: dict[str, Any]
) -> None:
    assert change(stored, tags=tags(applied_at), **members)


@pytest.mark.parametrize(
    ("applied_at", "members"),
    [
        (201, {}),
        (None, {}),
        (None, {"last_updated_at": 201.0}),
        (100, {"since": None}),
        (100, {"overdue": 99.0}),
    ],
)
def test_no_change_is_named_that_came_later_or_at_an_unknown_time(
    stored: World, applied_at: int | None, members: dict[str, Any]
) -> None:
    assert change(stored, tags=tags(applied_at), **members) is None


@pytest.mark.parametrize(
    ("before", "is_first"),
    [
        ([], True),
        ([Run("r8", "Successful", 99.0)], True),
        ([Run("r8", "Successful", 100.0)], False),
        ([Run("r8", "Error", 150.0), Run("r7", "Successful", 50.0)], False),
        ([Run("r8", "InProgress", 150.0)], True),
        ([Run("r10", "Successful", 250.0)], True),
    ],
)
def test_the_first_run_of_a_change_is_the_first_with_a_result(
    stored: World, before: list[Run], *, is_first: bool
) -> None:
    found = change(stored, *before)
    assert found
    assert found.first_run is is_first


@pytest.mark.parametrize(
    "missing", [{DOCUMENT}, {VERSION}, {DOCUMENT, VERSION}], ids=["document", "version", "both"]
)
def test_without_a_document_or_version_the_request_and_the_commit_are_named(
    stored: World, missing: set[str]
) -> None:
    found = change(stored, tags={name: value for name, value in TAGS.items() if name not in missing})
    assert found == AppliedChange(None, Provenance(commit="4f2c"), "request-1", True)


def test_a_version_that_cannot_be_read_is_named_with_its_commit(stored: World) -> None:
    stored.bucket.unreadable[KEY] = PermanentError("AccessDenied", "no")
    version = DocumentVersion(bucket=BUCKET, key=KEY, versionId="v1")
    assert change(stored) == AppliedChange(version, Provenance(commit="4f2c"), "request-1", True)


def tags(applied_at: int | None) -> dict[str, str]:
    kept = {name: value for name, value in TAGS.items() if name != UPDATED}
    return kept if applied_at is None else {**kept, UPDATED: str(applied_at)}
