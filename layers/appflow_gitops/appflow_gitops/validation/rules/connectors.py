"""What is known about each connector: the names it goes by, the ends it has, what it asks for.

``view`` and the rules ask here. Names come from the request models, so that a connector AppFlow adds is known as soon
as the models are; the rest is AWS's documentation.
"""

from collections.abc import Mapping
from functools import cache
from typing import get_args

from appflow_gitops.flows.model.destination import DestinationConnectorProperties
from appflow_gitops.flows.model.operators import ConnectorOperator
from appflow_gitops.flows.model.outline import choices_of, members_of
from appflow_gitops.flows.model.scalars import ConnectorType
from appflow_gitops.flows.model.source import SourceConnectorProperties
from appflow_gitops.flows.model.structure import Structure


def _members_by_type(structure: type[Structure]) -> Mapping[str, str]:
    """Connector type -> its member: they are the same but for letter case (Servicenow, ServiceNow)."""
    members = {member.casefold(): member for member in structure.model_fields}
    types: tuple[str, ...] = get_args(ConnectorType)
    return {name: members[name.casefold()] for name in types if name.casefold() in members}


SOURCE_MEMBERS = _members_by_type(SourceConnectorProperties)
"""The member of sourceConnectorProperties, and of connectorOperator, for each type that can be a source."""

DESTINATION_MEMBERS = _members_by_type(DestinationConnectorProperties)
"""The member of destinationConnectorProperties for each type that can be a destination."""

WITHOUT_PROFILE = frozenset({"S3", "EventBridge", "LookoutMetrics", "Upsolver", "CustomerProfiles"})
"""Connectors that log in with AppFlow's own rights. All others need a connector profile."""

WITHOUT_PROPERTIES = frozenset({"LookoutMetrics"})
"""Connectors that there is nothing to state about."""

WITH_EVENTS = frozenset({"Salesforce", "CustomConnector"})
"""Sources that can start a flow by an event. Of a custom connector only its code knows."""

SHORTEST_INTERVALS = {
    "Marketo": 3_600,
    "Singular": 3_600,
    "Trendmicro": 3_600,
    "Amplitude": 86_400,
    "Googleanalytics": 86_400,
}
"""Seconds that must lie between two runs, for sources slower than the one minute that all others allow."""


@cache
def operators_of(member: str) -> tuple[str, ...]:
    """The operators that the model gives a source connector, by the name of its member."""
    return choices_of(members_of(ConnectorOperator)[member])
