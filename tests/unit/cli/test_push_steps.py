"""The step of each document: only changed documents are uploaded, and flows out of sync are re-applied."""

from dataclasses import replace

import pytest

from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.sync.inventory import State, SyncStatus
from appflow_gitops.validation.environment import NO_ENVIRONMENT
from appflow_gitops_cli.push.steps import (
    Step,
    choose_step,
    extra_keys,
    flows_in_sync,
    releases_flows,
)
from fakes.flow_documents import orders, text
from fakes.push import local
from fakes.status_reports import report, summary, sync_status

KEY = "flows/orders.json"
GOOD = text(orders())
BAD = GOOD.replace("OnDemand", "OnDemands")
IN_SYNC = frozenset({(KEY, "orders")})


@pytest.mark.parametrize(
    ("content", "stored", "in_sync", "step"),
    [
        pytest.param(GOOD, None, frozenset(), Step.UPLOAD, id="new"),
        pytest.param(GOOD, GOOD + "\n", IN_SYNC, Step.UPLOAD, id="other bytes, same flow"),
        pytest.param(GOOD, GOOD, IN_SYNC, Step.UNCHANGED, id="in sync"),
        pytest.param(GOOD, GOOD, frozenset(), Step.REAPPLY, id="drifted, pending or missing"),
        pytest.param(
            GOOD, GOOD, {("flows/theirs.json", "orders")}, Step.REAPPLY, id="owned by another document"
        ),
        pytest.param(BAD, None, frozenset(), Step.INVALID, id="new and invalid"),
        pytest.param(BAD, GOOD, IN_SYNC, Step.INVALID, id="changed and invalid"),
        pytest.param(BAD, BAD, IN_SYNC, Step.INVALID, id="still invalid"),
    ],
)
def test_content_and_sync_status_decide_the_step(content: str, stored: str | None, in_sync, step) -> None:
    found = choose_step(local(KEY, content), stored.encode() if stored is not None else None, in_sync)
    assert found is step


def test_every_flow_of_a_document_must_be_in_sync() -> None:
    document = local(KEY, f"[{GOOD}, {text(orders(flowName='returns'))}]")
    assert choose_step(document, document.content, IN_SYNC) is Step.REAPPLY
    assert choose_step(document, document.content, IN_SYNC | {(KEY, "returns")}) is Step.UNCHANGED


def test_a_file_that_is_too_large_is_not_uploaded() -> None:
    large = replace(local(KEY, GOOD), content=b" " * (MAX_BYTES + 1))
    assert choose_step(large, None, frozenset()) is Step.INVALID


def test_other_states_do_not_count_as_in_sync() -> None:
    flows = [sync_status(state.name, state) for state in State]
    assert flows_in_sync(report(*flows).inventory) == {("flows/IN_SYNC.yaml", "IN_SYNC")}


def test_a_flow_without_an_owner_does_not_count_as_in_sync() -> None:
    flow = SyncStatus(summary("orders"), State.IN_SYNC, KEY)
    assert flows_in_sync(report(flow).inventory) == frozenset()


@pytest.mark.parametrize(
    ("stored", "releases"),
    [(None, False), (GOOD, False), (text(orders(flowName="returns")), True), (f"[{GOOD}]", False)],
)
def test_a_document_that_drops_a_flow_releases_it(stored: str | None, releases: bool) -> None:
    document = local(KEY, GOOD)
    assert (
        releases_flows(document, stored.encode() if stored is not None else None, NO_ENVIRONMENT) is releases
    )


def test_keys_without_a_local_document_are_extra() -> None:
    assert extra_keys(["flows/b.json", KEY, "flows/a.json"], [local(KEY, GOOD)]) == (
        "flows/a.json",
        "flows/b.json",
    )
