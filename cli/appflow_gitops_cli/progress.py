"""A progress bar for commands that take a while, where somebody is there to see it."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO, TypeVar

_T = TypeVar("_T")

_PATIENCE = 1.0
"""Seconds that people wait without wondering."""


def with_progress(
    items: Iterable[_T],
    total: int,
    doing: str,
    screen: TextIO,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[_T]:
    """The items, one after the other; after a second a bar on ``screen`` shows how far it is.

    ``doing`` stands before the bar. Where ``screen`` is no terminal there is none. ``clock`` counts seconds.
    """
    waiting = iter(items)
    if not screen.isatty():
        yield from waiting
        return
    deadline = clock() + _PATIENCE
    for done, item in enumerate(waiting, start=1):
        yield item
        if clock() > deadline:
            yield from _with_bar(waiting, done, total, doing, screen)


def _with_bar(waiting: Iterator[_T], done: int, total: int, doing: str, screen: TextIO) -> Iterator[_T]:
    from rich.console import Console  # noqa: PLC0415 - slow to import, and rarely needed
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(file=screen), transient=True) as progress:
        yield from progress.track(waiting, total=total, completed=done, description=doing)
