"""The screen that commands write to, and how lines get there. Commands whose answer is lines of text use it."""

import io
import os
import shutil
import sys
from collections.abc import Iterable

from appflow_gitops_cli.formats.as_text import Screen


def standard_output() -> Screen:
    """Standard output: colour only where it is a terminal that has some and nobody asked for none."""
    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return Screen(
        width=shutil.get_terminal_size().columns if terminal else 80,
        colour=terminal and not os.environ.get("NO_COLOR"),
        encoding=sys.stdout.encoding,
    )


def print_lines(lines: Iterable[str]) -> None:
    """Print the lines. A reader that has seen enough (``| head``) is no error, and changes no exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # no terminal is asked for more than it can show
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        for line in lines:
            print(line)  # noqa: T201 - the answer of a command
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at its end, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
