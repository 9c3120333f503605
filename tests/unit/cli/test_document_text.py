"""Written documents are readable, stable, and in sync with their flow."""

import json
import random
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from appflow_gitops.documents.read import read_document
from appflow_gitops.findings import Json
from appflow_gitops.flows.diff import diff
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.documents.document_text import as_json, as_yaml, document_value
from fakes.clock import FakeClock
from fakes.flows import FakeFlows
from generators.requests import Request, flow_documents
from generators.small_flows import (
    UPDATED_AT,
    Flow,
    accounts,
    edited,
    map_all,
    mapping,
    projection,
    requests,
    service_view,
)

BEHAVIOURS: list[dict[str, Any]] = [
    {},
    {"rewrite_event_bridge_object": True, "task_order_seed": 7, "schedule_offset_zero": "absent"},
    {"expand_map_all": False, "task_order_seed": None},
]


def live_flow(configuration: Flow, **members: Any) -> LiveFlow:
    arn = "arn:aws:appflow:eu-west-1:111122223333:flow/accounts"
    live = LiveFlow("accounts", arn, "Active", configuration, last_updated_at=UPDATED_AT)
    return replace(live, **members)


def with_tasks(*tasks: Json) -> Flow:
    return edited(accounts(), ("tasks",), list(tasks))


def filters_of(document: Any) -> list[Any]:
    return [task for task in document["tasks"] if "VALUE" in task.get("taskProperties", {})]


def document_order(task: Any) -> Flow:
    names = ("sourceFields", "connectorOperator", "destinationField", "taskType", "taskProperties")
    return {name: task[name] for name in names if name in task}


@given(document=flow_documents(), behaviour=st.sampled_from(BEHAVIOURS))
def test_every_export_is_valid_and_in_sync(document: Request, behaviour: dict[str, Any]) -> None:
    document.pop("flowStatus", None)
    flows = FakeFlows(FakeClock())
    flows.behave(**behaviour)
    flows.edit(json.loads(json.dumps(document)))
    live = flows.describe(document["flowName"])
    assert live is not None
    for text, name in ((as_yaml(live), "flow.yaml"), (as_json(live), "flow.json")):
        checked = validate(text.encode(), name)
        assert checked.valid, checked.findings
        assert not [finding for finding in checked.findings if finding.rule < "AFG1"]
        (flow,) = checked.flows
        assert flow.document is not None
        assert flow.document.to_wire() == document_value(live)
        assert diff(flow.document.request, live.configuration, updated_at=live.last_updated_at) == ()


@given(request=requests(), chance=st.randoms(use_true_random=False))
def test_an_export_with_map_all_and_any_other_tasks_is_in_sync(request: Flow, chance: random.Random) -> None:
    live = service_view(request, chance)
    assert diff(document_value(live_flow(live)), live, updated_at=UPDATED_AT) == ()


@given(request=requests(), chance=st.randoms(use_true_random=False))
def test_the_order_of_tasks_in_appflow_does_not_matter(request: Flow, chance: random.Random) -> None:
    shuffled: Any = json.loads(json.dumps(request))
    chance.shuffle(shuffled["tasks"])
    assert as_yaml(live_flow(shuffled)) == as_yaml(live_flow(request))


def test_tasks_generated_by_map_all_are_not_exported() -> None:
    generated = (projection("Id", "Name"), mapping("Id", "Id"))
    mask_and_filter: Any = accounts()["tasks"]
    own = [*mask_and_filter[3:], mapping("Name", "FullName")]
    tasks = document_value(live_flow(with_tasks(*own, *generated, map_all())))["tasks"]
    all_fields = {"sourceFields": [], "connectorOperator": {"Salesforce": "NO_OP"}, "taskType": "Map_all"}
    assert isinstance(tasks, list)
    assert sorted(map(str, tasks)) == sorted(str(document_order(task)) for task in (all_fields, *own))


def test_keys_are_in_the_order_of_the_api() -> None:
    shuffled = dict(reversed(list(accounts().items())))
    document = document_value(live_flow(shuffled, tags={"team": "sales"}))
    assert list(document) == [
        "flowName",
        "description",
        "triggerConfig",
        "sourceFlowConfig",
        "destinationFlowConfigList",
        "tasks",
        "tags",
        "flowStatus",
    ]


def test_no_line_is_folded() -> None:
    words = "orders of the shop " * 30 + "today"
    assert f"description: {words}\n" in as_yaml(live_flow(accounts() | {"description": words}))


def test_unknown_keys_are_exported_last() -> None:
    path = ("sourceFlowConfig", "aMemberOfTheFuture")
    document = document_value(live_flow(edited(accounts(), path, {"deep": [1]})))
    source: Any = document["sourceFlowConfig"]
    assert list(source) == [
        "connectorType",
        "connectorProfileName",
        "sourceConnectorProperties",
        "aMemberOfTheFuture",
    ]


@pytest.mark.parametrize("empty", [{}, {"description": "", "metadataCatalogConfig": {}}])
def test_defaults_are_left_out_and_required_keys_are_kept(empty: Flow) -> None:
    document = document_value(live_flow(with_tasks() | empty))
    assert document["tasks"] == []
    assert document.get("description") != ""
    assert "metadataCatalogConfig" not in document


@pytest.mark.parametrize(
    ("trigger", "status", "exported"),
    [
        ("Scheduled", "Active", "Active"),
        ("Event", "Suspended", "Suspended"),
        ("Scheduled", "Draft", None),
        ("Scheduled", "Errored", None),
        ("OnDemand", "Active", None),
    ],
)
def test_flow_status_is_exported_if_a_document_can_set_it(
    trigger: str, status: str, exported: str | None
) -> None:
    live = live_flow(edited(accounts(), ("triggerConfig",), {"triggerType": trigger}), status=status)
    assert document_value(live).get("flowStatus") == exported
    has_comment = f"The flow was {status}" in as_yaml(live)
    assert has_comment is (exported is None and trigger != "OnDemand")


def test_reserved_tags_are_not_exported() -> None:
    tags = {"team": "sales", "aws:cloudformation:stack-name": "x", "appflow-gitops:version": "v1"}
    assert document_value(live_flow(accounts(), tags=tags))["tags"] == {"team": "sales"}
    assert "tags" not in document_value(live_flow(accounts(), tags={"aws:x": "y"}))


def test_comments_name_the_origin_and_the_omitted_key() -> None:
    text = as_yaml(live_flow(accounts(), kms_arn="arn:aws:kms:eu-west-1:111122223333:key/1"))
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert comments == [
        "# Exported with `appflow-gitops export accounts` from account 111122223333, region eu-west-1:",
        "# arn:aws:appflow:eu-west-1:111122223333:flow/accounts",
        "# Encrypted with arn:aws:kms:eu-west-1:111122223333:key/1.",
        "# AppFlow does not report whether you chose this key, so kmsArn is omitted. Add it if you did.",
    ]
    assert "kmsArn" not in yaml.safe_load(text)


def test_p10_no_response_of_appflow_ends_a_comment() -> None:
    hostile = live_flow(accounts(), arn="arn\nkmsArn: mine", kms_arn="a\u2028flowName: b\x85c: d\x1b[2J")
    text = as_yaml(hostile)
    assert yaml.safe_load(text) == document_value(hostile)
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "text",
    ["yes", "0123", "1e3", "2024-01-01", "~", "null", "- a", "a: b", "# a", " a ", "", "{a}", "'", '"', "\t",
     "a\nb\n", "\x85", "\u2028", "\ufeff", "x" * 500, "a b " * 100, "1:20", "=", "<<", "!tag", "*a", "é😀",
     "${env.X}", "$${env.X}", "${env.", "${Name} ${City}"],
)  # fmt: skip
def test_ambiguous_text_is_read_back_unchanged(text: str) -> None:
    live = live_flow(edited(accounts(), ("tasks", 3, "taskProperties", "VALUE"), text))
    (flow,) = read_document(as_yaml(live), "flow.yaml").flows
    assert flow.value == document_value(live)
    assert text in [task["taskProperties"]["VALUE"] for task in filters_of(flow.value)]


def test_the_text_is_plain_block_style_yaml() -> None:
    flow = with_tasks(projection("Name", "Id"), mapping("Id", "on"))
    lines = as_yaml(live_flow(flow, tags={"team": "sales"})).splitlines()
    assert lines[lines.index("tasks:") :] == [
        "tasks:",
        "  - sourceFields:",
        "      - Id",
        "      - Name",
        "    connectorOperator: {Salesforce: PROJECTION}",
        "    taskType: Filter",
        "  - sourceFields: [Id]",
        "    connectorOperator: {Salesforce: NO_OP}",
        "    destinationField: 'on'",
        "    taskType: Map",
        "tags: {team: sales}",
        "flowStatus: Active",
    ]


@pytest.mark.parametrize(
    ("trigger", "status", "comments"),
    [
        ("Scheduled", "Active", []),
        ("OnDemand", "Draft", []),
        ("Event", "Draft", ["The flow was Draft, which a document cannot set, so flowStatus is omitted."]),
    ],
)
def test_only_what_was_left_out_has_a_comment(trigger: str, status: str, comments: list[str]) -> None:
    flow = edited(accounts(), ("triggerConfig",), {"triggerType": trigger})
    lines = [line for line in as_yaml(live_flow(flow, status=status)).splitlines() if line.startswith("#")]
    assert lines[2:] == [f"# {comment}" for comment in comments]


def test_an_arn_of_another_form_leaves_account_and_region_empty() -> None:
    first, second, *_ = as_yaml(live_flow(accounts(), arn="arn")).splitlines()
    assert first == "# Exported with `appflow-gitops export accounts` from account , region :"
    assert second == "# arn"
