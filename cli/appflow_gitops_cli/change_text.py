"""Changes of flows as text for a terminal: wrapped with indentation, nested values member by member.

Shared by plan and status.
"""

import json
import re
import textwrap
from collections.abc import Iterator

from appflow_gitops.findings import Json
from appflow_gitops.flows.diff import DiffItem
from appflow_gitops_cli.colours import CHANGES
from appflow_gitops_cli.screen import Screen

SIGNS = {"add": "+", "change": "~", "remove": "-"}
INDENT = 4
_NARROWEST = 20
"""Columns that a value gets at least, however deep it is nested."""


def one_line(value: Json) -> str:
    """A value of a flow as JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


def change_lines(item: DiffItem, screen: Screen) -> Iterator[str]:
    """One change on one line if both values are plain, else each value on lines of its own."""
    values = [value for value in (item.live, item.desired) if value is not None]
    if not any(_is_nested(value) for value in values):
        text = " -> ".join(map(one_line, values))
        yield from wrapped(SIGNS[item.op], f"{item.pointer}: {text}", INDENT, screen, breaks_paths=True)
        return
    yield from wrapped(SIGNS[item.op], f"{item.pointer}:", INDENT, screen, breaks_paths=True)
    for sign, value in (("-", item.live), ("+", item.desired)):
        if value is not None:
            shown = sign if len(values) > 1 else ""
            for depth, line in _members(value):
                yield from wrapped(shown, line, 2 * INDENT + 2 * depth, screen)


def _is_nested(value: Json) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_is_container, value)))


def _is_container(value: Json) -> bool:
    return isinstance(value, dict | list)


def _members(value: Json, depth: int = 0) -> Iterator[tuple[int, str]]:
    """The members of a value, one per line, with their depth."""
    if isinstance(value, dict):
        entries = [(f"{name}:", inner) for name, inner in value.items()]
    elif isinstance(value, list) and _is_nested(value):
        entries = [("-", inner) for inner in value]
    else:
        yield depth, one_line(value)
        return
    for label, inner in entries:
        if _is_nested(inner) and inner:
            yield depth, label
            yield from _members(inner, depth + 1)
        else:
            yield depth, f"{label} {one_line(inner)}"


def wrapped(
    sign: str, text: str, indent: int, screen: Screen, *, breaks_paths: bool = False
) -> Iterator[str]:
    """The text within the width of the screen; further lines are indented.

    Words are never broken, except after slashes with ``breaks_paths``.
    """
    margin = " " * indent + (" " * 2 if sign else "")
    width = max(_NARROWEST, screen.width - len(margin) - INDENT)
    lines = textwrap.wrap(screen.printable(text), width, break_long_words=False, break_on_hyphens=False)
    if breaks_paths:
        lines = [part for line in lines for part in _broken_after_slashes(line, width)]
    first, *more = lines or [""]
    yield f"{' ' * indent}{sign_text(sign, screen)} {first}" if sign else f"{margin}{first}"
    yield from (f"{margin}{' ' * INDENT}{line}" for line in more)


def _broken_after_slashes(line: str, width: int) -> list[str]:
    parts = [""]
    for step in re.findall("[^/]*/|[^/]+", line):
        if parts[-1] and len(parts[-1]) + len(step) > width:
            parts.append(step)
        else:
            parts[-1] += step
    return parts


def sign_text(sign: str, screen: Screen) -> str:
    """The sign in its colour."""
    return screen.style(sign, CHANGES[sign], bold=True)
