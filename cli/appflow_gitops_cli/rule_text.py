"""Rules as text for a terminal: one explained, or a list of all. Shared by rule and validate."""

import re
import textwrap
from collections.abc import Iterable, Iterator
from inspect import cleandoc

from appflow_gitops.findings import RuleInfo
from appflow_gitops_cli.colours import SEVERITIES
from appflow_gitops_cli.screen import Screen

_MAX_WIDTH = 100


def explain(rule: RuleInfo, screen: Screen, number: int = 0) -> Iterator[str]:
    """The text of a rule, as in docs/rules.md. Every rule but the first, number 0, follows an empty line."""
    if number:
        yield ""
    severity = screen.style(rule.severity, SEVERITIES[rule.severity], bold=True)
    yield f"{screen.style(rule.id, bold=True)} {severity}: {screen.printable(rule.title)}"
    yield ""
    yield from textwrap.wrap(
        screen.printable(without_markup(rule.explanation)),
        min(screen.width, _MAX_WIDTH),
        break_on_hyphens=False,
        break_long_words=False,
    )
    yield from _example("Example:", rule.example, screen)
    if fixed := _fixed(rule.id):
        yield from _example("Fixed:", fixed, screen)
    yield ""
    yield f"Source: {rule.source}"


def list_rules(rules: Iterable[RuleInfo], screen: Screen) -> Iterator[str]:
    """One line for each rule: id, severity and title."""
    for rule in rules:
        severity = screen.style(f"{rule.severity:<7}", SEVERITIES[rule.severity])
        yield f"{rule.id}  {severity}  {screen.printable(without_markup(rule.title))}"


def without_markup(text: str) -> str:
    """The text with code in single quotes instead of backticks."""
    return re.sub(r"(`+)(.*?)\1", r"'\2'", " ".join(text.split()))


def _example(title: str, text: str, screen: Screen) -> Iterator[str]:
    yield ""
    yield title
    yield from (f"  {screen.printable(line)}".rstrip() for line in text.replace("`", "'").splitlines())


def _fixed(rule_id: str) -> str | None:
    from appflow_gitops.validation.rules.registry import RULES  # noqa: PLC0415 - imported with the first rule

    return next((cleandoc(rule.good) for rule in RULES if rule.id == rule_id), None)
