"""Positions in a text: offsets to line and column, and the path of a value to its offsets.

Both text readers build ``Span`` trees beside the values; ``FlowLocator`` serves one flow. Nothing is computed until the
first finding needs a position.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from appflow_gitops.findings import Json, Path, Position

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(slots=True)
class Span:
    """The offsets of one value, in characters from the start of the text.

    ``key_start`` is where the value's key starts; for a list item, the start of the value. A scalar has an ``end`` and
    no ``children``; the end of a list or object is unknown.
    """

    start: int
    end: int | None
    key_start: int
    children: "dict[str | int, Span]" = field(default_factory=dict)


class Lines:
    """The lines of a text, as editors count them."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(end.end() for end in _LINE_END.finditer(self.text))]

    def position(self, offset: int) -> Position:
        """Return line and column of the character at ``offset``."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)


class SourceMap:
    """The spans of all values of one JSON or YAML document; ``scan`` computes them on first use."""

    def __init__(self, lines: Lines, scan: Callable[[], Span]) -> None:
        self.lines = lines
        self._scan = scan

    @cached_property
    def top(self) -> Span:
        """The span of the whole document."""
        return self._scan()

    def find(self, path: Path) -> tuple[Span, bool]:
        """Return the span at ``path``, or of the nearest enclosing value; and whether it is that at ``path``."""
        span = self.top
        for step in path:
            child = span.children.get(step)
            if child is None:
                return span, False
            span = child
        return span, True

    def has_anchor(self, span: Span) -> bool:
        """Return whether the value, or a value in it, starts with ``&``, as only an anchor does."""
        return self.lines.text.startswith("&", span.start) or any(
            map(self.has_anchor, span.children.values())
        )


class FlowLocator:
    """The ``Locator`` of one flow in a file.

    Paths lead from the top of the JSON or YAML document, with AppFlow's keys. ``renames`` maps the path of each renamed
    key to its spelling in the file.
    """

    def __init__(self, source_map: SourceMap, renames: Mapping[Path, str]) -> None:
        self._source_map = source_map
        self._renames = renames

    def position(self, path: Path) -> Position:
        """Return the position of the value at ``path``, or of the nearest enclosing value that exists."""
        span, _ = self._source_map.find(self.path_as_written(path))
        return self._source_map.lines.position(span.start)

    def name_position(self, path: Path) -> Position:
        """Return the position of the key at ``path``; else like ``position``."""
        span, found = self._source_map.find(self.path_as_written(path))
        return self._source_map.lines.position(span.key_start if found else span.start)

    def path_as_written(self, path: Path) -> Path:
        """Return ``path`` with the keys as the file spells them."""
        if not self._renames:
            return path
        return tuple(self._renames.get(path[: end + 1], step) for end, step in enumerate(path))

    def written(self, path: Path) -> str | None:
        """Return the source text of the scalar at ``path``, quotes included; None for any other value.

        It distinguishes YAML's ``no`` from ``false``, and ``10:30:00`` from ``37800``.
        """
        span, found = self._source_map.find(self.path_as_written(path))
        if not found or span.end is None:
            return None
        return self._source_map.lines.text[span.start : span.end]

    def has_anchor(self, path: Path) -> bool:
        """Return whether the YAML value at ``path``, or a value in it, defines an anchor."""
        span, found = self._source_map.find(self.path_as_written(path))
        return found and self._source_map.has_anchor(span)


NO_SOURCE = SourceMap(Lines(""), lambda: Span(0, None, 0))
"""The source map of a document without a file: every position is line 1, column 1."""


@dataclass(frozen=True, slots=True)
class TextDocument:
    """One JSON or YAML document of a text."""

    value: Json
    source_map: SourceMap
