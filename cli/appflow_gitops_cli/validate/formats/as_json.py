"""Findings as one JSON object with every document, valid or not."""

import json
from collections.abc import Iterator

from appflow_gitops.findings import Finding, Json
from appflow_gitops_cli.documents.report import DocumentReport, Report


def render(report: Report) -> Iterator[str]:
    """The lines to print: one document per line, so that long reports can be read and compared."""
    documents = [json.dumps(_document(document)) for document in report.documents]
    yield '{"documents": ['
    yield from (f"{document}," for document in documents[:-1])
    yield from documents[-1:]
    yield "]}"


def _document(document: DocumentReport) -> dict[str, Json]:
    return {
        "file": document.file,
        "flows": [name for name in document.flows if name is not None],
        "valid": document.valid,
        "findings": [_finding(finding) for finding in document.findings],
        "ignored": document.ignored,
    }


def _finding(finding: Finding) -> dict[str, Json]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "pointer": finding.pointer,
        "line": finding.position.line if finding.position else None,
        "column": finding.position.column if finding.position else None,
        "message": finding.message,
        "hint": finding.hint,
    }
