"""Rules about connectorOperator: its connector, the operator, and the number of operators."""

import json
from collections.abc import Iterator

from appflow_gitops.findings import Issue, Severity
from appflow_gitops.quoting import listed, quoted
from appflow_gitops.validation.rules.connectors import operators_of
from appflow_gitops.validation.rules.flow_view import FlowView, TaskView
from appflow_gitops.validation.rules.rule import CDK, TERRAFORM, Rule, api_reference, github_issue

_OPERATORS = {
    "Filter": (
        "PROJECTION",
        "BETWEEN",
        "EQUAL_TO",
        "NOT_EQUAL_TO",
        "CONTAINS",
        "LESS_THAN",
        "LESS_THAN_OR_EQUAL_TO",
        "GREATER_THAN",
        "GREATER_THAN_OR_EQUAL_TO",
    ),
    "Mask": ("MASK_ALL", "MASK_FIRST_N", "MASK_LAST_N"),
    "Validate": ("VALIDATE_NON_NULL", "VALIDATE_NON_ZERO", "VALIDATE_NON_NEGATIVE", "VALIDATE_NUMERIC"),
    "Arithmetic": ("ADDITION", "SUBTRACTION", "MULTIPLICATION", "DIVISION"),
}
"""The operators of the task types that have no effect without one."""

_NO_OP = ("NO_OP",)
_KEY = "connectorOperator"


def _operators_for(task_type: str) -> tuple[str, ...]:
    return _OPERATORS.get(task_type, _NO_OP)


def _expected(flow: FlowView, task_type: str) -> str:
    """Return the hint with the operators for such a task that the source supports."""
    key = flow.operator_key
    names = [name for name in _operators_for(task_type) if key is None or name in operators_of(key)]
    of_source = f" of {key}" if key else ""
    return f"operators{of_source} for a {task_type} task: {listed(names) or 'none'}"


class OperatorOfSource(Rule):
    """Operator of another connector.

    AppFlow ignores an operator unless its key is the source connector. Flows with such tasks were deployed and
    transferred nothing; for Filter tasks AppFlow has answered "the operator NO_OP is not valid for filtering tasks".
    Move the operator under the key of the source, even if the destination has another connector. NO_OP does nothing,
    so its key does not matter.
    """

    id = "AFG224"
    severity = Severity.WARNING
    source = github_issue(CDK, 17748)
    bad = """
        tasks:
        - {taskType: Filter, sourceFields: [id], connectorOperator: {Salesforce: PROJECTION}}
        - {taskType: Map, sourceFields: [id], destinationField: id}
    """
    good = """
        tasks:
        - {taskType: Filter, sourceFields: [id], connectorOperator: {S3: PROJECTION}}
        - {taskType: Map, sourceFields: [id], destinationField: id}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        key = flow.operator_key
        for task in flow.tasks:
            acts = any(operator != "NO_OP" for operator in task.operators.values())
            if key and acts and key not in task.operators:
                message = (
                    f"expected the operator of the source {quoted(key)}, got that of {listed(task.operators)}"
                )
                yield self.issue(task.view.at(_KEY), message, _moved(flow, task, key))


def _moved(flow: FlowView, task: TaskView, key: str) -> str:
    operator = next(iter(task.operators.values()))
    if operator in operators_of(key):
        return f"write {json.dumps({key: operator})}"
    return f"{key} does not support {quoted(operator)}; {_expected(flow, task.type or '')}"


class SingleOperator(Rule):
    """More than one operator.

    `connectorOperator` has a key for each source connector, and exactly one of them may be set: that of the flow's
    source. Remove the others.
    """

    id = "AFG225"
    severity = Severity.WARNING
    source = api_reference("ConnectorOperator")
    bad = """
        tasks:
        - {taskType: Map_all, sourceFields: [], connectorOperator: {S3: NO_OP, Salesforce: NO_OP}}
    """
    good = """
        tasks:
        - {taskType: Map_all, sourceFields: [], connectorOperator: {S3: NO_OP}}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        key = flow.operator_key
        for task in flow.tasks:
            if len(task.operators) > 1 and key in task.operators:
                message = f"a task takes exactly one operator, got {len(task.operators)}"
                hint = f"remove {listed(name for name in task.operators if name != key)}"
                yield self.issue(task.view.at(_KEY), message, hint)


class OperatorForTask(Rule):
    """Operator does not fit the task type.

    Filter, Mask, Validate and Arithmetic tasks have no effect without one of their own operators. All other tasks take
    NO_OP or none. Use one of the operators in the hint.
    """

    id = "AFG226"
    severity = Severity.WARNING
    source = api_reference("Task")
    bad = """
        tasks:
        - {taskType: Map_all, sourceFields: [], connectorOperator: {S3: PROJECTION}}
    """
    good = """
        tasks:
        - {taskType: Map_all, sourceFields: [], connectorOperator: {S3: NO_OP}}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for task in flow.tasks:
            if task.type is None:
                continue
            if task.type in _OPERATORS and task.view.is_missing(_KEY):
                message = f"missing 'connectorOperator' in a {task.type} task"
                yield self.issue(task.view.at(_KEY), message, _expected(flow, task.type))
            elif task.operator and task.operator not in (*_operators_for(task.type), *_NO_OP):
                message = f"invalid operator {quoted(task.operator)} for a {task.type} task"
                yield self.issue(task.view.at(_KEY), message, _expected(flow, task.type))
            elif task.type in _OPERATORS and task.type != "Filter" and task.operator == "NO_OP":
                message = f"a {task.type} task has no effect with 'NO_OP'"
                yield self.issue(task.view.at(_KEY), message, _expected(flow, task.type))


class FilterOperator(Rule):
    """Filter with NO_OP.

    AppFlow answers "The operator NO_OP is not valid for filtering tasks". Use PROJECTION to select fields, or an
    operator that compares values.
    """

    id = "AFG227"
    severity = Severity.ERROR
    source = github_issue(TERRAFORM, 34482)
    bad = """
        tasks:
        - {taskType: Filter, sourceFields: [id], connectorOperator: {S3: NO_OP}}
        - {taskType: Map_all, sourceFields: []}
    """
    good = """
        tasks:
        - {taskType: Filter, sourceFields: [id], connectorOperator: {S3: PROJECTION}}
        - {taskType: Map_all, sourceFields: []}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for task in flow.of_type("Filter"):
            if task.operator == "NO_OP":
                message = "invalid operator 'NO_OP' for a Filter task"
                yield self.issue(task.view.at(_KEY), message, _expected(flow, "Filter"))
