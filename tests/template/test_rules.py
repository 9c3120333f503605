"""Which events reach intake and which are logged, according to the deployed event patterns."""

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from appflow_gitops.aws.requests import REQUESTER
from appflow_gitops.status.envelope import SOURCE
from appflow_gitops.status.events import detail_type
from appflow_gitops.sync.intake.request import REQUESTED, RUN_REQUESTED
from appflow_gitops.sync.outcome import Outcome
from template.stack import Stack

BUCKET = "documents"


def matching_rules(stack: Stack, event: dict[str, Any]) -> list[str]:
    return [name for name, rule in stack.event_rules().items() if matches(rule, event)]


def matches(rule: dict[str, Any], event: Any) -> bool:
    deployed = json.dumps(rule["EventPattern"]).replace('{"Ref": "DocumentsBucket"}', f'"{BUCKET}"')
    return bool(EventPattern.load(deployed).matches_event(event))


def dropped(key: str, bucket: str = BUCKET, kind: str = "Object Created") -> dict[str, Any]:
    detail = {"bucket": {"name": bucket}, "object": {"key": key}}
    return {"source": "aws.s3", "detail-type": kind, "detail": detail}


@pytest.mark.parametrize("key", ["flows/orders.yaml", "flows/sales/emea/orders.json"])
def test_a_dropped_document_reaches_intake(stack: Stack, key: str) -> None:
    assert matching_rules(stack, dropped(key)) == ["IntakeFunctionDocumentDropped"]


def test_a_deleted_document_reaches_intake(stack: Stack) -> None:
    event = dropped("flows/orders.yaml", kind="Object Deleted")
    assert matching_rules(stack, event) == ["IntakeFunctionDocumentDropped"]


@pytest.mark.parametrize("key", ["policy.yaml", "variables/prod.yaml"])
def test_policy_and_variables_reach_intake_to_be_validated(stack: Stack, key: str) -> None:
    assert matching_rules(stack, dropped(key)) == ["IntakeFunctionDocumentDropped"]


@pytest.mark.parametrize(
    "event",
    [
        dropped("orders.yaml"),
        dropped("sales/policy.yaml"),
        dropped("archive/flows/orders.yaml"),
        dropped("flows/orders.yaml", bucket="another"),
        dropped("flows/orders.yaml", kind="Object Tags Added"),
        {"source": "acme.deploy", "detail-type": "Flow Change Wished For", "detail": {}},
        {"source": "aws.appflow", "detail-type": "AppFlow End Flow Run Report", "detail": {}},
    ],
    ids=lambda event: f"{event['detail-type']} {event['detail'].get('object', {}).get('key', '')}",
)
def test_nothing_else_reaches_intake(stack: Stack, event: dict[str, Any]) -> None:
    assert matching_rules(stack, event) == []


def test_a_requested_change_reaches_intake_from_any_source(stack: Stack) -> None:
    event = {"source": "acme.deploy", "detail-type": "Flow Change Requested", "detail": {"document": {}}}
    assert matching_rules(stack, event) == ["IntakeFunctionChangeRequested"]


@pytest.mark.parametrize(
    "detail_type",
    [*(detail_type(outcome) for outcome in Outcome), "Flow Drift Detected", "Flow Change Requested"],
)
def test_our_own_events_reach_the_status_log_and_never_a_function(stack: Stack, detail_type: str) -> None:
    event = {"source": SOURCE, "detail-type": detail_type, "detail": {}}
    assert matching_rules(stack, event) == ["StatusRule"]


def test_requests_of_push_reach_intake(stack: Stack) -> None:
    event = {"source": REQUESTER, "detail-type": REQUESTED, "detail": {}}
    assert matching_rules(stack, event) == ["IntakeFunctionChangeRequested"]


def test_requested_runs_reach_intake(stack: Stack) -> None:
    event = {"source": "acme", "detail-type": RUN_REQUESTED, "detail": {}}
    assert matching_rules(stack, event) == ["IntakeFunctionChangeRequested"]


@pytest.mark.parametrize(
    "detail_type",
    ["AppFlow End Flow Run Report", "AppFlow Scheduled Flow Deactivated", "AppFlow Event Flow Deactivated"],
)
def test_events_about_runs_of_flows_with_the_prefix_reach_watch_runs(stack: Stack, detail_type: str) -> None:
    event = {"source": "aws.appflow", "detail-type": detail_type, "detail": {"flow-name": "team-orders"}}
    rule = stack.event_rules()["WatchRunsFunctionRunReported"]
    for prefix, reaches in (("", True), ("team-", True), ("other-", False)):
        pattern = json.dumps(rule["EventPattern"]).replace('{"Ref": "FlowNamePrefix"}', json.dumps(prefix))
        assert bool(EventPattern.load(pattern).matches_event(event)) is reaches


@pytest.mark.parametrize("rule", ["IntakeFunctionChangeRequested", "StatusRule"])
def test_requests_and_status_events_use_the_bus_of_the_stack(stack: Stack, rule: str) -> None:
    bus = stack.of_type("AWS::Events::Rule")[rule]["EventBusName"]
    assert bus == {"Fn::GetAtt": ["EventBus", "Name"]}
