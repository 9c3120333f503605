"""Findings: what is wrong, doubtful or was understood in a flow document, as plain data.

Every layer that reads a document yields them (``documents`` about the file, ``flows`` about the request's shape,
``rules`` across fields); intake, the status events and the command show them. Findings are yielded, never raised.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

Path = tuple[str | int, ...]
"""Where a value stands inside a document: member names and list indexes from the top, ``()`` for the whole."""

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""A value as JSON knows it."""


class Severity(StrEnum):
    """How much a finding weighs; only an error makes a document invalid."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file: line and column, both counted from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to tell about a document.

    ``path`` leads to the value (or to the member that is missing); ``position`` is that place in the file, or of the
    nearest value around it that exists. ``of_name`` says that the member's name is at fault, so that is where it
    points. ``hint`` says what to do. Neither message nor hint quotes a whole document.
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
    """What one rule is about, as data: findings take id and severity from it, ``docs/rules.md`` is made from it.

    ``example`` is a short document, or a piece of one, that the rule speaks about; ``source`` is where the fact
    comes from: an RFC, a page of the AWS documentation or a public issue.
    """

    id: str
    severity: Severity
    title: str
    explanation: str
    example: str
    source: str


class Locator(Protocol):
    """Knows where each value of one document stands."""

    def position(self, path: Path) -> Position:
        """The place of the value at ``path``; of the nearest existing one around it where there is none."""
        ...

    def name_position(self, path: Path) -> Position:
        """The place of the member's name at ``path``; else like ``position``."""
        ...


def to_pointer(path: Path) -> str:
    """``path`` as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def located(findings: Iterable[Finding], locator: Locator) -> list[Finding]:
    """The findings with their positions filled in, in the order of the file."""
    placed = (
        finding if finding.position else replace(finding, position=place(finding, locator))
        for finding in findings
    )
    return sorted(placed, key=lambda finding: finding.position or Position(1, 1))


def place(finding: Finding, locator: Locator) -> Position:
    """Where the finding points."""
    return (locator.name_position if finding.of_name else locator.position)(finding.path)


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any of the findings makes its document invalid."""
    return any(finding.severity is Severity.ERROR for finding in findings)
