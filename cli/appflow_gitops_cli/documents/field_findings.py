"""Findings about fields (AFG4xx), added to documents that were validated. Shared by validate and plan."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from appflow_gitops.findings import Finding, Position
from appflow_gitops.sync.field_check import FieldChecker
from appflow_gitops.sync.inventory import Each
from appflow_gitops.validation.fields.check import FieldFindings
from appflow_gitops.validation.fields.field_rules import NOT_CHECKED
from appflow_gitops.validation.result import ValidatedDocument
from appflow_gitops_cli.documents.report import counted
from appflow_gitops_cli.documents.selection import Selection
from appflow_gitops_cli.field_files import FieldFiles

FIELDS_ONLY = Selection(select=("AFG4",))
"""The findings about fields."""

_START = Position(1, 1)
_SHOWN_NOTES = 5


def file_checker(files: FieldFiles) -> FieldChecker:
    """Checks fields against pulled files."""
    return FieldChecker(files, time.monotonic)


def with_field_findings(
    documents: Sequence[ValidatedDocument], checker: FieldChecker, each: Each
) -> list[ValidatedDocument]:
    """The documents with the findings about the fields of their flows. Every object is described once."""
    flows = [flow for document in documents for flow in document.flows]
    found = iter(checker.check(flows, each))
    return [_extended(document, [next(found) for _ in document.flows]) for document in documents]


def unchecked_notes(findings: Iterable[Finding]) -> Iterator[str]:
    """Why fields were not checked: the first 5 reasons, and the number of the others."""
    reasons = list(dict.fromkeys(finding.message for finding in findings if finding.rule == NOT_CHECKED.id))
    yield from reasons[:_SHOWN_NOTES]
    if len(reasons) > _SHOWN_NOTES:
        yield f"fields of {counted(len(reasons) - _SHOWN_NOTES, 'more object')} not checked"


def _extended(document: ValidatedDocument, found: Sequence[FieldFindings]) -> ValidatedDocument:
    flows = tuple(
        replace(flow, findings=(*flow.findings, *each.findings))
        for flow, each in zip(document.flows, found, strict=True)
    )
    findings = (*document.findings, *(finding for each in found for finding in each.findings))
    ignored = (*document.ignored, *(finding for each in found for finding in each.ignored))
    return replace(document, flows=flows, findings=_in_file_order(findings), ignored=_in_file_order(ignored))


def _in_file_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: finding.position or _START))
