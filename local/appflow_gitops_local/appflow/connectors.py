"""The connectors that AppFlow provides, and custom connectors that the account registered.

What a connector supports is read from botocore's model where it says so: whether it can be a source or a destination
by the structures of the two, operators by the enums. Schedules are those of the user guide.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from botocore.model import StructureShape

from .definition import Members, of_connector
from .shapes import service_model
from .wire import epoch, without_absent

WITHOUT_PROFILE = {"S3", "EventBridge", "LookoutMetrics", "Upsolver", "CustomerProfiles"}
WITH_CHANGE_EVENTS = {"Salesforce"}
CUSTOM = "CustomConnector"
_FREQUENCIES = {"BYMINUTE": 1, "HOURLY": 60, "DAILY": 1440, "WEEKLY": 10080, "MONTHLY": 43200, "ONCE": 43200}
"""Minutes between two runs."""
SHORTEST_INTERVAL = {
    "Marketo": 60,
    "Singular": 60,
    "Trendmicro": 60,
    "Amplitude": 1440,
    "Googleanalytics": 1440,
}
"""Minutes between two runs, for connectors with a limit above one minute."""
_PRIVATE_LINK = {"Salesforce", "Servicenow", "Snowflake", "Infornexus", "SAPOData"}


@dataclass(slots=True)
class Registration:
    """A registered custom connector."""

    label: str
    arn: str
    registered_by: str
    registered_at: datetime
    provisioning: Members
    description: str | None = None

    def to_json(self) -> Members:
        """Return the entry of ListConnectors."""
        return without_absent(
            {
                "connectorDescription": self.description,
                "connectorName": self.label,
                "connectorOwner": "Custom",
                "connectorVersion": "1.0",
                "applicationType": self.label,
                "connectorType": CUSTOM,
                "connectorLabel": self.label,
                "registeredAt": epoch(self.registered_at),
                "registeredBy": self.registered_by,
                "connectorProvisioningType": "LAMBDA",
                "connectorModes": ["SOURCE", "DESTINATION"],
                "supportedDataTransferTypes": ["RECORD"],
            }
        )

    def configuration(self) -> Members:
        """Return the connectorConfiguration. On AWS most of it comes from the Lambda function."""
        listed = self.to_json()
        del listed["applicationType"]
        return {
            **configuration(CUSTOM),
            **listed,
            "connectorArn": self.arn,
            "connectorProvisioningConfig": self.provisioning,
            "connectorRuntimeSettings": [],
            "supportedApiVersions": ["v1"],
            "authenticationConfig": {
                "isBasicAuthSupported": True,
                "isApiKeyAuthSupported": True,
                "isOAuth2Supported": True,
                "isCustomAuthSupported": True,
            },
        }


@cache
def provided() -> dict[str, Members]:
    """Return the configuration of every connector that AppFlow provides, by connector type."""
    types = service_model().shape_for("ConnectorType").metadata["enum"]
    return {name: configuration(name) for name in sorted(types) if name != CUSTOM}


def configuration(connector: str) -> Members:
    """Return what a connector type supports."""
    source = of_connector(connector, _members("SourceConnectorProperties")) is not None
    destination = of_connector(connector, _members("DestinationConnectorProperties"))
    operators = of_connector(connector, _members("ConnectorOperator"))
    return {
        "canUseAsSource": source,
        "canUseAsDestination": destination is not None,
        "supportedDestinationConnectors": _destinations() if source else [],
        "supportedSchedulingFrequencies": _frequencies(connector) if source else [],
        "isPrivateLinkEnabled": connector in _PRIVATE_LINK,
        "isPrivateLinkEndpointUrlRequired": False,
        "supportedTriggerTypes": _triggers(connector) if source else [],
        "connectorType": connector,
        "supportedOperators": list(operators.metadata["enum"]) if operators else [],
        "supportedWriteOperations": _write_operations(destination),
        "supportedDataTransferTypes": ["RECORD"],
        **(
            {"connectorMetadata": {"Salesforce": {"dataTransferApis": _transfer_apis()}}}
            if connector == "Salesforce"
            else {}
        ),
    }


def summary(connector: str) -> Members:
    """Return the entry of DescribeConnectors' list."""
    described = provided()[connector]
    return {
        "connectorName": connector,
        "connectorOwner": "AWS",
        "connectorVersion": "1.0",
        "applicationType": connector,
        "connectorType": connector,
        "connectorLabel": connector,
        "connectorModes": [
            mode
            for mode, supported in (
                ("SOURCE", described["canUseAsSource"]),
                ("DESTINATION", described["canUseAsDestination"]),
            )
            if supported
        ],
        "supportedDataTransferTypes": described["supportedDataTransferTypes"],
    }


def _members(shape_name: str) -> Members:
    shape = service_model().shape_for(shape_name)
    return dict(shape.members) if isinstance(shape, StructureShape) else {}


def _destinations() -> list[str]:
    names = _members("DestinationConnectorProperties")
    types = service_model().shape_for("ConnectorType").metadata["enum"]
    return [name for name in types if of_connector(name, names) is not None]


def _frequencies(connector: str) -> list[str]:
    shortest = SHORTEST_INTERVAL.get(connector, 1)
    return [name for name, minutes in _FREQUENCIES.items() if minutes >= shortest]


def _triggers(connector: str) -> list[str]:
    return ["Scheduled", "OnDemand", *(["Event"] if connector in WITH_CHANGE_EVENTS else [])]


def _write_operations(destination: StructureShape | None) -> list[str]:
    if destination is None:
        return []
    operation = destination.members.get("writeOperationType")
    return list(operation.metadata["enum"]) if operation else ["INSERT"]


def _transfer_apis() -> list[str]:
    return list(service_model().shape_for("SalesforceDataTransferApi").metadata["enum"])
