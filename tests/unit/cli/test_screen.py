"""Standard output of commands: width, colours, encoding, and a reader that stops early."""

import io
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from appflow_gitops_cli.printable import printable
from appflow_gitops_cli.screen import Screen, print_lines, standard_output


class Stream(io.TextIOWrapper):
    """Standard output with this encoding, which is a terminal or not."""

    def __init__(self, encoding: str = "utf-8", *, is_terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding)
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


@pytest.mark.parametrize(
    ("is_terminal", "environment", "screen"),
    [
        (True, {}, Screen(123, colour=True)),
        (True, {"NO_COLOR": "1"}, Screen(123)),
        (True, {"NO_COLOR": ""}, Screen(123, colour=True)),
        (True, {"TERM": "dumb"}, Screen(80)),
        (False, {}, Screen(80)),
    ],
)
def test_colours_and_the_width_are_those_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch, is_terminal: bool, environment: dict[str, str], screen: Screen
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in {"TERM": "xterm", "COLUMNS": "123", **environment}.items():
        monkeypatch.setenv(name, value)
    with redirect_stdout(Stream(is_terminal=is_terminal)):
        assert standard_output() == screen


def test_the_encoding_is_that_of_the_stream() -> None:
    with redirect_stdout(Stream("cp1252")):
        assert standard_output().encoding == "cp1252"


def test_what_the_encoding_lacks_is_escaped() -> None:
    assert Screen(encoding="ascii").printable("größe\t\x1b") == "gr\\xf6\\xdfe    \\ufffd"
    stream = Stream("ascii")
    with redirect_stdout(stream):
        print_lines(["größe", "b"])
    assert stream.buffer.getvalue() == b"gr\\xf6\\xdfe\nb\n"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "shown"), [("a b", "a b"), ("a\tb", "a    b"), ("a\nb\x1b", "a\ufffdb\ufffd"), ("é日", "é日")]
)
def test_text_is_on_one_line_without_control_characters(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("screen", "bold", "shown"),
    [
        (Screen(), True, "a"),
        (Screen(colour=True), True, "\x1b[31m\x1b[1ma\x1b[0m"),
        (Screen(colour=True), False, "\x1b[31m\x1b[22ma\x1b[0m"),
    ],
)
def test_a_style_is_applied_if_the_screen_has_colours(screen: Screen, bold: bool, shown: str) -> None:
    assert screen.style("a", "red", bold=bold) == shown


class ClosedPipe(Stream):
    """A pipe whose reader has stopped; its file descriptor is that of a file."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def write(self, _: str) -> int:
        raise BrokenPipeError

    def fileno(self) -> int:
        return self.number


def test_a_reader_that_stops_early_causes_no_error_now_or_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "pipe"
    with file.open("wb") as opened, redirect_stdout(ClosedPipe(opened.fileno())):
        print_lines(["one", "two"])
        os.write(opened.fileno(), b"flushed at the end")
    assert file.read_bytes() == b""
    assert sys.stdout is not None
