"""Every rule tells its mistake at the exact place, and is silent when it is mended."""

import pytest

from appflow_gitops.findings import RuleInfo, Severity
from appflow_gitops.rules.check import check
from appflow_gitops.rules.registry import RULES, all_rules
from appflow_gitops.rules.rule import Rule
from unit.rules.rule_cases import CASES, Case, document, marked

by_rule = pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
of_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@by_rule
def test_a_bad_document_has_one_finding_at_the_exact_place(case: Case) -> None:
    text, position = marked(document(case.bad))
    (finding,) = (each for each in check(text.encode(), "flow.yaml").findings if each.rule >= "AFG1")
    assert (finding.rule, finding.pointer, finding.position) == (case.rule, case.pointer, position)


@by_rule
def test_a_mended_document_has_none(case: Case) -> None:
    checked = check(document(case.good).encode(), "flow.yaml")
    assert checked.valid
    assert [finding for finding in checked.findings if finding.severity is not Severity.INFO] == []


def test_every_rule_has_a_bad_and_a_good_document() -> None:
    assert {case.rule for case in CASES} == {rule.id for rule in RULES}


@of_rule
def test_the_examples_in_the_documentation_say_what_they_claim(rule: Rule) -> None:
    bad, good = (check(document(example).encode(), "flow.yaml") for example in (rule.bad, rule.good))
    assert {finding.rule for finding in bad.findings} == {rule.id}
    assert (good.valid, good.findings) == (True, ())


@of_rule
def test_a_document_is_invalid_only_by_rules_of_severity_error(rule: Rule) -> None:
    assert check(document(rule.bad).encode(), "flow.yaml").valid is (rule.severity is not Severity.ERROR)


def test_ids_are_unique_and_in_order() -> None:
    ids = [rule.id for rule in all_rules()]
    assert ids == sorted(set(ids))


@pytest.mark.parametrize("info", all_rules(), ids=lambda info: info.id)
def test_every_rule_explains_itself(info: RuleInfo) -> None:
    assert info.title
    assert not info.title.endswith(".")
    assert info.explanation
    assert info.example
    assert info.source
