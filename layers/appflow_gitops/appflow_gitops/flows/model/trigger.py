"""The trigger of a flow: on demand, on a schedule or on an event."""

from appflow_gitops.flows.model.scalars import (
    DataPullMode,
    Date,
    FlowErrorDeactivationThreshold,
    ScheduleExpression,
    ScheduleOffset,
    Timezone,
    TriggerType,
)
from appflow_gitops.flows.model.structure import Omittable, Structure


class ScheduledTriggerProperties(Structure):
    """When and how often a scheduled flow runs."""

    scheduleExpression: ScheduleExpression
    dataPullMode: Omittable[DataPullMode] = None
    scheduleStartTime: Omittable[Date] = None
    scheduleEndTime: Omittable[Date] = None
    timezone: Omittable[Timezone] = None
    scheduleOffset: Omittable[ScheduleOffset] = None
    firstExecutionFrom: Omittable[Date] = None
    flowErrorDeactivationThreshold: Omittable[FlowErrorDeactivationThreshold] = None


class TriggerProperties(Structure):
    """The properties of the trigger; only the Scheduled trigger has any."""

    Scheduled: Omittable[ScheduledTriggerProperties] = None


class TriggerConfig(Structure):
    """What starts the flow."""

    triggerType: TriggerType
    triggerProperties: Omittable[TriggerProperties] = None
