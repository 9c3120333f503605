"""Rules about how source fields become destination fields: Map, Merge, Arithmetic."""

import json
from collections.abc import Iterator

from appflow_gitops.findings import Path, Severity
from appflow_gitops.validation.rules.rule import CDK_APPFLOW, Found, Rule, api_reference, issue, listed
from appflow_gitops.validation.rules.view import FlowView, Task

_FEWEST_FIELDS = 2
"""A result is computed of two fields or more."""

_COMPUTED = f"https://github.com/{CDK_APPFLOW}/blob/main/src/core/tasks/mappings.ts"


class MapOneField(Rule):
    """A Map takes one field.

    A Map task moves one source field to one destination field. Several fields become one by a Merge or an Arithmetic
    task, or are moved by a Map task each.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for task in flow.of_type("Map"):
            if task.fields is None:
                continue
            path = task.part.at("sourceFields")
            if not any(task.fields):
                yield Found(path, "the Map task has no source field", "name the field to move")
            elif len(task.fields) > 1:
                hint = "write a Map task for each field"
                yield Found(path, f"the Map task has {len(task.fields)} source fields, it moves one", hint)


class MapHasTarget(Rule):
    """A Map has a destinationField.

    A field without a target is not written.
    """

    id = "AFG229"
    severity = Severity.WARNING
    source = issue("hashicorp/terraform-provider-awscc", 338)
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for task in flow.of_type("Map"):
            if task.part.is_missing("destinationField") or task.target == "":
                field = task.fields[0] if task.fields else ""
                hint = f"to keep the name: destinationField {listed([field])}" if field else None
                message = "the Map task has no destinationField"
                yield Found(task.part.at("destinationField"), message, hint)


class OneMapEach(Rule):
    """Two Map tasks write one field.

    Only one of the two can reach the destination, and since AppFlow gives task order no meaning, nobody can tell which.
    """

    id = "AFG230"
    severity = Severity.WARNING
    source = issue("hashicorp/terraform-provider-aws", 43591)
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        first: dict[str, Task] = {}
        for task in flow.of_type("Map"):
            if not task.target:
                continue
            earlier = first.setdefault(task.target, task)
            if earlier is not task:
                message = f"{listed([task.target])} is written by task {earlier.path[-1]} already"
                yield Found(task.part.at("destinationField"), message, "keep one of the two tasks")


class MergeComplete(Rule):
    """A Merge joins fields by a format, and a Map takes the result.

    Merge puts two or more fields together as ``CONCAT_FORMAT`` says and calls the result by its destinationField,
    usually the names joined by a comma. A Map task moves it from there.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        yield from _incomplete(flow, "Merge", "CONCAT_FORMAT", "how the fields are put together")


class ArithmeticComplete(Rule):
    """An Arithmetic has two fields in their order, and a Map takes the result.

    ``MATH_OPERATION_FIELDS_ORDER`` names the fields, joined by a comma; the result is called by the task's
    destinationField, and a Map task moves it from there.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        yield from _incomplete(flow, "Arithmetic", "MATH_OPERATION_FIELDS_ORDER", "the fields in their order")


def _incomplete(flow: FlowView, kind: str, needed: str, meaning: str) -> Iterator[Found]:
    """What tasks lack that compute a field: fields to compute it of, ``needed``, a name, a Map of that name."""
    moved = {task.fields for task in flow.of_type("Map")}
    for task in flow.of_type(kind):
        if task.fields is not None and len(task.fields) < _FEWEST_FIELDS:
            message = f"a {kind} task needs two source fields or more"
            yield Found(task.part.at("sourceFields"), message)
        for path, name in task.missing(needed):
            yield Found(path, f"a {kind} task needs {name}", f"it tells {meaning}")
        if task.part.is_missing("destinationField") or task.target == "":
            yield _unnamed(task)
        elif task.target and flow.tasks_known and (task.target,) not in moved:
            yield _unmoved(task.path, task.target)


def _unnamed(task: Task) -> Found:
    message = f"the result of the {task.type} task has no name"
    hint = f"the usual one is destinationField {listed([','.join(task.fields or ())])}"
    return Found(task.part.at("destinationField"), message, hint)


def _unmoved(path: Path, name: str) -> Found:
    companion = json.dumps({"taskType": "Map", "sourceFields": [name], "destinationField": "..."})
    return Found(path, f"no Map task takes the result, {listed([name])}", f"add {companion}")
