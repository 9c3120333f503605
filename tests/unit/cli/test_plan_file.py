"""The file of ``plan --out``: what counts as a difference from it."""

from dataclasses import replace
from typing import Any

import pytest

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops_cli.plan_file import PlanFile, file_digests, flow_digest, stored_etags

PLAN = PlanFile(
    bucket="documents",
    stage="prod",
    createsFlows=True,
    prune=True,
    files={"flows/a.json": "1"},
    stored={"flows/a.json": "2"},
    flows={"orders": "3", "new": None},
)


@pytest.mark.parametrize(
    ("changes", "differences"),
    [
        ({}, []),
        ({"bucket": "others"}, ["the plan is for the bucket 'documents', the stack has 'others'"]),
        ({"stage": "dev"}, ["the plan is for the stage 'prod', the stack has 'dev'"]),
        ({"createsFlows": False}, ["the parameter CreateMissingFlows of the stack changed"]),
        ({"prune": False}, ["the plan was made with --prune"]),
        (
            {"files": {"flows/b.json": "1", "flows/a.json": "0"}},
            ["local file changed: 'flows/a.json', 'flows/b.json'"],
        ),
        ({"stored": {}}, ["object in the bucket changed: 'flows/a.json'"]),
        ({"flows": {"orders": "3", "new": "4"}}, ["live flow changed: 'new'"]),
        ({"flows": {"orders": "3"}}, ["live flow changed: 'new'"]),
        ({"flows": {"orders": None, "new": None, "other": None}}, ["live flow changed: 'orders', 'other'"]),
    ],
)
def test_everything_that_a_plan_depends_on_is_compared(
    changes: dict[str, Any], differences: list[str]
) -> None:
    assert list(PLAN.differences(PLAN.model_copy(update=changes))) == differences


def test_a_plan_without_prune_is_another_one() -> None:
    without = PLAN.model_copy(update={"prune": False})
    assert list(without.differences(PLAN)) == ["the plan was made without --prune"]


FLOW = LiveFlow(
    "orders",
    "arn",
    "Active",
    {"flowName": "orders", "description": "one"},
    kms_arn="key",
    tags={"team": "shop"},
    last_updated_at=1.0,
)


@pytest.mark.parametrize(
    "change",
    [
        {"configuration": {"flowName": "orders", "description": "two"}},
        {"status": "Suspended"},
        {"tags": {"team": "crm"}},
        {"kms_arn": None},
        {"last_updated_at": 2.0},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_of_a_flow_covers_what_a_plan_depends_on(change: dict[str, Any]) -> None:
    digest = flow_digest(FLOW)
    assert digest == flow_digest(replace(FLOW)) is not None
    assert flow_digest(replace(FLOW, **change)) != digest


def test_a_missing_flow_has_no_digest() -> None:
    assert flow_digest(None) is None


def test_files_are_known_by_the_sha_256_of_their_content() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert file_digests([("flows/a.json", b""), ("policy.yaml", b"")]) == {
        "flows/a.json": empty,
        "policy.yaml": empty,
    }


class Listing:
    def etags(self, bucket: str, prefix: str) -> dict[str, str]:
        return {f"{prefix}x": bucket}


def test_documents_policy_and_variables_in_the_bucket_are_compared() -> None:
    assert stored_etags(Listing(), "b") == {"flows/x": "b", "policy.yamlx": "b", "variables/x": "b"}
