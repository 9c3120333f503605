"""Findings about flow documents, as plain data.

Every layer that reads a document yields them (``documents`` about the file, ``validation`` about the flow); intake, the
status events and the command show them. Findings are returned, never raised.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, Protocol

Path = tuple[str | int, ...]
"""Where a value is inside a document: keys and list indexes from the top, ``()`` for the whole document."""

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""A value that JSON can express."""

MAX_EXACT_INTEGER = 2**53 - 1
"""The largest integer that all JSON parsers read alike, of either sign (RFC 7493, section 2.2)."""


class Severity(StrEnum):
    """The severity of a finding. Only errors make a document invalid."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A position in a file: line and column, both counted from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of a rule in a document.

    ``path`` leads to the value, or to the missing member. ``position`` is that of the value in the file, or of the
    nearest enclosing value that exists. With ``of_name``, the finding is about the member's name and points there.
    ``hint`` suggests a fix. Message and hint quote single values, never a whole document.
    """

    rule: str
    severity: Severity
    path: Path
    message: str
    hint: str | None = None
    position: Position | None = None
    of_name: bool = False

    @property
    def pointer(self) -> str:
        """``path`` as a JSON pointer (RFC 6901); empty for the whole document."""
        return to_pointer(self.path)


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """The description of one rule: the source of ``docs/rules.md``, and of each finding's id and severity.

    ``example`` is a short document, or a part of one, that breaks the rule. ``source`` is where the fact comes from: an
    RFC, a page of the AWS documentation or a public issue.
    """

    id: str
    severity: Severity
    title: str
    explanation: str
    example: str
    source: str


class Issue(NamedTuple):
    """A broken rule and where, before severity and position are filled in.

    ``path`` leads from the value that was checked; a caller that knows where this value is calls ``under``.
    """

    rule: RuleInfo
    path: Path
    message: str
    hint: str | None = None

    def under(self, path: Path) -> "Issue":
        """Return the issue with a path that starts above the value at ``path``."""
        return self._replace(path=(*path, *self.path))

    def to_finding(self, position: Position | None = None, *, of_name: bool = False) -> Finding:
        """Return the issue as a finding."""
        return Finding(
            self.rule.id, self.rule.severity, self.path, self.message, self.hint, position, of_name
        )


class Locator(Protocol):
    """Maps the paths of one document to positions in its file."""

    def position(self, path: Path) -> Position:
        """Return the position of the value at ``path``, or of the nearest enclosing value that exists."""
        ...

    def name_position(self, path: Path) -> Position:
        """Return the position of the member's name at ``path``; else like ``position``."""
        ...


def to_pointer(path: Path) -> str:
    """Return ``path`` as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def parse_pointer(pointer: str) -> Path:
    """Return the path of a JSON pointer. List indexes come back as text: the pointer does not mark them."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def located(findings: Iterable[Finding], locator: Locator) -> list[Finding]:
    """Return the findings with their positions filled in, in the order of the file."""
    positioned = (
        finding if finding.position else replace(finding, position=position_of(finding, locator))
        for finding in findings
    )
    return sorted(positioned, key=lambda finding: finding.position or Position(1, 1))


def position_of(finding: Finding, locator: Locator) -> Position:
    """Return the position that the finding points to."""
    return (locator.name_position if finding.of_name else locator.position)(finding.path)


def has_errors(findings: Iterable[Finding]) -> bool:
    """Return whether any of the findings makes its document invalid."""
    return any(finding.severity is Severity.ERROR for finding in findings)
