"""Every number in the template, and why it is that one. Those of alarms are in test_watching.py."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from appflow_gitops.sync.declaration import OLDER_VERSIONS
from template.stack import Stack

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
WATCHING = {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"}


@dataclass(frozen=True)
class Number:
    """A value, the reason for it, and the properties that have it: ``<logical id>.<property>``."""

    value: int
    why: str
    properties: tuple[str, ...]


NUMBERS = (
    Number(
        14 * DAY,
        "SQS's maximum: no message and no dead letter is lost over a holiday",
        (
            "FlowChangesQueue.MessageRetentionPeriod",
            "FlowChangesDeadLetterQueue.MessageRetentionPeriod",
            "EventsDeadLetterQueue.MessageRetentionPeriod",
            "FailedEventsQueue.MessageRetentionPeriod",
            "ReleaseTimersQueue.MessageRetentionPeriod",
        ),
    ),
    Number(
        DAY,
        "EventBridge's maximum: an outage of a target that is shorter loses no event",
        (
            "StatusRule.Targets.0.RetryPolicy.MaximumEventAgeInSeconds",
            "StatusRule.Targets.1.RetryPolicy.MaximumEventAgeInSeconds",
            "IntakeFunctionDocumentDropped.Targets.0.RetryPolicy.MaximumEventAgeInSeconds",
            "IntakeFunctionChangeRequested.Targets.0.RetryPolicy.MaximumEventAgeInSeconds",
        ),
    ),
    Number(
        185,
        "EventBridge's maximum: the retries last for the whole day",
        (
            "StatusRule.Targets.0.RetryPolicy.MaximumRetryAttempts",
            "StatusRule.Targets.1.RetryPolicy.MaximumRetryAttempts",
            "IntakeFunctionDocumentDropped.Targets.0.RetryPolicy.MaximumRetryAttempts",
            "IntakeFunctionChangeRequested.Targets.0.RetryPolicy.MaximumRetryAttempts",
        ),
    ),
    Number(
        HOUR,
        "one period of the default schedule, rate(1 hour): then the next scan is due",
        (
            "DetectDriftFunctionScanDue.Targets.0.RetryPolicy.MaximumEventAgeInSeconds",
            "DetectDriftFunctionRepairsConfirmed.Targets.0.RetryPolicy.MaximumEventAgeInSeconds",
            "WatchRunsFunctionScanDue.Targets.0.RetryPolicy.MaximumEventAgeInSeconds",
            "WatchRunsFunctionRunReported.Targets.0.RetryPolicy.MaximumEventAgeInSeconds",
            "DriftSchedulePeriod.Default",
        ),
    ),
    Number(
        60,
        "a retry a minute until the next scan",
        (
            "DetectDriftFunctionScanDue.Targets.0.RetryPolicy.MaximumRetryAttempts",
            "DetectDriftFunctionRepairsConfirmed.Targets.0.RetryPolicy.MaximumRetryAttempts",
            "WatchRunsFunctionScanDue.Targets.0.RetryPolicy.MaximumRetryAttempts",
            "WatchRunsFunctionRunReported.Targets.0.RetryPolicy.MaximumRetryAttempts",
        ),
    ),
    Number(
        6 * HOUR,
        "Lambda's maximum: throttled events wait in the same queue",
        ("IntakeFunctionEventInvokeConfig.MaximumEventAgeInSeconds",),
    ),
    Number(2, "Lambda's maximum", ("IntakeFunctionEventInvokeConfig.MaximumRetryAttempts",)),
    Number(
        1,
        "a change or a letter that hangs or dies uses up neither the time nor the attempts of another",
        (
            "ApplyFunctionFlowChanges.BatchSize",
            "IntakeFunctionFailedEvents.BatchSize",
            "IntakeFunctionReleaseDue.BatchSize",
        ),
    ),
    Number(
        2, "the minimum that Lambda accepts for an event source mapping", ("MaximumConcurrency.MinValue",)
    ),
    Number(1000, "the maximum that Lambda accepts", ("MaximumConcurrency.MaxValue",)),
    Number(
        5, "a fleet is updated in minutes, and AppFlow does not throttle", ("MaximumConcurrency.Default",)
    ),
    Number(
        30,
        "status events and logs of a month answer questions about a release",
        ("LogRetentionDays.Default",),
    ),
    Number(
        3653,
        "the longest finite retention: outcomes last as long as the versions of documents",
        ("HistoryRetentionDays.Default",),
    ),
    Number(
        5, "retries over about two minutes: CI waits for the outcome", ("FlowChanges.Deliveries.Attempts",)
    ),
    Number(
        6,
        "one more than the attempts: the last delivery reports an attempt that died",
        ("FlowChanges.Deliveries.Receives",),
    ),
    Number(
        5 * MINUTE,
        "a call of which every attempt hangs takes a minute, the report after it 200 seconds",
        ("FlowChanges.Seconds.FunctionTimeout",),
    ),
    Number(
        30 * MINUTE,
        "six times the timeout, as AWS recommends: no message is delivered while it is processed",
        ("FlowChanges.Seconds.VisibilityTimeout",),
    ),
    Number(
        6 * MINUTE,
        "six times the timeout of intake",
        ("FailedEventsQueue.VisibilityTimeout", "ReleaseTimersQueue.VisibilityTimeout"),
    ),
    Number(
        5,
        "a letter that cannot be reported for half an hour is kept as a dead letter",
        (
            "FailedEventsQueue.RedrivePolicy.maxReceiveCount",
            "ReleaseTimersQueue.RedrivePolicy.maxReceiveCount",
        ),
    ),
    Number(
        MINUTE,
        "a document of the maximum size takes seconds, the rest is for throttled calls",
        ("IntakeFunction.Timeout",),
    ),
    Number(
        15 * MINUTE,
        "Lambda's maximum: a first scan inspects every flow",
        ("DetectDriftFunction.Timeout", "WatchRunsFunction.Timeout"),
    ),
    Number(0, "no limit, as before the parameter", ("ChangeAtMost.Default", "ChangeAtMost.MinValue")),
    Number(
        512,
        "the memory for which docs/performance.md has figures",
        (
            "IntakeFunction.MemorySize",
            "ApplyFunction.MemorySize",
            "DetectDriftFunction.MemorySize",
            "WatchRunsFunction.MemorySize",
        ),
    ),
    Number(
        OLDER_VERSIONS,
        "apply reads so many versions behind the latest to find the latest valid one",
        (
            "DocumentsBucket.LifecycleConfiguration.Rules.0.NoncurrentVersionExpiration.NewerNoncurrentVersions",
        ),
    ),
    Number(
        365,
        "other versions are history only",
        ("DocumentsBucket.LifecycleConfiguration.Rules.0.NoncurrentVersionExpiration.NoncurrentDays",),
    ),
    Number(
        1,
        "S3's minimum: old scan states and unfinished uploads have no use",
        (
            "DocumentsBucket.LifecycleConfiguration.Rules.1.NoncurrentVersionExpiration.NoncurrentDays",
            "DocumentsBucket.LifecycleConfiguration.Rules.2.NoncurrentVersionExpiration.NoncurrentDays",
            "DocumentsBucket.LifecycleConfiguration.Rules.3.NoncurrentVersionExpiration.NoncurrentDays",
            "DocumentsBucket.LifecycleConfiguration.Rules.4.NoncurrentVersionExpiration.NoncurrentDays",
            "DocumentsBucket.LifecycleConfiguration.Rules.5.AbortIncompleteMultipartUpload.DaysAfterInitiation",
        ),
    ),
)


def without_choices(parameter: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameter.items() if name != "AllowedValues"}


def numbers(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, int]]:
    """The path and value of every number, those of mappings included, which are written as text."""
    match value:
        case dict():
            for name, inner in value.items():
                yield from numbers(inner, (*path, name))
        case list():
            for index, inner in enumerate(value):
                yield from numbers(inner, (*path, str(index)))
        case bool():
            pass
        case int() | str() if str(value).isdecimal():
            yield ".".join(path), int(value)


def test_every_number_of_the_template_is_the_one_that_a_reason_calls_for(stack: Stack) -> None:
    resources = {
        name: resource.get("Properties", {})
        for name, resource in stack.resources.items()
        if resource["Type"] not in WATCHING
    }
    parameters = {name: without_choices(declared) for name, declared in stack.template["Parameters"].items()}
    expected = {path: number.value for number in NUMBERS for path in number.properties}
    assert dict(numbers(resources | parameters | stack.template["Mappings"])) == expected
