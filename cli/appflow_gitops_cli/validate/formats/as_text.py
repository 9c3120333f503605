"""Findings for people: the place, the line of the file with a caret under it, what to do, and a summary."""

import textwrap
from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size

from appflow_gitops.findings import Finding, Position, Severity
from appflow_gitops_cli.documents.report import DocumentReport, Report
from appflow_gitops_cli.screen import Screen

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_CUT = "..."


def render(report: Report, screen: Screen) -> Iterator[str]:
    """The lines to show."""
    for document in report.documents:
        yield from findings(document, screen)
    colour = "red" if report.failed else "green"
    yield screen.style(report.summary, colour, bold=True)


def findings(document: DocumentReport, screen: Screen) -> Iterator[str]:
    """The lines that show what there is to say about one document."""
    for finding in document.findings:
        yield from _finding(document, finding, screen)
        yield ""


def _finding(document: DocumentReport, finding: Finding, screen: Screen) -> Iterator[str]:
    position = finding.position or Position(1, 1)
    place = screen.style(f"{screen.shown(document.file)}:{position.line}:{position.column}:", bold=True)
    severity = screen.style(f"{finding.severity}:", _COLOURS[finding.severity], bold=True)
    yield f"{place} {severity} {screen.shown(finding.message)} [{finding.rule}]"
    margin = " " * len(f"  {position.line}")
    line = document.lines.get(position.line)
    if line is not None:
        before, after = _around(line, position.column, screen, screen.width - len(margin) - len(" | "))
        caret = screen.style("^", _COLOURS[finding.severity], bold=True)
        yield f"  {position.line} | {before}{after}".rstrip()
        yield f"{margin} | {' ' * cell_len(before)}{caret}"
    if finding.hint:
        indent = f"{margin}   "
        yield from textwrap.wrap(
            f"hint: {screen.shown(finding.hint)}",
            screen.width,
            initial_indent=indent,
            subsequent_indent=f"{indent}      ",
            break_on_hyphens=False,
        )


def _around(line: str, column: int, screen: Screen, room: int) -> tuple[str, str]:
    """What is shown before the column and from it on, cut where both would take more than ``room`` columns."""
    at = column - 1
    before = screen.shown(line[max(0, at - room) : at])
    after = screen.shown(line[at : at + room + 1])
    if at > room or cell_len(before) + min(cell_len(after), room // 2) > room:
        before = _CUT + _last_columns(before, room // 2 - len(_CUT))
    left = room - cell_len(before)
    if cell_len(after) > left:
        after = set_cell_size(after, left - len(_CUT)) + _CUT
    return before, after


def _last_columns(text: str, columns: int) -> str:
    return set_cell_size(text[::-1], columns)[::-1] if cell_len(text) > columns else text
