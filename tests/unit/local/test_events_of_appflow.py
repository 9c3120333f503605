"""What the events about runs say of both ends of a flow."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appflow_gitops_local.appflow.definition import Definition
from appflow_gitops_local.appflow.events import (
    FlowEvent,
    FlowIdentity,
    event_flow_report,
    fields_imported,
    flow_deactivated,
    run_ended,
    run_started,
)
from appflow_gitops_local.appflow.runs import Run


def identity(connector: str, properties: dict[str, Any], profile: str | None = None) -> FlowIdentity:
    named = {} if profile is None else {"connectorProfileName": profile}
    config = {"connectorType": connector, **named}
    definition = Definition(
        {
            "triggerConfig": {"triggerType": "OnDemand"},
            "sourceFlowConfig": {**config, "sourceConnectorProperties": {connector: properties}},
            "destinationFlowConfigList": [
                {**config, "destinationConnectorProperties": {connector: properties}}
            ],
            "tasks": [],
        }
    )
    return FlowIdentity("orders", "arn:orders", "arn:root", definition)


@pytest.mark.parametrize(
    ("connector", "properties", "profile", "name", "object_name"),
    [
        ("S3", {"bucketName": "lake"}, None, "S3", "s3://lake"),
        ("S3", {"bucketName": "lake", "bucketPrefix": "in"}, "p", "S3/p", "s3://lake/in"),
        ("Upsolver", {"bucketName": "lake", "bucketPrefix": "in"}, None, "UPSOLVER", "s3://lake/in"),
        ("Salesforce", {"object": "Account"}, "crm", "SALESFORCE/crm", "Account"),
        ("SAPOData", {"objectPath": "/orders"}, "sap", "SAPODATA/sap", "/orders"),
        ("CustomConnector", {"entityName": "orders"}, "own", "CUSTOMCONNECTOR/own", "orders"),
        (
            "CustomerProfiles",
            {"domainName": "shop", "objectTypeName": "order"},
            None,
            "CUSTOMERPROFILES",
            "shop/order",
        ),
        ("CustomerProfiles", {"domainName": "shop"}, None, "CUSTOMERPROFILES", "shop"),
    ],
)
def test_an_event_names_connector_profile_and_object_of_both_ends(
    connector: str, properties: dict[str, Any], profile: str | None, name: str, object_name: str
) -> None:
    assert identity(connector, properties, profile).detail() == {
        "flow-name": "orders",
        "created-by": "arn:root",
        "flow-arn": "arn:orders",
        "source": name,
        "destination": name,
        "source-object": object_name,
        "destination-object": object_name,
        "trigger-type": "ONDEMAND",
    }


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
IDENTITY = identity("Salesforce", {"object": "Account"}, "crm")
RUN = Run("run-1", NOON, NOON, "Successful", 3, 768, put_failures=2)
PULLED = replace(RUN, pull_start=NOON - timedelta(hours=1), pull_end=NOON)
RANGE = {
    "incremental-transfer-time-range": {
        "start-time": "2026-03-01T11:00:00.000Z[UTC]",
        "end-time": "2026-03-01T12:00:00.000Z[UTC]",
    }
}


def own(event: FlowEvent) -> dict[str, Any]:
    """What an event says beside what all say of their flow."""
    shared = IDENTITY.detail()
    assert {name: event.detail[name] for name in shared} == shared
    return {name: value for name, value in event.detail.items() if name not in shared}


@pytest.mark.parametrize(
    ("run", "pulled"),
    [
        (RUN, {}),
        (PULLED, RANGE),
        (replace(PULLED, pull_start=None), {}),
        (replace(PULLED, pull_end=None), {}),
    ],
)
def test_both_reports_of_a_run_say_what_it_pulled(run: Run, pulled: dict[str, Any]) -> None:
    started, ended = run_started(IDENTITY, run), run_ended(IDENTITY, run, NOON + timedelta(seconds=5))
    assert own(started) == {
        "execution-id": "run-1",
        "start-time": "2026-03-01T12:00:00.000Z[UTC]",
        **pulled,
    }
    assert own(ended) == {
        "execution-id": "run-1",
        "start-time": "2026-03-01T12:00:00.000Z[UTC]",
        "end-time": "2026-03-01T12:00:05.000Z[UTC]",
        "num-of-records-processed": "3",
        "num-of-records-filtered": "0",
        "num-of-documents-processed": "0",
        "num-of-record-failures": "2",
        "data-processed": "768",
        "status": "Execution Successful",
        **pulled,
    }


@pytest.mark.parametrize(
    ("status", "message", "error"),
    [("Error", "no", "no"), ("Error", None, "Error"), ("Canceled", None, "Canceled")],
)
def test_a_run_that_did_not_succeed_says_why(status: str, message: str | None, error: str) -> None:
    detail = own(run_ended(IDENTITY, replace(RUN, status=status, message=message), NOON))
    assert (detail["status"], detail["error"]) == ("Execution Failed", error)


def test_the_other_events_say_what_happened() -> None:
    report = {"status-report": {"num-of-events": "2", "end-time": "2026-03-01T12:00:00.000Z[UTC]"}}
    assert own(event_flow_report(IDENTITY, RUN, 2)) == report
    assert own(fields_imported(IDENTITY, RUN, ["A", "B"])) == {"imported-fields": "A,B"}
    scheduled = Definition({**IDENTITY.definition.members, "triggerConfig": {"triggerType": "Scheduled"}})
    deactivated = flow_deactivated(replace(IDENTITY, definition=scheduled), RUN, NOON, "failed")
    assert deactivated.detail_type == "AppFlow Scheduled Flow Deactivated"
    assert deactivated.detail["deactivation-reason"] == "failed"
    assert deactivated.detail["deactivation-time"] == "2026-03-01T12:00:00.000Z[UTC]"


def test_an_event_is_sent_with_a_hash_of_the_flow_and_its_time() -> None:
    event = run_started(IDENTITY, RUN)
    assert event.entry() == {
        "Source": "aws.appflow",
        "DetailType": "AppFlow Start Flow Run Report",
        "Detail": json.dumps(event.detail),
        "Resources": ["0172dc0d32808df86f62608e4d0fb94a"],
        "Time": NOON.timestamp(),
    }
