"""Property: a flow runs if and only if the checks do not miss a field, and both name the same fields."""

from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mypy_boto3_appflow import AppflowClient

from appflow_gitops.aws.connector_entities import AppFlowEntities
from appflow_gitops.sync.field_check import FieldChecker, one_by_one
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.validate import validate_value
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.entities import entity_from_json

ALL = ("Id", "Name", "City", "Zip", "name")
NAMES = st.sampled_from(ALL)
MISSING = {"AFG401", "AFG402", "AFG403"}


@st.composite
def tasks(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A projection, Maps, filters, and the result of a Merge under its usual name or another."""
    maps = draw(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=3))
    made = [
        {
            "taskType": "Filter",
            "sourceFields": draw(st.lists(NAMES, max_size=2, unique=True)),
            "connectorOperator": {"Salesforce": "PROJECTION"},
        },
        *({"taskType": "Map", "sourceFields": [read], "destinationField": write} for read, write in maps),
    ]
    if draw(st.booleans()):
        made.append(
            {
                "taskType": "Filter",
                "sourceFields": [draw(NAMES)],
                "connectorOperator": {"Salesforce": "EQUAL_TO"},
                "taskProperties": {"VALUE": "x", "DATA_TYPE": "string"},
            }
        )
    if draw(st.booleans()):
        merged = draw(st.lists(NAMES, min_size=2, max_size=2, unique=True))
        result = draw(st.sampled_from([",".join(merged), "joined"]))
        made += [
            {
                "taskType": "Merge",
                "sourceFields": merged,
                "destinationField": result,
                "taskProperties": {"CONCAT_FORMAT": "${a} ${b}"},
            },
            {"taskType": "Map", "sourceFields": [result], "destinationField": draw(NAMES)},
        ]
    return made


@st.composite
def flows(draw: st.DrawFn) -> dict[str, Any]:
    to_zendesk = {
        "connectorType": "Zendesk",
        "connectorProfileName": "support",
        "destinationConnectorProperties": {"Zendesk": {"object": "users", "writeOperationType": "INSERT"}},
    }
    to_s3 = {"connectorType": "S3", "destinationConnectorProperties": {"S3": {"bucketName": "data-lake"}}}
    return {
        "flowName": "accounts",
        "triggerConfig": {"triggerType": "OnDemand"},
        "sourceFlowConfig": {
            "connectorType": "Salesforce",
            "connectorProfileName": "crm",
            "sourceConnectorProperties": {"Salesforce": {"object": "Account"}},
        },
        "destinationFlowConfigList": [draw(st.sampled_from([to_zendesk, to_s3]))],
        "tasks": draw(tasks()),
    }


def describe(connector: str, entity: str, fields: list[str] | None) -> None:
    members = None if fields is None else [{"identifier": name} for name in fields]
    controls.entities.describe(
        entity_from_json({"connectorType": connector, "entity": entity, "fields": members})
    )


FIELDS = st.lists(NAMES, max_size=2, unique=True).map(
    lambda removed: [name for name in ALL if name not in removed]
)
"""The fields of an object, of which up to two were removed."""


@pytest.fixture
def client(aws: None) -> AppflowClient:  # noqa: ARG001 - the account must exist
    return boto3.client("appflow")


def run_once(client: AppflowClient, flow: dict[str, Any]) -> tuple[bool, str]:
    """Whether the run of a new flow failed, and its message."""
    client.create_flow(**flow)
    client.start_flow(flowName="accounts")
    (run,) = client.describe_flow_execution_records(flowName="accounts")["flowExecutions"]
    client.delete_flow(flowName="accounts")
    message = run["executionResult"].get("errorInfo", {}).get("executionMessage", "")
    return run["executionStatus"] == "Error", message


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flow=flows(), source=FIELDS | st.none(), destination=FIELDS | st.none())
def test_what_the_checks_report_is_what_the_run_fails_on(
    client: AppflowClient, flow: dict[str, Any], source: list[str] | None, destination: list[str] | None
) -> None:
    controls.reset()
    describe("Salesforce", "Account", source)
    describe("Zendesk", "users", destination)
    validated = validate_value(flow, Environment(checks_fields=True))
    (checked,) = FieldChecker(AppFlowEntities(client), lambda: 0.0).check(validated.flows, one_by_one)
    missing = [finding for finding in checked.findings if finding.rule in MISSING]
    failed, message = run_once(client, flow)
    assert bool(missing) == failed
    if failed:
        reported = {finding.message.split("'")[1] for finding in missing}
        objects = reported & {"Account", "users"}
        assert objects or reported >= set(message.split(": ")[1].split(", "))
