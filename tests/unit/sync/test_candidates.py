"""The fingerprint of a candidate for drift."""

from dataclasses import replace
from typing import Any

import pytest

from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.declaration import Declaration
from appflow_gitops.sync.drift.candidates import Candidate
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
