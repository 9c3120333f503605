"""A flow as the rules see it: read-only, typed, and silent about whatever is broken.

A document may have a wrong type in one place and a doubtful schedule in another, and people want to hear of both at
once, but not twice of the same. So the rules do not look at the document itself but at a ``FlowView``: a member that
reading or shape found fault with is None here, and ``Part.is_missing`` is sure before it calls a member missing.
``rules.judging`` makes the view, the rules read it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from appflow_gitops.findings import Finding, Json, Path
from appflow_gitops.validation.rules.connectors import DESTINATION_MEMBERS, SOURCE_MEMBERS
from appflow_gitops.validation.shape.shape_rules import UNKNOWN_CHOICE, UNKNOWN_MEMBER


class Doubts:
    """The places of a document that an earlier finding is about."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._places: set[Path] = set()
        self._around: set[Path] = set()
        self._guessed: set[Path] = set()
        for finding in findings:
            self._places.add(finding.path)
            self._around.update(finding.path[:depth] for depth in range(len(finding.path) + 1))
            if _is_about_name(finding):
                self._guessed.add(finding.path[:-1])

    def at(self, path: Path) -> bool:
        """Whether the value itself is in doubt."""
        return path in self._places

    def within(self, path: Path) -> bool:
        """Whether the value or anything inside it is in doubt."""
        return path in self._around

    def about_names(self, path: Path) -> bool:
        """Whether the object has a member that is not known: any missing one, misspelt."""
        return path in self._guessed


def _is_about_name(finding: Finding) -> bool:
    """Whether the finding is about a member's name, not its value. Only the names in taskProperties are choices."""
    is_property = finding.path[-2:-1] == ("taskProperties",)
    return finding.rule == UNKNOWN_MEMBER.id or (is_property and finding.rule == UNKNOWN_CHOICE.id)


@dataclass(frozen=True, slots=True)
class Part:
    """One object of a flow. A member that is absent, of another type or in doubt reads as None."""

    members: Mapping[str, Json]
    path: Path
    doubts: Doubts

    def at(self, *steps: str | int) -> Path:
        """The path of something inside, whether it exists or not."""
        return (*self.path, *steps)

    def has(self, name: str) -> bool:
        """Whether the member is written, right or wrong."""
        return name in self.members

    def is_missing(self, name: str) -> bool:
        """Whether the member is surely missing, and nobody has said so yet."""
        told = self.doubts.at(self.at(name)) or self.doubts.about_names(self.path)
        return name not in self.members and not told

    def text(self, name: str) -> str | None:
        """The member, if it is a string."""
        value = self._value(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> float | None:
        """The member, if it is a number."""
        value = self._value(name)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def is_true(self, name: str) -> bool:
        """Whether the member is ``true``."""
        return self._value(name) is True

    def texts(self, name: str) -> tuple[str, ...] | None:
        """The member, if it is a list of strings."""
        value = self._value(name)
        if not isinstance(value, list) or self.doubts.within(self.at(name)):
            return None
        return tuple(item for item in value if isinstance(item, str))

    def part(self, name: str) -> "Part | None":
        """The member, if it is an object."""
        value = self._value(name)
        return Part(value, self.at(name), self.doubts) if isinstance(value, dict) else None

    def length(self, name: str) -> int | None:
        """How many items the member has, if it is a list."""
        value = self._value(name)
        return len(value) if isinstance(value, list) else None

    def parts(self, name: str) -> "tuple[Part, ...]":
        """The objects in the member, if it is a list; items of another type are left out."""
        value = self._value(name)
        return tuple(
            Part(item, self.at(name, index), self.doubts)
            for index, item in enumerate(value if isinstance(value, list) else ())
            if isinstance(item, dict)
        )

    def _value(self, name: str) -> Json:
        return None if self.doubts.at(self.at(name)) else self.members.get(name)


@dataclass(frozen=True, slots=True)
class Connection:
    """The flow's source, or a destination of it.

    ``role`` is "source" or "destination"; ``known`` has the member of each connector that can be one. ``declared`` is
    the connectorType as written, ``connector`` the same unless something speaks against it. ``properties`` is the
    object whose members are named after connectors, ``settings`` the member of this connector.
    """

    part: Part
    role: str
    known: Mapping[str, str]
    declared: str | None
    connector: str | None
    properties: Part | None
    settings: Part | None

    @property
    def path(self) -> Path:
        """Where it stands."""
        return self.part.path

    @property
    def stores(self) -> Iterator[Part]:
        """Every object in the settings that may name a bucket and a prefix."""
        if self.settings:
            inner = map(self.settings.part, ("errorHandlingConfig", "successResponseHandlingConfig"))
            yield from filter(None, (self.settings, *inner))


@dataclass(frozen=True, slots=True)
class Task:
    """One task. ``operators``: connector -> operator, as written."""

    part: Part
    type: str | None
    fields: tuple[str, ...] | None
    target: str | None
    operators: Mapping[str, str]
    properties: Part | None

    @property
    def path(self) -> Path:
        """Where it stands."""
        return self.part.path

    @property
    def operator(self) -> str | None:
        """The operator, where there is one and no more."""
        return next(iter(self.operators.values())) if len(self.operators) == 1 else None

    @property
    def is_projection(self) -> bool:
        """Whether it chooses the fields to read; under whichever connector it says so."""
        return self.type == "Filter" and "PROJECTION" in self.operators.values()

    def property(self, name: str) -> str | None:
        """One of the taskProperties."""
        return self.properties.text(name) if self.properties else None

    def missing(self, *names: str) -> Iterator[tuple[Path, str]]:
        """The taskProperties that are surely missing: where each should be, and what it is called.

        Where there are none at all, that is one place.
        """
        if self.part.is_missing("taskProperties"):
            yield self.part.at("taskProperties"), " and ".join(names)
        elif self.properties:
            for name in filter(self.properties.is_missing, names):
                yield self.properties.at(name), name


@dataclass(frozen=True, slots=True)
class FlowView:
    """One flow. ``tasks`` and ``destinations`` hold what is readable of them.

    ``schedule`` is there when the flow has one and may have one.
    """

    part: Part
    trigger: Part | None
    trigger_type: str | None
    schedule: Part | None
    source: Connection | None
    destinations: tuple[Connection, ...]
    tasks: tuple[Task, ...]

    @property
    def connections(self) -> tuple[Connection, ...]:
        """The source and the destinations."""
        return (self.source, *self.destinations) if self.source else self.destinations

    @property
    def reads_from(self) -> str | None:
        """The connector type of the source, where it is certain."""
        return self.source.connector if self.source else None

    @property
    def operator_member(self) -> str | None:
        """The member of connectorOperator that belongs to the source."""
        return SOURCE_MEMBERS[self.reads_from] if self.reads_from else None

    @property
    def tasks_known(self) -> bool:
        """Whether every task could be read, so that one may be said to be missing."""
        return not self.part.doubts.within(self.part.at("tasks"))

    def of_type(self, *types: str) -> Iterator[Task]:
        """The tasks of these types."""
        return (task for task in self.tasks if task.type in types)


def view_flow(value: Mapping[str, Json], path: Path, findings: Iterable[Finding]) -> FlowView:
    """The flow at ``path``, whose value is ``value``, without the parts that ``findings`` are about."""
    flow = Part(value, path, Doubts(findings))
    trigger = flow.part("triggerConfig")
    trigger_type = trigger.text("triggerType") if trigger else None
    properties = trigger.part("triggerProperties") if trigger and trigger_type == "Scheduled" else None
    source = flow.part("sourceFlowConfig")
    return FlowView(
        part=flow,
        trigger=trigger,
        trigger_type=trigger_type,
        schedule=properties.part("Scheduled") if properties else None,
        source=_connection(source, "source", SOURCE_MEMBERS) if source else None,
        destinations=tuple(
            _connection(part, "destination", DESTINATION_MEMBERS)
            for part in flow.parts("destinationFlowConfigList")
        ),
        tasks=tuple(_task(part) for part in flow.parts("tasks")),
    )


def _connection(part: Part, role: str, known: Mapping[str, str]) -> Connection:
    declared = part.text("connectorType")
    properties = part.part(f"{role}ConnectorProperties")
    member = known.get(declared or "")
    connector = declared if member and _may_be_of(member, properties) else None
    settings = properties.part(member) if properties and connector and member else None
    return Connection(part, role, known, declared, connector, properties, settings)


def _may_be_of(member: str, properties: Part | None) -> bool:
    """Whether the properties do not surely belong to another connector."""
    if properties is None or not properties.members or properties.has(member):
        return True
    return not properties.is_missing(member)


def _task(part: Part) -> Task:
    operators = part.part("connectorOperator")
    return Task(
        part=part,
        type=part.text("taskType"),
        fields=part.texts("sourceFields"),
        target=part.text("destinationField"),
        operators=_texts_of(operators) if operators else {},
        properties=part.part("taskProperties"),
    )


def _texts_of(part: Part) -> Mapping[str, str]:
    return {name: text for name in part.members if (text := part.text(name)) is not None}
