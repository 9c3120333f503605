"""Wrong usage of a command, reported in one form: what was found, then a suggestion or what was expected."""

import math
import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, TypeVar

import click

from appflow_gitops.quoting import listed, quoted

Command = TypeVar("Command", bound=Callable[..., Any])

_HINT = re.compile(r"did you mean|\bexpected\b|; ")


class OneOf(click.Choice[str]):
    """One of a few words; ``what`` names them in messages."""

    def __init__(self, words: Iterable[str], what: str = "value") -> None:
        super().__init__(list(words))
        self.what = what

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:  # noqa: ARG002 - click's
        """The message for another word."""
        return unknown(self.what, str(value), self.choices)


class Seconds(click.FloatRange):
    """A number of seconds. NaN, which no range excludes, and infinity are refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number."""
        seconds = super().convert(value, param, ctx)
        if not math.isfinite(seconds):
            self.fail(f"invalid value {quoted(value)}, expected a number of seconds", param, ctx)
        return seconds


def format_option(help_text: str, formats: Iterable[str] = ("text", "json")) -> Callable[[Command], Command]:
    """The option ``--format`` of a command: ``output_format``, text by default."""
    return click.option(
        "--format", "output_format", type=OneOf(formats), default="text", show_default=True, help=help_text
    )


def unknown(what: str, name: str, expected: Iterable[str]) -> str:
    """The message for an unknown name, with the most similar of the expected ones, or all of them."""
    names = list(expected)
    similar = get_close_matches(name.lower(), names, 1)
    hint = f"did you mean {quoted(similar[0])}?" if similar else f"expected one of: {listed(names)}"
    return f"unknown {what} {quoted(name)}; {hint}"


def describe(error: click.UsageError) -> str:
    """Wrong usage on one line, instead of click's several, with a pointer to the help unless it has another hint."""
    message = _message(error)
    if error.ctx and not _HINT.search(message):
        message += f" (see '{error.ctx.command_path} --help')"
    return message


def _message(error: click.UsageError) -> str:
    match error:
        case click.NoSuchOption():
            similar = f"; did you mean {quoted(error.possibilities[0])}?" if error.possibilities else ""
            return f"unknown option {quoted(error.option_name)}{similar}"
        case click.NoSuchCommand():
            group = error.ctx and error.ctx.command
            names = group.list_commands(error.ctx) if isinstance(group, click.Group) and error.ctx else []
            return unknown("command", error.command_name, names)
        case click.MissingParameter():
            return _plain(error.format_message())
        case click.BadParameter():
            return f"{_option(error)}{_plain(error.message)}"
        case _:
            return _plain(error.format_message())


def _option(error: click.BadParameter) -> str:
    if isinstance(error.param_hint, str):
        return f"{error.param_hint}: "
    return f"{error.param.opts[-1]}: " if isinstance(error.param, click.Option) else ""


def _plain(message: str) -> str:
    """A message of click without capital and full stop."""
    return (message[:1].lower() + message[1:]).rstrip(".")
