"""How a document is judged: read, held to the request's shape, to the policy and to every rule. ``check`` calls it."""

from collections.abc import Iterable
from functools import cache
from itertools import islice

from appflow_gitops.documents.decoding import decode
from appflow_gitops.documents.limits import MAX_FINDINGS
from appflow_gitops.documents.read import FlowSource, ReadDocument, read_document, read_value
from appflow_gitops.documents.suffixes import JSON_SUFFIX
from appflow_gitops.findings import Finding, Json, Position, RuleInfo, Severity, located
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.ignore_comments import (
    MARK,
    IgnoreComment,
    bad_comments,
    read_comments,
    without_ignored,
)
from appflow_gitops.validation.policy.policy import PolicyCheck
from appflow_gitops.validation.rules.registry import RULES, all_rules
from appflow_gitops.validation.rules.view import view_flow
from appflow_gitops.validation.shape.shape import check_shape
from appflow_gitops.validation.validate import ValidatedDocument, ValidatedFlow

_START = Position(1, 1)


def run_pipeline(source: bytes, name: str, environment: Environment, key: str | None) -> ValidatedDocument:
    """The document in these bytes; ``check`` tells what the arguments are."""
    read = read_document(source, name, environment.variables)
    return _checked(read, _comments(source, name), PolicyCheck(environment.policy, key))


def run_pipeline_on_value(value: Json, environment: Environment) -> ValidatedDocument:
    """The document that came as a value."""
    return _checked(read_value(value, environment.variables), (), PolicyCheck(environment.policy, key=None))


def _comments(source: bytes, name: str) -> tuple[IgnoreComment, ...]:
    """The ignore comments of the file. JSON has none, and a file that is no text was refused already."""
    if MARK.encode() not in source or name.lower().endswith(JSON_SUFFIX):
        return ()
    text = decode(source)
    return read_comments(text) if isinstance(text, str) else ()


def _checked(
    read: ReadDocument, comments: tuple[IgnoreComment, ...], policy: PolicyCheck
) -> ValidatedDocument:
    checked = [_checked_flow(source, read.findings, comments, policy) for source in read.flows]
    findings, ignored = without_ignored(read.findings, comments)
    findings += bad_comments(comments, _rules_by_id()) if comments else ()
    for flow, hidden in checked:
        findings += flow.findings
        ignored += hidden
    return ValidatedDocument(
        tuple(flow for flow, _ in checked), _in_file_order(findings), _in_file_order(ignored)
    )


def _checked_flow(
    source: FlowSource, reading: tuple[Finding, ...], comments: tuple[IgnoreComment, ...], policy: PolicyCheck
) -> tuple[ValidatedFlow, list[Finding]]:
    """The flow, and the findings in it that comments hide. ``reading`` is what reading the whole file found."""
    unread = [finding for finding in reading if _is_stand_in(finding, source)]
    document, shape = check_shape(source.value, source.path, source.locator.written)
    doubts = [*unread, *shape]
    forbidden = islice(policy.violations(source.value, source.path), MAX_FINDINGS)
    found = _without_stand_ins([*shape, *forbidden], unread)
    if not any(doubt.path == source.path for doubt in doubts):
        flow = view_flow(source.value, source.path, doubts)
        found += (finding for rule in RULES for finding in islice(rule.findings(flow), MAX_FINDINGS))
    kept, ignored = without_ignored(located(found, source.locator), comments)
    name = source.value.get("flowName")
    checked = ValidatedFlow(
        name if isinstance(name, str) else None,
        source.path,
        document,
        tuple(kept),
        creation=next(iter(located(policy.objections_to_creation(source.path), source.locator)), None),
    )
    return checked, ignored


def _is_stand_in(finding: Finding, source: FlowSource) -> bool:
    """Whether the flow holds a mere stand-in where reading found an error.

    Paths of two YAML documents in one file look alike, so the position must be the same too.
    """
    if finding.severity is not Severity.ERROR or not finding.path:
        return False
    locator = source.locator
    return finding.position in (locator.position(finding.path), locator.name_position(finding.path))


def _without_stand_ins(findings: list[Finding], unread: list[Finding]) -> list[Finding]:
    """The findings that are not about what could not be read."""
    places = {finding.path for finding in unread}
    return [
        finding
        for finding in findings
        if not any(finding.path[:depth] in places for depth in range(1, len(finding.path) + 1))
    ]


def _in_file_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: finding.position or _START))


@cache
def _rules_by_id() -> dict[str, RuleInfo]:
    return {rule.id: rule for rule in all_rules()}
