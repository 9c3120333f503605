"""Notes about objects whose fields were not checked."""

import pytest

from appflow_gitops.findings import Finding, Severity
from appflow_gitops.validation.fields.field_rules import NOT_CHECKED
from appflow_gitops_cli.documents.field_findings import unchecked_notes


@pytest.mark.parametrize(
    ("number", "more"),
    [
        (5, []),
        (6, ["fields of 1 more objects not checked"]),
        (1_240, ["fields of 1,235 more objects not checked"]),
    ],
)
def test_the_first_five_reasons_are_noted_each_once(number: int, more: list[str]) -> None:
    reasons = [f"reason {index}" for index in range(number)]
    findings = [Finding(NOT_CHECKED.id, Severity.INFO, (), reason) for reason in [*reasons, *reasons]]
    findings.insert(0, Finding("AFG402", Severity.ERROR, (), "an error"))
    assert list(unchecked_notes(findings)) == [*reasons[:5], *more]
