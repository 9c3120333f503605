"""A plan as text for a terminal: each flow with its changes, then flows that lose their document, then a summary."""

import textwrap
from collections.abc import Iterator

from appflow_gitops.findings import Json
from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.sync.plan import Action
from appflow_gitops_cli.colours import CHANGES
from appflow_gitops_cli.documents.finding_text import finding_lines
from appflow_gitops_cli.plan.report import SIGNS, FlowPlan, PlanReport, adjustment_text, one_line, orphan_text
from appflow_gitops_cli.screen import Screen

_ACTION_TEXT = {
    Action.CREATE: ("+", "will be created"),
    Action.UPDATE: ("~", "will be updated"),
    Action.ACTIVATE: ("~", "will be activated"),
    Action.SUSPEND: ("~", "will be suspended"),
    Action.TAG: ("~", "will be tagged"),
    Action.REFUSE: ("!", "will be refused"),
    Action.UNCHANGED: ("~", "will move"),
}
_INDENT = 4
_NARROWEST = 20
"""Columns that a value gets at least, however deep it is nested."""


def render(report: PlanReport, screen: Screen) -> Iterator[str]:
    """The lines to print. Flows that are in sync are only counted."""
    for document in report.invalid:
        yield from finding_lines(document, screen)
    for flow in report.actionable():
        yield from _flow(flow, screen)
        yield ""
    for orphan in report.orphans:
        yield from _wrapped("-", orphan_text(orphan), 0, screen)
    for key in report.deleted:
        yield from _wrapped("-", f"{key} will be deleted from the bucket", 0, screen)
    if report.orphans or report.deleted:
        yield ""
    for note in report.notes:
        yield from _wrapped("", f"note: {note}", 0, screen)
    colour = ("green", "red", "yellow")[report.exit_status]
    yield screen.style(f"Plan: {report.summary}", colour, bold=True)


def _flow(flow: FlowPlan, screen: Screen) -> Iterator[str]:
    sign, words = _ACTION_TEXT[flow.action]
    name = screen.style(screen.printable(flow.name), bold=True)
    origin = f", moved from {flow.moved_from}" if flow.moved_from else ""
    draft = ", in Draft" if flow.in_draft else ""
    yield f"{_sign(sign, screen)} {name} {words}{draft} ({screen.printable(f'{flow.file}{origin}')})"
    if flow.in_draft:
        yield from _wrapped("", "it will not run; set flowStatus: Active to start it", _INDENT, screen)
    if flow.refusal:
        yield from _wrapped("", f"{flow.refusal.code}: {flow.refusal.message}", _INDENT, screen)
    for item in flow.changes:
        yield from _change(item, screen)
    for adjustment in flow.adjustments:
        yield from _wrapped("", adjustment_text(adjustment), _INDENT + 2, screen)


def _change(item: DiffItem, screen: Screen) -> Iterator[str]:
    """One change on one line if both values are plain, else each value on lines of its own."""
    values = [value for value in (item.live, item.desired) if value is not None]
    if not any(_is_nested(value) for value in values):
        text = " -> ".join(map(one_line, values))
        yield from _wrapped(SIGNS[item.op], f"{item.pointer}: {text}", _INDENT, screen)
        return
    yield from _wrapped(SIGNS[item.op], f"{item.pointer}:", _INDENT, screen)
    for sign, value in (("-", item.live), ("+", item.desired)):
        if value is not None:
            shown = sign if len(values) > 1 else ""
            for depth, line in _members(value):
                yield from _wrapped(shown, line, 2 * _INDENT + 2 * depth, screen)


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


def _wrapped(sign: str, text: str, indent: int, screen: Screen) -> Iterator[str]:
    """The text within the width of the screen; further lines are indented. Words are never broken."""
    margin = " " * indent + (" " * 2 if sign else "")
    lines = textwrap.wrap(
        screen.printable(text),
        max(_NARROWEST, screen.width - len(margin) - _INDENT),
        break_long_words=False,
        break_on_hyphens=False,
    )
    first, *more = lines or [""]
    yield f"{' ' * indent}{_sign(sign, screen)} {first}" if sign else f"{margin}{first}"
    yield from (f"{margin}{' ' * _INDENT}{line}" for line in more)


def _sign(sign: str, screen: Screen) -> str:
    return screen.style(sign, CHANGES[sign], bold=True)
