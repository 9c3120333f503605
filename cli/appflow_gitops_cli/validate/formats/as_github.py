"""Findings as workflow commands of GitHub Actions, which annotates the changed lines of a pull request with them.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands. GitHub shows at most
ten annotations of each severity per step; the log has all of them.
"""

from collections.abc import Iterator

from appflow_gitops.findings import Finding, Severity
from appflow_gitops_cli.documents.report import Report
from appflow_gitops_cli.printable import printable
from appflow_gitops_cli.validate.repository import path_in_repository

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report) -> Iterator[str]:
    """One command per finding, and the summary as a plain line of the log."""
    for document in report.documents:
        for finding in document.findings:
            yield _annotation(document.file, finding)
    yield report.summary


def _annotation(file: str, finding: Finding) -> str:
    properties = {"file": path_in_repository(file), "title": finding.rule}
    if finding.position:
        properties |= {"line": str(finding.position.line), "col": str(finding.position.column)}
    parameters = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = finding.message if finding.hint is None else f"{finding.message}\n{finding.hint}"
    return f"::{_COMMANDS[finding.severity]} {parameters}::{_data(text)}"


def _data(text: str) -> str:
    lines = "\n".join(printable(line) for line in text.split("\n"))
    return lines.replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
