"""The schedule's events, fed to detect_drift."""

import json
from dataclasses import replace
from typing import Any

import pytest

from appflow_gitops.aws import clients
from appflow_gitops.aws.state_object import SCAN_KEY
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.drift.detector import TIME_FOR_ONE_INSPECTION
from appflow_gitops.sync.errors import SyncError
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.faults import fault_from_json
from detect_drift.confirmation import parse_confirmation
from detect_drift.handler import handler
from fakes.flow_documents import accounts, orders, text
from integration.cli.described_fields import describe

from .conftest import EVENTS, Context, Deployment, Logged

DUE = json.loads((EVENTS / "drift-scan-due.json").read_text())
CONFIRMED: dict[str, Any] = json.loads((EVENTS / "flow-repairs-confirmed.json").read_text())


def scan(event: dict[str, Any] = DUE) -> dict[str, Any]:
    context: Any = Context()
    return json.loads(json.dumps(handler(event, context)))  # type: ignore[no-any-return]


@pytest.fixture
def drifted(deployment: Deployment) -> Deployment:
    """A deployment with a document whose flow differs."""
    deployment.drop("flows/orders.json", text(orders()).encode())
    clients.appflow().create_flow(**orders(description="a secret that must not be logged"))
    return deployment


def test_the_sample_event_reports_records_and_repairs_drift(drifted: Deployment) -> None:
    scan()
    [detail] = drifted.details()
    assert detail["metadata"]["correlationId"] == DUE["id"]
    assert (detail["data"]["flowName"], detail["data"]["healing"]) == ("orders", True)
    [change] = drifted.queued()
    assert (change["flowName"], change["correlationId"]) == ("orders", DUE["id"])
    kept = json.loads(clients.s3().get_object(Bucket=drifted.bucket, Key=SCAN_KEY)["Body"].read())
    assert kept["flows"]["orders"]["told"] == detail["metadata"]["id"]


def test_the_answer_names_the_drift_and_the_repairs(drifted: Deployment) -> None:  # noqa: ARG001
    assert scan() == {
        "drifting": {"pending": 1},
        "reported": [{"flow": "orders", "drift": "pending"}],
        "repairs": ["orders"],
        "limited": [],
        "failed": {},
        "unreadable": {},
        "remaining": 0,
        "requeued": 0,
    }


def test_an_event_without_an_id_works_too(drifted: Deployment) -> None:
    scan({})
    [detail] = drifted.details()
    assert detail["metadata"]["correlationId"] == "request"


def test_logs_hold_names_and_kinds_and_never_a_value(drifted: Deployment, logged: Logged) -> None:  # noqa: ARG001
    scan()
    assert "secret" not in logged.text
    drift, scanned = logged.lines
    assert (drift["flow"], drift["drift"], drift["healing"]) == ("orders", "pending", True)
    assert (scanned["drifting"], scanned["reported"], scanned["remaining"]) == ({"pending": 1}, 1, 0)
    assert {line["correlation_id"] for line in logged.lines} == {DUE["id"]}


def test_a_scan_that_appflow_does_not_answer_fails_so_that_lambda_retries_it(
    drifted: Deployment, logged: Logged
) -> None:
    controls.faults.add(fault_from_json({"operation": "ListFlows", "status": 400, "times": 9}))
    with pytest.raises(SyncError):
        scan()
    assert logged.lines[-1]["message"] == "retrying"
    controls.reset()
    scan()
    assert len(drifted.details()) == 1


def test_a_flow_that_cannot_be_inspected_is_named_in_the_log(drifted: Deployment, logged: Logged) -> None:
    denied = {"operation": "DescribeFlow", "error": "AccessDeniedException", "status": 403}
    controls.faults.add(fault_from_json(denied))
    scan()
    assert [(line["message"], line["flow"], line["code"]) for line in logged.lines[:-1]] == [
        ("inspection failed", "orders", "AccessDeniedException")
    ]
    assert drifted.details() == []


@pytest.mark.parametrize(("heals", "repairs"), [("false", []), ("true", ["orders"])])
def test_drift_is_repaired_as_the_stack_is_configured(
    drifted: Deployment, monkeypatch: pytest.MonkeyPatch, heals: str, repairs: list[str]
) -> None:
    monkeypatch.setenv("SELF_HEAL", heals)
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _: 300_000)
    clients.appflow().tag_resource(
        resourceArn=clients.appflow().describe_flow(flowName="orders")["flowArn"],
        tags={"appflow-gitops:document": f"s3://{drifted.bucket}/flows/orders.json"},
    )
    assert scan()["repairs"] == repairs
    assert [change["flowName"] for change in drifted.queued()] == repairs


def test_repairs_that_exceed_the_limit_wait_for_a_confirmation(
    drifted: Deployment, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    monkeypatch.setenv("CHANGE_AT_MOST", "1")
    drifted.drop("flows/returns.json", text(orders(flowName="returns")).encode())
    clients.appflow().create_flow(**orders(flowName="returns", description="by hand"))
    assert scan()["limited"] == ["orders", "returns"]
    [confirmation] = [
        detail["data"]["confirmation"] for detail in drifted.details() if "confirmation" in detail["data"]
    ]
    [line] = [line for line in logged.lines if line["message"] == "repairs limited"]
    assert (line["flows"], line["limit"], line["confirmation"]) == (2, 1, confirmation)
    assert scan()["repairs"] == []
    assert sorted(scan(CONFIRMED | {"detail": {"confirmation": confirmation}})["repairs"]) == [
        "orders",
        "returns",
    ]


@pytest.mark.parametrize(
    "event",
    [
        DUE,
        {"detail-type": "Flow Change Requested", "detail": {"confirmation": "1"}},
        CONFIRMED | {"detail": None},
        CONFIRMED | {"detail": {"confirmation": 1}},
        CONFIRMED | {"detail": {"data": [1]}},
    ],
)
def test_no_other_event_confirms_anything(event: dict[str, Any]) -> None:
    assert parse_confirmation(event) is None


def test_a_confirmation_may_be_wrapped_as_our_own_events_are() -> None:
    assert parse_confirmation(CONFIRMED | {"detail": {"metadata": {}, "data": {"confirmation": "1"}}}) == "1"


def test_no_inspection_starts_that_could_outlast_the_invocation(
    drifted: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = int(TIME_FOR_ONE_INSPECTION * 1000)
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _: limit - 1)
    assert scan()["remaining"] == 1
    assert drifted.details() == []
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _: limit)
    assert scan()["remaining"] == 0
    assert len(drifted.details()) == 1


@pytest.mark.parametrize(("prefix", "reported"), [("flows/", 1), ("other/", 0)])
def test_only_documents_under_the_prefix_are_compared(
    drifted: Deployment, monkeypatch: pytest.MonkeyPatch, prefix: str, reported: int
) -> None:
    monkeypatch.setenv("DOCUMENTS_PREFIX", prefix)
    scan()
    assert len(drifted.details()) == reported


@pytest.mark.parametrize(("stage", "drifting"), [("prod", {"pending": 1}), ("", {})])
def test_documents_are_compared_with_the_variables_of_the_stage(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, stage: str, drifting: dict[str, int]
) -> None:
    monkeypatch.setenv("STAGE", stage)
    deployment.drop("variables/prod.yaml", b"SHOP: Berlin\n")
    deployment.drop("flows/orders.json", text(orders(description="Orders of ${env.SHOP}")).encode())
    clients.appflow().create_flow(**orders())
    assert scan()["drifting"] == drifting


@pytest.mark.parametrize("has_queue", [True, False])
def test_failed_changes_are_queued_again_if_the_stack_keeps_them(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, *, has_queue: bool
) -> None:
    failed = Change(
        identity="event-1",
        flowName="orders",
        correlationId="event-1",
        requestedAt="2026-03-02T08:20:00Z",
        desired=orders(),
        failedAt="2026-03-02T08:22:00Z",
        failures=1,
    )
    dead = clients.sqs().get_queue_url(QueueName="dead.fifo")["QueueUrl"]
    body = failed.model_dump_json(exclude_none=True)
    clients.sqs().send_message(
        QueueUrl=dead, MessageBody=body, MessageGroupId="orders", MessageDeduplicationId="1"
    )
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", dead if has_queue else "")
    assert scan()["requeued"] == has_queue
    assert [change["identity"] for change in deployment.queued()] == ["event-1"] * has_queue


@pytest.mark.parametrize(("former", "repairs"), [("", []), ("older,old", ["orders"])])
def test_flows_of_former_buckets_are_repaired(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, former: str, repairs: list[str]
) -> None:
    monkeypatch.setenv("FORMER_BUCKETS", former)
    deployment.drop("flows/orders.json", text(orders()).encode())
    owner = {"appflow-gitops:document": "s3://old/flows/orders.yaml"}
    clients.appflow().create_flow(**orders(description="before", tags=owner))
    assert scan()["repairs"] == repairs


def test_with_check_fields_a_removed_field_is_reported_once(
    deployment: Deployment, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHECK_FIELDS", "warn")
    deployment.drop("flows/accounts.json", text(accounts()).encode())
    describe("City", "Town")
    assert scan()["schemaDrift"] == []
    describe("Town")
    controls.behaviour = replace(controls.behaviour, clock_offset_seconds=3600)
    monkeypatch.setattr("appflow_gitops.sync.field_check.KEPT_FOR", 0)
    deployment.details()
    assert scan()["schemaDrift"] == [{"connector": "Salesforce", "object": "Account", "fields": 1}]
    [detail] = deployment.details()
    [change] = detail["data"]["changes"]
    assert (change["kind"], change["field"], change["flows"][0]["flowName"]) == ("removed", "City", "orders")
    assert [line["message"] for line in logged.lines].count("schema drift detected") == 1
    assert scan()["schemaDrift"] == []


def test_with_check_fields_new_fields_are_reported_if_the_policy_asks(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHECK_FIELDS", "warn")
    monkeypatch.setattr("appflow_gitops.sync.field_check.KEPT_FOR", 0)
    policy = b"documents: [{prefix: flows/, flows: ['*']}]\nhealth: [{flows: ['*'], newFields: true}]\n"
    deployment.drop("policy.yaml", policy)
    deployment.drop("flows/accounts.json", text(accounts()).encode())
    describe("City", "Town")
    assert scan()["schemaDrift"] == []
    describe("City", "Town", "New__c")
    controls.behaviour = replace(controls.behaviour, clock_offset_seconds=3600)
    assert scan()["schemaDrift"] == [{"connector": "Salesforce", "object": "Account", "fields": 1}]


def test_without_check_fields_no_connector_is_called(deployment: Deployment) -> None:
    deployment.drop("flows/accounts.json", text(accounts()).encode())
    assert "schemaDrift" not in scan()
    assert "DescribeConnectorEntity" not in controls.calls.counts()
