"""The connector profiles that the sample requests of the API reference name, so that they work as printed."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient
    from mypy_boto3_appflow.literals import ConnectorTypeType


def _config(connector: str, properties: dict[str, str], credentials: dict[str, str]) -> dict[str, Any]:
    return {
        "connectorProfileProperties": {connector: properties},
        "connectorProfileCredentials": {connector: credentials},
    }


_CLIENT = {"clientId": "local", "clientSecret": "local"}  # the local AppFlow checks no credentials

PROFILES: tuple[tuple[str, "ConnectorTypeType", Any], ...] = (
    ("Connector_Profile_Name", "Salesforce", _config("Salesforce", {}, {})),
    (
        "connector-profile-name",
        "Zendesk",
        _config("Zendesk", {"instanceUrl": "https://example.com"}, _CLIENT),
    ),
    ("Connector-profile-new", "Marketo", _config("Marketo", {"instanceUrl": "https://example.com"}, _CLIENT)),
)
"""Name, connector and configuration. Two of the samples share a name; AppFlow allows each name once."""


def create_sample_profiles(client: "AppflowClient") -> None:
    """Create every profile of ``PROFILES``."""
    for name, connector, config in PROFILES:
        client.create_connector_profile(
            connectorProfileName=name,
            connectorType=connector,
            connectionMode="Public",
            connectorProfileConfig=config,
        )
