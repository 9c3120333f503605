"""Connectors that AppFlow provides, and custom connectors."""

from typing import TYPE_CHECKING, Any

import pytest
import requests

from appflow_gitops_local.appflow.shapes import service_model
from integration.appflow.controls import SIGNED, URL
from integration.appflow.requests import profile, refusal

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:bigquery"


def registration(label: str = "BigQuery", **members: Any) -> dict[str, Any]:
    return {
        "connectorLabel": label,
        "connectorProvisioningType": "LAMBDA",
        "connectorProvisioningConfig": {"lambda": {"lambdaArn": LAMBDA}},
        **members,
    }


def labels(answer: Any) -> list[str]:
    return [connector["connectorLabel"] for connector in answer["connectors"]]


def test_a_custom_connector_is_registered_and_described(appflow: "AppflowClient") -> None:
    arn = appflow.register_connector(**registration(description="Google BigQuery"))["connectorArn"]

    described = appflow.describe_connector(connectorType="CustomConnector", connectorLabel="BigQuery")

    configuration = described["connectorConfiguration"]
    assert arn == configuration["connectorArn"] == "arn:aws:appflow:us-east-1:123456789012:connector/BigQuery"
    assert configuration["connectorDescription"] == "Google BigQuery"
    assert configuration["connectorProvisioningConfig"] == {"lambda": {"lambdaArn": LAMBDA}}
    assert (configuration["canUseAsSource"], configuration["canUseAsDestination"]) == (True, True)


@pytest.mark.parametrize(("connector", "private"), [("Salesforce", True), ("Zendesk", False), ("S3", False)])
def test_no_connector_requires_the_url_of_a_private_endpoint(
    appflow: "AppflowClient", connector: Any, *, private: bool
) -> None:
    described = appflow.describe_connector(connectorType=connector)["connectorConfiguration"]
    assert described["isPrivateLinkEnabled"] is private
    assert described["isPrivateLinkEndpointUrlRequired"] is False


def test_a_response_has_only_members_of_the_model(appflow: "AppflowClient") -> None:
    appflow.register_connector(**registration())
    custom = {"connectorType": "CustomConnector", "connectorLabel": "BigQuery"}

    for request in (custom, {"connectorType": "Salesforce"}):
        answer = requests.post(f"{URL}/describe-connector", json=request, headers=SIGNED, timeout=5).json()

        members = service_model().shape_for("ConnectorConfiguration").members  # type: ignore[attr-defined]
        assert set(answer["connectorConfiguration"]) <= set(members)


def test_a_registration_is_updated(appflow: "AppflowClient") -> None:
    appflow.register_connector(**registration(description="before"))
    moved = {"lambda": {"lambdaArn": f"{LAMBDA}-2"}}

    appflow.update_connector_registration(connectorLabel="BigQuery", connectorProvisioningConfig=moved)

    described = appflow.describe_connector(connectorType="CustomConnector", connectorLabel="BigQuery")
    configuration = described["connectorConfiguration"]
    assert configuration["connectorProvisioningConfig"] == moved
    assert configuration["connectorDescription"] == "before"


def test_only_custom_connectors_are_listed_in_pages_of_twenty(appflow: "AppflowClient") -> None:
    names = [f"connector-{number:02}" for number in range(21)]
    for name in names:
        appflow.register_connector(**registration(name))

    first = appflow.list_connectors()

    assert labels(first) == names[:20]
    assert labels(appflow.list_connectors(nextToken=first["nextToken"])) == names[20:]


def test_a_connector_that_profiles_use_is_unregistered_only_with_force(appflow: "AppflowClient") -> None:
    appflow.register_connector(**registration())
    appflow.create_connector_profile(**profile("bigquery", "CustomConnector", connectorLabel="BigQuery"))

    assert refusal(appflow.unregister_connector, connectorLabel="BigQuery")[:2] == ("ConflictException", 409)
    appflow.unregister_connector(connectorLabel="BigQuery", forceDelete=True)
    assert labels(appflow.list_connectors()) == []


def test_a_label_is_unique(appflow: "AppflowClient") -> None:
    appflow.register_connector(**registration(clientToken="t1"))

    appflow.register_connector(**registration(clientToken="t1"))
    assert refusal(appflow.register_connector, **registration())[:2] == ("ConflictException", 409)


@pytest.mark.parametrize(
    "missing", ["connectorLabel", "connectorProvisioningType", "connectorProvisioningConfig"]
)
def test_a_registration_needs_its_members(appflow: "AppflowClient", missing: str) -> None:
    request = registration()
    del request[missing]

    assert refusal(appflow.register_connector, **request).code == "ValidationException"


def test_unknown_connectors_are_not_found(appflow: "AppflowClient") -> None:
    for call, members in (
        (appflow.update_connector_registration, {}),
        (appflow.unregister_connector, {}),
        (appflow.describe_connector, {"connectorType": "CustomConnector"}),
    ):
        assert refusal(call, connectorLabel="unknown", **members)[:2] == ("ResourceNotFoundException", 404)


def test_provided_connectors_are_described_in_pages_of_twenty(appflow: "AppflowClient") -> None:
    first = appflow.describe_connectors()
    second = appflow.describe_connectors(nextToken=first["nextToken"])

    names = [connector["connectorType"] for connector in first["connectors"] + second["connectors"]]
    assert len(first["connectors"]) == 20
    assert names == sorted({*first["connectorConfigurations"], *second["connectorConfigurations"]})
    assert {"Salesforce", "S3", "EventBridge"} <= set(names)
    assert "CustomConnector" not in names


@pytest.mark.parametrize(
    ("connector", "source", "destination", "triggers", "fastest"),
    [
        ("Salesforce", True, True, ["Scheduled", "OnDemand", "Event"], "BYMINUTE"),
        ("Marketo", True, True, ["Scheduled", "OnDemand"], "HOURLY"),
        ("Amplitude", True, False, ["Scheduled", "OnDemand"], "DAILY"),
        ("Snowflake", False, True, [], None),
        ("EventBridge", False, True, [], None),
    ],
)
def test_a_provided_connector_says_what_it_supports(
    appflow: "AppflowClient",
    *,
    connector: str,
    source: bool,
    destination: bool,
    triggers: list[str],
    fastest: str | None,
) -> None:
    configuration: Any = appflow.describe_connector(connectorType=connector)["connectorConfiguration"]

    assert appflow.describe_connectors(connectorTypes=[connector])["connectorConfigurations"] == {
        connector: configuration
    }
    assert (configuration["canUseAsSource"], configuration["canUseAsDestination"]) == (source, destination)
    assert configuration["supportedTriggerTypes"] == triggers
    assert (configuration["supportedSchedulingFrequencies"] or [None])[0] == fastest
