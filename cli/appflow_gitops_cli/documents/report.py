"""The findings on documents, as data. Commands build it; their formats render it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from appflow_gitops.findings import Finding, Severity, has_errors
from appflow_gitops.validation.result import ValidatedDocument
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.documents.selection import Selection
from appflow_gitops_cli.documents.sources import Source
from appflow_gitops_cli.environment import LocalEnvironment

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """The findings on one document.

    ``flows`` are the names of the declared flows, None for a flow without one. ``lines`` are the source lines that
    findings point to, by number from 1. ``ignored`` counts the findings that comments suppress.
    """

    file: str
    flows: tuple[str | None, ...]
    findings: tuple[Finding, ...]
    lines: Mapping[int, str]
    ignored: int = 0

    @property
    def valid(self) -> bool:
        """Whether the document has no errors."""
        return not has_errors(self.findings)

    @property
    def without_infos(self) -> "DocumentReport":
        """The same report without its infos."""
        return replace(self, findings=tuple(filter(_is_above_info, self.findings)))

    @property
    def has_warnings(self) -> bool:
        """Whether the document has a finding above an info."""
        return any(map(_is_above_info, self.findings))


def _is_above_info(finding: Finding) -> bool:
    return finding.severity is not Severity.INFO


@dataclass(frozen=True, slots=True)
class Report:
    """The documents of one run of ``validate``. A finding whose severity is in ``failing`` fails the run.

    With ``shows_infos``, text for a terminal contains the infos; otherwise it only counts them.
    """

    documents: tuple[DocumentReport, ...]
    failing: frozenset[Severity] = frozenset({Severity.ERROR})
    shows_infos: bool = False

    @property
    def failed(self) -> bool:
        """Whether any finding fails the run."""
        return any(self.fails(finding) for document in self.documents for finding in document.findings)

    def fails(self, finding: Finding) -> bool:
        """Whether the finding fails the run."""
        return finding.severity in self.failing

    def count(self, severity: Severity) -> int:
        """The number of findings with this severity."""
        return sum(finding.severity is severity for each in self.documents for finding in each.findings)

    @property
    def summary(self) -> str:
        """The counts on one line."""
        counts = [
            counted(len(self.documents), "document"),
            counted(sum(len(document.flows) for document in self.documents), "flow"),
            counted(self.count(Severity.ERROR), "error"),
            counted(self.count(Severity.WARNING), "warning"),
        ]
        ignored = sum(document.ignored for document in self.documents)
        return ", ".join(counts) + (f" ({ignored:,} ignored by comments)" if ignored else "")


@dataclass(frozen=True, slots=True)
class ReadSource:
    """A document that was read and validated."""

    source: Source
    content: bytes
    checked: ValidatedDocument

    def report(self, selection: Selection) -> DocumentReport:
        """The report with the selected findings."""
        return document_report(self.source, self.content, self.checked, selection)


def read_source(source: Source, local: LocalEnvironment) -> ReadSource | DocumentReport:
    """Read and validate one document. Problems of the document are findings, never exceptions."""
    content = source.read()
    if isinstance(content, Finding):
        return unreadable_report(source, content)
    checked = validate(content, source.name, local.environment, local.key(source.name))
    return ReadSource(source, content, checked)


def validate_source(source: Source, selection: Selection, local: LocalEnvironment) -> DocumentReport:
    """The report on one document, read and validated."""
    read = read_source(source, local)
    return read if isinstance(read, DocumentReport) else read.report(selection)


def unreadable_report(source: Source, reason: Finding) -> DocumentReport:
    """The report on a file that cannot be read."""
    return DocumentReport(source.name, (), (reason,), {})


def document_report(
    source: Source, content: bytes, checked: ValidatedDocument, selection: Selection
) -> DocumentReport:
    """The report on a validated document, with the selected findings."""
    findings = tuple(finding for finding in checked.findings if selection.keeps(finding))
    flows = tuple(flow.name for flow in checked.flows)
    return DocumentReport(source.name, flows, findings, lines_of(content, findings), len(checked.ignored))


def environment_reports(local: LocalEnvironment) -> Iterator[DocumentReport]:
    """A report on each policy or variables file that has findings."""
    for file in local.files:
        if file.findings:
            yield DocumentReport(file.name, (), file.findings, lines_of(file.content, file.findings))


def lines_of(content: bytes, findings: Iterable[Finding]) -> dict[int, str]:
    """The source lines that the findings point to, by number."""
    numbers = {finding.position.line for finding in findings if finding.position}
    if not numbers:
        return {}
    lines = _LINE_END.split(content.decode("utf-8-sig", errors="replace"))
    return {number: lines[number - 1] for number in numbers if number <= len(lines)}


def counted(number: int, noun: str) -> str:
    """The number and the noun, in the plural unless the number is 1."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def pronoun(number: int) -> str:
    """The pronoun for that many things."""
    return "it" if number == 1 else "them"
