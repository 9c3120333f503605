"""What the events about runs say of both ends of a flow."""

from typing import Any

import pytest

from appflow_gitops_local.appflow.definition import Definition
from appflow_gitops_local.appflow.events import FlowIdentity


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
