"""The steps of validation: read the file, then check each flow's shape, the policy and the rules across fields."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from itertools import islice

from appflow_gitops.documents.decoding import decode
from appflow_gitops.documents.limits import MAX_FINDINGS
from appflow_gitops.documents.read import FlowSource, ReadDocument, read_document, read_value, reject_unknown
from appflow_gitops.documents.reading_rules import YAML_1_2
from appflow_gitops.documents.suffixes import JSON_SUFFIX
from appflow_gitops.findings import Finding, Json, Position, RuleInfo, Severity, located
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.ignore_comments import (
    MARK,
    IgnoreComment,
    invalid_comments,
    read_comments,
    split_ignored,
)
from appflow_gitops.validation.policy.check import PolicyCheck
from appflow_gitops.validation.result import ParsedFlow, ValidatedDocument, ValidatedFlow
from appflow_gitops.validation.rules.flow_view import view_flow
from appflow_gitops.validation.rules.registry import RULES
from appflow_gitops.validation.shape.check import check_shape
from appflow_gitops.validation.shape.rules import MISSING_KEY

_START = Position(1, 1)


def run_pipeline(source: bytes, name: str, environment: Environment, key: str | None) -> ValidatedDocument:
    """Validate the bytes of a document; for the arguments see ``validate``."""
    read = reject_unknown(read_document(source, name, environment.variables))
    return _validated(read, _comments(source, name), PolicyCheck(environment.policy, key), environment)


def run_pipeline_on_value(value: Json, environment: Environment) -> ValidatedDocument:
    """Validate a document that is a value."""
    read = reject_unknown(read_value(value, environment.variables))
    return _validated(read, (), PolicyCheck(environment.policy, key=None), environment)


def _comments(source: bytes, name: str) -> tuple[IgnoreComment, ...]:
    """Return the ignore comments of a YAML file. A file that is not text has been rejected before."""
    if MARK.encode() not in source or name.lower().endswith(JSON_SUFFIX):
        return ()
    text = decode(source)
    return read_comments(text) if isinstance(text, str) else ()


def _validated(
    read: ReadDocument, comments: tuple[IgnoreComment, ...], policy: PolicyCheck, environment: Environment
) -> ValidatedDocument:
    reading = (*read.findings, *read.repeated)
    validated = [_validated_flow(source, reading, comments, policy) for source in read.flows]
    wrong = {
        finding.position
        for flow, _ in validated
        for finding in flow.findings
        if finding.severity is Severity.ERROR
    }
    # A value of the wrong type has an error of its own.
    shown = [each for each in read.findings if each.rule != YAML_1_2.id or each.position not in wrong]
    findings, ignored = split_ignored(shown, comments)
    findings += invalid_comments(comments, _rules_by_id()) if comments else ()
    for flow, hidden in validated:
        findings += flow.findings
        ignored += hidden
    flows = tuple(flow if environment.checks_fields else replace(flow, parsed=None) for flow, _ in validated)
    return ValidatedDocument(flows, _in_file_order(findings), _in_file_order(ignored))


def _validated_flow(
    source: FlowSource, reading: tuple[Finding, ...], comments: tuple[IgnoreComment, ...], policy: PolicyCheck
) -> tuple[ValidatedFlow, list[Finding]]:
    """Return the flow, and its findings that comments hide. ``reading`` are the findings from reading the file."""
    unread = [finding for finding in reading if _left_placeholder(finding, source)]
    document, shape = check_shape(
        source.value, source.path, source.locator.written, source.locator.has_anchor
    )
    violations = islice(policy.violations(source.value, source.path), MAX_FINDINGS)
    findings = _without_placeholders([*shape, *(issue.to_finding() for issue in violations)], unread)
    known = (*unread, *shape)
    is_readable = not any(finding.path == source.path for finding in known)
    if is_readable:
        flow = view_flow(source.value, source.path, known)
        for rule in RULES:
            findings += rule.findings(flow)
    kept, ignored = split_ignored(located(findings, source.locator), comments)
    name = source.value.get("flowName")
    creation = [issue.to_finding() for issue in policy.creation_violations(source.path)]
    validated = ValidatedFlow(
        name if isinstance(name, str) else None,
        source.path,
        policy.with_ignored(document) if document else None,
        tuple(kept),
        creation=next(iter(located(creation, source.locator)), None),
        parsed=ParsedFlow(source, known, comments) if is_readable else None,
    )
    return validated, ignored


def _left_placeholder(finding: Finding, source: FlowSource) -> bool:
    """Return whether reading reported an error in this flow and put a placeholder where the value was.

    The paths of two YAML documents in one file look alike, so the position must match too.
    """
    if finding.severity is not Severity.ERROR or not finding.path:
        return False
    locator = source.locator
    return finding.position in (locator.position(finding.path), locator.name_position(finding.path))


def _without_placeholders(findings: list[Finding], unread: list[Finding]) -> list[Finding]:
    """Return the findings that are not about a placeholder."""
    placeholders = {finding.path for finding in unread}
    incomplete = {path[: path.index("<<")] for path in placeholders if "<<" in path}
    return [
        finding
        for finding in findings
        if not any(finding.path[:depth] in placeholders for depth in range(1, len(finding.path) + 1))
        and not (finding.rule == MISSING_KEY.id and finding.path[:-1] in incomplete)
    ]


def _in_file_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: finding.position or _START))


@cache
def _rules_by_id() -> dict[str, RuleInfo]:
    from appflow_gitops.validation.rule_catalogue import all_rules  # noqa: PLC0415 - only where there are comments

    return {rule.id: rule for rule in all_rules()}
