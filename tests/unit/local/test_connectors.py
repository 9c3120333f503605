"""What AppFlow says that each of its connectors supports."""

from datetime import UTC, datetime
from typing import Any

import pytest

from appflow_gitops_local.appflow.connectors import (
    CUSTOM,
    WITHOUT_PROFILE,
    Registration,
    configuration,
    provided,
    summary,
)
from appflow_gitops_local.appflow.shapes import service_model

BY_MINUTE = ["BYMINUTE", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "ONCE"]
INSERT = ["INSERT"]
ALL = ["INSERT", "UPSERT", "UPDATE", "DELETE"]
DESTINATIONS = {
    "CustomConnector",
    "CustomerProfiles",
    "EventBridge",
    "Honeycode",
    "LookoutMetrics",
    "Marketo",
    "Redshift",
    "S3",
    "SAPOData",
    "Salesforce",
    "Snowflake",
    "Upsolver",
    "Zendesk",
}
PRIVATE_LINK = {"Salesforce", "Servicenow", "Snowflake", "Infornexus", "SAPOData"}


@pytest.mark.parametrize(
    ("connector", "frequencies", "writes"),
    [
        ("Amplitude", BY_MINUTE[2:], []),
        ("CustomConnector", BY_MINUTE, ALL),
        ("CustomerProfiles", [], INSERT),
        ("Datadog", BY_MINUTE, []),
        ("Dynatrace", BY_MINUTE, []),
        ("EventBridge", [], INSERT),
        ("Googleanalytics", BY_MINUTE[2:], []),
        ("Honeycode", [], INSERT),
        ("Infornexus", BY_MINUTE, []),
        ("LookoutMetrics", [], INSERT),
        ("Marketo", BY_MINUTE[1:], INSERT),
        ("Pardot", BY_MINUTE, []),
        ("Redshift", [], INSERT),
        ("S3", BY_MINUTE, INSERT),
        ("SAPOData", BY_MINUTE, ALL),
        ("Salesforce", BY_MINUTE, ALL),
        ("Servicenow", BY_MINUTE, []),
        ("Singular", BY_MINUTE[1:], []),
        ("Slack", BY_MINUTE, []),
        ("Snowflake", [], INSERT),
        ("Trendmicro", BY_MINUTE[1:], []),
        ("Upsolver", [], INSERT),
        ("Veeva", BY_MINUTE, []),
        ("Zendesk", BY_MINUTE, ALL),
    ],
)
def test_a_connector_is_a_source_by_its_schedules_and_a_destination_by_its_writes(
    connector: str, frequencies: list[str], writes: list[str]
) -> None:
    described = configuration(connector)
    events = ["Event"] if connector == "Salesforce" else []
    assert described["connectorType"] == connector
    assert described["canUseAsSource"] is bool(frequencies)
    assert described["supportedSchedulingFrequencies"] == frequencies
    assert described["supportedTriggerTypes"] == (["Scheduled", "OnDemand", *events] if frequencies else [])
    assert set(described["supportedDestinationConnectors"]) == (DESTINATIONS if frequencies else set())
    assert bool(described["supportedOperators"]) is bool(frequencies)
    assert described["canUseAsDestination"] is bool(writes) is (connector in DESTINATIONS)
    assert described["supportedWriteOperations"] == writes
    assert described["isPrivateLinkEnabled"] is (connector in PRIVATE_LINK)
    assert described["isPrivateLinkEndpointUrlRequired"] is False
    assert described["supportedDataTransferTypes"] == ["RECORD"]
    assert ("connectorMetadata" in described) is (connector == "Salesforce")


def test_salesforce_transfers_data_by_its_apis() -> None:
    apis = {"dataTransferApis": ["AUTOMATIC", "BULKV2", "REST_SYNC"]}
    assert configuration("Salesforce")["connectorMetadata"] == {"Salesforce": apis}


def test_every_connector_but_custom_ones_is_provided() -> None:
    types = service_model().shape_for("ConnectorType").metadata["enum"]
    assert list(provided()) == sorted(set(types) - {CUSTOM})


def test_connectors_of_aws_need_no_profile() -> None:
    assert {"S3", "EventBridge", "LookoutMetrics", "Upsolver", "CustomerProfiles"} == WITHOUT_PROFILE


@pytest.mark.parametrize(
    ("connector", "modes"),
    [("Salesforce", ["SOURCE", "DESTINATION"]), ("Slack", ["SOURCE"]), ("Redshift", ["DESTINATION"])],
)
def test_a_provided_connector_is_listed_with_its_modes(connector: str, modes: list[str]) -> None:
    assert summary(connector) == {
        "connectorName": connector,
        "connectorOwner": "AWS",
        "connectorVersion": "1.0",
        "applicationType": connector,
        "connectorType": connector,
        "connectorLabel": connector,
        "connectorModes": modes,
        "supportedDataTransferTypes": ["RECORD"],
    }


@pytest.mark.parametrize("described", [{}, {"description": "Google BigQuery"}])
def test_a_registered_connector_is_listed_and_described(described: dict[str, Any]) -> None:
    registered = datetime(2026, 3, 1, 12, tzinfo=UTC)
    lambda_ = {"lambda": {"lambdaArn": "arn:lambda"}}
    registration = Registration("BigQuery", "arn:connector", "arn:root", registered, lambda_, **described)
    listed = {
        "connectorName": "BigQuery",
        "connectorOwner": "Custom",
        "connectorVersion": "1.0",
        "connectorType": "CustomConnector",
        "connectorLabel": "BigQuery",
        "registeredAt": 1772366400.0,
        "registeredBy": "arn:root",
        "connectorProvisioningType": "LAMBDA",
        "connectorModes": ["SOURCE", "DESTINATION"],
        "supportedDataTransferTypes": ["RECORD"],
        **({"connectorDescription": "Google BigQuery"} if described else {}),
    }
    assert registration.to_json() == {**listed, "applicationType": "BigQuery"}
    assert registration.configuration() == {
        **configuration(CUSTOM),
        **listed,
        "connectorArn": "arn:connector",
        "connectorProvisioningConfig": lambda_,
        "connectorRuntimeSettings": [],
        "supportedApiVersions": ["v1"],
        "authenticationConfig": {
            "isBasicAuthSupported": True,
            "isApiKeyAuthSupported": True,
            "isOAuth2Supported": True,
            "isCustomAuthSupported": True,
        },
    }
