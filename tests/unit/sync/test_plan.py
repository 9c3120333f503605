"""What a plan decides about status, key and tags, for every state of the live flow."""

from typing import Any

import pytest

from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.plan import Plan, effects, plan
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


@pytest.mark.parametrize(
    ("document", "before", "live", "tag", "expected"),
    [
        (orders(), orders(), "Active", "Suspended", None),
        (orders(flowStatus="Suspended"), scheduled(), "Active", "Active", None),
        (scheduled(), orders(), "Active", "Active", None),
        (scheduled(flowStatus="Active"), orders(), "Active", "", "Active"),
        (scheduled(flowStatus="Suspended"), scheduled(), "Active", "Active", "Suspended"),
        (scheduled(), scheduled(), "Active", "Suspended", "Active"),
        (scheduled(), scheduled(), "Suspended", "Active", "Suspended"),
        (scheduled(), scheduled(), "Draft", "Active", "Active"),
        (scheduled(), scheduled(), "Draft", "Suspended", "Suspended"),
        (scheduled(), scheduled(), "Draft", "Other", None),
        (scheduled(), scheduled(), "Draft", "", None),
        (scheduled(), scheduled(), "Errored", "Active", "Active"),
        (scheduled(), scheduled(), "Deprecated", "Active", None),
    ],
)
def test_the_status_to_end_with_is_that_of_the_document_else_the_one_before(
    document: dict[str, Any], before: dict[str, Any], live: str, tag: str, expected: str | None
) -> None:
    made = planned(document, before | {"description": "old"}, live, tags={"appflow-gitops:status": tag})
    assert (made.action, made.status) == (Action.UPDATE, expected)


@pytest.mark.parametrize(("may_restart", "action"), [(True, Action.ACTIVATE), (False, Action.UNCHANGED)])
def test_a_deactivated_flow_is_restarted_only_where_that_is_allowed(
    may_restart: bool, action: Action
) -> None:
    flow = LiveFlow("orders", "arn", "Errored", scheduled())
    document = FlowDocument.model_validate(scheduled(flowStatus="Active"))
    assert plan(document, flow, now=NOW, may_create=False, may_restart=may_restart).action is action
    active = LiveFlow("orders", "arn", "Suspended", scheduled())
    assert plan(document, active, now=NOW, may_create=False, may_restart=False).action is Action.ACTIVATE


@pytest.mark.parametrize(
    ("document", "status"),
    [
        (orders(flowStatus="Active"), None),
        (scheduled(flowStatus="Active"), "Active"),
        (scheduled(flowStatus="Suspended"), "Suspended"),
        (scheduled(), None),
    ],
)
def test_a_created_flow_ends_with_the_status_and_tags_of_its_document(
    document: dict[str, Any], status: str | None
) -> None:
    desired = FlowDocument.model_validate(document | {"tags": {"team": "shop", "appflow-gitops:own": "x"}})
    made = plan(desired, None, now=NOW, may_create=True)
    assert (made.action, made.status, made.request) == (Action.CREATE, status, desired.request)
    assert [(item.op, item.pointer, item.desired) for item in made.tags] == [("add", "/tags/team", "shop")]
    assert effects(made, None) == (*made.changes, *made.tags)


def tags(number: int) -> dict[str, str]:
    return {f"tag-{index}": "x" for index in range(number)}


@pytest.mark.parametrize(
    ("declared", "live", "changed", "refused"),
    [
        (tags(41), None, True, False),
        (tags(42), None, True, True),
        (tags(41), tags(5), False, False),
        ({"a": "b"}, tags(40), False, False),
        ({"a": "b"}, tags(41), False, True),
        ({}, tags(42), True, True),
        ({}, tags(42), False, False),
        ({}, tags(41) | {"appflow-gitops:commit": "abc"}, True, False),
    ],
)
def test_tags_that_do_not_fit_beside_ours_are_refused_before_a_write(
    declared: dict[str, str], live: dict[str, str] | None, changed: bool, refused: bool
) -> None:
    desired = FlowDocument.model_validate(orders(tags=declared))
    before = orders(description="old") if changed else orders()
    flow = None if live is None else LiveFlow("orders", "arn", "Active", before, tags=live)
    refusal = plan(desired, flow, now=NOW, may_create=True).refusal
    assert (refusal and refusal.code) == ("TooManyTags" if refused else None)


def ending(end: float | None, **changes: Any) -> dict[str, Any]:
    flow = scheduled(**changes)
    if end is not None:
        flow["triggerConfig"]["triggerProperties"]["Scheduled"]["scheduleEndTime"] = end
    return flow


@pytest.mark.parametrize(("end", "refused"), [(None, False), (NOW - 1, True), (NOW + 86_400, False)])
def test_a_schedule_without_a_run_left_is_neither_created_nor_written(
    end: float | None, refused: bool
) -> None:
    desired = FlowDocument.model_validate(ending(end))
    for live in (None, LiveFlow("orders", "arn", "Active", ending(end, description="old"))):
        refusal = plan(desired, live, now=NOW, may_create=True).refusal
        assert (refusal and refusal.code) == ("ScheduleEnded" if refused else None)
    same = LiveFlow("orders", "arn", "Active", ending(end))
    assert plan(desired, same, now=NOW, may_create=True).action is Action.UNCHANGED


def test_the_effects_are_the_changes_then_the_status_where_it_is_set_then_the_tags() -> None:
    document = scheduled(description="new", flowStatus="Suspended", tags={"team": "shop"})
    flow = LiveFlow("orders", "arn", "Active", scheduled(), tags={"team": "crm"})
    made = plan(FlowDocument.model_validate(document), flow, now=NOW, may_create=False)
    assert [(item.op, item.pointer, item.live, item.desired) for item in effects(made, flow)] == [
        ("change", "/description", "Orders of the shop", "new"),
        ("change", "/flowStatus", "Active", "Suspended"),
        ("change", "/tags/team", "crm", "shop"),
    ]
    stopped = LiveFlow("orders", "arn", "Suspended", scheduled(), tags={"team": "crm"})
    assert [item.pointer for item in effects(made, stopped)] == ["/description", "/tags/team"]


def test_a_flow_that_differs_in_status_and_tags_is_started_and_has_both_effects() -> None:
    made = planned(scheduled(flowStatus="Active", tags={"team": "shop"}), scheduled(), "Suspended")
    assert (made.action, made.status, len(made.tags)) == (Action.ACTIVATE, "Active", 1)


def test_declared_tags_are_added_changed_and_removed_in_this_order() -> None:
    live = {"a": "1", "b": "1", "c": "1", "z": "1", "appflow-gitops:tags": "c b a gone appflow-gitops:x"}
    made = planned(orders(tags={"a": "2", "new": "1", "appflow-gitops:own": "x"}), orders(), tags=live)
    assert made.action is Action.TAG
    assert [(item.op, item.pointer, item.live, item.desired) for item in made.tags] == [
        ("change", "/tags/a", "1", "2"),
        ("add", "/tags/new", None, "1"),
        ("remove", "/tags/b", "1", None),
        ("remove", "/tags/c", "1", None),
    ]


MOVED: dict[str, Any] = orders(description="new", tags=tags(42))
MOVED["sourceFlowConfig"] = {
    "connectorType": "S3",
    "sourceConnectorProperties": {"S3": {"bucketName": "other-bucket"}},
}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (MOVED, "ReplacementRequired"),
        (ending(NOW - 1, tags=tags(42), kmsArn=KEY), "ReplacementRequired"),
        (ending(NOW - 1, tags=tags(42)), "TooManyTags"),
        (ending(NOW - 1), "ScheduleEnded"),
    ],
)
def test_of_several_reasons_to_refuse_the_one_that_is_hardest_to_fix_is_named(
    document: dict[str, Any], code: str
) -> None:
    refusal = planned(document, orders(description="old"), kms_arn=OTHER_KEY).refusal
    assert refusal
    assert refusal.code == code


def test_a_refusal_names_every_member_that_cannot_be_changed() -> None:
    refusal = planned({**MOVED, "tags": {}, "kmsArn": KEY}, orders(), kms_arn=OTHER_KEY).refusal
    assert refusal
    changed = "/sourceFlowConfig/sourceConnectorProperties/S3/bucketName: live "
    assert changed in refusal.message
    assert f"; /kmsArn: live {OTHER_KEY!r}, document {KEY!r}; declare a new flow" in refusal.message
