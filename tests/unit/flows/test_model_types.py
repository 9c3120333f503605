"""The request models are strict, closed and frozen, and keep values unchanged."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.model.destination import AggregationConfig, DestinationConnectorProperties
from appflow_gitops.flows.model.request import UpdateFlowRequest
from appflow_gitops.flows.model.structure import Structure
from appflow_gitops.flows.model.task import Task
from appflow_gitops.flows.model.trigger import ScheduledTriggerProperties

FLOW = {
    "flowName": "orders",
    "triggerConfig": {"triggerType": "OnDemand"},
    "sourceFlowConfig": {
        "connectorType": "S3",
        "sourceConnectorProperties": {"S3": {"bucketName": "orders-in"}},
    },
    "destinationFlowConfigList": [
        {"connectorType": "S3", "destinationConnectorProperties": {"S3": {"bucketName": "orders-out"}}}
    ],
    "tasks": [{"sourceFields": [], "taskType": "Map_all", "taskProperties": {}}],
}


def schedule(**members: object) -> ScheduledTriggerProperties:
    return ScheduledTriggerProperties.model_validate({"scheduleExpression": "rate(1days)", **members})


@pytest.mark.parametrize(
    ("structure", "members"),
    [
        (AggregationConfig, {"targetFileSize": "5"}),
        (AggregationConfig, {"targetFileSize": True}),
        (AggregationConfig, {"targetFileSize": 5.0}),
        (AggregationConfig, {"targetFileSize": 2**53}),
        (AggregationConfig, {"targetFileSize": None}),
        (AggregationConfig, {"aggregationType": "singlefile"}),
        (AggregationConfig, {"aggregationtype": "None"}),
        (ScheduledTriggerProperties, {"scheduleExpression": False}),
        (ScheduledTriggerProperties, {"scheduleExpression": "rate(1days)\n"}),
        (ScheduledTriggerProperties, {"scheduleExpression": "rate(1days)", "scheduleStartTime": True}),
        (
            ScheduledTriggerProperties,
            {"scheduleExpression": "rate(1days)", "scheduleStartTime": float("inf")},
        ),
        (
            ScheduledTriggerProperties,
            {"scheduleExpression": "rate(1days)", "scheduleStartTime": float("nan")},
        ),
        (Task, {"taskType": "Map", "sourceFields": "Id"}),
        (Task, {"taskType": "Map", "sourceFields": {"Id": 1}}),
        (Task, {"taskType": "Map", "sourceFields": ["Id"], "taskProperties": {"VALUE": 1}}),
        (Task, {"taskType": "Map", "sourceFields": ["Id"], "connectorOperator": {"Zendesk": "LESS_THAN"}}),
    ],
)
def test_values_are_never_coerced_to_another_type(
    structure: type[Structure], members: Mapping[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        structure.model_validate(members)


@pytest.mark.parametrize("seconds", [0, 1_700_000_000, 1_700_000_000.0, 1_700_000_000.25])
def test_a_time_keeps_its_number_type(seconds: float) -> None:
    wire = schedule(scheduleStartTime=seconds).to_wire()

    assert repr(wire["scheduleStartTime"]) == repr(seconds)


def test_the_json_form_has_only_the_given_members() -> None:
    assert UpdateFlowRequest.model_validate(FLOW).to_wire() == FLOW


def test_a_connector_without_properties_keeps_its_empty_object() -> None:
    written: dict[str, Any] = {"LookoutMetrics": {}}

    assert DestinationConnectorProperties.model_validate(written).to_wire() == written


def test_an_absent_member_reads_as_none() -> None:
    assert UpdateFlowRequest.model_validate(FLOW).description is None


def test_a_document_is_immutable() -> None:
    document = FlowDocument.model_validate(FLOW)

    with pytest.raises(ValidationError, match="frozen"):
        document.flowName = "other"  # type: ignore[misc]  # the point of the test
    assert isinstance(document.tasks, tuple)


def test_the_request_of_a_document_has_only_members_of_update_flow() -> None:
    key = "arn:aws:kms:us-east-1:111122223333:key/0"
    document = FlowDocument.model_validate(
        FLOW | {"kmsArn": key, "tags": {"team": "crm"}, "flowStatus": "Active"}
    )

    assert document.request == FLOW
    assert UpdateFlowRequest.model_validate(document.request)


def test_the_json_schema_does_not_allow_null() -> None:
    members = FlowDocument.model_json_schema()["properties"]

    assert members["description"]["type"] == "string"
    assert "default" not in members["description"]
