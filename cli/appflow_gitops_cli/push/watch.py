"""What somebody sees who waits: on a terminal a table that lives, elsewhere a line for each document as it ends."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TextIO

from appflow_gitops.status.events import StatusEvent
from appflow_gitops_cli.printable import printable
from appflow_gitops_cli.push import text
from appflow_gitops_cli.push.follow import Awaited, Following
from appflow_gitops_cli.push.report import FAILURES
from appflow_gitops_cli.screen import Screen, print_lines

if TYPE_CHECKING:
    from rich.console import RenderableType

Tell = Callable[[list[StatusEvent]], None]

_LINES_AROUND = 6
"""Lines of the screen that are left to what stands around the table."""
_BAR = 20


@contextmanager
def live_table(following: Following, terminal: TextIO) -> Iterator[Tell]:
    """A table while what is inside runs, brought up to date whenever it is told of events; none without a terminal."""
    from rich.console import Console  # noqa: PLC0415 - slow to import, and no pipeline needs it
    from rich.live import Live  # noqa: PLC0415

    console = Console(file=terminal)
    began = time.monotonic()

    def shown() -> "RenderableType":
        rows = max(1, console.height - _LINES_AROUND)
        return table(following, time.monotonic() - began, rows, console.width)

    with Live(get_renderable=shown, console=console, transient=True) as live:
        yield lambda _: live.refresh()


def lines(following: Following, screen: Screen) -> Tell:
    """Prints a line for each event, on standard output."""
    files = {
        id_: awaited.document.file
        for awaited in following.awaited
        for id_ in (awaited.whole, *awaited.of_flows)
    }

    def tell(events: list[StatusEvent]) -> None:
        print_lines(text.outcome(event, files[event.metadata.id], screen) for event in events)

    return tell


def table(following: Following, seconds: float, rows: int, columns: int) -> "RenderableType":
    """The documents that need a look first, then those still awaited, as far as ``rows`` go, and how far it is."""
    from rich.console import Group  # noqa: PLC0415 - as above
    from rich.progress_bar import ProgressBar  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    documents = Table(box=None, pad_edge=False)
    room = columns - len("  Superseded")
    documents.add_column("Document", overflow="ellipsis", no_wrap=True, max_width=room)
    documents.add_column("Status", no_wrap=True)
    in_order = sorted(following.awaited, key=partial(_rank, following))
    for awaited in islice(in_order, rows):
        documents.add_row(Text(printable(awaited.document.file)), _status(following, awaited))
    total, open_ = len(following.awaited), len(following.open)
    more = f" ({total - rows:,} not shown)" if total > rows else ""
    progress = Table.grid(padding=(0, 1))
    progress.add_row(
        ProgressBar(total=total, completed=total - open_, width=_BAR),
        f"{total - open_:,} of {total:,} documents, {seconds:.0f} s{more}",
    )
    return Group(documents, progress)


def _rank(following: Following, awaited: Awaited) -> int:
    if any(event.data.outcome in FAILURES for event in following.events_of(awaited)):
        return 0
    return 2 if following.is_settled(awaited) else 1


def _status(following: Following, awaited: Awaited) -> "RenderableType":
    from rich.text import Text  # noqa: PLC0415 - as above

    told = dict.fromkeys(event.data.outcome for event in following.events_of(awaited))
    parts = [Text(outcome.value, style=outcome.colour or "") for outcome in told]
    if not following.is_settled(awaited):
        parts.append(Text("waiting", style="dim"))
    return Text(", ").join(parts)
