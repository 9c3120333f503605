"""Rules about triggers and schedules."""

import re
from collections.abc import Iterator

from appflow_gitops.findings import Issue, Severity
from appflow_gitops.flows.schedule import cron_fields, interval, parse_rate
from appflow_gitops.quoting import quoted
from appflow_gitops.validation.rules.connectors import SHORTEST_INTERVALS, WITH_EVENTS
from appflow_gitops.validation.rules.flow_view import FlowView
from appflow_gitops.validation.rules.rule import (
    CDK_APPFLOW,
    Rule,
    api_reference,
    github_issue,
    user_guide,
)

_DOCUMENTED_RATE = re.compile(r"rate\([1-9][0-9]*(minutes|hours|days|weeks)\)")
_CRON_FIELDS = 6
_EXPRESSION = "scheduleExpression"
_REMOVE_SCHEDULE = "remove triggerProperties, or set triggerType to Scheduled"


class ScheduleRequired(Rule):
    """Scheduled trigger without a schedule.

    AppFlow answers "TriggerProps is required for Scheduled Trigger Type." Add `triggerProperties` with a `Scheduled`
    object, or set `triggerType` to OnDemand.
    """

    id = "AFG250"
    severity = Severity.ERROR
    source = github_issue(CDK_APPFLOW, 129)
    bad = """
        triggerConfig: {triggerType: Scheduled}
    """
    good = """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled: {scheduleExpression: rate(1days)}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        if flow.trigger is None or flow.trigger_type != "Scheduled":
            return
        message = "missing schedule for the trigger 'Scheduled'"
        hint = 'for example "triggerProperties": {"Scheduled": {"scheduleExpression": "rate(1days)"}}'
        properties = flow.trigger.child("triggerProperties")
        if flow.trigger.is_missing("triggerProperties"):
            yield self.issue(flow.trigger.at("triggerProperties"), message, hint)
        elif properties and properties.is_missing("Scheduled"):
            yield self.issue(properties.at("Scheduled"), message, hint)


class OnDemandWithSchedule(Rule):
    """OnDemand trigger with a schedule.

    AppFlow rejects `triggerProperties` for the trigger OnDemand, although DescribeFlow returns an empty object there.
    Remove `triggerProperties`, or set `triggerType` to Scheduled.
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

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        if flow.trigger and flow.trigger_type == "OnDemand" and flow.trigger.has("triggerProperties"):
            message = "the trigger 'OnDemand' does not take 'triggerProperties'"
            yield self.issue(flow.trigger.at("triggerProperties"), message, _REMOVE_SCHEDULE)


class EventWithSchedule(Rule):
    """Event trigger with a schedule.

    A flow with the trigger Event runs when an event arrives, so its schedule has no effect. Remove `triggerProperties`,
    or set `triggerType` to Scheduled.
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

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        if flow.trigger and flow.trigger_type == "Event" and flow.trigger.has("triggerProperties"):
            message = "'triggerProperties' has no effect for the trigger 'Event'"
            yield self.issue(flow.trigger.at("triggerProperties"), message, _REMOVE_SCHEDULE)


class ValidSchedule(Rule):
    """Invalid schedule expression.

    A schedule is `rate(5minutes)`, with a whole number of minutes, hours, days or weeks, or `cron(...)` with six
    fields: minutes, hours, day of month, month, day of week, year. AppFlow is not known to accept anything else.
    Correct the expression.
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

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        schedule = flow.schedule
        expression = schedule.text(_EXPRESSION) if schedule else None
        if schedule is None or expression is None:
            return
        if error := _error(expression):
            yield self.issue(schedule.at(_EXPRESSION), *error)


def _error(expression: str) -> tuple[str, str] | None:
    """Return the message and hint for an invalid expression, None for a valid one."""
    fields = cron_fields(expression)
    if fields is not None and len(fields) != _CRON_FIELDS:
        message = f"a cron expression takes {_CRON_FIELDS} fields, got {len(fields)}"
        return message, "minutes, hours, day of month, month, day of week, year: cron(0 7 ? * TUE *)"
    if interval(expression) is None:
        return f"invalid schedule {quoted(expression)}", "for example rate(5minutes) or rate(1days)"
    return None


class EditableSchedule(Rule):
    """Schedule that the console cannot edit.

    The documented form is a rate with a plural unit and no space. AppFlow runs other forms and `cron(...)` too, but the
    console can neither show nor save such a flow. Write the documented form if a rate is sufficient, or ignore the
    rule.
    """

    id = "AFG254"
    severity = Severity.WARNING
    source = github_issue(CDK_APPFLOW, 334)
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

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        schedule = flow.schedule
        expression = schedule.text(_EXPRESSION) if schedule else None
        if schedule is None or expression is None or _error(expression):
            return
        rate = parse_rate(expression)
        if rate and not _DOCUMENTED_RATE.fullmatch(expression):
            message = "the AppFlow console can neither show nor save this form of a rate"
            yield self.issue(schedule.at(_EXPRESSION), message, f"write {rate}")
        elif rate is None:
            message = "the AppFlow console can neither show nor save a cron expression"
            yield self.issue(schedule.at(_EXPRESSION), message, "if a rate is sufficient, write rate(1days)")


class RunInterval(Rule):
    """Schedule shorter than the source supports.

    Marketo, Singular and Trend Micro support one run per hour, Amplitude and Google Analytics one per day, other
    sources one per minute. Increase the interval.
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

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        schedule = flow.schedule
        expression = (schedule.text(_EXPRESSION) if schedule else None) or ""
        shortest = SHORTEST_INTERVALS.get(flow.source_type or "")
        rate = parse_rate(expression)
        if schedule and shortest and rate and 0 < rate.seconds < shortest.seconds:
            message = f"the source {quoted(flow.source_type)} supports one run per {shortest.unit}"
            yield self.issue(schedule.at(_EXPRESSION), message, f"write {shortest}, or longer")


class EndAfterStart(Rule):
    """Schedule ends before it starts.

    A schedule whose `scheduleEndTime` is not after its `scheduleStartTime` never runs. Both are in seconds since 1970.
    Move the end, or remove it.
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

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        schedule = flow.schedule
        start = schedule.number("scheduleStartTime") if schedule else None
        end = schedule.number("scheduleEndTime") if schedule else None
        if schedule and start is not None and end is not None and end <= start:
            message = "'scheduleEndTime' must be after 'scheduleStartTime'"
            yield self.issue(schedule.at("scheduleEndTime"), message, "move the end, or remove it")


class IncrementalField(Rule):
    """Incremental flow without a timestamp field.

    `incrementalPullConfig.datetimeTypeFieldName` is the field that separates new records from transferred ones. Without
    it, the result depends on the connector's default, if it has one. Set the field. S3 does not need it: AppFlow uses
    the age of the files.
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

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        incremental = flow.schedule is not None and flow.schedule.text("dataPullMode") == "Incremental"
        if not incremental or flow.source is None or flow.source_type in (None, "S3"):
            return
        pull = flow.source.view.child("incrementalPullConfig")
        has_no_field = pull and (
            pull.is_missing("datetimeTypeFieldName") or pull.text("datetimeTypeFieldName") == ""
        )
        if flow.source.view.is_missing("incrementalPullConfig") or has_no_field:
            message = "missing 'datetimeTypeFieldName' for the pull mode 'Incremental'"
            hint = 'for example "incrementalPullConfig": {"datetimeTypeFieldName": "LastModifiedDate"}'
            yield self.issue(pull.path if pull else flow.source.path, message, hint)


class SourceWithEvents(Rule):
    """Event trigger for a source without events.

    Of AppFlow's own connectors only Salesforce emits events, so the flow would never run. Use the trigger Scheduled or
    OnDemand.
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

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        if flow.trigger and flow.trigger_type == "Event" and flow.source_type not in (None, *WITH_EVENTS):
            message = f"the source {quoted(flow.source_type)} does not emit events"
            yield self.issue(
                flow.trigger.at("triggerType"), message, "set triggerType to Scheduled or OnDemand"
            )


class SuspendedOnDemand(Rule):
    """Suspended OnDemand flow.

    An OnDemand flow runs only when it is started, and AppFlow has no StopFlow for it. `flowStatus` has no effect:
    remove it.
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

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        if flow.trigger_type == "OnDemand" and flow.view.text("flowStatus") == "Suspended":
            message = "'flowStatus' has no effect on an OnDemand flow"
            yield self.issue(flow.view.at("flowStatus"), message, "remove it")


class StatusOfNewFlow(Rule):
    """Scheduled or event flow without flowStatus.

    AppFlow creates a flow in the status Draft, and a flow with a schedule or an event trigger does not run until it is
    activated. Without `flowStatus`, a new flow stays in Draft, and an existing flow keeps its status. Set
    `flowStatus: Active`, or `Suspended` to stop it.
    """

    id = "AFG260"
    severity = Severity.WARNING
    source = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-appflow-flow.html"
    bad = """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled: {scheduleExpression: rate(1days)}
        # flowStatus: missing
    """
    good = """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled: {scheduleExpression: rate(1days)}
        flowStatus: Active
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        if flow.trigger_type in ("Scheduled", "Event") and flow.view.is_missing("flowStatus"):
            message = (
                f"missing 'flowStatus' for the trigger {quoted(flow.trigger_type)}: a new flow stays in Draft"
            )
            yield self.issue(flow.view.at("flowStatus"), message, "set it to 'Active', or to 'Suspended'")
