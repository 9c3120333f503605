"""Places in a text: offsets to line and column, and a value's path to its offsets.

Both readers of text build ``Place`` trees beside the values; ``FlowLocator`` answers for one flow. Nothing is computed
before a finding asks for it.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from appflow_gitops.findings import Json, Path, Position

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(slots=True)
class Place:
    """Where one value stands, in characters from the start of the text.

    ``name`` is the start of the member's name, and of the value itself for an item of a list. A scalar has an ``end``
    and no ``members``; of a list or object the end is not known.
    """

    start: int
    end: int | None
    name: int
    members: "dict[str | int, Place]" = field(default_factory=dict)


class Lines:
    """The lines of a text, as editors count them."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(end.end() for end in _LINE_END.finditer(self.text))]

    def position(self, offset: int) -> Position:
        """Line and column of the character at ``offset``."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)


class Places:
    """All places of one JSON or YAML document, found by ``scan`` when the first of them is asked for."""

    def __init__(self, lines: Lines, scan: Callable[[], Place]) -> None:
        self.lines = lines
        self._scan = scan

    @cached_property
    def top(self) -> Place:
        """The place of the whole document."""
        return self._scan()

    def find(self, path: Path) -> tuple[Place, bool]:
        """The place at ``path``, or of the nearest value around it; and whether it is the very one."""
        place = self.top
        for step in path:
            inner = place.members.get(step)
            if inner is None:
                return place, False
            place = inner
        return place, True


class FlowLocator:
    """Knows where the values of one flow stand: the ``Locator`` of a flow that was read.

    Paths lead from the top of the JSON or YAML document, in AppFlow's words. ``renames`` holds the members that were
    written in other words: path in AppFlow's words -> the name in the file.
    """

    def __init__(self, places: Places, renames: Mapping[Path, str]) -> None:
        self._places = places
        self._renames = renames

    def position(self, path: Path) -> Position:
        """The place of the value at ``path``; of the nearest existing one around it where there is none."""
        place, _ = self._places.find(self.path_as_written(path))
        return self._places.lines.position(place.start)

    def name_position(self, path: Path) -> Position:
        """The place of the member's name at ``path``, for findings about the name; else like ``position``."""
        place, found = self._places.find(self.path_as_written(path))
        return self._places.lines.position(place.name if found else place.start)

    def path_as_written(self, path: Path) -> Path:
        """``path`` with the names that stand in the file."""
        if not self._renames:
            return path
        return tuple(self._renames.get(path[: end + 1], step) for end, step in enumerate(path))

    def written(self, path: Path) -> str | None:
        """The scalar at ``path`` as it stands in the file, quotes included; None for anything else.

        It tells YAML's ``no`` from ``false``, and ``10:30:00`` from ``37800``.
        """
        place, found = self._places.find(self.path_as_written(path))
        if not found or place.end is None:
            return None
        return self._places.lines.text[place.start : place.end]


NOWHERE = Places(Lines(""), lambda: Place(0, None, 0))
"""The places of a document that stands in no file: line 1, column 1, all of them."""


@dataclass(frozen=True, slots=True)
class TextDocument:
    """One JSON or YAML document of a text: its value and its places."""

    value: Json
    places: Places
