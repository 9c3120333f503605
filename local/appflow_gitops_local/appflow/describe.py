"""The definition as DescribeFlow returns it, which differs from what was sent.

Each difference is one function over a copy of the definition and one switch of :class:`Behaviour`.
"""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from hashlib import sha256
from typing import Any

from botocore.model import StructureShape

from .behaviour import Behaviour
from .definition import Definition, Members, of_connector, partner_event_source
from .rules import is_projection
from .shapes import service_model

_SALESFORCE_DEFAULTS = {
    "dataTransferApi": "AUTOMATIC",
    "enableDynamicFieldUpdate": False,
    "includeDeletedRecords": False,
}


def described(definition: Definition, behaviour: Behaviour, account_id: str) -> Members:
    """Return the definition as DescribeFlow shows it, as a copy."""
    shown = Definition(deepcopy(definition.members))
    for switch, change in _CHANGES.items():
        if getattr(behaviour, switch):
            change(shown, behaviour)
    _schedule_offset(shown, behaviour)
    if behaviour.task_order_seed is not None:
        _task_order(shown, behaviour)
    if behaviour.rewrite_event_bridge_object:
        _event_bridge_object(shown, account_id)
    return shown.members


def _trigger_properties(shown: Definition, _behaviour: Behaviour) -> None:
    if shown.trigger_type == "OnDemand":
        shown.members["triggerConfig"]["triggerProperties"] = {}


def _salesforce_source(shown: Definition, _behaviour: Behaviour) -> None:
    if shown.source.connector == "Salesforce":
        _fill(shown.source.properties, _SALESFORCE_DEFAULTS)


def _error_handling(shown: Definition, _behaviour: Behaviour) -> None:
    shapes = _member_shape("DestinationConnectorProperties")
    for destination in shown.destinations:
        properties = destination.properties
        if (
            properties is not None
            and "errorHandlingConfig" in of_connector(destination.connector, shapes).members
        ):
            _fill(properties.setdefault("errorHandlingConfig", {}), {"failOnFirstDestinationError": False})


def _task_properties(shown: Definition, _behaviour: Behaviour) -> None:
    for task in shown.tasks:
        task.setdefault("taskProperties", {})


def _s3_output(shown: Definition, _behaviour: Behaviour) -> None:
    for destination in shown.destinations:
        if destination.connector in {"S3", "Upsolver"} and destination.properties is not None:
            output = destination.properties.setdefault("s3OutputFormatConfig", {})
            _fill(output, {"fileType": "JSON", "prefixConfig": {}, "aggregationConfig": {}})
            _fill(output["aggregationConfig"], {"aggregationType": "None"})


def _metadata_catalog(shown: Definition, _behaviour: Behaviour) -> None:
    shown.members.setdefault("metadataCatalogConfig", {})


def _blank_source_fields(shown: Definition, _behaviour: Behaviour) -> None:
    for task in shown.tasks:
        if task["sourceFields"] == [""]:
            task["sourceFields"] = []


def _generated_tasks(shown: Definition, behaviour: Behaviour) -> None:
    map_all = next((task for task in shown.tasks if task["taskType"] == "Map_all"), None)
    if map_all is not None:
        shown.tasks.extend(_expansion(shown, map_all, behaviour.source_fields))


def _expansion(shown: Definition, map_all: Members, source_fields: tuple[str, ...]) -> Iterator[Members]:
    """Yield a projection of every field of Map_all, and a same-name Map for each field without a Map task."""
    fields = [field for field in source_fields if field not in _excluded(map_all)]
    mapped = {field for task in shown.tasks if task["taskType"] == "Map" for field in task["sourceFields"]}
    if not any(is_projection(shown, task) for task in shown.tasks):
        yield {
            "taskType": "Filter",
            "sourceFields": fields,
            **_operator(shown, "PROJECTION"),
        }
    for field in fields:
        if field not in mapped:
            yield {
                "taskType": "Map",
                "sourceFields": [field],
                "destinationField": field,
                **_operator(shown, "NO_OP"),
            }


def _excluded(map_all: Members) -> set[str]:
    """Return the names in EXCLUDE_SOURCE_FIELDS_LIST, a JSON array inside a string."""
    try:
        names = json.loads(map_all.get("taskProperties", {}).get("EXCLUDE_SOURCE_FIELDS_LIST", "[]"))
    except ValueError:
        return set()
    return {str(name) for name in names} if isinstance(names, list) else set()


def _operator(shown: Definition, operator: str) -> Members:
    """Return the connectorOperator member, empty if the source connector lacks the operator."""
    for name, shape in _member_shape("ConnectorOperator").items():
        if name.lower() == shown.source.connector.lower() and operator in shape.metadata["enum"]:
            return {"connectorOperator": {name: operator}}
    return {}


def _task_order(shown: Definition, behaviour: Behaviour) -> None:
    """Sort the tasks by their content, so that the order does not depend on the request."""

    def rank(task: Members) -> bytes:
        return sha256(f"{behaviour.task_order_seed}{json.dumps(task, sort_keys=True)}".encode()).digest()

    shown.tasks.sort(key=rank)


def _preserve_typing(shown: Definition, _behaviour: Behaviour) -> None:
    for destination in shown.destinations:
        output = (destination.properties or {}).get("s3OutputFormatConfig", {})
        if output.get("preserveSourceDataTyping") is False:
            del output["preserveSourceDataTyping"]


def _first_execution(shown: Definition, _behaviour: Behaviour) -> None:
    if shown.schedule is not None:
        shown.schedule.pop("firstExecutionFrom", None)


def _schedule_offset(shown: Definition, behaviour: Behaviour) -> None:
    schedule = shown.schedule
    if schedule is None or behaviour.schedule_offset_zero == "as sent":
        return
    if behaviour.schedule_offset_zero == "present":
        schedule.setdefault("scheduleOffset", 0)
    elif schedule.get("scheduleOffset") == 0:
        del schedule["scheduleOffset"]


def _event_bridge_object(shown: Definition, account_id: str) -> None:
    for destination in shown.destinations:
        if destination.connector == "EventBridge" and destination.properties is not None:
            name = destination.properties["object"]
            destination.properties["object"] = partner_event_source(name, account_id)


# The generated tasks precede the taskProperties, which are filled in for them too.
_CHANGES: dict[str, Callable[[Definition, Behaviour], None]] = {
    "fill_trigger_properties": _trigger_properties,
    "fill_salesforce_source": _salesforce_source,
    "fill_error_handling": _error_handling,
    "fill_s3_output": _s3_output,
    "fill_metadata_catalog": _metadata_catalog,
    "empty_source_fields": _blank_source_fields,
    "expand_map_all": _generated_tasks,
    "fill_task_properties": _task_properties,
    "drop_false_preserve_typing": _preserve_typing,
    "drop_first_execution_from": _first_execution,
}


def _member_shape(name: str) -> dict[str, Any]:
    """Return the members of a structure of botocore's model."""
    shape = service_model().shape_for(name)
    return dict(shape.members) if isinstance(shape, StructureShape) else {}


def _fill(members: Members | None, defaults: Members) -> None:
    """Set missing members to deep copies of the defaults."""
    for name, value in deepcopy(defaults).items():
        if members is not None:
            members.setdefault(name, value)
