"""Progress while ``push --wait`` waits: a live table on a terminal, otherwise a line for each status event."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TextIO

from appflow_gitops.status.events import StatusEvent
from appflow_gitops_cli.printable import printable
from appflow_gitops_cli.push import text
from appflow_gitops_cli.push.report import FAILURES
from appflow_gitops_cli.push.tracking import SentDocument, StatusTracker
from appflow_gitops_cli.screen import Screen, print_lines

if TYPE_CHECKING:
    from rich.console import RenderableType

OnEvents = Callable[[list[StatusEvent]], None]
"""Called with new status events."""

_LINES_AROUND_TABLE = 6
"""Lines of the terminal that the table leaves free."""
_BAR_WIDTH = 20


@contextmanager
def live_table(tracker: StatusTracker, terminal: TextIO) -> Iterator[OnEvents]:
    """Show a table while the block runs, refreshed on new events. Prints nothing if ``terminal`` is not a terminal."""
    from rich.console import Console  # noqa: PLC0415 - slow to import, and not needed in pipelines
    from rich.live import Live  # noqa: PLC0415

    console = Console(file=terminal)
    began = time.monotonic()

    def render() -> "RenderableType":
        rows = max(1, console.height - _LINES_AROUND_TABLE)
        return table(tracker, time.monotonic() - began, rows, console.width)

    with Live(get_renderable=render, console=console, transient=True) as live:
        yield lambda _: live.refresh()


def line_printer(tracker: StatusTracker, screen: Screen) -> OnEvents:
    """Returns a callback that prints a line for each event on standard output."""

    def print_events(events: list[StatusEvent]) -> None:
        sent = (*tracker.sent, *tracker.again.values())
        files = {id_: each.document.file for each in sent for id_ in each.status_ids}
        for event in events:
            print_lines(text.outcome_lines(event, files[event.metadata.id], screen))

    return print_events


def table(tracker: StatusTracker, seconds: float, rows: int, columns: int) -> "RenderableType":
    """At most ``rows`` documents, failed ones first, then pending ones; below them the progress."""
    from rich.console import Group  # noqa: PLC0415 - as above
    from rich.progress_bar import ProgressBar  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    documents = Table(box=None, pad_edge=False)
    room = columns - len("  Superseded")
    documents.add_column("Document", overflow="ellipsis", no_wrap=True, max_width=room)
    documents.add_column("Status", no_wrap=True)
    in_order = sorted(tracker.sent, key=partial(_rank, tracker))
    for sent in islice(in_order, rows):
        documents.add_row(Text(printable(sent.document.file)), _status(tracker, sent))
    total, pending = len(tracker.sent), len(tracker.pending)
    more = f" ({total - rows:,} not shown)" if total > rows else ""
    progress = Table.grid(padding=(0, 1))
    progress.add_row(
        ProgressBar(total=total, completed=total - pending, width=_BAR_WIDTH),
        f"{total - pending:,} of {total:,} documents, {seconds:.0f} s{more}",
    )
    return Group(documents, progress)


def _rank(tracker: StatusTracker, sent: SentDocument) -> int:
    if any(event.data.outcome in FAILURES for event in tracker.events_of(sent)):
        return 0
    return 2 if tracker.is_complete(sent) else 1


def _status(tracker: StatusTracker, sent: SentDocument) -> "RenderableType":
    from rich.text import Text  # noqa: PLC0415 - as above

    outcomes = dict.fromkeys(event.data.outcome for event in tracker.events_of(sent))
    parts = [Text(outcome.value, style=outcome.colour or "") for outcome in outcomes]
    if not tracker.is_complete(sent):
        parts.append(Text("waiting", style="dim"))
    return Text(", ").join(parts)
