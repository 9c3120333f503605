"""What a push does with each document: nothing is uploaded in vain, and nothing that is out of order is left so."""

from dataclasses import replace

import pytest

from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.sync.inventory import State
from appflow_gitops.validation.environment import NO_ENVIRONMENT
from appflow_gitops_cli.push.decision import Step, decide, gives_up_flows, gone, synced
from fakes.flow_documents import orders, text
from fakes.push import local
from fakes.status_reports import report, standing

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
        pytest.param(GOOD, GOOD, {("flows/theirs.json", "orders")}, Step.REAPPLY, id="another document's"),
        pytest.param(BAD, None, frozenset(), Step.UPLOAD, id="new and invalid: the stack has the last word"),
        pytest.param(BAD, BAD, IN_SYNC, Step.INVALID, id="still invalid"),
    ],
)
def test_each_document_is_uploaded_asked_for_or_left(content: str, stored: str | None, in_sync, step) -> None:
    found = decide(local(KEY, content), stored.encode() if stored is not None else None, in_sync)
    assert found is step


def test_of_several_flows_each_has_to_be_in_sync() -> None:
    document = local(KEY, f"[{GOOD}, {text(orders(flowName='returns'))}]")
    assert decide(document, document.content, IN_SYNC) is Step.REAPPLY
    assert decide(document, document.content, IN_SYNC | {(KEY, "returns")}) is Step.UNCHANGED


def test_a_file_that_is_too_large_for_a_document_is_told_and_not_sent() -> None:
    large = replace(local(KEY, GOOD), content=b" " * (MAX_BYTES + 1))
    assert decide(large, None, frozenset()) is Step.INVALID


def test_only_flows_in_sync_count_as_in_sync() -> None:
    flows = [standing(state.name, state) for state in State]
    assert synced(report(*flows).inventory) == {("flows/IN_SYNC.yaml", "IN_SYNC")}


@pytest.mark.parametrize(
    ("stored", "gives_up"),
    [(None, False), (GOOD, False), (text(orders(flowName="returns")), True), (f"[{GOOD}]", False)],
)
def test_a_document_that_declares_a_flow_no_more_gives_it_up(stored: str | None, gives_up: bool) -> None:
    document = local(KEY, GOOD)
    assert (
        gives_up_flows(document, stored.encode() if stored is not None else None, NO_ENVIRONMENT) is gives_up
    )


def test_what_only_the_bucket_has_is_gone() -> None:
    assert gone(["flows/b.json", KEY, "flows/a.json"], [local(KEY, GOOD)]) == ("flows/a.json", "flows/b.json")
