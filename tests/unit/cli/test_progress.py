"""The progress bar appears on terminals only, and only after a second."""

import io
from collections.abc import Callable
from itertools import count

import pytest

from appflow_gitops_cli.progress import ThrottlingNotice, with_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def clock(seconds_a_look: float) -> Callable[[], float]:
    looks = count()
    return lambda: next(looks) * seconds_a_look


@pytest.mark.parametrize(
    ("screen", "seconds", "shown"),
    [(Terminal(), 0.6, True), (Terminal(), 0.001, False), (io.StringIO(), 0.6, False)],
    ids=["slow", "quick", "no terminal"],
)
def test_the_bar_appears_on_terminals_after_a_second(
    screen: io.StringIO, seconds: float, shown: bool
) -> None:
    assert list(with_progress(range(50), 50, "Working", screen, clock(seconds))) == list(range(50))
    assert ("Working" in screen.getvalue()) is shown


def test_the_bar_counts_items_from_before_it_appeared() -> None:
    screen = Terminal()
    assert len(list(with_progress("abcd", 4, "Working", screen, clock(0.6)))) == 4
    assert " 50%" in screen.getvalue()


@pytest.mark.parametrize(
    ("stream", "lines"), [(Terminal(), 1), (io.StringIO(), 0)], ids=["terminal", "no terminal"]
)
def test_throttling_is_reported_once_and_on_terminals_only(
    stream: io.StringIO, lines: int, capsys: pytest.CaptureFixture[str]
) -> None:
    notice = ThrottlingNotice(stream)
    notice()
    notice()
    assert (
        capsys.readouterr().err.splitlines()
        == ["AppFlow is throttling the calls: continuing more slowly"] * lines
    )
