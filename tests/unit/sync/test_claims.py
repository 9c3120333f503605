"""A claim: which document declares a live flow, and what the flow's tags and times say about it."""

from dataclasses import replace
from typing import Any

import pytest

from appflow_gitops.flows import ownership as tags
from appflow_gitops.flows.canonical import content_digest
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.declaration import Declaration
from appflow_gitops.sync.inventory import Claim, claims, compare
from fakes.flow_documents import orders, scheduled

NOW = 1_780_000_000.0
VERSION = DocumentVersion(bucket="documents", key="flows/a.json", versionId="v7")
DESIRED = FlowDocument.model_validate(scheduled(tags={"team": "shop"}))
APPLIED = {
    tags.DOCUMENT: VERSION.uri,
    tags.VERSION: "v7",
    tags.DIGEST: content_digest(DESIRED.request),
    tags.UPDATED: f"{NOW:.0f}",
    tags.TAGS: "team",
    "team": "shop",
}


def declaration(key: str = VERSION.key, flow: FlowDocument | None = DESIRED, **members: Any) -> Declaration:
    flows = {flow.flowName: flow} if flow else {}
    return Declaration(VERSION.model_copy(update={"key": key}), flows, **members)


def live(changed: dict[str, str | None], **members: Any) -> FlowSummary:
    """The applied flow with tags changed; those that are ``None`` are missing."""
    kept = {key: value for key, value in (APPLIED | changed).items() if value is not None}
    summary = FlowSummary("orders", "arn", "Active", "Scheduled", kept, NOW, None)
    return replace(summary, **members)


@pytest.mark.parametrize(
    ("changed", "applied", "settled"),
    [
        ({}, True, True),
        ({tags.DOCUMENT: "s3://documents/flows/b.json"}, False, False),
        ({tags.DOCUMENT: None}, False, False),
        ({tags.VERSION: "v6"}, False, False),
        ({tags.DIGEST: "0" * 64}, False, False),
        ({tags.UPDATED: None}, True, False),
        ({tags.UPDATED: f"{NOW - 1:.0f}"}, True, False),
        ({tags.STATUS: "Active"}, True, True),
        ({tags.STATUS: "Suspended"}, True, False),
        ({"team": "crm"}, True, False),
        ({"team": None}, True, False),
        ({"other": "x"}, True, True),
    ],
)
def test_a_flow_is_settled_only_if_every_tag_says_so(
    changed: dict[str, str | None], applied: bool, settled: bool
) -> None:
    claim = Claim(live(changed), declaration())
    assert (claim.is_applied, claim.is_settled) == (applied, settled)


@pytest.mark.parametrize(("status", "settled"), [("Active", True), ("Suspended", False)])
def test_a_flow_with_another_status_than_its_document_is_not_settled(status: str, settled: bool) -> None:
    document = FlowDocument.model_validate(scheduled(tags={"team": "shop"}, flowStatus=status))
    assert Claim(live({}), declaration(flow=document)).is_settled is settled


def test_a_flow_whose_last_update_is_unknown_is_not_settled() -> None:
    assert not Claim(live({tags.UPDATED: None}, last_updated_at=None), declaration()).is_settled


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({tags.REQUEST: "r-1"}, "r-1"),
        ({}, None),
        ({tags.REQUEST: "r-1", tags.DOCUMENT: "s3://documents/flows/b.json"}, None),
        ({tags.REQUEST: "r-1", tags.VERSION: "v6"}, None),
    ],
)
def test_a_forced_request_overrides_only_the_version_before_it(
    changed: dict[str, str | None], expected: str | None
) -> None:
    assert Claim(live(changed), declaration()).overriding_request == expected


OTHER = FlowDocument.model_validate(orders(flowName="returns"))
UNDETERMINED = declaration("flows/b.json", None, error="invalid", is_latest=False)
HERE, ELSEWHERE = "s3://documents/flows/b.json", "s3://documents-2/flows/b.json"


@pytest.mark.parametrize(
    ("document", "owner", "blocking"),
    [
        (VERSION.uri, declaration(), None),
        (None, None, None),
        (ELSEWHERE, None, ELSEWHERE),
        (HERE, None, None),
        (HERE, declaration("flows/b.json"), HERE),
        (HERE, declaration("flows/b.json", OTHER), None),
        (HERE, UNDETERMINED, HERE),
        (HERE, replace(UNDETERMINED, denied=frozenset({"orders"})), None),
    ],
)
def test_another_document_blocks_a_change_while_it_may_declare_the_flow(
    document: str | None, owner: Declaration | None, blocking: str | None
) -> None:
    assert Claim(live({tags.DOCUMENT: document}), declaration(), owner).blocking_owner == blocking


def test_of_several_documents_the_owner_that_declares_the_flow_claims_it() -> None:
    first, second, third = (
        declaration("flows/1.json"),
        declaration("flows/2.json"),
        declaration("flows/3.json", OTHER),
    )
    for owner, expected in ((second, second), (first, first), (third, first)):
        [claim] = claims([first, second, third], [live({tags.DOCUMENT: owner.version.uri})])
        assert (claim.declaration, claim.owner) == (expected, owner)
    [claim] = claims([first, second], [live({tags.DOCUMENT: None})])
    assert (claim.declaration, claim.owner) == (first, None)
    assert list(claims([third], [live({})])) == []


def test_an_inventory_is_sorted_and_each_flow_is_in_one_part_of_it() -> None:
    names = ("zeta", "alpha", "orders")
    summaries = [live({tags.DOCUMENT: None}, name=name) for name in names]
    documents = [
        declaration(f"flows/{name}.json", FlowDocument.model_validate(orders(flowName=name)))
        for name in ("missing-2", "missing-1", "orders")
    ]
    broken = declaration("flows/broken.json", None, error="invalid", is_latest=False)
    found = compare([*documents, broken], summaries, {}, bucket="documents", now=NOW)
    assert [status.live.name for status in found.flows] == ["orders"]
    assert [status.live.name for status in found.unmanaged] == ["alpha", "zeta"]
    assert [(flow.name, flow.document) for flow in found.missing] == [
        ("missing-1", "flows/missing-1.json"),
        ("missing-2", "flows/missing-2.json"),
    ]
    assert [(each.document, each.error) for each in found.invalid] == [("flows/broken.json", "invalid")]
