"""Dashboard, alarms and saved queries: they use metrics, resources and headings that exist."""

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest

from appflow_gitops.flows import ownership
from appflow_gitops.observability import metric_names
from template.stack import ROOT, Stack

OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^#+ (.+)$", OPERATIONS, re.MULTILINE)
NAMESPACE = "AppFlowGitops/${AWS::StackName}"
SERVICES = {"intake", "apply", "detect_drift", "watch_runs"}

AWS_METRICS = {
    "AWS/SQS": {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
    "AWS/Lambda": {"Errors", "Throttles"},
}


def shown(stack: Stack) -> list[list[Any]]:
    """Every metric of the dashboard: namespace, name, dimension, value and, at the end, how it is drawn."""
    (dashboard,) = stack.of_type("AWS::CloudWatch::Dashboard").values()
    widgets = json.loads(dashboard["DashboardBody"]["Fn::Sub"])["widgets"]
    return [metric for widget in widgets for metric in widget["properties"]["metrics"]]


def alarms(stack: Stack) -> dict[str, dict[str, Any]]:
    """Alarm name, without the stack's -> properties."""
    found = stack.of_type("AWS::CloudWatch::Alarm").values()
    return {alarm["AlarmName"]["Fn::Sub"].removeprefix("${AWS::StackName}-"): alarm for alarm in found}


@dataclass(frozen=True)
class Alarm:
    """What an alarm measures and when it rings."""

    metrics: dict[str, str]
    """Dimension value -> metric name. Dimension values are logical ids, or services for our own metrics."""
    statistic: str
    period: int | str
    """Seconds, or the parameter that sets them."""
    periods: int
    rings: str
    """The comparison with the threshold."""
    expression: str | None = None


ALARMS = {
    # A dead letter is always worth a look, so the first one rings, within the shortest period that SQS reports.
    "flow-changes-dead-letters": Alarm(
        {"FlowChangesDeadLetterQueue": "ApproximateNumberOfMessagesVisible"}, "Maximum", 60, 1, "> 0"
    ),
    "events-dead-letters": Alarm(
        {"EventsDeadLetterQueue": "ApproximateNumberOfMessagesVisible"}, "Maximum", 60, 1, "> 0"
    ),
    # "More than an hour", and about the oldest message: another statistic would hide it behind newer data points.
    "flow-changes-waiting": Alarm(
        {"FlowChangesQueue": "ApproximateAgeOfOldestMessage"}, "Maximum", 300, 1, "> 3600"
    ),
    # Failures are final: one rings, whichever function reports it.
    "failed-changes": Alarm(
        {"intake": "Failed", "apply": "Failed"}, "Sum", 300, 1, "> 0", "FILL(intake, 0) + FILL(apply, 0)"
    ),
    # Every kind of drift but orphaned flows, which have no document to differ from. Scans report numbers, not events.
    "drift": Alarm(
        {"detect_drift": "Drifted Pending Missing"}, "Maximum", 300, 1, "> 0", "drifted + pending + missing"
    ),
    # Every health but Healthy and Unknown. Both scans and events report all four, so that the sum always exists.
    "health": Alarm(
        {"watch_runs": "Degraded Silent Stale Deactivated"},
        "Maximum",
        300,
        1,
        "> 0",
        "degraded + silent + stale + deactivated",
    ),
    # No dead-letter queue keeps a failed scan, and the retries of a scan that times out are more than one period apart.
    "scan-failed": Alarm({"DetectDriftFunction": "Errors"}, "Sum", 300, 1, ">= 1"),
    # Each completed scan is one sample; none in three periods in a row rings.
    "scan-overdue": Alarm(
        {"detect_drift": "Drifted"}, "SampleCount", "DriftSchedulePeriod", 3, "< 1", "FILL(scans, 0)"
    ),
    # More than the one failure that a retry repairs. Events that fail three times have the alarm of their queue.
    "function-errors": Alarm(
        {"IntakeFunction": "Errors", "ApplyFunction": "Errors", "WatchRunsFunction": "Errors"},
        "Sum",
        300,
        1,
        ">= 3",
        "FILL(intake, 0) + FILL(apply, 0) + FILL(watch_runs, 0)",
    ),
    # 15 minutes: Lambda and EventBridge retry throttled invocations for hours.
    "function-throttles": Alarm(
        {
            "IntakeFunction": "Throttles",
            "ApplyFunction": "Throttles",
            "DetectDriftFunction": "Throttles",
            "WatchRunsFunction": "Throttles",
        },
        "Sum",
        300,
        3,
        "> 0",
        "FILL(intake, 0) + FILL(apply, 0) + FILL(detect_drift, 0) + FILL(watch_runs, 0)",
    ),
}
"""Alarm name -> when it has to ring, and why."""

COMPARISONS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": ">=",
    "LessThanThreshold": "<",
}
DIMENSIONS = {"AWS/SQS": "QueueName", "AWS/Lambda": "FunctionName", NAMESPACE: "service"}


def as_expected(alarm: dict[str, Any]) -> Alarm:
    """A deployed alarm in the form of the table."""
    rows = alarm.get("Metrics", [{"MetricStat": {**alarm, "Metric": alarm, "Stat": alarm.get("Statistic")}}])
    stats = [row["MetricStat"] for row in rows if "MetricStat" in row]
    metrics: dict[str, str] = {}
    for stat in stats:
        [dimension] = stat["Metric"]["Dimensions"]
        assert dimension["Name"] == DIMENSIONS[owner(stat["Metric"]["Namespace"])]
        value = owner(dimension["Value"])
        metrics[value] = f"{metrics.get(value, '')} {stat['Metric']['MetricName']}".strip()
    [statistic] = {stat["Stat"] for stat in stats}
    [period] = {owner(stat["Period"]) for stat in stats}
    expressions = [row["Expression"] for row in rows if "Expression" in row]
    hidden = [row for row in rows if "MetricStat" in row and row.get("ReturnData") is not False]
    assert not (expressions and hidden), "an alarm evaluates exactly one series"
    return Alarm(
        metrics,
        statistic,
        period,
        alarm["EvaluationPeriods"],
        f"{COMPARISONS[alarm['ComparisonOperator']]} {alarm['Threshold']}",
        *expressions,
    )


def owner(value: Any) -> Any:
    """The logical id in a reference or the text of a substitution; any other value as it is."""
    match value:
        case {"Ref": name} | {"Fn::GetAtt": [name, _]} | {"Fn::Sub": name}:
            return name
    return value


def test_the_dashboard_shows_every_metric_that_the_functions_emit_and_no_other(stack: Stack) -> None:
    ours = [metric for metric in shown(stack) if metric[0] == NAMESPACE]
    assert {name for _, name, *_ in ours} == metric_names()
    assert {(dimension, service) for _, _, dimension, service, *_ in ours} == {
        ("service", service) for service in SERVICES
    }


def test_the_dashboard_shows_queue_age_dead_letters_errors_and_throttles(stack: Stack) -> None:
    others: dict[str, set[str]] = {}
    for namespace, name, *_ in shown(stack):
        if namespace != NAMESPACE:
            others.setdefault(namespace, set()).add(name)
    assert others == AWS_METRICS


def test_every_name_in_the_dashboard_is_filled_in_from_the_stack(stack: Stack) -> None:
    (dashboard,) = stack.of_type("AWS::CloudWatch::Dashboard").values()
    named = set(re.findall(r"\$\{([^}]+)\}", dashboard["DashboardBody"]["Fn::Sub"]))
    assert {name.partition(".")[0] for name in named if not name.startswith("AWS::")} <= set(stack.resources)


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_rings_when_it_promises_to(stack: Stack, name: str) -> None:
    assert as_expected(alarms(stack)[name]) == ALARMS[name]


def test_every_alarm_is_in_the_table_and_measures_metrics_that_exist(stack: Stack) -> None:
    assert alarms(stack).keys() == ALARMS.keys()
    names = {
        name for alarm in ALARMS.values() for metric in alarm.metrics.values() for name in metric.split()
    }
    assert names <= set(metric_names()) | set.union(*AWS_METRICS.values())


def test_the_scan_alarms_exist_only_where_scans_are_scheduled(stack: Stack) -> None:
    conditions = {
        name: resource.get("Condition")
        for name, resource in stack.resources.items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }
    assert {name for name, condition in conditions.items() if condition == "ScansForDrift"} == {
        "ScanFailedAlarm",
        "ScanOverdueAlarm",
    }
    assert set(conditions.values()) == {None, "ScansForDrift"}


def test_the_default_period_is_that_of_the_default_schedule(stack: Stack) -> None:
    parameters = stack.template["Parameters"]
    assert (
        parameters["DriftSchedule"]["Default"]
        == f"rate({parameters['DriftSchedulePeriod']['Default'] // 3600} hour)"
    )


def test_cloudwatch_can_evaluate_three_periods_of_every_allowed_length(stack: Stack) -> None:
    seven_days, hour = 7 * 86400, 3600
    for period in stack.template["Parameters"]["DriftSchedulePeriod"]["AllowedValues"]:
        assert period % 60 == 0
        # CloudWatch evaluates one day, or seven days in periods of an hour and more.
        assert 3 * period <= (seven_days if period >= hour else 86400)


def test_the_functions_emit_under_the_namespace_of_dashboard_and_alarms(stack: Stack) -> None:
    for function in stack.of_type("AWS::Lambda::Function").values():
        emitted = function["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
        assert emitted == {"Fn::Sub": NAMESPACE}


MISSING_DATA = {
    # Between two scans the result of the last one holds.
    "drift": "ignore",
    "health": "ignore",
    # No data at all: no scan has ever completed.
    "scan-overdue": "breaching",
}


def test_every_alarm_notifies_the_topic_if_there_is_one_and_treats_missing_data_as_it_should(
    stack: Stack,
) -> None:
    topic = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}
    for name, alarm in alarms(stack).items():
        assert alarm["AlarmActions"] == topic
        assert alarm["TreatMissingData"] == MISSING_DATA.get(name, "notBreaching")


def test_every_alarm_names_its_section_in_the_operations_guide_and_every_section_has_its_alarm(
    stack: Stack,
) -> None:
    for name, alarm in alarms(stack).items():
        assert alarm["AlarmDescription"].endswith(f"See docs/operations.md, {name}.")
    start, end = HEADINGS.index("When an alarm rings"), HEADINGS.index("Saved queries")
    assert HEADINGS[start + 1 : end] == list(alarms(stack))


def test_every_saved_query_reads_the_logs_of_all_functions_and_is_in_the_operations_guide(
    stack: Stack,
) -> None:
    functions = stack.of_type("AWS::Lambda::Function").values()
    groups = [function["LoggingConfig"]["LogGroup"] for function in functions]
    queries = stack.of_type("AWS::Logs::QueryDefinition").values()
    assert len(queries) == 4
    for query in queries:
        assert sorted(query["LogGroupNames"], key=str) == sorted(groups, key=str)
        assert f"`{query['Name']['Fn::Sub'].rpartition('/')[2]}`" in OPERATIONS


def test_the_operations_guide_names_outputs_that_the_stack_has(stack: Stack) -> None:
    named = set(re.findall(r"\$\(output (\w+)\)", OPERATIONS))
    assert named
    assert named <= set(stack.template["Outputs"])


def test_the_functions_are_traced_as_one(stack: Stack) -> None:
    # botocore propagates the trace (tests/integration/functions/test_watching.py); Lambda links apply's to it.
    functions = stack.of_type("AWS::Lambda::Function").values()
    assert {function["TracingConfig"]["Mode"] for function in functions} == {"Active"}
    senders = {
        role for role, statement in stack.statements() if "xray:PutTraceSegments" in statement["Action"]
    }
    assert senders == {function["Role"]["Fn::GetAtt"][0] for function in functions}


def test_the_operations_guide_removes_every_tag_of_the_tool() -> None:
    ours = {value for value in vars(ownership).values() if str(value).startswith(ownership.PREFIX)}
    assert set(re.findall(r"appflow-gitops:\w+", OPERATIONS)) == ours - {ownership.PREFIX}
