"""A progress bar for commands that take a while, on terminals only."""

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import TextIO, TypeVar

import click

_T = TypeVar("_T")
_THROTTLED = "AppFlow is throttling the calls: continuing more slowly"

_DELAY = 1.0
"""Seconds before the bar appears."""


class ThrottlingNotice:
    """Called for each throttled call: the first one is reported on ``stream`` if it is a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._is_shown = stream.isatty()
        self._calls = count()

    def __call__(self) -> None:
        """Report a throttled call. Threads may call it; a progress bar stays below the line."""
        if self._is_shown and next(self._calls) == 0:
            click.echo(_THROTTLED, err=True)


def with_progress(
    items: Iterable[_T],
    total: int,
    label: str,
    stream: TextIO,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[_T]:
    """Yield the items, and show a bar on ``stream`` after a second if it is a terminal.

    ``label`` is shown before the bar. ``clock`` counts seconds.
    """
    remaining = iter(items)
    if not stream.isatty():
        yield from remaining
        return
    deadline = clock() + _DELAY
    for done, item in enumerate(remaining, start=1):
        yield item
        if clock() > deadline:
            yield from _with_bar(remaining, done, total, label, stream)


def _with_bar(remaining: Iterator[_T], done: int, total: int, label: str, stream: TextIO) -> Iterator[_T]:
    from rich.console import Console  # noqa: PLC0415 - slow to import, and rarely needed
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(file=stream), transient=True) as progress:
        yield from progress.track(remaining, total=total, completed=done, description=label)
