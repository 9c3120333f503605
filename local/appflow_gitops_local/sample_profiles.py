"""The connector profiles that the sample requests of the API reference name, so that they work as printed."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient
    from mypy_boto3_appflow.literals import ConnectorTypeType

PROFILES: tuple[tuple[str, "ConnectorTypeType", Any], ...] = (
    ("Connector_Profile_Name", "Salesforce", {"Salesforce": {}}),
    ("connector-profile-name", "Zendesk", {"Zendesk": {"instanceUrl": "https://example.com"}}),
    ("Connector-profile-new", "Marketo", {"Marketo": {"instanceUrl": "https://example.com"}}),
)
"""Name, connector and properties. Two of the samples share a name; AppFlow allows each name once."""


def create_sample_profiles(client: "AppflowClient") -> None:
    """Create every profile of ``PROFILES``, without credentials: the local AppFlow checks none."""
    for name, connector, properties in PROFILES:
        client.create_connector_profile(
            connectorProfileName=name,
            connectorType=connector,
            connectionMode="Public",
            connectorProfileConfig={"connectorProfileProperties": properties},
        )
