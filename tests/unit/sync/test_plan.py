"""What a plan decides about status, key and tags, for every state of the live flow."""

from typing import Any

import pytest

from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.sync.plan import Action, Plan, plan
from fakes.flow_documents import orders, scheduled

NOW = 1_768_478_400.0
KEY, OTHER_KEY = (f"arn:aws:kms:eu-west-1:111122223333:key/{name}" for name in ("one", "two"))


def planned(document: dict[str, Any], live: dict[str, Any], status: str = "Active", **facts: Any) -> Plan:
    flow = LiveFlow("orders", "arn", status, live, **facts)
    return plan(FlowDocument.model_validate(document), flow, now=NOW, may_create=False)


@pytest.mark.parametrize(
    ("live", "wanted", "action"),
    [
        ("Active", "Active", Action.UNCHANGED),
        ("Draft", "Active", Action.ACTIVATE),
        ("Suspended", "Active", Action.ACTIVATE),
        ("Errored", "Active", Action.ACTIVATE),
        ("Active", "Suspended", Action.SUSPEND),
        ("Errored", "Suspended", Action.SUSPEND),
        ("Suspended", "Suspended", Action.UNCHANGED),
        ("Draft", "Suspended", Action.UNCHANGED),
        ("Draft", None, Action.UNCHANGED),
        ("Errored", None, Action.UNCHANGED),
    ],
)
def test_the_status_of_the_document_decides_which_call_is_made(
    live: str, wanted: str | None, action: Action
) -> None:
    document = scheduled(**({"flowStatus": wanted} if wanted else {}))
    assert planned(document, scheduled(), live).action is action


@pytest.mark.parametrize(("tag", "action"), [("Active", Action.ACTIVATE), ("", Action.UNCHANGED)])
def test_a_flow_in_draft_is_started_only_if_an_update_left_it_there(tag: str, action: Action) -> None:
    assert planned(scheduled(), scheduled(), "Draft", tags={"appflow-gitops:status": tag}).action is action


@pytest.mark.parametrize(
    ("document", "live", "refused"),
    [(KEY, KEY, False), (KEY, OTHER_KEY, True), (None, KEY, False), (KEY, None, False)],
)
def test_another_kms_key_is_refused(document: str | None, live: str | None, refused: bool) -> None:
    made = planned(orders(**({"kmsArn": document} if document else {})), orders(), kms_arn=live)
    assert (made.action is Action.REFUSE) is refused
    if refused:
        assert made.refusal is not None
        assert made.refusal.code == "ReplacementRequired"
        assert OTHER_KEY in made.refusal.message
