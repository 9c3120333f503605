"""Read YAML 1.1 into values and their source maps. ``read`` calls it.

libyaml parses; values and spans are built here from its events, in one loop without recursion. PyYAML's own loader is
not used: it recurses in C as deep as the document nests, silently keeps the last of two equal keys, and does not record
positions.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from appflow_gitops.documents import yaml_syntax
from appflow_gitops.documents.collector import Collector
from appflow_gitops.documents.dialects import TIME_MEMBERS
from appflow_gitops.documents.limits import MAX_ALIASES, MAX_DEPTH, MAX_DIRECTIVES, MAX_VALUES
from appflow_gitops.documents.positions import Lines, SourceMap, Span, TextDocument
from appflow_gitops.documents.reading_rules import (
    DUPLICATE_KEY,
    NON_STRING_KEY,
    SELF_CONTAINING,
    TOO_DEEP,
    TOO_MANY_VALUES,
    YAML_SYNTAX,
)
from appflow_gitops.documents.yaml_functions import expand_functions
from appflow_gitops.documents.yaml_scalars import Scalar, check_tag, read_scalar
from appflow_gitops.findings import Issue, Json, Path, RuleInfo
from appflow_gitops.quoting import quoted

_DIRECTIVE = re.compile(r"(?:^|[\r\n\x85\u2028\u2029])%")
_NESTED_KEY = "?"


def read_yaml(text: str, collector: Collector, *, functions: bool = False) -> list[TextDocument]:
    """Return the documents of a YAML text that are not empty; add everything that makes one invalid to ``collector``.

    With ``functions``, the tags of CloudFormation are read as its JSON spells them: ``!Ref X`` as ``{"Ref": "X"}``.

    Empty if the values are unusable. Otherwise each invalid part has a placeholder (the last of two equal keys, the
    text of a tagged scalar), so that the rest can be checked too.
    """
    lines = Lines(text)
    builder = _Builder(lines, collector)
    directives = [sign.end() - 1 for sign in _DIRECTIVE.finditer(text)]
    if len(directives) > MAX_DIRECTIVES:
        issue = Issue(YAML_SYNTAX, (), f"more than {MAX_DIRECTIVES} lines start with '%'", "remove them")
        collector.add(issue, lines.position(directives[MAX_DIRECTIVES]))
        return []
    try:
        events = yaml.parse(text, Loader=yaml.CSafeLoader)
        for event in expand_functions(events) if functions else events:
            builder.handle(event)
            if builder.halted:
                return []
    except yaml.YAMLError as error:
        offset, issue = yaml_syntax.explain(text, error)
        collector.add(issue, lines.position(offset))
        return []
    return builder.documents


@dataclass(slots=True)
class _Node:
    """A complete value with an anchor. ``size`` counts the values in it, ``height`` its levels."""

    value: Json
    span: Span
    size: int = 1
    height: int = 0
    is_unresolved: bool = False


@dataclass(slots=True)
class _Frame:
    """A list or object that is being read. ``key`` is that of the current value, once it was read."""

    items: list[Json] | dict[str, Json]
    span: Span
    anchor: str | None
    size: int = 1
    height: int = 1
    key: str | None = None
    key_start: int = 0
    key_is_merge: bool = False
    merged: list[tuple[Json, Span]] = field(default_factory=list)
    has_unresolved_item: bool = False

    @property
    def step(self) -> str | int | None:
        """The step to the current value; None before its key was read."""
        return len(self.items) if isinstance(self.items, list) else self.key

    def put(self, value: Json, span: Span) -> None:
        """Add the current value."""
        if isinstance(self.items, list):
            self.span.children[len(self.items)] = span
            self.items.append(value)
        elif self.key is not None:
            span.key_start = self.key_start
            self.span.children[self.key] = span
            self.items[self.key] = value


class _Builder:
    """Builds documents from libyaml's events and reports issues."""

    def __init__(self, lines: Lines, collector: Collector) -> None:
        self.documents: list[TextDocument] = []
        self.halted = False
        self._lines = lines
        self._collector = collector
        self._stack: list[_Frame] = []
        self._anchors: dict[str, _Node | None] = {}  # None while the value is still being read
        self._earlier_anchors: set[str] = set()
        self._unresolved_anchors: set[str] = set()
        self._values = 0
        self._aliases = 0
        self._handlers: dict[type[yaml.Event], Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: lambda event: self._open(event, {}, "map"),
            yaml.MappingEndEvent: self._close,
            yaml.SequenceStartEvent: lambda event: self._open(event, [], "seq"),
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._start_document,
        }

    def handle(self, event: yaml.Event) -> None:
        """Handle the next event of the parser; ``halted`` is set when a limit ends the reading."""
        if handler := self._handlers.get(type(event)):
            handler(event)

    def _start_document(self, _event: yaml.DocumentStartEvent) -> None:
        self._earlier_anchors |= self._anchors.keys()
        self._anchors = {}
        self._unresolved_anchors = set()

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        scalar, span = read_scalar(event), _span(event)
        if scalar.issue is not None and not self._is_harmless(scalar):
            self._add_issue(scalar.issue, span)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Node(scalar.value, span)
        self._count(1, span)
        self._add(scalar.value, span, is_merge=scalar.is_merge)

    def _open(self, event: yaml.CollectionStartEvent, items: list[Json] | dict[str, Json], kind: str) -> None:
        span = _span(event)
        span.end = None
        if issue := check_tag(event.tag, kind):
            self._add_issue(issue, span)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._stack.append(_Frame(items, span, event.anchor))
        self._count(1, span)
        self._check_depth(len(self._stack), span)

    def _close(self, _event: yaml.CollectionEndEvent) -> None:
        frame = self._stack.pop()
        for value, span in frame.merged:
            _merge(value, span, frame)
        is_unresolved = frame.has_unresolved_item
        if frame.anchor is not None:
            node = _Node(frame.items, frame.span, frame.size, frame.height, is_unresolved)
            self._anchors[frame.anchor] = node
        self._add(frame.items, frame.span, frame.size, frame.height, is_unresolved=is_unresolved)

    def _alias(self, event: yaml.AliasEvent) -> None:
        span = _span(event)
        anchor = event.anchor or ""
        target = self._anchors.get(anchor)
        if target is None:
            self._add_unresolved(anchor, span)
            target = _Node("", span, is_unresolved=True)
        span.children = target.span.children
        if target.span.end is None:
            span.end = None
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            self._halt(TOO_MANY_VALUES, span, f"file contains more than {MAX_ALIASES:,} aliases")
        self._count(target.size, span)
        self._check_depth(len(self._stack) + target.height, span)
        self._add(target.value, span, target.size, target.height, is_unresolved=target.is_unresolved)

    def _add(  # noqa: PLR0913 - a value and what its frame counts; an object for each would take as long as the rest
        self,
        value: Json,
        span: Span,
        size: int = 1,
        height: int = 0,
        *,
        is_merge: bool = False,
        is_unresolved: bool = False,
    ) -> None:
        if not self._stack:
            if value is not None:  # a document may be empty, or contain only comments
                self.documents.append(TextDocument(value, SourceMap(self._lines, lambda: span)))
            return
        frame = self._stack[-1]
        is_list = isinstance(frame.items, list)
        frame.size += size
        if height >= frame.height:
            frame.height = height + 1
        if is_unresolved and is_list:
            frame.has_unresolved_item = True
        if is_list or frame.key is not None:
            self._add_value(frame, value, span, is_unresolved=is_unresolved)
        else:
            frame.key_is_merge = is_merge
            self._add_key(frame, value, span)

    def _add_key(self, frame: _Frame, value: Json, span: Span) -> None:
        frame.key_start = span.start
        if isinstance(value, str):
            frame.key = value
        elif span.end is None:
            frame.key = _NESTED_KEY
        else:
            frame.key = self._lines.text[span.start : span.end]
        if not isinstance(value, str):
            message = f"key {quoted(frame.key)} is not a string in YAML"
            self._add_issue(Issue(NON_STRING_KEY, (), message, "put it in quotes"), span)
        elif frame.key in frame.span.children:
            message = f"duplicate key {quoted(frame.key)}"
            self._add_issue(Issue(DUPLICATE_KEY, (), message, "remove one of them"), span)

    def _add_value(self, frame: _Frame, value: Json, span: Span, *, is_unresolved: bool) -> None:
        if not frame.key_is_merge:
            frame.put(value, span)
        elif _can_merge(value):
            frame.merged.append((value, span))
        else:
            self._add_invalid_merge(frame, span, is_unresolved=is_unresolved)
        frame.key = None

    def _add_invalid_merge(self, frame: _Frame, span: Span, *, is_unresolved: bool) -> None:
        if frame.key is not None:
            span.key_start = frame.key_start
            frame.span.children[frame.key] = span
        if not is_unresolved:
            message = "expected an object or a list of objects after '<<'"
            self._add_issue(Issue(YAML_SYNTAX, (), message, "merge an anchor: '<<: *defaults'"), span)

    def _is_harmless(self, scalar: Scalar) -> bool:
        """Return whether the current place takes the scalar: a time of the schedule, or a key."""
        step = self._stack[-1].step if self._stack else None
        return step in TIME_MEMBERS if scalar.is_timestamp else step is None and scalar.differs

    def _count(self, values: int, span: Span) -> None:
        self._values += values
        if self._values > MAX_VALUES:
            self._halt(TOO_MANY_VALUES, span, f"file contains more than {MAX_VALUES:,} values")

    def _check_depth(self, depth: int, span: Span) -> None:
        if depth > MAX_DEPTH:
            self._halt(TOO_DEEP, span, f"nested more than {MAX_DEPTH} levels deep")

    def _halt(self, rule: RuleInfo, span: Span, message: str) -> None:
        if not self.halted:
            self._collector.add(Issue(rule, (), message), self._lines.position(span.start))
        self.halted = True

    def _add_unresolved(self, anchor: str, span: Span) -> None:
        """Report an alias without a value, once for each anchor in a document."""
        issue = self._unresolved(anchor)
        if anchor in self._unresolved_anchors:
            self._collector.add_repeated(issue.under(self._path), self._lines.position(span.start))
        else:
            self._unresolved_anchors.add(anchor)
            self._add_issue(issue, span)

    def _unresolved(self, anchor: str) -> Issue:
        if anchor in self._anchors:
            message, hint = f"anchor {quoted(anchor)} contains itself", "write out the value"
            return Issue(SELF_CONTAINING, (), message, hint)
        if anchor in self._earlier_anchors:
            message = f"anchor {quoted(anchor)} is defined in another document: '---' ends its scope"
            return Issue(
                YAML_SYNTAX, (), message, "define it again after '---', or write the flows as one list"
            )
        hint = "define the anchor above, or put text that starts with '*' in quotes"
        return Issue(YAML_SYNTAX, (), f"unknown anchor {quoted(anchor)}", hint)

    @property
    def _path(self) -> Path:
        return tuple(frame.step for frame in self._stack if frame.step is not None)

    def _add_issue(self, issue: Issue, span: Span) -> None:
        self._collector.add(issue.under(self._path), self._lines.position(span.start))


def _span(event: yaml.Event) -> Span:
    # libyaml marks every event; only the stubs allow None.
    start = event.start_mark.index if event.start_mark else 0
    return Span(start, event.end_mark.index if event.end_mark else start, start)


def _can_merge(value: Json) -> bool:
    each = value if isinstance(value, list) else [value]
    return all(isinstance(item, dict) for item in each)


def _merge(value: Json, span: Span, frame: _Frame) -> None:
    """Add the members of ``value`` that the object does not define itself; in a list, earlier objects win."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            _merge(item, span.children[index], frame)
    elif isinstance(value, dict) and isinstance(frame.items, dict):
        for key, inner in value.items():
            if key not in frame.items:
                frame.items[key] = inner
                frame.span.children[key] = span.children[key]
