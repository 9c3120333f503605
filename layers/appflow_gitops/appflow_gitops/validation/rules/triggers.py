"""Rules about when a flow runs: triggers, schedules, how often, from when on."""

import re
from collections.abc import Iterator

from appflow_gitops.findings import Severity
from appflow_gitops.flows.schedule import interval
from appflow_gitops.validation.rules.connectors import SHORTEST_INTERVALS, WITH_EVENTS
from appflow_gitops.validation.rules.rule import (
    CDK_APPFLOW,
    Found,
    Rule,
    api_reference,
    issue,
    listed,
    user_guide,
)
from appflow_gitops.validation.rules.view import FlowView

_DOCUMENTED_RATE = re.compile(r"rate\([1-9][0-9]*(minutes|hours|days|weeks)\)")
_RATE = re.compile(r"\s*rate\(\s*0*([0-9]+)\s*(minute|hour|day|week)s?\s*\)\s*", re.IGNORECASE)
_CRON = re.compile(r"\s*cron\((.*)\)\s*", re.IGNORECASE | re.DOTALL)
_CRON_FIELDS = 6
_UNITS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"))
_EXPRESSION = "scheduleExpression"


class ScheduleNeeded(Rule):
    """A scheduled flow has a schedule.

    AppFlow answers "TriggerProps is required for Scheduled Trigger Type."
    """

    id = "AFG250"
    severity = Severity.ERROR
    source = issue(CDK_APPFLOW, 129)
    bad = """
        triggerConfig: {triggerType: Scheduled}
    """
    good = """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled: {scheduleExpression: rate(1days)}
    """

    def _look(self, flow: FlowView) -> Iterator[Found]:
        if flow.trigger is None or flow.trigger_type != "Scheduled":
            return
        hint = 'for example "triggerProperties": {"Scheduled": {"scheduleExpression": "rate(1days)"}}'
        properties = flow.trigger.part("triggerProperties")
        if flow.trigger.is_missing("triggerProperties"):
            path = flow.trigger.at("triggerProperties")
            yield Found(path, "the trigger is Scheduled, and there is no schedule", hint)
        elif properties and properties.is_missing("Scheduled"):
            yield Found(
                properties.at("Scheduled"), "the trigger is Scheduled, and there is no schedule", hint
            )


class OnDemandHasNone(Rule):
    """A flow on demand has no trigger properties.

    AppFlow refuses ``triggerProperties`` for OnDemand, although DescribeFlow answers with an empty one.
    """

    id = "AFG251"
    severity = Severity.ERROR
    source = api_reference("TriggerConfig")
    bad = """
        triggerConfig:
          triggerType: OnDemand
          triggerProperties:
            Scheduled: {scheduleExpression: rate(1days)}
    """
    good = """
        triggerConfig: {triggerType: OnDemand}
    """

    def _look(self, flow: FlowView) -> Iterator[Found]:
        if flow.trigger and flow.trigger_type == "OnDemand" and flow.trigger.has("triggerProperties"):
            hint = "leave it out, or set triggerType to Scheduled"
            yield Found(flow.trigger.at("triggerProperties"), "an OnDemand flow has no schedule", hint)


class EventHasNone(Rule):
    """A flow that runs on events has no schedule.

    The properties of a schedule say nothing about events.
    """

    id = "AFG252"
    severity = Severity.WARNING
    source = api_reference("TriggerProperties")
    bad = """
        triggerConfig:
          triggerType: Event
          triggerProperties:
            Scheduled: {scheduleExpression: rate(1days)}
        sourceFlowConfig:
          connectorType: Salesforce
          connectorProfileName: crm
          sourceConnectorProperties:
            Salesforce: {object: AccountChangeEvent}
        tasks:
        - {taskType: Map_all, sourceFields: [], connectorOperator: {Salesforce: NO_OP}}
    """
    good = """
        triggerConfig: {triggerType: Event}
        sourceFlowConfig:
          connectorType: Salesforce
          connectorProfileName: crm
          sourceConnectorProperties:
            Salesforce: {object: AccountChangeEvent}
        tasks:
        - {taskType: Map_all, sourceFields: [], connectorOperator: {Salesforce: NO_OP}}
    """

    def _look(self, flow: FlowView) -> Iterator[Found]:
        if flow.trigger and flow.trigger_type == "Event" and flow.trigger.has("triggerProperties"):
            hint = "leave it out, or set triggerType to Scheduled"
            yield Found(flow.trigger.at("triggerProperties"), "a flow on events has no schedule", hint)


class ScheduleUnderstood(Rule):
    """The schedule is a rate or a cron expression.

    ``rate(5minutes)``: a whole number and minutes, hours, days or weeks. ``cron(...)`` has six fields: minutes, hours,
    day of month, month, day of week, year.
    """

    id = "AFG253"
    severity = Severity.WARNING
    source = api_reference("ScheduledTriggerProperties")
    bad = """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled: {scheduleExpression: every day}
    """
    good = """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled: {scheduleExpression: rate(1days)}
    """

    def _look(self, flow: FlowView) -> Iterator[Found]:
        schedule = flow.schedule
        expression = schedule.text(_EXPRESSION) if schedule else None
        if schedule is None or expression is None:
            return
        if wrong := _not_understood(expression):
            yield Found(schedule.at(_EXPRESSION), *wrong)


def _not_understood(expression: str) -> tuple[str, str] | None:
    """What is wrong with an expression that is no schedule, and what to do."""
    cron = _CRON.fullmatch(expression)
    fields = len(cron[1].split()) if cron else _CRON_FIELDS
    if fields != _CRON_FIELDS:
        message = f"a cron expression has {_CRON_FIELDS} fields, this has {fields}"
        return message, "minutes, hours, day of month, month, day of week, year: cron(0 7 ? * TUE *)"
    if interval(expression) is None:
        message = f"{listed([expression])} is no schedule that is known to work"
        return message, "for example rate(5minutes), rate(1days)"
    return None


class ScheduleEditable(Rule):
    """The console cannot show this schedule.

    The documented form is a rate with a plural unit and no space. AppFlow runs others, and ``cron(...)`` too, but the
    console can neither show nor save such a flow.
    """

    id = "AFG254"
    severity = Severity.WARNING
    source = issue(CDK_APPFLOW, 334)
    bad = """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled: {scheduleExpression: rate(1 day)}
    """
    good = """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled: {scheduleExpression: rate(1days)}
    """

    def _look(self, flow: FlowView) -> Iterator[Found]:
        schedule = flow.schedule
        expression = schedule.text(_EXPRESSION) if schedule else None
        if schedule is None or expression is None or _not_understood(expression):
            return
        rate = _RATE.fullmatch(expression)
        if rate and not _DOCUMENTED_RATE.fullmatch(expression):
            message = "AppFlow's console can neither show nor save this form of a rate"
            yield Found(schedule.at(_EXPRESSION), message, f"write rate({rate[1]}{rate[2].lower()}s)")
        elif rate is None:
            message = "AppFlow's console can neither show nor save a cron expression"
            hint = "where a rate will do, write it: rate(1days)"
            yield Found(schedule.at(_EXPRESSION), message, hint)


class NotTooOften(Rule):
    """The source cannot run this often.

    Most sources run once a minute at most; Marketo, Singular and Trend Micro once an hour, Amplitude and Google
    Analytics once a day.
    """

    id = "AFG255"
    severity = Severity.WARNING
    source = user_guide("service-quotas")
    bad = """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled: {scheduleExpression: rate(15minutes)}
        sourceFlowConfig:
          connectorType: Marketo
          connectorProfileName: marketing
          sourceConnectorProperties:
            Marketo: {object: leads}
        tasks:
        - {taskType: Map_all, sourceFields: [], connectorOperator: {Marketo: NO_OP}}
    """
    good = """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled: {scheduleExpression: rate(1hours)}
        sourceFlowConfig:
          connectorType: Marketo
          connectorProfileName: marketing
          sourceConnectorProperties:
            Marketo: {object: leads}
        tasks:
        - {taskType: Map_all, sourceFields: [], connectorOperator: {Marketo: NO_OP}}
    """

    def _look(self, flow: FlowView) -> Iterator[Found]:
        schedule = flow.schedule
        expression = (schedule.text(_EXPRESSION) if schedule else None) or ""
        shortest = SHORTEST_INTERVALS.get(flow.reads_from or "")
        seconds = interval(expression) if _RATE.fullmatch(expression) else None
        if schedule and shortest and seconds and seconds < shortest:
            slowest = _rate(shortest)
            message = f"a flow from {flow.reads_from} runs no more often than {slowest}"
            yield Found(schedule.at(_EXPRESSION), message, f"write {slowest}, or longer")


def _rate(seconds: int) -> str:
    """The interval as AppFlow's documented rate."""
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    return f"rate({seconds // size}{unit})"


class EndAfterStart(Rule):
    """The schedule ends after it starts.

    ``scheduleStartTime`` and ``scheduleEndTime`` are seconds since 1970; between the two there must be time to run.
    """

    id = "AFG256"
    severity = Severity.WARNING
    source = api_reference("ScheduledTriggerProperties")
    bad = """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled:
              scheduleExpression: rate(1days)
              scheduleStartTime: 1767225600
              scheduleEndTime: 1735689600
    """
    good = """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled:
              scheduleExpression: rate(1days)
              scheduleStartTime: 1767225600
              scheduleEndTime: 1798761600
    """

    def _look(self, flow: FlowView) -> Iterator[Found]:
        schedule = flow.schedule
        start = schedule.number("scheduleStartTime") if schedule else None
        end = schedule.number("scheduleEndTime") if schedule else None
        if schedule and start is not None and end is not None and end <= start:
            message = "the schedule ends before it starts, so it never runs"
            yield Found(schedule.at("scheduleEndTime"), message, "set it after scheduleStartTime")


class IncrementalField(Rule):
    """An incremental flow names no field to go by.

    ``incrementalPullConfig.datetimeTypeFieldName`` names the field that tells new records from old ones. Without it
    the connector's own idea of new counts, where it has one. S3 goes by the age of the files.
    """

    id = "AFG257"
    severity = Severity.INFO
    source = user_guide("flow-triggers")
    bad = """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled: {scheduleExpression: rate(1days), dataPullMode: Incremental}
        sourceFlowConfig:
          connectorType: Slack
          connectorProfileName: chat
          sourceConnectorProperties:
            Slack: {object: conversations}
        tasks:
        - {taskType: Map_all, sourceFields: [], connectorOperator: {Slack: NO_OP}}
    """
    good = """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled: {scheduleExpression: rate(1days), dataPullMode: Incremental}
        sourceFlowConfig:
          connectorType: Slack
          connectorProfileName: chat
          sourceConnectorProperties:
            Slack: {object: conversations}
          incrementalPullConfig: {datetimeTypeFieldName: ts}
        tasks:
        - {taskType: Map_all, sourceFields: [], connectorOperator: {Slack: NO_OP}}
    """

    def _look(self, flow: FlowView) -> Iterator[Found]:
        incremental = flow.schedule is not None and flow.schedule.text("dataPullMode") == "Incremental"
        if not incremental or flow.source is None or flow.reads_from in (None, "S3"):
            return
        pull = flow.source.part.part("incrementalPullConfig")
        unnamed = pull and (
            pull.is_missing("datetimeTypeFieldName") or pull.text("datetimeTypeFieldName") == ""
        )
        if flow.source.part.is_missing("incrementalPullConfig") or unnamed:
            message = "the flow is Incremental, and no field tells new records from old ones"
            hint = 'such as "incrementalPullConfig": {"datetimeTypeFieldName": "LastModifiedDate"}'
            yield Found(pull.path if pull else flow.source.path, message, hint)


class SourceOfEvents(Rule):
    """The source emits events.

    A flow with triggerType Event is started by change events, which of AppFlow's own connectors only Salesforce emits.
    """

    id = "AFG258"
    severity = Severity.WARNING
    source = user_guide("flow-triggers")
    bad = """
        triggerConfig: {triggerType: Event}
    """
    good = """
        triggerConfig: {triggerType: OnDemand}
    """

    def _look(self, flow: FlowView) -> Iterator[Found]:
        if flow.trigger and flow.trigger_type == "Event" and flow.reads_from not in (None, *WITH_EVENTS):
            message = f"'{flow.reads_from}' emits no events that could start the flow"
            yield Found(flow.trigger.at("triggerType"), message, "use Scheduled or OnDemand")


class SuspendedOnDemand(Rule):
    """A flow on demand cannot be suspended.

    AppFlow has no StopFlow for OnDemand flows: they run when somebody starts them, and not otherwise.
    """

    id = "AFG259"
    severity = Severity.WARNING
    source = api_reference("StopFlow")
    bad = """
        triggerConfig: {triggerType: OnDemand}
        flowStatus: Suspended
    """
    good = """
        triggerConfig: {triggerType: OnDemand}
    """

    def _look(self, flow: FlowView) -> Iterator[Found]:
        if flow.trigger_type == "OnDemand" and flow.part.text("flowStatus") == "Suspended":
            message = "flowStatus has no effect on an OnDemand flow"
            yield Found(flow.part.at("flowStatus"), message, "leave it out")
