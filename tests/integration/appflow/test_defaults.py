"""What AWS is known to reject is rejected without setting a switch, in the words of AWS."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from integration.appflow.controls import control
from integration.appflow.requests import (
    ACCOUNT,
    MAP_ID,
    ON_EVENT,
    PROJECTION,
    Refusal,
    destination,
    flow,
    profile,
    refusal,
    source,
)

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient

CUSTOM = {**source("CustomConnector", entityName="orders"), "connectorProfileName": "custom"}
NO_PROJECTION = "[Task Validation Error: You must specify a projection task or a MAP_ALL task]"


@pytest.fixture(autouse=True)
def defaults(appflow: "AppflowClient") -> None:
    control("DELETE", "behaviour")
    appflow.create_connector_profile(**profile())
    appflow.create_connector_profile(**profile("custom", "CustomConnector", connectorLabel="orders"))


def test_a_custom_connector_needs_a_projection(appflow: "AppflowClient") -> None:
    request = flow(sourceFlowConfig=CUSTOM, tasks=[MAP_ID])

    refused = refusal(appflow.create_flow, **request)

    assert refused == Refusal("ValidationException", 400, f"Create Flow request failed: {NO_PROJECTION}")
    projection = {**PROJECTION, "connectorOperator": {"CustomConnector": "PROJECTION"}}
    appflow.create_flow(**{**request, "tasks": [projection]})


def test_salesforce_needs_no_projection_because_the_api_reference_has_none(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow(tasks=[MAP_ID]))


def test_a_profile_must_exist(appflow: "AppflowClient") -> None:
    request = flow(sourceFlowConfig={**source(), "connectorProfileName": "unknown"})

    assert refusal(appflow.create_flow, **request) == Refusal(
        "ResourceNotFoundException", 404, "Connector Profile with name unknown does not exist."
    )


def test_a_connector_without_profiles_accepts_any_name(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow(destination={**destination(), "connectorProfileName": "test"}))


def test_an_s3_source_must_contain_an_object(
    appflow: "AppflowClient", client_of: Callable[[str], Any]
) -> None:
    request = flow(sourceFlowConfig=source("S3", bucketName="landing", bucketPrefix="in"), tasks=[])
    storage = client_of("s3")
    storage.create_bucket(Bucket="landing")
    assert refusal(appflow.create_flow, **request)[:2] == ("ConnectorServerException", 400)

    storage.put_object(Bucket="landing", Key="in/orders.csv", Body=b"id")

    appflow.create_flow(**request)


def test_an_event_bridge_destination_is_updated_with_the_live_object_only(appflow: "AppflowClient") -> None:
    short = destination("EventBridge", object="changes")
    appflow.create_flow(**flow(triggerConfig=ON_EVENT, destination=short))
    live = f"aws.partner/appflow/salesforce.com/{ACCOUNT}/changes"
    described = appflow.describe_flow(flowName="orders")["destinationFlowConfigList"]
    assert described[0]["destinationConnectorProperties"]["EventBridge"]["object"] == live

    refused = refusal(
        appflow.update_flow, **flow(triggerConfig=ON_EVENT, destination=short, tasks=[PROJECTION])
    )

    kept = "Destination object for the destination connector can not be updated"
    assert refused == Refusal("ValidationException", 400, f"Update Flow request failed due to:[{kept}]")
    sent_back = destination("EventBridge", object=live)
    appflow.update_flow(**flow(triggerConfig=ON_EVENT, destination=sent_back, tasks=[PROJECTION]))
    assert len(appflow.describe_flow(flowName="orders")["tasks"]) == 1


def test_list_flows_shows_the_labels_of_custom_connectors(appflow: "AppflowClient") -> None:
    projection = {**PROJECTION, "connectorOperator": {"CustomConnector": "PROJECTION"}}
    appflow.create_flow(**flow(sourceFlowConfig=CUSTOM, tasks=[projection]))

    (entry,) = appflow.list_flows()["flows"]

    assert entry["sourceConnectorLabel"] == "orders"
    assert "destinationConnectorLabel" not in entry


def test_list_flows_shows_the_label_of_a_custom_destination(appflow: "AppflowClient") -> None:
    custom = {**destination("CustomConnector", entityName="orders"), "connectorProfileName": "custom"}
    appflow.create_flow(**flow(destination=custom))

    (entry,) = appflow.list_flows()["flows"]

    assert entry["destinationConnectorLabel"] == "orders"
    assert "sourceConnectorLabel" not in entry
