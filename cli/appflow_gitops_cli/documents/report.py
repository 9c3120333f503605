"""What ``validate`` has to tell, as data: the command makes it, each of the ``formats`` writes it down."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from appflow_gitops.findings import Finding, Severity, has_errors
from appflow_gitops.validation.result import ValidatedDocument
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.documents.selection import Selection
from appflow_gitops_cli.documents.sources import Source
from appflow_gitops_cli.environment import LocalEnvironment

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """One document. ``flows`` are the names of those it declares, None for one without; ``lines`` are the lines of the
    file, by number from 1, that findings point to; ``ignored`` counts the findings that its comments hide.
    """

    file: str
    flows: tuple[str | None, ...]
    findings: tuple[Finding, ...]
    lines: Mapping[int, str]
    ignored: int = 0

    @property
    def valid(self) -> bool:
        """Whether no finding that counts is an error."""
        return not has_errors(self.findings)


@dataclass(frozen=True, slots=True)
class Report:
    """Every document of one call. A finding of a ``failing`` severity makes the call fail."""

    documents: tuple[DocumentReport, ...]
    failing: frozenset[Severity] = frozenset({Severity.ERROR})

    @property
    def failed(self) -> bool:
        """Whether any document has a finding that makes the call fail."""
        return any(self.fails(finding) for document in self.documents for finding in document.findings)

    def fails(self, finding: Finding) -> bool:
        """Whether the finding makes the call fail."""
        return finding.severity in self.failing

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(finding.severity is severity for each in self.documents for finding in each.findings)

    @property
    def summary(self) -> str:
        """The whole in one line."""
        counts = [
            counted(len(self.documents), "document"),
            counted(sum(len(document.flows) for document in self.documents), "flow"),
            counted(self.count(Severity.ERROR), "error"),
            counted(self.count(Severity.WARNING), "warning"),
        ]
        ignored = sum(document.ignored for document in self.documents)
        return ", ".join(counts) + (f" ({ignored:,} ignored by comments)" if ignored else "")


def report_on(source: Source, selection: Selection, desk: LocalEnvironment) -> DocumentReport:
    """Read and check one document. Never raises for what is wrong with it."""
    content = source.read()
    if isinstance(content, Finding):
        return unreadable(source, content)
    checked = validate(content, source.name, desk.environment, desk.key(source.name))
    return report_of(source, content, checked, selection)


def unreadable(source: Source, reason: Finding) -> DocumentReport:
    """A document that cannot be opened."""
    return DocumentReport(source.name, (), (reason,), {})


def report_of(
    source: Source, content: bytes, checked: ValidatedDocument, selection: Selection
) -> DocumentReport:
    """What was found in a document, as far as it is selected."""
    findings = tuple(finding for finding in checked.findings if selection.keeps(finding))
    flows = tuple(flow.name for flow in checked.flows)
    return DocumentReport(source.name, flows, findings, lines_of(content, findings), len(checked.ignored))


def reports_on_stage(desk: LocalEnvironment) -> Iterator[DocumentReport]:
    """The files of the stage that something is wrong with."""
    for file in desk.files:
        if file.findings:
            yield DocumentReport(file.name, (), file.findings, lines_of(file.content, file.findings))


def lines_of(content: bytes, findings: Iterable[Finding]) -> dict[int, str]:
    """The lines of the file that the findings point to, by number."""
    numbers = {finding.position.line for finding in findings if finding.position}
    if not numbers:
        return {}
    lines = _LINE_END.split(content.decode("utf-8-sig", errors="replace"))
    return {number: lines[number - 1] for number in numbers if number <= len(lines)}


def counted(number: int, noun: str) -> str:
    """The number with its noun, in the plural where it takes one."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
