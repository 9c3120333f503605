"""Standard output of commands that print lines: its width, colours and encoding."""

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
    """The properties of the output. ``width`` is in columns; source lines and hints are wrapped or cut to it."""

    width: int = 80
    colour: bool = False
    encoding: str = "utf-8"

    def printable(self, text: str) -> str:
        """The text on one line, tabs as spaces, without control characters or what the encoding lacks."""
        return printable(text).encode(self.encoding, "backslashreplace").decode(self.encoding)

    def style(self, text: str, colour: str | None = None, *, bold: bool = False) -> str:
        """The text in colour, if the output has colours."""
        return click.style(text, fg=colour, bold=bold) if self.colour else text


def standard_output() -> Screen:
    """Standard output: in colour only on a terminal that supports it and unless NO_COLOR is set."""
    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return Screen(
        width=shutil.get_terminal_size().columns if terminal else 80,
        colour=terminal and not os.environ.get("NO_COLOR"),
        encoding=sys.stdout.encoding,
    )


def print_lines(lines: Iterable[str]) -> None:
    """Print the lines. A reader that stops early (``| head``) is not an error and does not change the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # escape what the terminal cannot encode
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        for line in lines:
            print(line)  # noqa: T201 - the answer of a command
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more when it exits, and would print an error then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
