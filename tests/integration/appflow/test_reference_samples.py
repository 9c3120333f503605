"""The four kinds of sample request in the API reference, in the form the wire has them, with data of our own.

The reference prints connector names in lower case under sourceConnectorProperties; the service's model knows them
as here. None has a projection task: by default such flows are accepted, except from custom connectors.
"""

from typing import TYPE_CHECKING, Any

import pytest

from integration.appflow.controls import control
from integration.appflow.requests import ON_DEMAND, profile

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient


def sample(connector: str, named: str, object_name: str, tasks: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "flowName": f"nightly-{connector}",
        "description": "Nightly copy",
        "triggerConfig": ON_DEMAND,
        "sourceFlowConfig": {
            "connectorType": connector,
            "connectorProfileName": "crm",
            "sourceConnectorProperties": {named: {"object": object_name}},
        },
        "destinationFlowConfigList": [
            {
                "connectorType": "S3",
                "connectorProfileName": "lake",
                "destinationConnectorProperties": {"S3": {"bucketName": "data-lake"}},
            }
        ],
        "tasks": tasks,
    }


def mapped(name: str, **properties: str) -> dict[str, Any]:
    return {
        "taskType": "Map",
        "sourceFields": [name],
        "destinationField": name,
        "taskProperties": properties,
    }


BETWEEN = {
    "taskType": "Filter",
    "connectorOperator": {"Marketo": "BETWEEN"},
    "sourceFields": ["changedAt"],
    "taskProperties": {"DATA_TYPE": "datetime", "LOWER_BOUND": "from", "UPPER_BOUND": "to"},
}

SAMPLES = [
    sample("Salesforce", "Salesforce", "opportunity", [mapped("Amount"), mapped("CloseDate")]),
    sample("Zendesk", "Zendesk", "users", [mapped("email", SOURCE_DATA_TYPE="string")]),
    sample("Googleanalytics", "GoogleAnalytics", "UA-1", [mapped("page", SOURCE_DATA_TYPE="string")]),
    sample("Marketo", "Marketo", "activities", [BETWEEN, mapped("lead", SOURCE_DATA_TYPE="string")]),
]


@pytest.mark.parametrize("request_", SAMPLES, ids=[entry["flowName"] for entry in SAMPLES])
def test_a_flow_like_the_references_sample_is_updated(
    appflow: "AppflowClient", request_: dict[str, Any]
) -> None:
    control("DELETE", "behaviour")
    appflow.create_connector_profile(**profile("crm", request_["sourceFlowConfig"]["connectorType"]))
    appflow.create_flow(**{**request_, "tasks": [], "description": "before"})

    appflow.update_flow(**request_)

    live = appflow.describe_flow(flowName=request_["flowName"])
    assert live["description"] == "Nightly copy"
    assert sorted(live["tasks"], key=str) == sorted(request_["tasks"], key=str)
