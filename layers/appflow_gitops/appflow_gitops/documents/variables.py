"""Variables: ``${env.NAME}`` in the strings of a document, replaced by the values that a stage gives them.

``read`` resolves each flow before anything else looks at it. Values are data: they are put in as they are and never
looked at for further variables. ``$${env.NAME}`` is the text ``${env.NAME}``; every other ``${...}`` is AppFlow's own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeGuard

from appflow_gitops.documents.collector import Collector, excerpt
from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.documents.positions import FlowLocator, Places
from appflow_gitops.documents.reading_rules import (
    TOO_LARGE,
    VARIABLE_FORM,
    VARIABLE_IN_TEXT,
    VARIABLE_UNDEFINED,
    VARIABLES_BROKEN,
    VARIABLES_FILE,
)
from appflow_gitops.findings import Finding, Json, Path, RuleInfo

_MARK = "${env."
_NAME = r"[A-Za-z_][A-Za-z0-9_]{0,63}"
_PLACEHOLDER = re.compile(rf"(?P<escape>\$)?\$\{{env\.(?:(?P<name>{_NAME})\}})?")
_SHOWN_NAMES = 12

VariableValue = str | int | bool


@dataclass(frozen=True, slots=True)
class Variables:
    """The values of a stage by name. ``broken`` says why they could not be read; nothing is resolved then."""

    values: Mapping[str, VariableValue] = field(default_factory=dict)
    broken: str | None = None


NO_VARIABLES = Variables()
"""None are defined: a document that uses one is wrong."""


def read_variables(source: bytes, name: str) -> tuple[Variables, tuple[Finding, ...]]:
    """The variables in the bytes of a file, and what is wrong with it; with any finding they count as broken."""
    from appflow_gitops.documents.parsing import first_of, read_object  # noqa: PLC0415 - most stages have none

    read = read_object(source, name, VARIABLES_FILE)
    collector = Collector()
    for variable, value in (read.value or {}).items():
        if problem := _problem(variable, value):
            position = read.locator.position((variable,))
            collector.tell(VARIABLES_FILE, (variable,), position, *problem)
    findings = (*read.findings, *collector.findings)
    if findings:
        return Variables(broken=first_of(findings, name)), findings
    return Variables({name: value for name, value in (read.value or {}).items() if _is_value(value)}), ()


def _is_value(value: Json) -> TypeGuard[VariableValue]:
    return isinstance(value, str | int)


def _problem(name: str, value: Json) -> tuple[str, str] | None:
    if not re.fullmatch(_NAME, name):
        return (
            f"{excerpt(name)} is no name of a variable",
            "letters, digits and _, a digit not first, 64 at most",
        )
    if not _is_value(value):
        message = f"the value of {excerpt(name)} is no string, whole number, true or false"
        return message, "put it in quotes"
    return None


def escaped(text: str) -> str:
    """The text as a document has to write it so that it stays as it is."""
    return _PLACEHOLDER.sub(lambda found: f"${found[0]}", text)


class Resolver:
    """Puts the values in, for all flows of one document, and tells ``collector`` what cannot be resolved.

    The strings with variables in them may have ``MAX_BYTES`` characters together, as written and as resolved: values
    and aliases cannot make a small document grow without end.
    """

    def __init__(self, variables: Variables, collector: Collector) -> None:
        self._variables = variables
        self._collector = collector
        self._room = MAX_BYTES

    def members(self, flow: dict[str, Json], path: Path, places: Places) -> dict[str, Json]:
        """The object at ``path`` with the variables in it resolved.

        A string with a variable that cannot be resolved stays as it is, and a finding at its path tells so.
        """
        return {name: self._resolved(value, (*path, name), places) for name, value in flow.items()}

    def _resolved(self, value: Json, path: Path, places: Places) -> Json:
        if isinstance(value, dict):
            return self.members(value, path, places)
        if isinstance(value, list):
            return [self._resolved(item, (*path, index), places) for index, item in enumerate(value)]
        if not isinstance(value, str) or _MARK not in value or self._room < 0:
            return value
        resolved = self._text(value)
        if isinstance(resolved, str | int):
            return resolved
        for problem in resolved:
            position = FlowLocator(places, {}).position(path)
            self._collector.tell(problem.rule, path, position, problem.message, problem.hint)
        return value

    def _text(self, text: str) -> "VariableValue | list[_Problem]":
        if not self._has_room(len(text)):
            return [_NO_ROOM]
        found = list(_PLACEHOLDER.finditer(text))
        values = [self._value(each) for each in found]
        if problems := _problems(found, values, text):
            return problems
        if len(values) == 1 and found[0][0] == text and isinstance(values[0], int):
            return values[0]
        if not self._has_room(sum(len(str(value)) for value in values)):
            return [_NO_ROOM]
        following = iter(values)
        return _PLACEHOLDER.sub(lambda _: str(next(following)), text)

    def _has_room(self, characters: int) -> bool:
        self._room -= characters
        return self._room >= 0

    def _value(self, found: re.Match[str]) -> "VariableValue | _Problem":
        """What stands for one placeholder."""
        if found["escape"]:
            return found[0][1:]
        name = found["name"]
        if name is None:
            return _BAD_FORM
        if self._variables.broken:
            return _Problem(
                VARIABLES_BROKEN, self._variables.broken, "mend the file of the stage's variables"
            )
        value = self._variables.values.get(name)
        return self._missing(name) if value is None else value

    def _missing(self, name: str) -> "_Problem":
        names = sorted(self._variables.values)
        known = ", ".join(names[:_SHOWN_NAMES]) + (", ..." if len(names) > _SHOWN_NAMES else "")
        hint = (
            f"known here: {known}"
            if names
            else "there are no variables: docs/variables.md says how to give them"
        )
        return _Problem(VARIABLE_UNDEFINED, f"the variable {excerpt(name)} is not defined", hint)


class _Problem(NamedTuple):
    rule: RuleInfo
    message: str
    hint: str


def _problems(
    found: list[re.Match[str]], values: list[VariableValue | _Problem], text: str
) -> list[_Problem]:
    """What keeps the text from being resolved, each problem once."""
    problems = [value for value in values if isinstance(value, _Problem)]
    problems += (
        _Problem(VARIABLE_IN_TEXT, f"the value of {excerpt(each['name'])} is no string", _IN_TEXT_HINT)
        for each, value in zip(found, values, strict=True)
        if isinstance(value, int) and each[0] != text
    )
    return list(dict.fromkeys(problems))


_BAD_FORM = _Problem(
    VARIABLE_FORM,
    "what begins with `${env.` must go on with a name and `}`",
    "names are letters, digits and _, no digit first; the text itself is written `$${env.`",
)
_NO_ROOM = _Problem(
    TOO_LARGE, "with its variables put in, the document has more than 1 MiB", "shorten the values"
)
_IN_TEXT_HINT = "inside a longer text: put it in quotes where it is defined"
