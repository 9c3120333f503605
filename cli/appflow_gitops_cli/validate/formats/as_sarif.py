"""Findings as SARIF 2.1.0, which code scanning services and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; comments name its sections.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from appflow_gitops import __version__
from appflow_gitops.findings import Finding, Json, RuleInfo, Severity
from appflow_gitops.validation.rules.registry import all_rules
from appflow_gitops_cli.documents.report import Report
from appflow_gitops_cli.documents.sources import STANDARD_INPUT

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(report: Report) -> Iterator[str]:
    """The lines of one log with one run."""
    results = [(document.file, finding) for document in report.documents for finding in document.findings]
    reported = {finding.rule for _, finding in results}
    rules = [rule for rule in all_rules() if rule.id in reported]
    index = {rule.id: number for number, rule in enumerate(rules)}
    driver: dict[str, Json] = {
        "name": "appflow-gitops",
        "version": __version__,
        "rules": [_rule(rule) for rule in rules],
    }
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(file, finding, index[finding.rule]) for file, finding in results],
    }
    yield json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(rule: RuleInfo) -> dict[str, Json]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": f"{rule.explanation}\n\nExample:\n{rule.example}\n\nSource: {rule.source}"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(file: str, finding: Finding, rule: int) -> dict[str, Json]:
    text = finding.message if finding.hint is None else f"{finding.message}\n{finding.hint}"
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [_location(file, finding)],
    }


def _location(file: str, finding: Finding) -> dict[str, Json]:
    location: dict[str, Json] = {"artifactLocation": {"uri": _uri(file)}}
    if finding.position:
        location["region"] = {"startLine": finding.position.line, "startColumn": finding.position.column}
    return {
        "physicalLocation": location,
        "logicalLocations": [{"fullyQualifiedName": finding.pointer, "kind": "member"}],
    }


def _uri(file: str) -> str:
    """The file as a URI. Relative paths stay relative to the repository (section 3.4.3)."""
    if file == STANDARD_INPUT:
        return "stdin"
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))
