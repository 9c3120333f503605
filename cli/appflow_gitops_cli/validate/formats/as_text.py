"""Findings as text for a terminal, and a summary."""

from collections.abc import Iterator
from dataclasses import replace

from appflow_gitops.findings import Severity
from appflow_gitops_cli.documents.finding_text import finding_lines
from appflow_gitops_cli.documents.report import DocumentReport, Report, counted
from appflow_gitops_cli.screen import Screen


def render(report: Report, screen: Screen) -> Iterator[str]:
    """The lines to print."""
    for document in report.documents:
        yield from finding_lines(document if report.shows_infos else _without_infos(document), screen)
    infos = report.count(Severity.INFO)
    if infos and not report.shows_infos:
        yield screen.style(
            f"{counted(infos, 'info')} not shown; use --verbose to show {'it' if infos == 1 else 'them'}",
            "blue",
        )
    colour = "red" if report.failed else "green"
    yield screen.style(report.summary, colour, bold=True)


def _without_infos(document: DocumentReport) -> DocumentReport:
    return replace(
        document, findings=tuple(each for each in document.findings if each.severity is not Severity.INFO)
    )
