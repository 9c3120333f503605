"""The fingerprint of a candidate for drift."""

from dataclasses import replace
from typing import Any

import pytest

from appflow_gitops.flows.canonical import content_digest
from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.declaration import Declaration
from appflow_gitops.sync.drift.candidates import Candidate, candidates, undetermined_flows
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.validate import validate_value
from fakes.flow_documents import scheduled

LIVE = FlowSummary("orders", "arn", "Active", "Scheduled", {"appflow-gitops:version": "v1"}, 1768478400.0)
VERSION = DocumentVersion(bucket="documents", key="flows/orders.json", versionId="v1")


def declared(version: DocumentVersion = VERSION, **members: Any) -> Declaration:
    [flow] = validate_value(scheduled(**members), Environment()).flows
    assert flow.document
    return Declaration(version, {"orders": flow.document})


SUSPECT = Candidate("orders", LIVE, declared())


@pytest.mark.parametrize(
    "other",
    [
        replace(SUSPECT, live=None),
        replace(SUSPECT, live=replace(LIVE, last_updated_at=1768478401.0)),
        replace(SUSPECT, live=replace(LIVE, status="Suspended")),
        replace(SUSPECT, live=replace(LIVE, tags={"appflow-gitops:version": "v2"})),
        replace(SUSPECT, declaration=None),
        replace(SUSPECT, declaration=declared(VERSION.model_copy(update={"versionId": "v2"}))),
        replace(SUSPECT, declaration=declared(VERSION.model_copy(update={"key": "flows/b.json"}))),
        replace(SUSPECT, declaration=declared(description="another")),
        replace(SUSPECT, declaration=declared(flowStatus="Suspended")),
        replace(SUSPECT, declaration=declared(kmsArn="arn:aws:kms:us-east-1:123456789012:key/1")),
    ],
)
def test_everything_that_an_inspection_depends_on_changes_the_fingerprint(other: Candidate) -> None:
    assert other.fingerprint != SUSPECT.fingerprint


def test_what_an_inspection_does_not_depend_on_leaves_the_fingerprint_unchanged() -> None:
    tags = {"team": "shop", **LIVE.tags}
    assert replace(SUSPECT, live=replace(LIVE, tags=tags, arn="another")).fingerprint == SUSPECT.fingerprint


OWNED = replace(LIVE, tags={"appflow-gitops:document": "s3://documents/flows/b.json"})
OWNER = replace(declared(VERSION.model_copy(update={"key": "flows/b.json"})), flows={}, error="invalid")
CONTESTED = Candidate("orders", OWNED, declared(), OWNER)


@pytest.mark.parametrize(
    "other",
    [
        replace(CONTESTED, owner=None),
        replace(CONTESTED, owner=replace(OWNER, version=VERSION.model_copy(update={"versionId": "v9"}))),
        replace(CONTESTED, owner=replace(OWNER, error=None)),
        replace(CONTESTED, owner=replace(OWNER, denied=frozenset({"orders"}))),
        replace(CONTESTED, declaration=replace(declared(), is_observed=True)),
    ],
)
def test_the_owner_of_a_contested_flow_changes_the_fingerprint(other: Candidate) -> None:
    assert CONTESTED.has_other_owner
    assert other.fingerprint != CONTESTED.fingerprint


def test_a_difference_in_declared_tags_changes_the_fingerprint() -> None:
    declaration = declared(tags={"team": "shop"})
    prints = {
        Candidate("orders", replace(LIVE, tags=LIVE.tags | tags), declaration).fingerprint
        for tags in ({}, {"team": "shop"}, {"team": "crm"})
    }
    assert len(prints) == len(("missing", "equal", "another"))


@pytest.mark.parametrize(
    ("live", "declaration", "expected"),
    [
        (LIVE, declared(), False),
        (OWNED, declared(), True),
        (replace(LIVE, tags={"appflow-gitops:document": VERSION.uri}), declared(), False),
        (OWNED, None, False),
        (None, declared(), False),
    ],
)
def test_a_flow_has_another_owner_if_its_tags_name_another_document(
    live: FlowSummary | None, declaration: Declaration | None, expected: bool
) -> None:
    assert Candidate("orders", live, declaration).has_other_owner is expected


@pytest.mark.parametrize(
    ("live", "declaration", "key"),
    [
        (OWNED, declared(), "flows/orders.json"),
        (OWNED, None, "flows/b.json"),
        (LIVE, None, None),
        (None, None, None),
        (replace(LIVE, tags={"appflow-gitops:document": "s3://others/flows/b.json"}), None, None),
    ],
)
def test_the_key_is_that_of_the_declaring_document_else_of_the_owner(
    live: FlowSummary | None, declaration: Declaration | None, key: str | None
) -> None:
    assert Candidate("orders", live, declaration).key("documents") == key


def test_our_tags_leave_the_subject_unchanged_and_what_is_compared_changes_it() -> None:
    subject = SUSPECT.subject
    assert replace(SUSPECT, live=OWNED).subject == subject
    others = [
        replace(SUSPECT, live=None),
        replace(SUSPECT, live=replace(LIVE, last_updated_at=1.0)),
        replace(SUSPECT, live=replace(LIVE, status="Suspended")),
        replace(SUSPECT, declaration=None),
        replace(SUSPECT, declaration=declared(description="another")),
    ]
    assert len({subject, *(other.subject for other in others)}) == 1 + len(others)


def test_every_flow_that_is_not_settled_is_a_candidate_once() -> None:
    def summary(name: str, document: str | None) -> FlowSummary:
        return replace(LIVE, name=name, tags={"appflow-gitops:document": document} if document else {})

    def of(key: str, *names: str, **members: Any) -> Declaration:
        flows = {name: replace_name(name) for name in names}
        return replace(Declaration(VERSION.model_copy(update={"key": key}), flows), **members)

    def replace_name(name: str) -> Any:
        return declared().flows["orders"].model_copy(update={"flowName": name})

    first, second = of("flows/1.json", "both", "one", "new-1"), of("flows/2.json", "both", "new-2", "new-1")
    broken = of("flows/broken.json", error="invalid", is_latest=False)
    summaries = [
        summary("one", None),
        summary("both", second.version.uri),
        summary("orphan", "s3://documents/flows/gone.json"),
        summary("unknown", broken.version.uri),
        summary("by-hand", None),
        summary("let-go", first.version.uri),
        summary("elsewhere", "s3://others/flows/1.json"),
    ]
    found = list(candidates([first, second, broken], summaries, "documents"))
    assert [(each.name, each.live, each.declaration, each.owner) for each in found] == [
        ("one", summaries[0], first, None),
        ("both", summaries[1], second, second),
        ("orphan", summaries[2], None, None),
        ("let-go", summaries[5], None, None),
        ("new-1", None, first, None),
        ("new-2", None, second, None),
    ]
    settled = replace(
        summaries[0],
        tags={
            "appflow-gitops:document": first.version.uri,
            "appflow-gitops:version": "v1",
            "appflow-gitops:digest": content_digest(first.flows["one"].request),
            "appflow-gitops:updated": f"{LIVE.last_updated_at:.0f}",
        },
    )
    assert [each.name for each in candidates([first], [settled], "documents")] == ["both", "new-1"]
    assert list(undetermined_flows([first, second, broken], summaries, "documents")) == ["unknown"]
