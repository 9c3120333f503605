"""Facts about connectors: their keys in the request, and what they require and support.

The names come from the models of the request, so a connector that is added there is known here. The other facts come
from the AWS documentation.
"""

from collections.abc import Mapping
from functools import cache

from appflow_gitops.flows.model.destination import DestinationConnectorProperties
from appflow_gitops.flows.model.operators import ConnectorOperator
from appflow_gitops.flows.model.outline import choices_of, members_of
from appflow_gitops.flows.model.scalars import ConnectorType
from appflow_gitops.flows.model.source import SourceConnectorProperties
from appflow_gitops.flows.model.structure import Structure
from appflow_gitops.flows.schedule import Rate


def _keys_by_type(structure: type[Structure]) -> Mapping[str, str]:
    """Return connector type -> key. They differ only in letter case: Servicenow, ServiceNow."""
    keys = {key.casefold(): key for key in structure.model_fields}
    return {name: keys[name.casefold()] for name in choices_of(ConnectorType) if name.casefold() in keys}


SOURCE_KEYS = _keys_by_type(SourceConnectorProperties)
"""Connector type -> key in sourceConnectorProperties and connectorOperator, for each possible source."""

DESTINATION_KEYS = _keys_by_type(DestinationConnectorProperties)
"""Connector type -> key in destinationConnectorProperties, for each possible destination."""

WITHOUT_PROFILE = frozenset({"S3", "EventBridge", "LookoutMetrics", "Upsolver", "CustomerProfiles"})
"""Connectors that AppFlow accesses with its own permissions. All others require a connector profile."""

WITHOUT_PROPERTIES = frozenset({"LookoutMetrics"})
"""Connectors without any properties."""

RETIRED = {
    "Googleanalytics": "Universal Analytics stopped processing data on 2023-07-01 (360: 2024-07-01)",
    "LookoutMetrics": "Amazon Lookout for Metrics ended on 2025-10-09",
    "Honeycode": "Amazon Honeycode ended on 2024-02-29",
}
"""Connectors whose service has ended, and when it did."""

WITH_EVENTS = frozenset({"Salesforce", "CustomConnector"})
"""Sources that may emit events. Whether a custom connector does depends on its code."""

SHORTEST_INTERVALS = {
    "Marketo": Rate(1, "hour"),
    "Singular": Rate(1, "hour"),
    "Trendmicro": Rate(1, "hour"),
    "Amplitude": Rate(1, "day"),
    "Googleanalytics": Rate(1, "day"),
}
"""The shortest schedule of the sources that do not support one run per minute."""


@cache
def operators_of(key: str) -> tuple[str, ...]:
    """Return the operators of a source connector, by its key in connectorOperator."""
    return choices_of(members_of(ConnectorOperator)[key])
