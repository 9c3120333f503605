"""The tasks of a flow: what it does with each record."""

from appflow_gitops.flows.model.operators import ConnectorOperator
from appflow_gitops.flows.model.scalars import (
    DestinationField,
    SourceFields,
    TaskPropertiesMap,
    TaskType,
)
from appflow_gitops.flows.model.structure import Items, Omittable, Structure


class Task(Structure):
    """One operation on the records: filter, map, mask, validate and so on."""

    sourceFields: SourceFields
    connectorOperator: Omittable[ConnectorOperator] = None
    destinationField: Omittable[DestinationField] = None
    taskType: TaskType
    taskProperties: Omittable[TaskPropertiesMap] = None


Tasks = Items[Task]
