"""Every rule reports its mistake at the exact position, and not once it is fixed."""

import importlib
import pkgutil

import pytest

from appflow_gitops.findings import RuleInfo, Severity
from appflow_gitops.validation import rules
from appflow_gitops.validation.rule_catalogue import all_rules
from appflow_gitops.validation.rules.registry import RULES
from appflow_gitops.validation.rules.rule import Rule
from appflow_gitops.validation.validate import validate
from unit.validation.rule_cases import CASES, Case, document, marked

by_rule = pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
of_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@by_rule
def test_a_bad_document_has_one_finding_at_the_exact_position(case: Case) -> None:
    text, position = marked(document(case.bad))
    (finding,) = (each for each in validate(text.encode(), "flow.yaml").findings if each.rule >= "AFG1")
    assert (finding.rule, finding.pointer, finding.position) == (case.rule, case.pointer, position)


@by_rule
def test_a_fixed_document_has_none(case: Case) -> None:
    checked = validate(document(case.good).encode(), "flow.yaml")
    assert checked.valid
    assert [finding for finding in checked.findings if finding.severity is not Severity.INFO] == []


@pytest.mark.parametrize(
    "members",
    [
        pytest.param(
            """
            sourceFlowConfig:
              connectorType: CustomConnector
              connectorProfileName: crm
              apiVersion: v1
              sourceConnectorProperties: {CustomConnector: {entityName: contacts}}
            tasks:
            - {taskType: Filter, sourceFields: [id], connectorOperator: {CustomConnector: PROJECTION}}
            - {taskType: Map, sourceFields: [id], destinationField: id, connectorOperator: {S3: NO_OP}}
            """,
            id="NO_OP under another connector does nothing",
        ),
        pytest.param(
            """
            tasks:
            - {taskType: Filter, sourceFields: [], connectorOperator: {S3: PROJECTION}}
            - {taskType: Map, sourceFields: [id], destinationField: id}
            """,
            id="a projection without fields selects all",
        ),
        pytest.param(
            """
            tasks:
            - {taskType: Filter, sourceFields: [id], connectorOperator: {S3: PROJECTION}}
            - {taskType: Filter, sourceFields: [name], connectorOperator: {S3: PROJECTION}}
            - {taskType: Map, sourceFields: [name], destinationField: name}
            """,
            id="two projections select the fields of both",
        ),
        pytest.param(
            """
            tasks:
            - {taskType: Filter, sourceFields: [age], connectorOperator: {S3: LESS_THAN},
               taskProperties: {VALUE: "30"}}
            - {taskType: Filter, sourceFields: [id], connectorOperator: {S3: PROJECTION}}
            - {taskType: Map, sourceFields: [id], destinationField: id}
            """,
            id="a field of a filter need not be in the projection",
        ),
        pytest.param(
            """
            tasks:
            - {taskType: Filter, sourceFields: [day], connectorOperator: {S3: GREATER_THAN},
               taskProperties: {DATA_TYPE: datetime, VALUE: "0000000000000"}}
            - {taskType: Map_all, sourceFields: []}
            """,
            id="the start of 1970 in milliseconds",
        ),
        pytest.param(
            """
            triggerConfig:
              triggerType: Scheduled
              triggerProperties: {Scheduled: {scheduleExpression: rate(1minutes), dataPullMode: Incremental}}
            """,
            id="S3 needs no timestamp field and supports one run per minute",
        ),
    ],
)
def test_a_correct_flow_has_no_findings(members: str) -> None:
    assert validate(document(members).encode(), "flow.yaml").findings == ()


def test_every_rule_has_a_bad_and_a_good_document() -> None:
    assert {case.rule for case in CASES} == {rule.id for rule in RULES}


def test_every_rule_class_is_registered() -> None:
    for module in pkgutil.iter_modules(rules.__path__, f"{rules.__name__}."):
        importlib.import_module(module.name)
    assert {type(rule) for rule in RULES} == set(Rule.__subclasses__())


@of_rule
def test_the_examples_break_and_follow_the_rule(rule: Rule) -> None:
    bad, good = (validate(document(example).encode(), "flow.yaml") for example in (rule.bad, rule.good))
    assert {finding.rule for finding in bad.findings} == {rule.id}
    assert (good.valid, good.findings) == (True, ())


@of_rule
def test_only_rules_of_severity_error_make_a_document_invalid(rule: Rule) -> None:
    assert validate(document(rule.bad).encode(), "flow.yaml").valid is (rule.severity is not Severity.ERROR)


def test_ids_are_unique_and_in_order() -> None:
    ids = [rule.id for rule in all_rules()]
    assert ids == sorted(set(ids))


@pytest.mark.parametrize("info", all_rules(), ids=lambda info: info.id)
def test_every_rule_has_a_description(info: RuleInfo) -> None:
    assert info.title
    assert not info.title.endswith(".")
    assert info.explanation
    assert info.example
    assert info.source
