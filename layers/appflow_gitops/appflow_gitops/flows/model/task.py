"""What a flow does with the records on their way."""

from appflow_gitops.flows.model.operators import ConnectorOperator
from appflow_gitops.flows.model.scalars import (
    DestinationField,
    SourceFields,
    TaskPropertiesMap,
    TaskType,
)
from appflow_gitops.flows.model.structure import Items, Omittable, Structure


class Task(Structure):
    """One step on the way: filter, map, mask, validate and so on."""

    sourceFields: SourceFields
    connectorOperator: Omittable[ConnectorOperator] = None
    destinationField: Omittable[DestinationField] = None
    taskType: TaskType
    taskProperties: Omittable[TaskPropertiesMap] = None


Tasks = Items[Task]
