"""The members that AppFlow cannot change in an existing flow. ``sync`` rejects a plan that changes one.

Replacing a flow loses its incremental position, so such a change is reported and never applied automatically.
"""

from collections.abc import Iterable

from appflow_gitops.findings import Path
from appflow_gitops.flows.diff import DiffItem

_PROPERTIES = frozenset({"sourceConnectorProperties", "destinationConnectorProperties"})

# For the object, and for the bucket and prefix of S3, AppFlow returns "Do not update the object for the flow" or
# "Destination object for the destination connector can not be updated" (TF#42482, CDK#14452).
_OBJECT_MEMBERS = frozenset({"object", "bucketName", "bucketPrefix"})

# Inferred: other connectors' names for the object. The user guide: "You can't change the flow name, source, or
# destination".
_OBJECT_MEMBERS_INFERRED = frozenset({"objectPath", "entityName", "domainName", "objectTypeName"})

# Here bucketPrefix, like intermediateBucketName, belongs to the staging area and not to the object. Whether it can
# change is undocumented, so AppFlow decides.
_STAGING = frozenset({"Redshift", "Snowflake"})


def replacement_items(items: Iterable[DiffItem]) -> tuple[DiffItem, ...]:
    """Return the differences that UpdateFlow would reject.

    These are in the flow name, and in the connector type and object (for S3 and Upsolver: bucket and prefix) of source
    and destination. AppFlow decides about connectorProfileName, apiVersion and all other settings.
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
    """Return whether ``rest``, a path inside the configuration of one connector, leads to its type or object."""
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
