"""The definition of a flow: the members that an update replaces, with names for the parts that other modules read.

``models`` keeps one per flow; ``rules`` validates it, ``describe`` shows it.
"""

from dataclasses import dataclass
from typing import Any

Members = dict[str, Any]
"""The members of an AppFlow structure, as on the wire."""

DEFINING = (
    "description",
    "triggerConfig",
    "sourceFlowConfig",
    "destinationFlowConfigList",
    "tasks",
    "metadataCatalogConfig",
)
"""The members that CreateFlow sets and UpdateFlow replaces."""

_PARTNER = "aws.partner/appflow/"

# The members that name what a connector reads or writes; ``object`` for a connector that is not listed.
_OBJECT_MEMBERS = {
    "S3": ("bucketName", "bucketPrefix"),
    "Upsolver": ("bucketName", "bucketPrefix"),
    "SAPOData": ("objectPath",),
    "CustomConnector": ("entityName",),
    "CustomerProfiles": ("domainName", "objectTypeName"),
}


@dataclass(frozen=True, slots=True)
class Connection:
    """One end of a flow: the source, or a destination."""

    config: Members
    properties_member: str

    @property
    def connector(self) -> str:
        """The connectorType."""
        return str(self.config["connectorType"])

    @property
    def profile(self) -> str | None:
        """The connectorProfileName."""
        name: str | None = self.config.get("connectorProfileName")
        return name

    @property
    def properties(self) -> Members | None:
        """The members under the connector's own name; None if missing."""
        properties: Members | None = of_connector(self.connector, self.config[self.properties_member])
        return properties

    @property
    def object(self) -> tuple[str, ...]:
        """What the connection reads or writes; a missing prefix equals an empty one."""
        members = _OBJECT_MEMBERS.get(self.connector, ("object",))
        properties = self.properties or {}
        return tuple(properties.get(member) or "" for member in members)

    @property
    def entity(self) -> str:
        """The object as one name, as the connector operations use it."""
        return "/".join(part for part in self.object if part)


@dataclass(frozen=True, slots=True)
class Definition:
    """The members of a flow that an update replaces."""

    members: Members

    @classmethod
    def of_request(cls, request: Members) -> "Definition":
        """The definition in a CreateFlow or UpdateFlow request."""
        return cls({name: request[name] for name in DEFINING if name in request})

    @property
    def source(self) -> Connection:
        """Where records come from."""
        return Connection(self.members["sourceFlowConfig"], "sourceConnectorProperties")

    @property
    def destinations(self) -> list[Connection]:
        """Where records go to."""
        return [
            Connection(config, "destinationConnectorProperties")
            for config in self.members["destinationFlowConfigList"]
        ]

    @property
    def tasks(self) -> list[Members]:
        """The tasks, as sent."""
        tasks: list[Members] = self.members["tasks"]
        return tasks

    @property
    def trigger_type(self) -> str:
        """OnDemand, Scheduled or Event."""
        return str(self.members["triggerConfig"]["triggerType"])

    @property
    def trigger_properties(self) -> Members | None:
        """The triggerProperties; None if missing, which differs from empty."""
        properties: Members | None = self.members["triggerConfig"].get("triggerProperties")
        return properties

    @property
    def schedule(self) -> Members | None:
        """The properties of a scheduled trigger."""
        return (self.trigger_properties or {}).get("Scheduled")

    @property
    def source_fields(self) -> set[str]:
        """The fields of the source that tasks use, without the results of Merge and Arithmetic tasks."""
        computed = {
            task.get("destinationField") for task in self.tasks if task["taskType"] in {"Merge", "Arithmetic"}
        }
        texts = (text for task in self.tasks for text in task["sourceFields"] if text not in computed)
        # A Map of "A,B" reads the result of a Merge of A and B.
        names = {name for text in texts for name in text.split(",")}
        return names - computed - {"", "*"}

    @property
    def destination_fields(self) -> set[str]:
        """The fields of the destination that Map tasks write."""
        fields = (task.get("destinationField") for task in self.tasks if task["taskType"] == "Map")
        return {name for name in fields if name}

    def operator(self, task: Members) -> str:
        """Return the operator of a task as AppFlow reads it: NO_OP unless it is under the source connector."""
        return of_connector(self.source.connector, task.get("connectorOperator", {})) or "NO_OP"


def partner_event_source(name: str, account_id: str) -> str:
    """Return the object of an EventBridge destination as AppFlow keeps it: a partner event source."""
    return name if name.startswith(_PARTNER) else f"{_PARTNER}salesforce.com/{account_id}/{name}"


def of_connector(connector: str, members: Members) -> Any:
    """Return the member for a connector type; the letter case may differ (Servicenow, ServiceNow)."""
    return next((value for name, value in members.items() if name.lower() == connector.lower()), None)
