"""Which flows may drift, as far as can be told at a glance."""

from dataclasses import replace
from typing import Any

import pytest

from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.rules.check import check_value
from appflow_gitops.rules.stage import Stage
from appflow_gitops.sync.inventory import Declaration
from appflow_gitops.sync.suspects import Suspect
from fakes.flow_documents import scheduled

LIVE = FlowSummary("orders", "arn", "Active", "Scheduled", {"appflow-gitops:version": "v1"}, 1768478400.0)
VERSION = DocumentVersion(bucket="documents", key="flows/orders.json", versionId="v1")


def declared(version: DocumentVersion = VERSION, **members: Any) -> Declaration:
    [flow] = check_value(scheduled(**members), Stage()).flows
    assert flow.document
    return Declaration(version, {"orders": flow.document})


SUSPECT = Suspect("orders", LIVE, declared())


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
def test_whatever_a_finding_depends_on_changes_the_glance(other: Suspect) -> None:
    assert other.glance != SUSPECT.glance


def test_what_a_finding_does_not_depend_on_does_not_change_the_glance() -> None:
    tags = {"team": "shop", **LIVE.tags}
    assert replace(SUSPECT, live=replace(LIVE, tags=tags, arn="another")).glance == SUSPECT.glance
