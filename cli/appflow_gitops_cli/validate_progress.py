"""A progress bar for ``validate``, where somebody is there to see it."""

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

_T = TypeVar("_T")

_PATIENCE = 1.0
"""Seconds that people wait without wondering."""


def with_progress(items: Sequence[_T]) -> Iterator[_T]:
    """The items, one after the other; after a second a bar on standard error shows how far it is.

    Where standard error is no terminal there is no bar.
    """
    waiting = iter(items)
    if not sys.stderr.isatty():
        yield from waiting
        return
    deadline = time.monotonic() + _PATIENCE
    for done, item in enumerate(waiting, start=1):
        yield item
        if time.monotonic() > deadline:
            yield from _with_bar(waiting, done, len(items))


def _with_bar(waiting: Iterator[_T], done: int, total: int) -> Iterator[_T]:
    from rich.console import Console  # noqa: PLC0415 - slow to import, and rarely needed
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as progress:
        yield from progress.track(waiting, total=total, completed=done, description="Validating")
