"""Variables: ``${env.NAME}`` in the strings of a document, replaced by the values of an environment.

``read`` resolves each flow first. Values are data: they are inserted verbatim and never resolved again.
``$${env.NAME}`` is the text ``${env.NAME}``; every other ``${...}`` belongs to AppFlow.
"""

import re
from typing import TypeGuard

from appflow_gitops.documents.collector import Collector
from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.documents.positions import FlowLocator, SourceMap
from appflow_gitops.documents.reading_rules import (
    NON_STRING_IN_TEXT,
    TOO_LARGE,
    UNKNOWN_VARIABLE,
    VARIABLE_SYNTAX,
    VARIABLES_FILE,
    VARIABLES_INVALID,
)
from appflow_gitops.documents.variable_values import NO_VARIABLES, Variables, VariableValue
from appflow_gitops.findings import Finding, Issue, Json, Path, Position, has_errors
from appflow_gitops.quoting import listed, quoted

__all__ = [
    "NO_VARIABLES",
    "Resolver",
    "VariableValue",
    "Variables",
    "escaped",
    "may_have_variables",
    "read_variables",
]

_MARK = "${env."
_NAME = r"[A-Za-z_][A-Za-z0-9_]{0,63}"
_NAME_RULE = "use letters, digits and '_', not starting with a digit"
_PLACEHOLDER = re.compile(rf"(?P<escape>\$)?\$\{{env\.(?:(?P<name>{_NAME})\}})?")


def read_variables(source: bytes, name: str) -> tuple[Variables, tuple[Finding, ...]]:
    """Return the variables in the bytes of a file, and the findings in it; an error makes them unusable."""
    from appflow_gitops.documents.parsing import format_first, read_object  # noqa: PLC0415 - variables are optional

    read = read_object(source, name, VARIABLES_FILE)
    collector = Collector()
    for variable, value in (read.value or {}).items():
        if issue := _check_variable(variable, value):
            collector.add(issue, read.locator.position(issue.path))
    findings = (*read.findings, *collector.findings)
    if has_errors(findings):
        return Variables(error=format_first(findings, name)), findings
    return Variables(
        {name: value for name, value in (read.value or {}).items() if _is_value(value)}
    ), findings


def _is_value(value: Json) -> TypeGuard[VariableValue]:
    return isinstance(value, str | int)


def _check_variable(name: str, value: Json) -> Issue | None:
    if not re.fullmatch(_NAME, name):
        hint = f"{_NAME_RULE}, at most 64 characters"
        return Issue(VARIABLES_FILE, (name,), f"invalid variable name {quoted(name)}", hint)
    if not _is_value(value):
        message = f"value of variable {quoted(name)} is not a string, integer or boolean"
        return Issue(VARIABLES_FILE, (name,), message, "put it in quotes")
    return None


def escaped(text: str) -> str:
    """Return the text as a document must spell it so that it is not resolved."""
    return _PLACEHOLDER.sub(lambda found: f"${found[0]}", text)


def may_have_variables(text: str) -> bool:
    """Return whether the values in a text of JSON or YAML may contain variables; escape sequences can spell them."""
    return _MARK in text or "\\" in text


class Resolver:
    """Resolves the variables of all flows of one document and adds an issue to ``collector`` for each that it cannot.

    All strings with variables may have ``MAX_BYTES`` characters together, before and after resolution, so that values
    and aliases cannot blow up a small document.
    """

    def __init__(self, variables: Variables, collector: Collector) -> None:
        self._variables = variables
        self._collector = collector
        self._room = MAX_BYTES
        self._reported: set[str] = set()

    def resolve(self, flow: dict[str, Json], path: Path, source_map: SourceMap) -> dict[str, Json]:
        """Return the object at ``path`` with its variables resolved.

        A string with a variable that cannot be resolved is kept. The first such string gets a finding.
        """
        return {key: self._resolved(value, (*path, key), source_map) for key, value in flow.items()}

    def _resolved(self, value: Json, path: Path, source_map: SourceMap) -> Json:
        if isinstance(value, dict):
            return self.resolve(value, path, source_map)
        if isinstance(value, list):
            return [self._resolved(item, (*path, index), source_map) for index, item in enumerate(value)]
        if not isinstance(value, str) or _MARK not in value or self._room < 0:
            return value
        resolved = self._text(value)
        if isinstance(resolved, str | int):
            return resolved
        for issue in resolved:
            self._report(issue, path, FlowLocator(source_map, {}).position(path))
        return value

    def _report(self, issue: Issue, path: Path, position: Position) -> None:
        """Add the issue; what is wrong with a variable or with the variables file is shown at its first use only."""
        if issue.rule in _ONCE and issue.message in self._reported:
            self._collector.add_repeated(issue.under(path), position)
        else:
            self._reported.add(issue.message)
            self._collector.add(issue.under(path), position)

    def _text(self, text: str) -> VariableValue | list[Issue]:
        if not self._has_room(len(text)):
            return [_TOO_LARGE]
        found = list(_PLACEHOLDER.finditer(text))
        values = [self._value(each) for each in found]
        if issues := _issues(found, values, text):
            return issues
        if len(values) == 1 and found[0][0] == text and isinstance(values[0], int):
            return values[0]
        if not self._has_room(sum(len(str(value)) for value in values)):
            return [_TOO_LARGE]
        following = iter(values)
        return _PLACEHOLDER.sub(lambda _: str(next(following)), text)

    def _has_room(self, characters: int) -> bool:
        self._room -= characters
        return self._room >= 0

    def _value(self, found: re.Match[str]) -> VariableValue | Issue:
        """Return the value of one placeholder."""
        if found["escape"]:
            return found[0][1:]
        name = found["name"]
        if name is None:
            return _BAD_SYNTAX
        if self._variables.error:
            return Issue(VARIABLES_INVALID, (), self._variables.error, "fix the variables file")
        value = self._variables.values.get(name)
        return self._unknown(name) if value is None else value

    def _unknown(self, name: str) -> Issue:
        names = sorted(self._variables.values)
        hint = f"expected one of: {listed(names)}" if names else self._variables.hint
        return Issue(UNKNOWN_VARIABLE, (), f"unknown variable {quoted(name)}", hint)


def _issues(found: list[re.Match[str]], values: list[VariableValue | Issue], text: str) -> list[Issue]:
    """Return the distinct issues that prevent the text from being resolved."""
    issues = [value for value in values if isinstance(value, Issue)]
    issues += (
        Issue(
            NON_STRING_IN_TEXT, (), f"value of variable {quoted(each['name'])} is not a string", _IN_TEXT_HINT
        )
        for each, value in zip(found, values, strict=True)
        if isinstance(value, int) and each[0] != text
    )
    return list(dict.fromkeys(issues))


_ONCE = (UNKNOWN_VARIABLE, VARIABLES_INVALID)
_IN_TEXT_HINT = "put the value in quotes in the variables file to use it inside a longer text"
_BAD_SYNTAX = Issue(
    VARIABLE_SYNTAX,
    (),
    "expected a variable name and '}' after '${env.'",
    f"{_NAME_RULE}; write '$${{env.' for the text itself",
)
_TOO_LARGE = Issue(
    TOO_LARGE, (), "document is larger than 1 MiB after resolving its variables", "shorten the values"
)
