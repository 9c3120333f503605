"""The result of ``status`` as text: tables of flows and documents, the differences, and a summary."""

from collections.abc import Iterable
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from appflow_gitops.sync.inventory import SyncStatus
from appflow_gitops_cli.colours import STATES
from appflow_gitops_cli.printable import printable
from appflow_gitops_cli.status.report import StatusReport

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))
_WIDTH_WITHOUT_TERMINAL = 160
_SHORT = 8
_SHOWN_CHANGES = 5

Cell = str | Text


def print_report(report: StatusReport, stream: TextIO) -> None:
    """Print the report on ``stream``, in colour if it is a terminal."""
    console = Console(
        file=stream, highlight=False, markup=False, width=None if stream.isatty() else _WIDTH_WITHOUT_TERMINAL
    )
    inventory = report.inventory
    _table(
        console,
        "Flows",
        ("Flow", "State", "Status", "Document", "Version", "Commit", "Changed", "Last run"),
        (_flow(flow, report.at) for flow in inventory.flows),
    )
    _table(
        console,
        "Unmanaged flows",
        ("Flow", "Status", "Changed", "Last run"),
        (
            (
                flow.live.name,
                flow.live.status,
                ago(flow.live.last_updated_at, report.at),
                _run(flow, report.at),
            )
            for flow in inventory.unmanaged
        ),
    )
    _table(
        console,
        "Documents without a flow",
        ("Flow", "Document", "Commit"),
        ((flow.name, flow.document, (flow.commit or "")[:_SHORT]) for flow in inventory.missing),
    )
    _table(
        console,
        "Documents whose latest version is invalid",
        ("Document", "Error"),
        ((invalid.document, invalid.error) for invalid in inventory.invalid),
    )
    for flow in inventory.flows:
        for line in _differences(flow):
            console.print(Text(printable(line)))
    console.print(Text(report.summary, style="bold green" if inventory.in_order else "bold red"))


def ago(at: float | None, now: float) -> str:
    """The time since ``at`` in the largest unit; empty if ``at`` is unknown."""
    if at is None:
        return ""
    seconds = max(0.0, now - at)
    return next((f"{seconds / size:.0f} {unit}" for size, unit in _UNITS if seconds >= size), "now")


def _table(console: Console, title: str, columns: Iterable[str], rows: Iterable[tuple[Cell, ...]]) -> None:
    cells = [[cell if isinstance(cell, Text) else Text(printable(cell)) for cell in row] for row in rows]
    if not cells:
        return
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in cells:
        table.add_row(*row)
    console.print(Text(title, style="bold"))
    console.print(table)
    console.print()


def _flow(flow: SyncStatus, now: float) -> tuple[Cell, ...]:
    return (
        flow.live.name,
        Text(flow.state, style=STATES.get(flow.state, "dim")),
        flow.live.status,
        flow.document or "",
        (flow.version or "")[:_SHORT],
        (flow.commit or "")[:_SHORT],
        ago(flow.live.last_updated_at, now),
        _run(flow, now),
    )


def _run(flow: SyncStatus, now: float) -> str:
    run = flow.live.last_run
    return f"{run.status} {ago(run.at, now)}".strip() if run else ""


def _differences(flow: SyncStatus) -> Iterable[str]:
    shown = flow.changes[:_SHOWN_CHANGES]
    more = len(flow.changes) - len(shown)
    pointers = [f"{item.op} {item.pointer}" for item in shown] + ([f"{more:,} more"] if more else [])
    if pointers:
        yield f"{flow.live.name}: {', '.join(pointers)}"
    if flow.note:
        yield f"{flow.live.name}: {flow.note}"
