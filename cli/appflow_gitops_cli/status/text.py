"""The result of ``status`` as text: tables of flows and documents, worst first, the differences, and a summary.

A table keeps names whole. On a narrow terminal it leaves out columns, then cuts the document at its start, and in the
end prints each row on two lines.
"""

from collections.abc import Iterator, Sequence
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from appflow_gitops.sync.health.health import Health
from appflow_gitops.sync.inventory import MissingFlow, State, SyncStatus
from appflow_gitops_cli.change_text import change_lines, wrapped
from appflow_gitops_cli.colours import STATES
from appflow_gitops_cli.printable import printable
from appflow_gitops_cli.screen import Screen
from appflow_gitops_cli.status.report import StatusReport, notes_of, state_text

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))
_WIDTH_WITHOUT_TERMINAL = 160
_SHORT = 8
_SHOWN_CHANGES = 5
_GAP = 2
_SHORTEST_PATH = 16
_DROPPED = ("Commit", "Version", "Last run", "Status", "Changed", "Health")
"""The columns that a narrow terminal lacks, in this order."""

Row = dict[str, Text]


def print_report(report: StatusReport, stream: TextIO) -> None:
    """Print the report on ``stream``, in colour if it is a terminal."""
    console = Console(
        file=stream, highlight=False, markup=False, width=None if stream.isatty() else _WIDTH_WITHOUT_TERMINAL
    )
    for pause in report.paused:
        console.print(Text(f"Paused {printable(pause)}", style="bold yellow"))
    if report.paused:
        console.print()
    for title, rows in _tables(report):
        if rows:
            console.print(Text(title, style="bold"))
            for line in table(rows, console.width):
                console.print(line, no_wrap=True, overflow="ignore", crop=False)
            console.print()
    screen = Screen(console.width)
    details = [line for missing in report.inventory.missing for line in _missing_details(missing, screen)]
    details += [line for flow in report.flows for line in _details(flow, report.at, screen)]
    for detail in details:
        console.print(Text(detail), no_wrap=True, overflow="ignore", crop=False)
    if details:
        console.print()
    colour = "yellow" if report.not_running else "green"
    console.print(Text(report.summary, style=f"bold {colour if report.inventory.in_order else 'red'}"))


def ago(at: float | None, now: float) -> str:
    """The time since ``at`` in the largest unit; empty if ``at`` is unknown."""
    if at is None:
        return ""
    seconds = max(0.0, now - at)
    return next((f"{seconds / size:.0f} {unit} ago" for size, unit in _UNITS if seconds >= size), "now")


def table(rows: Sequence[Row], width: int) -> Iterator[Text]:
    """The lines of a table with these rows, not wider than ``width`` unless a name is."""
    columns = [name for name in rows[0] if any(row[name].plain for row in rows)]
    for dropped in _DROPPED:
        if _width(rows, columns) > width and dropped in columns:
            columns.remove(dropped)
    cut = _width(rows, columns) - width
    if cut > 0 and "Document" in columns:
        longest = max(cell_len(row["Document"].plain) for row in rows)
        if longest - cut >= _SHORTEST_PATH:
            rows = [{**row, "Document": _shortened(row["Document"], longest - cut)} for row in rows]
        else:
            yield from _on_two_lines(rows, columns, width)
            return
    widths = {name: max(cell_len(name), *(cell_len(row[name].plain) for row in rows)) for name in columns}
    yield _line([Text(name, style="bold") for name in columns], widths)
    yield from (_line([row[name] for name in columns], widths) for row in rows)


def _width(rows: Sequence[Row], columns: Sequence[str]) -> int:
    widths = (max(cell_len(name), *(cell_len(row[name].plain) for row in rows)) for name in columns)
    return sum(widths) + _GAP * (len(columns) - 1)


def _line(cells: Sequence[Text], widths: dict[str, int]) -> Text:
    line = Text()
    for cell, width in zip(cells, widths.values(), strict=True):
        line.append_text(cell)
        line.append(" " * (width - cell_len(cell.plain) + _GAP))
    line.rstrip()
    return line


def _on_two_lines(rows: Sequence[Row], columns: Sequence[str], width: int) -> Iterator[Text]:
    """Each row as its first cell, and the others indented below it."""
    first, *others = columns
    for row in rows:
        yield row[first]
        room = width - _GAP
        below = Text(" " * _GAP)
        for name in others:
            cell = row[name]
            shown = _shortened(cell, room) if name == "Document" else cell
            if shown.plain:
                below.append_text(shown)
                below.append(" " * _GAP)
                room = max(_SHORTEST_PATH, room - cell_len(shown.plain) - _GAP)
        below.rstrip()
        yield below


def _shortened(path: Text, width: int) -> Text:
    """The end of a path, after an ellipsis; the whole path if it fits."""
    plain = path.plain
    if cell_len(plain) <= width:
        return path
    while cell_len(plain) >= width:
        plain = plain[1:]
    return Text(f"…{plain}")


def _tables(report: StatusReport) -> Iterator[tuple[str, list[Row]]]:
    inventory, now = report.inventory, report.at
    yield (
        "Documents whose latest version is invalid",
        [_row(Document=each.document, Error=each.error) for each in inventory.invalid],
    )
    yield (
        "Documents without a flow",
        [
            _row(Flow=each.name, Document=each.document, Commit=(each.commit or "")[:_SHORT])
            for each in inventory.missing
        ],
    )
    yield "Flows", [_flow(flow, now, report.health.get(flow.live.name)) for flow in report.flows]
    yield "Unmanaged flows", [_unmanaged(flow, now) for flow in inventory.unmanaged]


def _row(**cells: str | Text) -> Row:
    return {
        name.replace("_", " "): cell if isinstance(cell, Text) else Text(printable(cell))
        for name, cell in cells.items()
    }


def _flow(flow: SyncStatus, now: float, health: Health | None = None) -> Row:
    is_idle = flow.state is State.IN_SYNC and not flow.can_run
    return _row(
        Flow=flow.live.name,
        State=Text(state_text(flow), style="yellow" if is_idle else _colour(flow)),
        Health=Text(health.value, style=health.colour or "") if health else "",
        Status=flow.live.status,
        Document=flow.document or "",
        Version=(flow.version or "")[:_SHORT],
        Commit=(flow.commit or "")[:_SHORT],
        Changed=ago(flow.live.last_updated_at, now),
        Last_run=_run(flow, now),
    )


def _colour(flow: SyncStatus) -> str:
    if flow.state is State.PENDING and flow.outcome:
        return flow.outcome.colour or ""
    return STATES.get(flow.state, "dim")


def _unmanaged(flow: SyncStatus, now: float) -> Row:
    return _row(
        Flow=flow.live.name,
        Status=flow.live.status,
        Changed=ago(flow.live.last_updated_at, now),
        Last_run=_run(flow, now),
    )


def _run(flow: SyncStatus, now: float) -> str:
    run = flow.live.last_run
    return f"{run.status} {ago(run.at, now)}".strip() if run else ""


def _missing_details(flow: MissingFlow, screen: Screen) -> Iterator[str]:
    if flow.note:
        yield f"{printable(flow.name)} (missing)"
        yield from wrapped("", flow.note, 4, screen)


def _details(flow: SyncStatus, now: float, screen: Screen) -> Iterator[str]:
    """The differences of a flow, live value first, and what to know about it."""
    notes, shown = list(notes_of(flow)), flow.changes[:_SHOWN_CHANGES]
    if not (notes or shown):
        return
    changed = ago(flow.live.last_updated_at, now)
    since = f", changed {changed}" if changed and shown else ""
    yield f"{printable(flow.live.name)} ({state_text(flow)}{since})"
    for note in notes:
        yield from wrapped("", note, 4, screen)
    for item in shown:
        yield from change_lines(item, screen)
    if more := len(flow.changes) - len(shown):
        yield f"    {more:,} more"
