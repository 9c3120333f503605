"""Rules about connectorOperator: under which connector, which one, how many."""

import json
from collections.abc import Iterator

from appflow_gitops.findings import Severity
from appflow_gitops.validation.rules.connectors import operators_of
from appflow_gitops.validation.rules.rule import CDK, TERRAFORM, Found, Rule, api_reference, issue, listed
from appflow_gitops.validation.rules.view import FlowView, Task

_FIT = {
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
"""The operators of the task types that do nothing without one."""

_NO_OP = ("NO_OP",)
_MEMBER = "connectorOperator"


def _fitting(task_type: str) -> tuple[str, ...]:
    return _FIT.get(task_type, _NO_OP)


def _choice(flow: FlowView, task_type: str) -> str:
    """The operators to choose from for such a task, as far as the source has them."""
    member = flow.operator_member
    fitting = [name for name in _fitting(task_type) if member is None or name in operators_of(member)]
    of_source = f" of {member}" if member else ""
    return f"operators{of_source} for {task_type}: {', '.join(fitting) or 'none'}"


class OperatorOfSource(Rule):
    """The operator stands under the source connector.

    Under another connector, also under the destination's, the operator is not seen. Flows with such tasks were
    deployed and transferred nothing; for Filter tasks AppFlow has answered that "the operator NO_OP is not valid for
    filtering tasks".
    """

    id = "AFG224"
    severity = Severity.WARNING
    source = issue(CDK, 17748)
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        member = flow.operator_member
        for task in flow.tasks:
            if member and task.operators and member not in task.operators:
                message = f"the operator stands under {listed(task.operators)}, the source is '{member}'"
                yield Found(task.part.at(_MEMBER), message, _moved(flow, task, member))


def _moved(flow: FlowView, task: Task, member: str) -> str:
    operator = next(iter(task.operators.values()))
    if operator in operators_of(member):
        return f"write {json.dumps({member: operator})}"
    return f"{member} has no {operator}; {_choice(flow, task.type or '')}"


class OneOperator(Rule):
    """A task has one operator.

    The object has a member for each connector that can be a source; one of them is filled in.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        member = flow.operator_member
        for task in flow.tasks:
            others = [name for name in task.operators if name != member]
            if len(task.operators) > 1 and member in task.operators:
                hint = f"leave out {listed(others)}: the source is '{member}'"
                yield Found(task.part.at(_MEMBER), f"the task has {len(task.operators)} operators", hint)


class OperatorFits(Rule):
    """The operator fits the task type.

    A Filter compares or projects, a Mask masks, a Validate validates, an Arithmetic calculates, and none of them does
    anything without an operator. All other tasks have NO_OP or none.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for task in flow.tasks:
            if task.type is None:
                continue
            if task.type in _FIT and task.part.is_missing(_MEMBER):
                message = f"a {task.type} task does nothing without an operator"
                yield Found(task.part.at(_MEMBER), message, _choice(flow, task.type))
            elif task.operator and task.operator not in (*_fitting(task.type), *_NO_OP):
                message = f"{task.operator} is no operator for a {task.type} task"
                yield Found(task.part.at(_MEMBER), message, _choice(flow, task.type))
            elif task.type in _FIT and task.type != "Filter" and task.operator == "NO_OP":
                message = f"a {task.type} task does nothing with NO_OP"
                yield Found(task.part.at(_MEMBER), message, _choice(flow, task.type))


class FilterOperator(Rule):
    """NO_OP is no operator for a Filter.

    AppFlow answers "The operator NO_OP is not valid for filtering tasks".
    """

    id = "AFG227"
    severity = Severity.ERROR
    source = issue(TERRAFORM, 34482)
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for task in flow.of_type("Filter"):
            if task.operator == "NO_OP":
                message = "AppFlow refuses NO_OP for a Filter task"
                yield Found(task.part.at(_MEMBER), message, _choice(flow, "Filter"))
