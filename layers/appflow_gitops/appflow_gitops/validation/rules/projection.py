"""Rules about the fields that a flow reads: the projection and Map_all."""

import json
from collections.abc import Iterable, Iterator

from appflow_gitops.findings import Issue, Severity
from appflow_gitops.quoting import listed, quoted
from appflow_gitops.validation.rules.flow_view import FlowView, TaskView
from appflow_gitops.validation.rules.rule import (
    CDK,
    TERRAFORM,
    TERRAFORM_CC,
    Rule,
    api_reference,
    github_issue,
)

_WITH_SOURCE_FIELDS = ("Map", "Mask", "Truncate", "Validate", "Merge", "Arithmetic")
_COMPUTING = ("Merge", "Arithmetic")
_MAX_FIELDS_IN_HINT = 40


class TasksRequired(Rule):
    """Flow without tasks.

    AppFlow rejects a flow without tasks, because it would transfer nothing. To transfer all fields, add a Map_all task.
    """

    id = "AFG220"
    severity = Severity.ERROR
    source = github_issue(TERRAFORM, 28237)
    bad = """
        tasks: []
    """
    good = """
        tasks:
        - {taskType: Map_all, sourceFields: [], connectorOperator: {S3: NO_OP}}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        if flow.view.length("tasks") == 0:
            hint = f"to transfer all fields, add {_map_all_for(flow)}"
            yield self.issue(flow.view.at("tasks"), "expected at least one task, got none", hint)


class ProjectionForCustomConnector(Rule):
    """Custom connector without a projection.

    AppFlow answers "You must specify a projection task or a MAP_ALL task". A projection is a Filter task with the
    operator PROJECTION whose sourceFields are all fields to read. Add one, or a Map_all task.
    """

    id = "AFG221"
    severity = Severity.ERROR
    source = github_issue(TERRAFORM_CC, 338)
    bad = """
        sourceFlowConfig:
          connectorType: CustomConnector
          connectorProfileName: asana
          apiVersion: "1.0"
          sourceConnectorProperties:
            CustomConnector: {entityName: tasks}
        tasks:
        - {taskType: Map, sourceFields: [gid], destinationField: gid}
    """
    good = """
        sourceFlowConfig:
          connectorType: CustomConnector
          connectorProfileName: asana
          apiVersion: "1.0"
          sourceConnectorProperties:
            CustomConnector: {entityName: tasks}
        tasks:
        - {taskType: Filter, sourceFields: [gid], connectorOperator: {CustomConnector: PROJECTION}}
        - {taskType: Map, sourceFields: [gid], destinationField: gid}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        if flow.source_type == "CustomConnector":
            yield from _no_projection(self, flow, "AppFlow rejects this for a custom connector")


class ProjectionForApplications(Rule):
    """Application without a projection.

    AppFlow has rejected such flows from Salesforce with "You must specify a projection task or a MAP_ALL task", and
    flows from other applications ran and transferred nothing. This is a warning because AWS's own sample of UpdateFlow
    has neither. Add a projection or a Map_all task.
    """

    id = "AFG222"
    severity = Severity.WARNING
    source = github_issue(TERRAFORM, 34508)
    bad = """
        sourceFlowConfig:
          connectorType: Salesforce
          connectorProfileName: crm
          sourceConnectorProperties:
            Salesforce: {object: Account}
        tasks:
        - {taskType: Map, sourceFields: [Id], destinationField: Id}
    """
    good = """
        sourceFlowConfig:
          connectorType: Salesforce
          connectorProfileName: crm
          sourceConnectorProperties:
            Salesforce: {object: Account}
        tasks:
        - {taskType: Filter, sourceFields: [Id], connectorOperator: {Salesforce: PROJECTION}}
        - {taskType: Map, sourceFields: [Id], destinationField: Id}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        if flow.source_type == "Salesforce":
            yield from _no_projection(self, flow, "AppFlow has rejected this for Salesforce")
        elif flow.source_type not in (None, "CustomConnector", "S3"):
            yield from _no_projection(self, flow, "such flows have run and transferred nothing")


class ProjectionForS3(Rule):
    """No projection and no Map_all task.

    AppFlow accepts such a flow from S3, but some of these flows ran and transferred nothing. If the destination stays
    empty, add a projection or a Map_all task.
    """

    id = "AFG223"
    severity = Severity.INFO
    source = github_issue(CDK, 17748)
    bad = """
        tasks:
        - {taskType: Map, sourceFields: [id], destinationField: id}
    """
    good = """
        tasks:
        - {taskType: Filter, sourceFields: [id], connectorOperator: {S3: PROJECTION}}
        - {taskType: Map, sourceFields: [id], destinationField: id}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        if flow.source_type == "S3":
            yield from _no_projection(self, flow, "such flows have run and transferred nothing")


def _no_projection(rule: Rule, flow: FlowView, consequence: str) -> Iterator[Issue]:
    has_either = any(task.is_projection or task.type == "Map_all" for task in flow.tasks)
    if flow.tasks and flow.has_all_tasks and not has_either:
        message = f"missing projection or Map_all task: {consequence}"
        yield rule.issue(flow.view.at("tasks"), message, f"add {_projection_for(flow)}")


def _projection_for(flow: FlowView) -> str:
    """Return a projection of the fields that the flow's tasks use, as JSON; without any fields, a Map_all."""
    fields = list(_fields_used(flow, flow.tasks))
    if not fields:
        return _map_all_for(flow)
    shown = fields[:_MAX_FIELDS_IN_HINT] + ["..."] * (len(fields) > _MAX_FIELDS_IN_HINT)
    return _task_as_json("Filter", shown, flow, "PROJECTION")


def _map_all_for(flow: FlowView) -> str:
    return _task_as_json("Map_all", [], flow, "NO_OP")


def _task_as_json(task_type: str, fields: list[str], flow: FlowView, operator: str) -> str:
    key = flow.operator_key
    operators = {"connectorOperator": {key: operator}} if key else {}
    return json.dumps({"taskType": task_type, "sourceFields": fields, **operators})


class ProjectionCovers(Rule):
    """Projection without a used field.

    AppFlow reads only the fields of the projection, so a task for another field has no input. Add the field to the
    projection's `sourceFields`.
    """

    id = "AFG231"
    severity = Severity.WARNING
    source = github_issue(CDK, 17748)
    bad = """
        tasks:
        - {taskType: Filter, sourceFields: [id], connectorOperator: {S3: PROJECTION}}
        - {taskType: Map, sourceFields: [id], destinationField: id}
        - {taskType: Map, sourceFields: [total], destinationField: total}
    """
    good = """
        tasks:
        - {taskType: Filter, sourceFields: [id, total], connectorOperator: {S3: PROJECTION}}
        - {taskType: Map, sourceFields: [id], destinationField: id}
        - {taskType: Map, sourceFields: [total], destinationField: total}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        projections = [task for task in flow.tasks if task.is_projection]
        # A projection without fields selects all of them, and so does Map_all.
        if (
            not flow.has_all_tasks
            or any(flow.of_type("Map_all"))
            or not all(task.fields for task in projections)
        ):
            return
        projected = {field for task in projections for field in task.fields or ()}
        used = _fields_used(flow, flow.of_type(*_WITH_SOURCE_FIELDS))
        left_out = [field for field in used if field not in projected]
        if projections and left_out:
            message = f"fields that other tasks use are missing in the projection: {listed(left_out)}"
            hint = "add them to its sourceFields"
            yield self.issue(projections[0].view.at("sourceFields"), message, hint)


def _fields_used(flow: FlowView, tasks: Iterable[TaskView]) -> dict[str, None]:
    """Return the source fields of the tasks, each once, in order, without those that other tasks compute."""
    no_fields = {"", "*", *(task.target for task in flow.of_type(*_COMPUTING))}
    fields = (field for task in tasks for field in task.fields or ())
    return dict.fromkeys(field for field in fields if field not in no_fields)


class NamesAsJson(Rule):
    """Task property is not a JSON array.

    `EXCLUDE_SOURCE_FIELDS_LIST` and `ORDERED_PARTITION_KEYS_LIST` are strings that contain a JSON array of field names.
    Write the value as in the hint.
    """

    id = "AFG235"
    severity = Severity.WARNING
    source = api_reference("Task")
    bad = """
        tasks:
        - taskType: Map_all
          sourceFields: []
          taskProperties: {EXCLUDE_SOURCE_FIELDS_LIST: "notes, phone"}
    """
    good = """
        tasks:
        - taskType: Map_all
          sourceFields: []
          taskProperties: {EXCLUDE_SOURCE_FIELDS_LIST: '["notes", "phone"]'}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for task in flow.tasks:
            for name in ("EXCLUDE_SOURCE_FIELDS_LIST", "ORDERED_PARTITION_KEYS_LIST"):
                text = task.property(name)
                if text is not None and not _is_list_of_names(text):
                    names = [name.strip(" []\"'") for name in text.split(",")]
                    array = json.dumps([name for name in names if name])
                    path = task.view.at("taskProperties", name)
                    yield self.issue(
                        path, f"{quoted(name)} must be a JSON array of names", f"write '{array}', in quotes"
                    )


def _is_list_of_names(text: str) -> bool:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
