"""Rules about which fields a flow reads: tasks, the projection, Map_all."""

import json
from collections.abc import Iterable, Iterator

from appflow_gitops.findings import Severity
from appflow_gitops.validation.rules.rule import CDK, TERRAFORM, Found, Rule, api_reference, issue, listed
from appflow_gitops.validation.rules.view import FlowView, Task

_USERS_OF_FIELDS = ("Map", "Mask", "Truncate", "Validate", "Merge", "Arithmetic")
_COMPUTING = ("Merge", "Arithmetic")
_MOST_SPELLED_OUT = 40


class SomeTasks(Rule):
    """A flow has tasks.

    Without any there is nothing to transfer, and AppFlow refuses the update.
    """

    id = "AFG220"
    severity = Severity.ERROR
    source = issue(TERRAFORM, 28237)
    bad = """
        tasks: []
    """
    good = """
        tasks:
        - {taskType: Map_all, sourceFields: [], connectorOperator: {S3: NO_OP}}
    """

    def _look(self, flow: FlowView) -> Iterator[Found]:
        if flow.part.length("tasks") == 0:
            hint = f"to transfer all fields: {_map_all_for(flow)}"
            yield Found(flow.part.at("tasks"), "the flow has no tasks", hint)


class ProjectionOfCustomConnector(Rule):
    """A custom connector needs a projection or Map_all.

    AppFlow answers "You must specify a projection task or a MAP_ALL task". A projection is a Filter task whose operator
    is PROJECTION and whose sourceFields are all fields that are read.
    """

    id = "AFG221"
    severity = Severity.ERROR
    source = issue("hashicorp/terraform-provider-awscc", 338)
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        if flow.reads_from == "CustomConnector":
            yield from _no_projection(flow, "AppFlow refuses that of a custom connector")


class ProjectionOfSalesforce(Rule):
    """Salesforce asks for a projection or Map_all.

    Live flows were refused with "You must specify a projection task or a MAP_ALL task", yet AWS's own sample of
    UpdateFlow has neither. So this is no error here: AppFlow has the last word.
    """

    id = "AFG222"
    severity = Severity.WARNING
    source = issue(TERRAFORM, 34508)
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        if flow.reads_from == "Salesforce":
            yield from _no_projection(flow, "AppFlow has refused that of Salesforce")


class ProjectionOfOthers(Rule):
    """There is no projection and no Map_all.

    From S3, AppFlow takes such a flow, though runs have been seen that moved nothing. Of the other connectors it is not
    known.
    """

    id = "AFG223"
    severity = Severity.INFO
    source = issue(CDK, 17748)
    bad = """
        tasks:
        - {taskType: Map, sourceFields: [id], destinationField: id}
    """
    good = """
        tasks:
        - {taskType: Filter, sourceFields: [id], connectorOperator: {S3: PROJECTION}}
        - {taskType: Map, sourceFields: [id], destinationField: id}
    """

    def _look(self, flow: FlowView) -> Iterator[Found]:
        if flow.reads_from not in (None, "CustomConnector", "Salesforce"):
            yield from _no_projection(flow, "such flows have run and moved nothing")


def _no_projection(flow: FlowView, consequence: str) -> Iterator[Found]:
    chosen = any(task.is_projection or task.type == "Map_all" for task in flow.tasks)
    if flow.tasks and flow.tasks_known and not chosen:
        message = f"there is neither a projection task nor a Map_all task; {consequence}"
        yield Found(flow.part.at("tasks"), message, f"add {_projection_for(flow)}")


def _projection_for(flow: FlowView) -> str:
    """The projection task that the flow's own fields ask for, spelled out; without any fields, a Map_all."""
    fields = list(_fields_used(flow, flow.tasks))
    if not fields:
        return _map_all_for(flow)
    shown = fields[:_MOST_SPELLED_OUT] + ["..."] * (len(fields) > _MOST_SPELLED_OUT)
    return _spelled_out("Filter", shown, flow, "PROJECTION")


def _map_all_for(flow: FlowView) -> str:
    return _spelled_out("Map_all", [], flow, "NO_OP")


def _spelled_out(task_type: str, fields: list[str], flow: FlowView, operator: str) -> str:
    member = flow.operator_member
    operators = {"connectorOperator": {member: operator}} if member else {}
    return json.dumps({"taskType": task_type, "sourceFields": fields, **operators})


class ProjectionCovers(Rule):
    """The projection leaves out a field that is used.

    AppFlow reads from the source what the projection names; a Map of another field has nothing to map.
    """

    id = "AFG231"
    severity = Severity.WARNING
    source = issue(CDK, 17748)
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        projections = [task for task in flow.tasks if task.is_projection]
        # Without fields a projection says nothing about which; beside a Map_all all are read anyway.
        if (
            not flow.tasks_known
            or any(flow.of_type("Map_all"))
            or not all(task.fields for task in projections)
        ):
            return
        projected = {field for task in projections for field in task.fields or ()}
        used = _fields_used(flow, flow.of_type(*_USERS_OF_FIELDS))
        left_out = [field for field in used if field not in projected]
        if projections and left_out:
            message = f"the projection leaves out fields that other tasks use: {listed(left_out)}"
            hint = f"add {listed(left_out)} to its sourceFields"
            yield Found(projections[0].part.at("sourceFields"), message, hint)


def _fields_used(flow: FlowView, tasks: Iterable[Task]) -> dict[str, None]:
    """The source fields of the tasks, each once, in order; without those that other tasks compute."""
    no_fields = {"", "*", *(task.target for task in flow.of_type(*_COMPUTING))}
    fields = (field for task in tasks for field in task.fields or ())
    return dict.fromkeys(field for field in fields if field not in no_fields)


class NamesAsJson(Rule):
    """A list inside a task property is JSON.

    ``EXCLUDE_SOURCE_FIELDS_LIST`` and ``ORDERED_PARTITION_KEYS_LIST`` hold a JSON array of names, written inside a
    string.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for task in flow.tasks:
            for name in ("EXCLUDE_SOURCE_FIELDS_LIST", "ORDERED_PARTITION_KEYS_LIST"):
                text = task.property(name)
                if text is not None and not _is_list_of_names(text):
                    names = [part.strip(" []\"'") for part in text.split(",")]
                    meant = json.dumps([name for name in names if name])
                    path = task.part.at("taskProperties", name)
                    yield Found(path, f"{name} is no JSON array of names", f"write '{meant}', in quotes")


def _is_list_of_names(text: str) -> bool:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
