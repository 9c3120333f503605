"""The tags that record a change, which of them are written and removed, and the order of changes."""

from typing import Any

import pytest

from appflow_gitops.flows.ownership import Order, Ownership
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.apply.attempts import backoff
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.ownership import (
    claim_tags,
    key_objection,
    obsolete,
    outdated,
    owner_tag,
    record_tags,
    recorded_tags,
    updated_tag,
    without_ours,
)

DOCUMENT = DocumentVersion(bucket="documents", key="flows/a~b.json", versionId="v1")
SECOND = 1_768_478_400


def delivery(attempt: int = 1, sequence: str = "7", **members: Any) -> Delivery:
    change = Change(
        identity="request-1",
        flowName="orders",
        correlationId="request-1",
        requestedAt="2026-01-15T12:00:00Z",
    )
    return Delivery(change.model_copy(update=members), attempt, sequence)


def test_a_document_claims_its_flow_with_the_status_to_end_with() -> None:
    owner = {"appflow-gitops:document": "s3://documents/flows/a=7Eb.json"}
    assert claim_tags(delivery(document=DOCUMENT), None) == owner
    assert claim_tags(delivery(document=DOCUMENT), "Active") == owner | {"appflow-gitops:status": "Active"}
    assert claim_tags(delivery(), None, clears_status=True) == {"appflow-gitops:status": ""}
    assert claim_tags(delivery(), "Active", clears_status=True) == {"appflow-gitops:status": "Active"}
    assert claim_tags(delivery(), None) == {}


@pytest.mark.parametrize(
    ("key", "tag"),
    [
        ("flows/a b, c_d-e.f+g@h:i.json", "flows/a b, c_d-e.f+g@h:i.json"),
        ("flows/a=b~c.json", "flows/a=3Db=7Ec.json"),
        ("flows/\u00e4.json", "flows/=C3=A4.json"),
    ],
)
def test_a_document_is_written_with_the_characters_that_a_tag_allows(key: str, tag: str) -> None:
    assert owner_tag(DOCUMENT.model_copy(update={"key": key})) == f"s3://documents/{tag}"


@pytest.mark.parametrize(("length", "fits"), [(256, True), (257, False)])
def test_a_key_whose_tag_is_too_long_is_refused(length: int, fits: bool) -> None:
    key = "x" * (length - len("s3://documents/"))
    objection = key_objection(DOCUMENT.model_copy(update={"key": key}))
    assert (objection and objection.code) == (None if fits else "KeyTooLong")


EARLIER, LATER = (Order(SECOND + seconds, "9" * 33) for seconds in (-1, 1))
POSITION = f"{SECOND}000{7:020}"


@pytest.mark.parametrize(
    ("members", "before", "name", "version", "order"),
    [
        ({}, None, "request", "request-1", f"{SECOND}/{POSITION}"),
        ({"document": DOCUMENT}, None, "version", "v1", f"{SECOND}/{POSITION}"),
        ({"document": DOCUMENT}, EARLIER, "version", "v1", f"{SECOND}/{POSITION}"),
        ({"document": DOCUMENT}, LATER, "version", "v1", str(LATER)),
    ],
)
def test_an_applied_change_is_recorded_with_the_latest_order(
    members: dict[str, Any], before: Order | None, name: str, *, version: str, order: str
) -> None:
    tags = record_tags(delivery(**members), Ownership(order=before), "d1")
    assert tags == {
        "appflow-gitops:digest": "d1",
        "appflow-gitops:changed": order,
        f"appflow-gitops:{name}": version,
    }


def test_the_commit_of_a_change_is_recorded_beside_it() -> None:
    tags = record_tags(delivery(provenance=Provenance(commit="4f2c")), Ownership(), "d1")
    assert tags["appflow-gitops:commit"] == "4f2c"


def test_the_last_update_is_recorded_with_the_digest_of_generated_tasks() -> None:
    assert updated_tag(None, "abc") == {}
    assert updated_tag(1.5) == {"appflow-gitops:updated": "1.500000"}
    assert updated_tag(1.5, "abc") == {"appflow-gitops:updated": "1.500000/abc"}


def test_keys_are_recorded_in_order_and_left_out_where_they_do_not_fit() -> None:
    assert recorded_tags([]) == {}
    assert recorded_tags(["b", "a"]) == {"appflow-gitops:tags": "a b"}
    long = "b" * 120
    assert recorded_tags(["a" * 126, long, "c" * 8, "d" * 9]) == {
        "appflow-gitops:tags": f"{'a' * 126} {long} {'c' * 8}"
    }
    assert recorded_tags(["a" * 126, long, "c" * 9, "d" * 8])["appflow-gitops:tags"].endswith(f" {'d' * 8}")


def test_tags_that_the_document_and_we_set_and_no_longer_want_are_removed() -> None:
    ours = {f"appflow-gitops:{name}": "x" for name in ("commit", "tags", "request", "digest", "status")}
    live = {"z": "1", "a": "1", "kept": "1", "other": "1", **ours}
    owner = Ownership(tags=frozenset({"z", "a", "kept", "gone"}))
    wanted = {"kept": "2", "appflow-gitops:commit": "y"}
    assert obsolete(live, owner, wanted) == ["a", "appflow-gitops:request", "appflow-gitops:tags", "z"]
    assert obsolete(ours, Ownership(), {}) == [
        f"appflow-gitops:{name}" for name in ("commit", "request", "tags")
    ]


def test_our_tags_in_a_document_are_dropped() -> None:
    assert without_ours({"appflow-gitops:document": "x", "team": "shop"}) == {"team": "shop"}


CHANGED = "appflow-gitops:changed"


@pytest.mark.parametrize(
    ("live", "wanted", "written"),
    [
        ({}, {"a": "1"}, {"a": "1"}),
        ({"a": "1", "b": "1"}, {"a": "1"}, {}),
        ({"a": "1"}, {"a": "2", "b": "1"}, {"a": "2", "b": "1"}),
        ({CHANGED: "5/1"}, {CHANGED: "5/2"}, {}),
        ({CHANGED: "5/1"}, {CHANGED: "6/1"}, {CHANGED: "6/1"}),
        ({CHANGED: "5/1"}, {CHANGED: "5/2", "a": "1"}, {CHANGED: "5/2", "a": "1"}),
        ({}, {CHANGED: "5/2"}, {CHANGED: "5/2"}),
    ],
)
def test_only_tags_that_differ_are_written_and_no_position_alone(
    live: dict[str, str], wanted: dict[str, str], written: dict[str, str]
) -> None:
    assert outdated(live, wanted) == written


@pytest.mark.parametrize(
    ("requested", "received", "order"),
    [
        ("12:00:00", None, f"{SECOND}/{SECOND}000{7:020}"),
        ("12:00:00.900", "12:00:01.250", f"{SECOND}/{SECOND + 1}250{7:020}"),
        ("12:00:09", "12:00:01", f"{SECOND + 1}/{SECOND + 1}000{7:020}"),
    ],
)
def test_a_change_is_ordered_by_its_event_then_by_intake_then_by_the_queue(
    requested: str, received: str | None, order: str
) -> None:
    times = {
        "requestedAt": f"2026-01-15T{requested}Z",
        "receivedAt": received and f"2026-01-15T{received}Z",
    }
    assert str(delivery(**times).order) == order


def test_the_quotes_of_an_etag_are_not_part_of_a_version() -> None:
    tagged = DOCUMENT.model_copy(update={"versionId": None, "eTag": '"e1"'})
    assert delivery(document=tagged).version == "e1"
    assert delivery(identity='"id"').version == "id"


def test_the_backoff_doubles_from_five_seconds_to_five_minutes_with_half_of_it_as_jitter() -> None:
    waits = [backoff(delivery(attempt)) for attempt in range(1, 12)]
    jitter = int(delivery().change.id[:4], 16) / 0xFFFF
    longest = [5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300]
    assert waits == [round(each * (0.5 + 0.5 * jitter)) for each in longest]
    others = [backoff(delivery(7, identity=f"request-{number}")) for number in range(200)]
    assert 150 <= min(others) < 160
    assert 290 < max(others) <= 300
