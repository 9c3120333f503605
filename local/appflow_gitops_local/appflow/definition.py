"""What a flow is defined by, with names for the parts that rules and answers ask about.

``models`` keeps one per flow; ``rules`` judges it, ``describe`` shows it.
"""

from dataclasses import dataclass
from typing import Any

Members = dict[str, Any]
"""The members of an AppFlow structure, as they stand on the wire."""

DEFINING = (
    "description",
    "triggerConfig",
    "sourceFlowConfig",
    "destinationFlowConfigList",
    "tasks",
    "metadataCatalogConfig",
)
"""What CreateFlow and UpdateFlow replace as a whole."""

# The members that together name what a connector reads or writes; where a connector is not listed it is
# ``object``.
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
        """The members under the connector's own name; None if there are none."""
        properties: Members | None = of_connector(self.connector, self.config[self.properties_member])
        return properties

    @property
    def object(self) -> tuple[str, ...]:
        """What is read or written; a prefix left out counts as an empty one."""
        members = _OBJECT_MEMBERS.get(self.connector, ("object",))
        properties = self.properties or {}
        return tuple(properties.get(member) or "" for member in members)


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
        """The triggerProperties; None if left out, which is not the same as empty."""
        properties: Members | None = self.members["triggerConfig"].get("triggerProperties")
        return properties

    @property
    def schedule(self) -> Members | None:
        """The properties of a scheduled trigger."""
        return (self.trigger_properties or {}).get("Scheduled")

    def operator(self, task: Members) -> str:
        """What a task does, as AppFlow reads it: an operator under any connector but the source's is not
        seen.
        """
        return of_connector(self.source.connector, task.get("connectorOperator", {})) or "NO_OP"


def of_connector(connector: str, members: Members) -> Any:
    """The member for a connector type. The names differ in letter case: Servicenow has its under
    ServiceNow.
    """
    return next((value for name, value in members.items() if name.lower() == connector.lower()), None)
