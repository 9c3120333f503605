"""Findings about fields beside the others of a document, and notes about objects that were not checked."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from appflow_gitops.findings import Finding, Severity
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.fields.entity import EntityKey, parse_entity
from appflow_gitops.validation.fields.field_rules import NOT_CHECKED
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.documents.field_findings import file_checker, unchecked_notes, with_field_findings
from appflow_gitops_cli.field_files import FieldFiles
from fakes.flow_documents import accounts, text
from fakes.push import one_by_one


@pytest.mark.parametrize(
    ("number", "more"),
    [
        (5, []),
        (6, ["fields of 1 more object not checked"]),
        (1_240, ["fields of 1,235 more objects not checked"]),
    ],
)
def test_the_first_five_reasons_are_noted_each_once(number: int, more: list[str]) -> None:
    reasons = [f"reason {index}" for index in range(number)]
    findings = [Finding(NOT_CHECKED.id, Severity.INFO, (), reason) for reason in [*reasons, *reasons]]
    findings.insert(0, Finding("AFG402", Severity.ERROR, (), "an error"))
    assert list(unchecked_notes(findings)) == [*reasons[:5], *more]


def test_findings_are_in_the_order_of_the_file_whatever_found_them(tmp_path: Path) -> None:
    entity = parse_entity([{"identifier": "Town"}])
    now = datetime(2026, 1, 15, tzinfo=UTC)
    files = FieldFiles(tmp_path)
    files.write(EntityKey("Salesforce", "team-crm", "Account"), entity, now)
    flow = accounts()
    last = {"tasks": flow.pop("tasks"), **flow}
    last["destinationFlowConfigList"][0]["connectorProfileName"] = "lake"
    documents = [
        validate(text(each).encode(), "a.json", Environment(checks_fields=True))
        for each in (last, accounts())
    ]
    first, second = with_field_findings(documents, file_checker(files), one_by_one)
    assert [finding.rule for finding in first.findings] == ["AFG402", "AFG205"]
    assert [finding.rule for finding in second.findings] == ["AFG402"]
    assert [finding.rule for finding in first.flows[0].findings] == ["AFG205", "AFG402"]
    assert list(files.used) == [EntityKey("Salesforce", "team-crm", "Account")]
