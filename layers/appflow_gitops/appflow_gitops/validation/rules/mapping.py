"""Rules about the tasks that produce destination fields: Map, Merge and Arithmetic."""

import json
from collections.abc import Iterator

from appflow_gitops.findings import Issue, Severity
from appflow_gitops.quoting import listed, quoted
from appflow_gitops.validation.rules.flow_view import FlowView, TaskView
from appflow_gitops.validation.rules.rule import (
    CDK_APPFLOW,
    TERRAFORM,
    TERRAFORM_CC,
    Rule,
    api_reference,
    github_issue,
)

_MIN_FIELDS = 2
"""The fewest source fields of a Merge or Arithmetic task."""

_COMPUTED = f"https://github.com/{CDK_APPFLOW}/blob/main/src/core/tasks/mappings.ts"


class MapSource(Rule):
    """Map task without exactly one source field.

    A Map task copies one source field to one destination field. Write a Map task for each field, or combine fields with
    a Merge or Arithmetic task first.
    """

    id = "AFG228"
    severity = Severity.WARNING
    source = api_reference("Task")
    bad = """
        tasks:
        - {taskType: Filter, sourceFields: [id, total], connectorOperator: {S3: PROJECTION}}
        - {taskType: Map, sourceFields: [id, total], destinationField: id}
    """
    good = """
        tasks:
        - {taskType: Filter, sourceFields: [id, total], connectorOperator: {S3: PROJECTION}}
        - {taskType: Map, sourceFields: [id], destinationField: id}
        - {taskType: Map, sourceFields: [total], destinationField: total}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for task in flow.of_type("Map"):
            if task.fields is None or (len(task.fields) == 1 and task.fields[0]):
                continue
            count = len(task.fields) if any(task.fields) else 0
            message = f"a Map task takes exactly one source field, got {count or 'none'}"
            hint = "write a Map task for each field" if count else "name the field to copy"
            yield self.issue(task.view.at("sourceFields"), message, hint)


class MapTarget(Rule):
    """Map task without a destinationField.

    AppFlow does not write a field without a destination. Set `destinationField`, usually to the name of the source
    field.
    """

    id = "AFG229"
    severity = Severity.WARNING
    source = github_issue(TERRAFORM_CC, 338)
    bad = """
        tasks:
        - {taskType: Filter, sourceFields: [id], connectorOperator: {S3: PROJECTION}}
        - {taskType: Map, sourceFields: [id]}
    """
    good = """
        tasks:
        - {taskType: Filter, sourceFields: [id], connectorOperator: {S3: PROJECTION}}
        - {taskType: Map, sourceFields: [id], destinationField: id}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        no_names = {"", "*", *(task.target for task in flow.of_type("Merge", "Arithmetic"))}
        for task in flow.of_type("Map"):
            if task.view.is_missing("destinationField") or task.target == "":
                field = task.fields[0] if task.fields else ""
                named = field not in no_names
                hint = (
                    f"to keep the name, set it to {quoted(field)}" if named else "set it to the name to write"
                )
                message = "missing 'destinationField' in a Map task"
                yield self.issue(task.view.at("destinationField"), message, hint)


class SingleMapPerTarget(Rule):
    """Two Map tasks for the same destination field.

    Only one of the two values can be written, and the order of tasks has no meaning to AppFlow, so it is undefined
    which. Remove one of the tasks, or change its `destinationField`.
    """

    id = "AFG230"
    severity = Severity.WARNING
    source = github_issue(TERRAFORM, 43591)
    bad = """
        tasks:
        - {taskType: Filter, sourceFields: [id, key], connectorOperator: {S3: PROJECTION}}
        - {taskType: Map, sourceFields: [id], destinationField: id}
        - {taskType: Map, sourceFields: [key], destinationField: id}
    """
    good = """
        tasks:
        - {taskType: Filter, sourceFields: [id, key], connectorOperator: {S3: PROJECTION}}
        - {taskType: Map, sourceFields: [id], destinationField: id}
        - {taskType: Map, sourceFields: [key], destinationField: key}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        first: dict[str, TaskView] = {}
        for task in flow.of_type("Map"):
            if not task.target:
                continue
            earlier = first.setdefault(task.target, task)
            if earlier is not task:
                message = f"duplicate destinationField {quoted(task.target)}: tasks[{earlier.path[-1]}] writes it too"
                yield self.issue(
                    task.view.at("destinationField"),
                    message,
                    "remove one of the two tasks, or change its destinationField",
                )


class MergeComplete(Rule):
    """Incomplete Merge task.

    A Merge task combines two or more fields with the format in `CONCAT_FORMAT`. The result is named by
    `destinationField`, usually the field names joined by a comma, and a Map task must copy it to the destination. Add
    what is missing.
    """

    id = "AFG239"
    severity = Severity.WARNING
    source = _COMPUTED
    bad = """
        tasks:
        - {taskType: Filter, sourceFields: [first, last], connectorOperator: {S3: PROJECTION}}
        - {taskType: Merge, sourceFields: [first, last], destinationField: "first,last"}
        - {taskType: Map, sourceFields: ["first,last"], destinationField: name}
    """
    good = """
        tasks:
        - {taskType: Filter, sourceFields: [first, last], connectorOperator: {S3: PROJECTION}}
        - taskType: Merge
          sourceFields: [first, last]
          destinationField: first,last
          taskProperties: {CONCAT_FORMAT: "${first} ${last}"}
        - {taskType: Map, sourceFields: ["first,last"], destinationField: name}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        yield from _incomplete(
            self, flow, "Merge", "CONCAT_FORMAT", "set the format of the result: '${a} ${b}'"
        )


class ArithmeticComplete(Rule):
    """Incomplete Arithmetic task.

    An Arithmetic task computes a value from two or more fields. `MATH_OPERATION_FIELDS_ORDER` lists them, joined by
    commas; the result is named by `destinationField`, and a Map task must copy it to the destination. Add what is
    missing.
    """

    id = "AFG240"
    severity = Severity.WARNING
    source = _COMPUTED
    bad = """
        tasks:
        - {taskType: Filter, sourceFields: [net, tax], connectorOperator: {S3: PROJECTION}}
        - taskType: Arithmetic
          sourceFields: [net, tax]
          connectorOperator: {S3: ADDITION}
          destinationField: net,tax
          taskProperties: {MATH_OPERATION_FIELDS_ORDER: "net,tax"}
    """
    good = """
        tasks:
        - {taskType: Filter, sourceFields: [net, tax], connectorOperator: {S3: PROJECTION}}
        - taskType: Arithmetic
          sourceFields: [net, tax]
          connectorOperator: {S3: ADDITION}
          destinationField: net,tax
          taskProperties: {MATH_OPERATION_FIELDS_ORDER: "net,tax"}
        - {taskType: Map, sourceFields: ["net,tax"], destinationField: total}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        yield from _incomplete(
            self, flow, "Arithmetic", "MATH_OPERATION_FIELDS_ORDER", "set the fields in their order: 'a,b'"
        )


def _incomplete(rule: Rule, flow: FlowView, kind: str, required: str, fix: str) -> Iterator[Issue]:
    """Yield what is missing for the result of a task: source fields, the required property, a name, a Map task."""
    copied = {task.fields for task in flow.of_type("Map")}
    for task in flow.of_type(kind):
        if task.fields is not None and len(task.fields) < _MIN_FIELDS:
            message = f"a {kind} task takes at least two source fields, got {len(task.fields) or 'none'}"
            yield rule.issue(task.view.at("sourceFields"), message)
        for path, names in task.missing(required):
            yield rule.issue(path, f"missing {listed(names)} in a {kind} task", fix)
        if task.view.is_missing("destinationField") or task.target == "":
            hint = f"set it to the usual name of the result: {quoted(','.join(task.fields or ()))}"
            yield rule.issue(
                task.view.at("destinationField"), f"missing 'destinationField' in a {kind} task", hint
            )
        elif task.target and flow.has_all_tasks and (task.target,) not in copied:
            map_task = {"taskType": "Map", "sourceFields": [task.target], "destinationField": "..."}
            message = f"missing Map task for the result {quoted(task.target)}"
            yield rule.issue(task.path, message, f"add {json.dumps(map_task)}")
