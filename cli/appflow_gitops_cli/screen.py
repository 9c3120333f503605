"""The screen that commands write to, and how lines get there. Commands whose answer is lines of text use it."""

import io
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass

import click

from appflow_gitops_cli.printable import printable


@dataclass(frozen=True, slots=True)
class Screen:
    """Where the text is shown. ``width`` is in columns; lines of the file and hints are kept within it."""

    width: int = 80
    colour: bool = False
    encoding: str = "utf-8"

    def shown(self, text: str) -> str:
        """The text as it appears: one line, tabs as spaces, nothing that moves the cursor or cannot be encoded."""
        return printable(text).encode(self.encoding, "backslashreplace").decode(self.encoding)

    def style(self, text: str, colour: str | None = None, *, bold: bool = False) -> str:
        """The text in colour, where the screen has colours."""
        return click.style(text, fg=colour, bold=bold) if self.colour else text


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
