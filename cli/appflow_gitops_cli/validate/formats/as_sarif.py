"""Findings as SARIF 2.1.0, which code scanning services and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; comments name its sections.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from appflow_gitops import __version__
from appflow_gitops.findings import Finding, Json, RuleInfo, Severity
from appflow_gitops.validation.rule_catalogue import all_rules
from appflow_gitops_cli.documents.report import Report
from appflow_gitops_cli.documents.sources import STANDARD_INPUT
from appflow_gitops_cli.rule_text import without_markup
from appflow_gitops_cli.validate.repository import path_in_repository

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RESULTS = 25_000
"""The most results that GitHub accepts in one run."""

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


class _Result(NamedTuple):
    """A finding in a file, and the text of the line that it points to."""

    file: str
    finding: Finding
    line: str


def render(report: Report) -> Iterator[str]:
    """The lines of one log with one run."""
    results = [
        _Result(
            document.file, finding, document.lines.get(finding.position.line if finding.position else 0, "")
        )
        for document in report.documents
        for finding in document.findings
    ]
    shown = sorted(results, key=_rank)[:MAX_RESULTS] if len(results) > MAX_RESULTS else results
    reported = {result.finding.rule for result in shown}
    rules = [rule for rule in all_rules() if rule.id in reported]
    index = {rule.id: number for number, rule in enumerate(rules)}
    driver: dict[str, Json] = {
        "name": "appflow-gitops",
        "version": __version__,
        "rules": [_rule(rule) for rule in rules],
    }
    seen: Counter[str] = Counter()
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(left_out(report))],
        "results": [_result(result, index[result.finding.rule], seen) for result in shown],
    }
    yield json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def left_out(report: Report) -> int:
    """The number of findings beyond the limit of GitHub, which the log does not contain."""
    return max(0, sum(len(document.findings) for document in report.documents) - MAX_RESULTS)


def left_out_message(count: int) -> str:
    """The message about that many findings beyond the limit."""
    return f"{count:,} results left out, errors last: GitHub accepts {MAX_RESULTS:,}"


def _rank(result: _Result) -> int:
    return list(_LEVELS).index(result.finding.severity)


def _invocation(count: int) -> Json:
    notifications: list[Json] = [{"level": "warning", "message": {"text": left_out_message(count)}}]
    return {"executionSuccessful": True, "toolExecutionNotifications": notifications if count else []}


def _rule(rule: RuleInfo) -> dict[str, Json]:
    explanation = without_markup(rule.explanation)
    described: dict[str, Json] = {
        "id": rule.id,
        "shortDescription": {"text": without_markup(rule.title)},
        "fullDescription": {"text": explanation},
        "help": {
            "text": f"{explanation}\n\nExample:\n{rule.example}\n\nSource: {rule.source}",
            "markdown": f"{rule.explanation}\n\n```yaml\n{rule.example}\n```\n\nSource: {rule.source}",
        },
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }
    return described | ({"helpUri": rule.source} if rule.source.startswith("https://") else {})


def _result(result: _Result, rule: int, seen: Counter[str]) -> dict[str, Json]:
    finding = result.finding
    text = finding.message if finding.hint is None else f"{finding.message}\n{finding.hint}"
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [_location(result.file, finding)],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(result, seen)},
    }


def _fingerprint(result: _Result, seen: Counter[str]) -> str:
    """The hash of file, rule and line, and the number of results with that hash so far.

    It stays the same when lines above are added or removed, so that GitHub recognises the finding (section 3.27.17).
    """
    parts = (path_in_repository(result.file), result.finding.rule, "".join(result.line.split()))
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    seen[digest] += 1
    return f"{digest}:{seen[digest]}"


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
    path = Path(path_in_repository(file))
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))
