"""What AppFlow cannot change in a flow, only in a new one. ``sync`` refuses a plan that touches it.

Replacing a flow loses its incremental position, so nothing here is ever done silently: the change is
refused and told.
"""

from collections.abc import Iterable

from appflow_gitops.findings import Path
from appflow_gitops.flows.diff import DiffItem

_PROPERTIES = frozenset({"sourceConnectorProperties", "destinationConnectorProperties"})

# "Do not update the object for the flow" and "Destination object for the destination connector can not be
# updated" are AppFlow's answers about the object, and about the bucket and prefix of S3 (TF#42482,
# CDK#14452).
_OBJECT_MEMBERS = frozenset({"object", "bucketName", "bucketPrefix"})

# Inferred: the same thing by the names other connectors have for it. The user guide has it as a rule: "You
# can't change the flow name, source, or destination".
_OBJECT_MEMBERS_INFERRED = frozenset({"objectPath", "entityName", "domainName", "objectTypeName"})

# Here bucketPrefix belongs to the staging area of the load, as intermediateBucketName does, not to the
# object. Whether that can change is unknown, so AppFlow is asked.
_STAGING = frozenset({"Redshift", "Snowflake"})


def replacement_items(items: Iterable[DiffItem]) -> tuple[DiffItem, ...]:
    """The differences that UpdateFlow would refuse.

    They are in the flow name, and in the connector type and object (of S3 and Upsolver: bucket and prefix) of
    source and destination. connectorProfileName, apiVersion and every other setting may be tried.
    """
    return tuple(item for item in items if _is_identity(item.path))


def _is_identity(path: Path) -> bool:
    match path:
        case ("flowName",) | ("sourceFlowConfig",) | ("destinationFlowConfigList", int()):
            return True
        case ("sourceFlowConfig", *rest) | ("destinationFlowConfigList", int(), *rest):
            return _is_connector_identity(rest)
        case _:
            return False


def _is_connector_identity(rest: list[str | int]) -> bool:
    """``rest``: a path inside one connector's configuration."""
    match rest:
        case ["connectorType"]:
            return True
        case [properties] | [properties, _] if properties in _PROPERTIES:  # another connector's properties
            return True
        case [_, connector, "bucketPrefix"] if connector in _STAGING:
            return False
        case [properties, _, member] if properties in _PROPERTIES:
            return member in _OBJECT_MEMBERS or member in _OBJECT_MEMBERS_INFERRED
        case _:
            return False
