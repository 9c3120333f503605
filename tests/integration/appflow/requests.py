"""Builders of requests, and the errors that boto3 raises."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
REGION = "us-east-1"


class Refusal(NamedTuple):
    """An error answer."""

    code: str
    status: int
    message: str


def refusal(call: Callable[..., object], **members: Any) -> Refusal:
    """Return the error of a call that must fail."""
    with pytest.raises(ClientError) as raised:
        call(**members)
    answer = raised.value.response
    return Refusal(
        answer["Error"]["Code"],
        answer["ResponseMetadata"]["HTTPStatusCode"],
        answer["Error"].get("Message", ""),
    )


def source(connector: str = "Salesforce", **properties: Any) -> dict[str, Any]:
    """A sourceFlowConfig; the properties are under the connector's own name."""
    named = {"Servicenow": "ServiceNow", "Googleanalytics": "GoogleAnalytics", "Infornexus": "InforNexus"}
    config: dict[str, Any] = {
        "connectorType": connector,
        "sourceConnectorProperties": {named.get(connector, connector): properties or {"object": "Account"}},
    }
    return config if connector == "S3" else {**config, "connectorProfileName": "source-profile"}


def destination(connector: str = "S3", **properties: Any) -> dict[str, Any]:
    """A destination; S3 in the bucket lake by default."""
    config: dict[str, Any] = {
        "connectorType": connector,
        "destinationConnectorProperties": {connector: properties or {"bucketName": "lake"}},
    }
    without_profile = {"S3", "EventBridge", "Upsolver", "LookoutMetrics", "CustomerProfiles"}
    return (
        config if connector in without_profile else {**config, "connectorProfileName": "destination-profile"}
    )


def scheduled(expression: str = "rate(1hours)", **properties: Any) -> dict[str, Any]:
    """A triggerConfig with a schedule."""
    schedule = {"scheduleExpression": expression, **properties}
    return {"triggerType": "Scheduled", "triggerProperties": {"Scheduled": schedule}}


ON_DEMAND = {"triggerType": "OnDemand"}
ON_EVENT = {"triggerType": "Event"}

PROJECTION = {
    "taskType": "Filter",
    "sourceFields": ["Id"],
    "connectorOperator": {"Salesforce": "PROJECTION"},
    "taskProperties": {},
}
MAP_ID = {
    "taskType": "Map",
    "sourceFields": ["Id"],
    "destinationField": "Id",
    "connectorOperator": {"Salesforce": "NO_OP"},
    "taskProperties": {},
}
MAP_ALL = {"taskType": "Map_all", "sourceFields": [], "taskProperties": {}}


def flow(**members: Any) -> dict[str, Any]:
    """A flow from Salesforce to S3, on demand, unless members say otherwise. One destination needs no list."""
    request = {
        "flowName": "orders",
        "triggerConfig": ON_DEMAND,
        "sourceFlowConfig": source(),
        "destinationFlowConfigList": [members.pop("destination", destination())],
        "tasks": [PROJECTION, MAP_ID],
    }
    return {**request, **members}


def profile(name: str = "source-profile", connector: str = "Salesforce", **members: Any) -> dict[str, Any]:
    """A CreateConnectorProfile request."""
    return {
        "connectorProfileName": name,
        "connectorType": connector,
        "connectionMode": "Public",
        "connectorProfileConfig": {
            "connectorProfileProperties": {
                "Salesforce": {"instanceUrl": "https://example.my.salesforce.com"}
            },
            "connectorProfileCredentials": {"Salesforce": {"accessToken": "hush"}},
        },
        **members,
    }
