"""The output formats of ``validate``: each module renders a ``Report`` as lines of text."""

from collections.abc import Callable, Iterator

from appflow_gitops_cli.documents.report import Report
from appflow_gitops_cli.screen import Screen
from appflow_gitops_cli.validate.formats import as_github, as_json, as_junit, as_sarif, as_text

Format = Callable[[Report, Screen], Iterator[str]]

FORMATS: dict[str, Format] = {
    "text": as_text.render,
    "json": lambda report, _: as_json.render(report),
    "github": lambda report, _: as_github.render(report),
    "sarif": lambda report, _: as_sarif.render(report),
    "junit": lambda report, _: as_junit.render(report),
}
"""Value of ``--format`` -> function that renders the report."""
