"""What an operator is shown and told: the dashboard, the alarms and the saved queries go by the names that exist."""

import json
import re
from collections.abc import Iterator
from typing import Any

from appflow_gitops.flows import ownership
from appflow_gitops.observability import METRICS
from template.stack import ROOT, Stack

OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^#+ (.+)$", OPERATIONS, re.MULTILINE)
NAMESPACE = "AppFlowGitops/${AWS::StackName}"
SERVICES = {"intake", "apply", "detect_drift"}

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


def watched(stack: Stack) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Namespace, name and dimension of every metric that an alarm looks at."""
    for alarm in alarms(stack).values():
        stats = [row["MetricStat"]["Metric"] for row in alarm.get("Metrics", []) if "MetricStat" in row]
        for metric in stats or [alarm]:
            (dimension,) = metric["Dimensions"]
            namespace = metric["Namespace"]
            yield (
                namespace if isinstance(namespace, str) else namespace["Fn::Sub"],
                metric["MetricName"],
                dimension,
            )


def test_the_dashboard_shows_every_metric_that_the_functions_emit_and_no_other(stack: Stack) -> None:
    ours = [metric for metric in shown(stack) if metric[0] == NAMESPACE]
    assert {name for _, name, *_ in ours} == METRICS
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


def test_alarms_look_only_at_metrics_that_somebody_emits(stack: Stack) -> None:
    seen = list(watched(stack))
    assert len(seen) >= len(alarms(stack))
    for namespace, name, dimension in seen:
        if namespace == NAMESPACE:
            assert name in METRICS
            assert (dimension["Name"], dimension["Value"]) in {("service", service) for service in SERVICES}
        else:
            assert name in AWS_METRICS[namespace]


def test_the_functions_emit_under_the_namespace_that_dashboard_and_alarms_go_by(stack: Stack) -> None:
    for function in stack.of_type("AWS::Lambda::Function").values():
        emitted = function["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
        assert emitted == {"Fn::Sub": NAMESPACE}


def test_there_is_an_alarm_for_everything_that_needs_a_person(stack: Stack) -> None:
    assert alarms(stack).keys() == {
        "flow-changes-dead-letters",
        "events-dead-letters",
        "flow-changes-waiting",
        "failed-changes",
        "drift",
        "function-errors",
        "function-throttles",
    }


def test_every_alarm_goes_to_the_topic_where_there_is_one_and_is_silent_without_data(stack: Stack) -> None:
    for name, alarm in alarms(stack).items():
        assert alarm["AlarmActions"] == {
            "Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]
        }
        # What a scan found holds until the next one.
        assert alarm["TreatMissingData"] == ("ignore" if name == "drift" else "notBreaching")


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
    # botocore hands the trace on (tests/integration/functions/test_watching.py); Lambda links apply's to it.
    functions = stack.of_type("AWS::Lambda::Function").values()
    assert {function["TracingConfig"]["Mode"] for function in functions} == {"Active"}
    senders = {
        role for role, statement in stack.statements() if "xray:PutTraceSegments" in statement["Action"]
    }
    assert senders == {function["Role"]["Fn::GetAtt"][0] for function in functions}


def test_the_operations_guide_takes_off_every_tag_that_the_tool_puts_on() -> None:
    ours = {value for value in vars(ownership).values() if str(value).startswith(ownership.PREFIX)}
    assert set(re.findall(r"appflow-gitops:\w+", OPERATIONS)) == ours - {ownership.PREFIX}
