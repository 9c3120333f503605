"""YAML 1.1 to values and their places. ``read`` calls it.

libyaml parses; values and places are built here from its events, in one loop without recursion. PyYAML's own loader is
not used: it recurses in C as deep as the document says, keeps the last of two equal names without a word, and gives no
places.
"""

import re
from dataclasses import dataclass, field

import yaml

from appflow_gitops.documents import yaml_syntax
from appflow_gitops.documents.collector import Collector, excerpt
from appflow_gitops.documents.dialects import TIME_MEMBERS
from appflow_gitops.documents.limits import MAX_ALIASES, MAX_DEPTH, MAX_DIRECTIVES, MAX_VALUES
from appflow_gitops.documents.positions import Lines, Place, Places, TextDocument
from appflow_gitops.documents.reading_rules import (
    DUPLICATE_NAME,
    NAME_NO_STRING,
    SELF_CONTAINING,
    TOO_DEEP,
    TOO_MANY_VALUES,
    YAML_SYNTAX,
)
from appflow_gitops.documents.yaml_scalars import Problem, read_scalar, tag_problem
from appflow_gitops.findings import Json, Path, RuleInfo

_DIRECTIVE = re.compile(r"(?:^|[\r\n\x85\u2028\u2029])%")
_NESTED_NAME = "?"


def read_yaml(text: str, collector: Collector) -> list[TextDocument]:
    """The values of a YAML text, one for each ``---`` that holds any.

    Told to ``collector`` is whatever keeps one from being valid. Empty when there is no going on. Otherwise what was
    told about is replaced by something harmless (the last of two equal names, the text of a tagged scalar), so that
    the rest can be checked too.
    """
    lines = Lines(text)
    builder = _Builder(lines, collector)
    directives = [sign.end() - 1 for sign in _DIRECTIVE.finditer(text)]
    if len(directives) > MAX_DIRECTIVES:
        message = f"more than {MAX_DIRECTIVES} lines start with `%`"
        collector.tell(YAML_SYNTAX, (), lines.position(directives[MAX_DIRECTIVES]), message, "remove them")
        return []
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
            if builder.halted:
                return []
    except yaml.YAMLError as error:
        problem = yaml_syntax.explain(text, error)
        collector.tell(YAML_SYNTAX, (), lines.position(problem.offset), problem.message, problem.hint)
        return []
    return builder.documents


@dataclass(slots=True)
class _Node:
    """A value that was read to its end. ``size`` counts the values in it, ``height`` the levels."""

    value: Json
    place: Place
    size: int = 1
    height: int = 0
    is_merge: bool = False


@dataclass(slots=True)
class _Frame:
    """A list or object that is being read. ``name`` is that of the member at hand, once it was read."""

    items: list[Json] | dict[str, Json]
    place: Place
    anchor: str | None
    size: int = 1
    height: int = 1
    name: str | None = None
    name_start: int = 0
    name_is_merge: bool = False
    merged: list[_Node] = field(default_factory=list)

    @property
    def step(self) -> str | int | None:
        """The step to the value at hand; None before its name was read."""
        return len(self.items) if isinstance(self.items, list) else self.name

    @property
    def awaits_name(self) -> bool:
        return self.step is None

    def put(self, node: _Node) -> None:
        """Adds the value at hand."""
        if isinstance(self.items, list):
            self.place.members[len(self.items)] = node.place
            self.items.append(node.value)
        elif self.name is not None:
            node.place.name = self.name_start
            self.place.members[self.name] = node.place
            self.items[self.name] = node.value


class _Builder:
    """Builds the documents from libyaml's events and tells what is wrong on the way."""

    def __init__(self, lines: Lines, collector: Collector) -> None:
        self.documents: list[TextDocument] = []
        self.halted = False
        self._lines = lines
        self._collector = collector
        self._stack: list[_Frame] = []
        self._anchors: dict[str, _Node | None] = {}  # None while the value is still being read
        self._values = 0
        self._aliases = 0

    def take(self, event: yaml.Event) -> None:
        """The next event of the parser; ``halted`` once there is no use in going on."""
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent():
                self._open(event, {}, "map")
            case yaml.SequenceStartEvent():
                self._open(event, [], "seq")
            case yaml.CollectionEndEvent():
                self._close()
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.DocumentStartEvent():
                self._anchors = {}

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        scalar = read_scalar(event)
        node = _Node(scalar.value, _place(event), is_merge=scalar.is_merge)
        if scalar.problem is not None and not (scalar.is_timestamp and self._is_at_time_member()):
            self._tell_problem(scalar.problem, node.place)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        self._count(1, node.place)
        self._add(node)

    def _open(self, event: yaml.CollectionStartEvent, items: list[Json] | dict[str, Json], kind: str) -> None:
        place = _place(event)
        place.end = None
        if problem := tag_problem(event.tag, kind):
            self._tell_problem(problem, place)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._stack.append(_Frame(items, place, event.anchor))
        self._count(1, place)
        self._check_depth(len(self._stack), place)

    def _close(self) -> None:
        frame = self._stack.pop()
        for source in frame.merged:
            _merge(source, frame)
        node = _Node(frame.items, frame.place, frame.size, frame.height)
        if frame.anchor is not None:
            self._anchors[frame.anchor] = node
        self._add(node)

    def _alias(self, event: yaml.AliasEvent) -> None:
        place = _place(event)
        anchor = event.anchor or ""
        target = self._anchors.get(anchor)
        if target is None:
            self._tell_no_target(anchor, place)
            target = _Node("", place)
        place.members = target.place.members
        if target.place.end is None:
            place.end = None
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            self._halt(TOO_MANY_VALUES, place, f"the file holds more than {MAX_ALIASES:,} aliases")
        self._count(target.size, place)
        self._check_depth(len(self._stack) + target.height, place)
        self._add(_Node(target.value, place, target.size, target.height))

    def _add(self, node: _Node) -> None:
        if not self._stack:
            if node.value is not None:  # between two --- may stand nothing, or comments
                self.documents.append(TextDocument(node.value, Places(self._lines, lambda: node.place)))
            return
        frame = self._stack[-1]
        frame.size += node.size
        frame.height = max(frame.height, node.height + 1)
        if frame.awaits_name:
            self._add_name(frame, node)
        else:
            self._add_value(frame, node)

    def _add_name(self, frame: _Frame, node: _Node) -> None:
        frame.name_start = node.place.start
        frame.name_is_merge = node.is_merge
        if isinstance(node.value, str):
            frame.name = node.value
        elif node.place.end is None:
            frame.name = _NESTED_NAME
        else:
            frame.name = self._lines.text[node.place.start : node.place.end]
        if not isinstance(node.value, str):
            message = f"the member name {excerpt(frame.name)} is no string in YAML"
            self._tell(NAME_NO_STRING, node.place, message, "put it in quotes")
        elif frame.name in frame.place.members:
            message = f"{excerpt(frame.name)} stands twice in the same object"
            self._tell(DUPLICATE_NAME, node.place, message, "keep one of them")

    def _add_value(self, frame: _Frame, node: _Node) -> None:
        if frame.name_is_merge and _can_merge(node.value):
            frame.merged.append(node)
        elif frame.name_is_merge:
            message = "`<<` takes an object, or a list of objects"
            self._tell(YAML_SYNTAX, node.place, message, "name an anchor, as in `<<: *defaults`")
        else:
            frame.put(node)
        frame.name = None

    def _is_at_time_member(self) -> bool:
        return bool(self._stack) and self._stack[-1].step in TIME_MEMBERS

    def _count(self, values: int, place: Place) -> None:
        self._values += values
        if self._values > MAX_VALUES:
            self._halt(TOO_MANY_VALUES, place, f"the file holds more than {MAX_VALUES:,} values")

    def _check_depth(self, depth: int, place: Place) -> None:
        if depth > MAX_DEPTH:
            self._halt(
                TOO_DEEP, place, f"lists and objects lie more than {MAX_DEPTH} deep inside each other here"
            )

    def _halt(self, rule: RuleInfo, place: Place, message: str) -> None:
        if not self.halted:
            self._collector.tell(rule, (), self._lines.position(place.start), message)
        self.halted = True

    def _tell_no_target(self, anchor: str, place: Place) -> None:
        if anchor in self._anchors:
            message = f"the anchor {excerpt(anchor)} contains itself"
            self._tell(SELF_CONTAINING, place, message, "write out what is meant")
        else:
            hint = f'Put text that starts with `*` in quotes, or define the anchor above: "&{anchor[:60]}".'
            self._tell(YAML_SYNTAX, place, f"no anchor {excerpt(anchor)} stands above this alias", hint)

    def _tell_problem(self, problem: Problem, place: Place) -> None:
        self._tell(problem.rule, place, problem.message, problem.hint)

    def _tell(self, rule: RuleInfo, place: Place, message: str, hint: str) -> None:
        path: Path = tuple(frame.step for frame in self._stack if frame.step is not None)
        self._collector.tell(rule, path, self._lines.position(place.start), message, hint)
        self.halted = self.halted or self._collector.is_full


def _place(event: yaml.Event) -> Place:
    # libyaml marks every event; that a mark may be None is in the stubs only.
    start = event.start_mark.index if event.start_mark else 0
    return Place(start, event.end_mark.index if event.end_mark else start, start)


def _can_merge(value: Json) -> bool:
    each = value if isinstance(value, list) else [value]
    return all(isinstance(item, dict) for item in each)


def _merge(source: _Node, frame: _Frame) -> None:
    """Adds the members of ``source`` that the object has not itself; of a list of objects the earlier ones win."""
    if isinstance(source.value, list):
        for index, item in enumerate(source.value):
            _merge(_Node(item, source.place.members[index]), frame)
    elif isinstance(source.value, dict) and isinstance(frame.items, dict):
        for name, value in source.value.items():
            if name not in frame.items:
                frame.items[name] = value
                frame.place.members[name] = source.place.members[name]
