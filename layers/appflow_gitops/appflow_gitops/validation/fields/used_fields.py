"""The fields that the tasks of a flow use: at the source, and at each destination that has an object with fields."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from appflow_gitops.findings import Path
from appflow_gitops.flows.normalise import field_list
from appflow_gitops.validation.fields.entity import EntityKey
from appflow_gitops.validation.rules.connectors import WITHOUT_PROFILE
from appflow_gitops.validation.rules.flow_view import Connection, FlowView, ObjectView, TaskView

_OBJECT_MEMBERS = ("object", "objectPath", "entityName")
_COMPUTING = ("Merge", "Arithmetic")
_NOT_FIELDS = frozenset({"", "*"})


class Use(StrEnum):
    """What a field is used for."""

    READ = "read"
    PROJECT = "project"
    FILTER = "filter"
    INCREMENTAL = "incremental"
    EXCLUDE = "exclude"
    WRITE = "write"
    IDENTIFY = "identify"


@dataclass(frozen=True, slots=True)
class UsedField:
    """A field, where the flow names it, and the task that uses it, if it is one."""

    name: str
    path: Path
    use: Use
    task: TaskView | None = None


def entity_key(connection: Connection) -> EntityKey | None:
    """Return the object behind a source or destination; None for a connector without fields, such as S3."""
    connector, settings = connection.connector, connection.settings
    if connector is None or settings is None or connector in WITHOUT_PROFILE:
        return None
    name = next(filter(None, map(settings.text, _OBJECT_MEMBERS)), None)
    profile = connection.view.text("connectorProfileName")
    if name is None or profile is None:
        return None
    return EntityKey(connector, profile, name, connection.view.text("apiVersion") or "")


def source_fields(flow: FlowView) -> Iterator[UsedField]:
    """Yield the fields of the source, those of projections last: most of them are used by another task, too."""
    computed = {task.target for task in flow.of_type(*_COMPUTING)} | _NOT_FIELDS
    for task in sorted(flow.tasks, key=lambda each: each.is_projection):
        for index, text in enumerate(task.fields or ()):
            # A Map of "first,last" reads the result of a Merge of the two.
            for name in () if text in computed else text.split(","):
                if name not in computed:
                    yield UsedField(name, task.view.at("sourceFields", index), _use(task), task)
        for name in _excluded(task):
            path = task.view.at("taskProperties", "EXCLUDE_SOURCE_FIELDS_LIST")
            yield UsedField(name, path, Use.EXCLUDE, task)
    pull = flow.source.view.child("incrementalPullConfig") if flow.source else None
    if pull and (timestamp := pull.text("datetimeTypeFieldName")):
        yield UsedField(timestamp, pull.at("datetimeTypeFieldName"), Use.INCREMENTAL)


def destination_fields(flow: FlowView, destination: Connection) -> Iterator[UsedField]:
    """Yield the fields that Map tasks write, and those that identify records."""
    for task in flow.of_type("Map"):
        if task.target:
            yield UsedField(task.target, task.view.at("destinationField"), Use.WRITE, task)
    settings = destination.settings
    for index, name in enumerate(id_fields(settings)):
        if settings and name:
            yield UsedField(name, settings.at("idFieldNames", index), Use.IDENTIFY)


def id_fields(settings: ObjectView | None) -> tuple[str, ...]:
    """Return the idFieldNames of a destination."""
    return (settings.texts("idFieldNames") if settings else None) or ()


def has_map_all(flow: FlowView) -> bool:
    """Return whether the flow transfers all fields."""
    return any(flow.of_type("Map_all"))


def _use(task: TaskView) -> Use:
    if task.is_projection:
        return Use.PROJECT
    return Use.FILTER if task.type == "Filter" else Use.READ


def _excluded(task: TaskView) -> list[str]:
    return field_list(task.property("EXCLUDE_SOURCE_FIELDS_LIST")) or []
