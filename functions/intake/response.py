"""What ``intake`` returns. Lambda discards it after an event; ``sam local invoke`` and the Invoke API show it."""

from collections.abc import Iterable
from typing import Any

from appflow_gitops.findings import Finding
from appflow_gitops.sync.intake.intake import IntakeResult
from appflow_gitops.sync.outcome import OutcomeReport


def response(results: Iterable[IntakeResult]) -> dict[str, Any]:
    """Return the queued changes and the reported outcomes of an event; both are empty for an ignored object."""
    results = tuple(results)
    return {
        "queued": [
            {"flow": change.flowName, "change": change.id} for result in results for change in result.changes
        ],
        "reported": [_reported(result.report) for result in results if result.report],
    }


def _reported(report: OutcomeReport) -> dict[str, Any]:
    result = report.result
    return {
        "outcome": result.outcome,
        "flow": result.flow_name,
        "document": report.document.key if report.document else None,
        "error": result.error.message if result.error else None,
        "findings": [_finding(finding) for finding in result.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "pointer": finding.pointer,
        "line": finding.position.line if finding.position else None,
        "message": finding.message,
    }
