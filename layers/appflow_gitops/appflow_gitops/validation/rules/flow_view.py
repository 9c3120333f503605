"""A read-only view of a flow for the rules, which omits every value with an earlier finding.

A flow may have a value of a wrong type and a suspicious schedule. Both are reported, each once: a value
that reading or the shape check reported is None in the view, and ``ObjectView.is_missing`` is False for a key that may
have been misspelled. ``pipeline`` makes the view.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from appflow_gitops.findings import Finding, Json, Path
from appflow_gitops.validation.rules.connectors import DESTINATION_KEYS, SOURCE_KEYS
from appflow_gitops.validation.shape.rules import UNKNOWN_CHOICE, UNKNOWN_KEY


class ReportedPaths:
    """The paths of earlier findings in the document."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._paths: set[Path] = set()
        self._enclosing: set[Path] = set()
        self._with_unknown_key: set[Path] = set()
        for finding in findings:
            self._paths.add(finding.path)
            self._enclosing.update(finding.path[:depth] for depth in range(len(finding.path) + 1))
            if "<<" in finding.path:  # an unreadable merge in YAML
                self._with_unknown_key.add(finding.path[: finding.path.index("<<")])
            elif _is_about_key(finding):
                self._with_unknown_key.add(finding.path[:-1])
        self.is_empty = not self._paths
        """Whether there are none, as in most documents: their paths need not be compared."""

    def at(self, path: Path) -> bool:
        """Return whether the value itself was reported."""
        return path in self._paths

    def within(self, path: Path) -> bool:
        """Return whether the value or anything inside it was reported."""
        return path in self._enclosing

    def unknown_key_in(self, path: Path) -> bool:
        """Return whether the object has an unknown key, which may be any missing one, misspelled."""
        return path in self._with_unknown_key


def _is_about_key(finding: Finding) -> bool:
    """Return whether the finding is about a key. Only the keys of taskProperties are choices."""
    is_property = finding.path[-2:-1] == ("taskProperties",)
    return finding.rule == UNKNOWN_KEY.id or (is_property and finding.rule == UNKNOWN_CHOICE.id)


class ObjectView(NamedTuple):
    """One object of a flow. A value that is absent, reported, or of another type than asked for reads as None."""

    members: Mapping[str, Json]
    path: Path
    reported: ReportedPaths

    def at(self, *steps: str | int) -> Path:
        """Return the path of a value inside the object, whether it exists or not."""
        return (*self.path, *steps)

    def has(self, key: str) -> bool:
        """Return whether the key exists, with any value."""
        return key in self.members

    def is_missing(self, key: str) -> bool:
        """Return whether the key is certainly missing and this was not reported."""
        is_explained = self.reported.at(self.at(key)) or self.reported.unknown_key_in(self.path)
        return key not in self.members and not is_explained

    def text(self, key: str) -> str | None:
        """Return the value if it is a string."""
        value = self._value(key)
        return value if isinstance(value, str) else None

    def number(self, key: str) -> float | None:
        """Return the value if it is a number."""
        value = self._value(key)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def is_true(self, key: str) -> bool:
        """Return whether the value is ``true``."""
        return self._value(key) is True

    def texts(self, key: str) -> tuple[str, ...] | None:
        """Return the value if it is a list of strings."""
        value = self._value(key)
        if not isinstance(value, list):
            return None
        if not self.reported.is_empty and self.reported.within(self.at(key)):
            return None
        return tuple(item for item in value if isinstance(item, str))

    def child(self, key: str) -> "ObjectView | None":
        """Return the value if it is an object."""
        value = self._value(key)
        return ObjectView(value, self.at(key), self.reported) if isinstance(value, dict) else None

    def length(self, key: str) -> int | None:
        """Return the number of items if the value is a list."""
        value = self._value(key)
        return len(value) if isinstance(value, list) else None

    def children(self, key: str) -> "tuple[ObjectView, ...]":
        """Return the objects in the value if it is a list, without items of another type."""
        value = self._value(key)
        return tuple(
            ObjectView(item, self.at(key, index), self.reported)
            for index, item in enumerate(value if isinstance(value, list) else ())
            if isinstance(item, dict)
        )

    def _value(self, key: str) -> Json:
        if not self.reported.is_empty and self.reported.at(self.at(key)):
            return None
        return self.members.get(key)


@dataclass(frozen=True, slots=True)
class Connection:
    """The source or a destination of the flow.

    ``role`` is "source" or "destination". ``keys`` maps each connector type that can have the role to its key.
    ``declared`` is the connectorType as written; ``connector`` is the same, or None if the properties belong to another
    connector. ``properties`` is the object whose keys are connectors, ``settings`` its value for this connector.
    ``stores`` are the objects in the settings that may have a bucket and a prefix.
    """

    view: ObjectView
    role: str
    keys: Mapping[str, str]
    declared: str | None
    connector: str | None
    properties: ObjectView | None
    settings: ObjectView | None
    stores: tuple[ObjectView, ...]

    @property
    def path(self) -> Path:
        """The path of the connection."""
        return self.view.path


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task. ``operators`` maps connector keys to operators, as written."""

    view: ObjectView
    type: str | None
    fields: tuple[str, ...] | None
    target: str | None
    operators: Mapping[str, str]
    properties: ObjectView | None

    @property
    def path(self) -> Path:
        """The path of the task."""
        return self.view.path

    @property
    def operator(self) -> str | None:
        """The operator, if the task has exactly one."""
        return next(iter(self.operators.values())) if len(self.operators) == 1 else None

    @property
    def is_projection(self) -> bool:
        """Whether the task selects the fields to read, under the key of any connector."""
        return self.type == "Filter" and "PROJECTION" in self.operators.values()

    def property(self, name: str) -> str | None:
        """Return one of the taskProperties."""
        return self.properties.text(name) if self.properties else None

    def missing(self, *names: str) -> Iterator[tuple[Path, tuple[str, ...]]]:
        """Yield path and name of each of these taskProperties that is certainly missing.

        Without any taskProperties, yield one path with all names.
        """
        if self.view.is_missing("taskProperties"):
            yield self.view.at("taskProperties"), names
        elif self.properties:
            for name in filter(self.properties.is_missing, names):
                yield self.properties.at(name), (name,)


@dataclass(frozen=True, slots=True)
class FlowView:
    """One flow. ``tasks`` and ``destinations`` are the readable ones; ``schedule`` is that of a Scheduled flow."""

    view: ObjectView
    trigger: ObjectView | None
    trigger_type: str | None
    schedule: ObjectView | None
    source: Connection | None
    destinations: tuple[Connection, ...]
    tasks: tuple[TaskView, ...]

    @property
    def connections(self) -> tuple[Connection, ...]:
        """The source and the destinations."""
        return (self.source, *self.destinations) if self.source else self.destinations

    @property
    def source_type(self) -> str | None:
        """The connector type of the source, if it is certain."""
        return self.source.connector if self.source else None

    @property
    def operator_key(self) -> str | None:
        """The source's key in connectorOperator."""
        return SOURCE_KEYS[self.source_type] if self.source_type else None

    @property
    def has_all_tasks(self) -> bool:
        """Whether all tasks are readable, so that a task can be reported as missing."""
        return not self.view.reported.within(self.view.at("tasks"))

    def of_type(self, *types: str) -> Iterator[TaskView]:
        """Yield the tasks of these types."""
        return (task for task in self.tasks if task.type in types)


def view_flow(value: Mapping[str, Json], path: Path, findings: Iterable[Finding]) -> FlowView:
    """Return a view of the flow ``value`` at ``path``, without the values that ``findings`` are about."""
    flow = ObjectView(value, path, ReportedPaths(findings))
    trigger = flow.child("triggerConfig")
    trigger_type = trigger.text("triggerType") if trigger else None
    properties = trigger.child("triggerProperties") if trigger and trigger_type == "Scheduled" else None
    source = flow.child("sourceFlowConfig")
    return FlowView(
        view=flow,
        trigger=trigger,
        trigger_type=trigger_type,
        schedule=properties.child("Scheduled") if properties else None,
        source=_connection(source, "source", SOURCE_KEYS) if source else None,
        destinations=tuple(
            _connection(view, "destination", DESTINATION_KEYS)
            for view in flow.children("destinationFlowConfigList")
        ),
        tasks=tuple(map(_task, flow.children("tasks"))),
    )


def _connection(view: ObjectView, role: str, keys: Mapping[str, str]) -> Connection:
    declared = view.text("connectorType")
    properties = view.child(f"{role}ConnectorProperties")
    key = keys.get(declared or "")
    connector = declared if key and _may_belong_to(key, properties) else None
    settings = properties.child(key) if properties and connector and key else None
    return Connection(view, role, keys, declared, connector, properties, settings, tuple(_stores(settings)))


def _stores(settings: ObjectView | None) -> Iterator[ObjectView]:
    if settings:
        yield settings
        inner = map(settings.child, ("errorHandlingConfig", "successResponseHandlingConfig"))
        yield from filter(None, inner)


def _may_belong_to(key: str, properties: ObjectView | None) -> bool:
    """Return whether the properties do not certainly belong to another connector."""
    if properties is None or not properties.members or properties.has(key):
        return True
    return not properties.is_missing(key)


def _task(view: ObjectView) -> TaskView:
    operators = view.child("connectorOperator")
    return TaskView(
        view=view,
        type=view.text("taskType"),
        fields=view.texts("sourceFields"),
        target=view.text("destinationField"),
        operators=_texts_of(operators) if operators else {},
        properties=view.child("taskProperties"),
    )


def _texts_of(view: ObjectView) -> Mapping[str, str]:
    return {key: text for key in view.members if (text := view.text(key)) is not None}
