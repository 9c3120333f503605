"""Findings as text for a terminal, and a summary."""

from collections.abc import Iterator

from appflow_gitops_cli.documents.finding_text import finding_lines
from appflow_gitops_cli.documents.report import Report
from appflow_gitops_cli.screen import Screen


def render(report: Report, screen: Screen) -> Iterator[str]:
    """The lines to print."""
    for document in report.documents:
        yield from finding_lines(document, screen)
    colour = "red" if report.failed else "green"
    yield screen.style(report.summary, colour, bold=True)
