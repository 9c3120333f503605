"""Findings as text for a terminal. Shared by validate, plan and push."""

import textwrap
from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size

from appflow_gitops.findings import Finding, Position
from appflow_gitops_cli.colours import SEVERITIES
from appflow_gitops_cli.documents.report import DocumentReport
from appflow_gitops_cli.screen import Screen

_CUT = "..."


def finding_lines(document: DocumentReport, screen: Screen) -> Iterator[str]:
    """Every finding of the document: its message, the source line with a caret, the hint, and an empty line."""
    for finding in document.findings:
        yield from _finding(document, finding, screen)
        yield ""


def _finding(document: DocumentReport, finding: Finding, screen: Screen) -> Iterator[str]:
    position = finding.position or Position(1, 1)
    location = screen.style(
        f"{screen.printable(document.file)}:{position.line}:{position.column}:", bold=True
    )
    severity = screen.style(f"{finding.severity}:", SEVERITIES[finding.severity], bold=True)
    yield f"{location} {severity} {screen.printable(finding.message)} [{finding.rule}]"
    margin = " " * len(f"  {position.line}")
    line = document.lines.get(position.line)
    if line is not None:
        before, after = _excerpt(line, position.column, screen, screen.width - len(margin) - len(" | "))
        caret = screen.style("^", SEVERITIES[finding.severity], bold=True)
        yield f"  {position.line} | {before}{after}".rstrip()
        yield f"{margin} | {' ' * cell_len(before)}{caret}"
    if finding.hint:
        indent = f"{margin}   "
        yield from textwrap.wrap(
            f"hint: {screen.printable(finding.hint)}",
            screen.width,
            initial_indent=indent,
            subsequent_indent=f"{indent}      ",
            break_on_hyphens=False,
        )


def _excerpt(line: str, column: int, screen: Screen, room: int) -> tuple[str, str]:
    """The text before ``column`` and from it on, cut so that both take at most ``room`` columns."""
    at = column - 1
    before = screen.printable(line[max(0, at - room) : at])
    after = screen.printable(line[at : at + room + 1])
    if at > room or cell_len(before) + min(cell_len(after), room // 2) > room:
        before = _CUT + _last_columns(before, room // 2 - len(_CUT))
    left = room - cell_len(before)
    if cell_len(after) > left:
        after = set_cell_size(after, left - len(_CUT)) + _CUT
    return before, after


def _last_columns(text: str, columns: int) -> str:
    return set_cell_size(text[::-1], columns)[::-1] if cell_len(text) > columns else text
