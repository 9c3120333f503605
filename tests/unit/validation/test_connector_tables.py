"""Every connector, task type and operator of the API, and the rows of the tables in the rules that are about it."""

import json

import pytest

from appflow_gitops.flows.model.outline import choices_of
from appflow_gitops.flows.model.scalars import TaskType
from appflow_gitops.validation.rules.connectors import DESTINATION_KEYS, SOURCE_KEYS, operators_of
from appflow_gitops.validation.validate import validate
from unit.validation.rule_cases import document

WITHOUT_PROFILE = {"S3", "EventBridge", "LookoutMetrics", "Upsolver", "CustomerProfiles"}
RETIRED = {"Googleanalytics", "LookoutMetrics", "Honeycode"}
CONNECTIONS = [("source", name) for name in SOURCE_KEYS] + [
    ("destination", name) for name in DESTINATION_KEYS
]


def found(members: str, *rules: str) -> set[tuple[str, str]]:
    """The rules and pointers of the findings of these rules."""
    findings = validate(document(members).encode(), "flow.yaml").findings
    return {(each.rule, each.pointer) for each in findings if each.rule in rules}


@pytest.mark.parametrize("profile", [None, "crm"])
@pytest.mark.parametrize(("role", "connector"), CONNECTIONS)
def test_each_connector_needs_its_profile_and_properties_or_none(
    role: str, connector: str, profile: str | None
) -> None:
    connection = {"connectorType": connector, f"{role}ConnectorProperties": {}}
    if profile:
        connection["connectorProfileName"] = profile
    members, path = json.dumps(connection), f"/{role}FlowConfig"
    if role == "destination":
        members, path = f"[{members}]", "/destinationFlowConfigList/0"
    key = path.split("/")[1]
    needs_profile = connector not in WITHOUT_PROFILE
    expected = set()
    if connector != "LookoutMetrics":
        expected.add(("AFG202", f"{path}/{role}ConnectorProperties"))
    if needs_profile != bool(profile):
        expected.add(("AFG204" if needs_profile else "AFG205", f"{path}/connectorProfileName"))
    if connector in RETIRED:
        expected.add(("AFG215", f"{path}/connectorType"))
    assert found(f"{key}: {members}\n", "AFG202", "AFG204", "AFG205", "AFG215") == expected


OPERATORS = {
    "Filter": "PROJECTION BETWEEN EQUAL_TO NOT_EQUAL_TO CONTAINS LESS_THAN LESS_THAN_OR_EQUAL_TO GREATER_THAN "
    "GREATER_THAN_OR_EQUAL_TO NO_OP",
    "Mask": "MASK_ALL MASK_FIRST_N MASK_LAST_N",
    "Validate": "VALIDATE_NON_NULL VALIDATE_NON_ZERO VALIDATE_NON_NEGATIVE VALIDATE_NUMERIC",
    "Arithmetic": "ADDITION SUBTRACTION MULTIPLICATION DIVISION",
}
"""The operators of each task type, without a finding of AFG226; of all others NO_OP. NO_OP of a Filter is AFG227."""


@pytest.mark.parametrize("kind", choices_of(TaskType))
def test_each_task_type_has_its_operators(kind: str) -> None:
    operators = operators_of("Salesforce")
    tasks = [
        {"taskType": kind, "sourceFields": ["a"], "connectorOperator": {"Salesforce": name}}
        for name in operators
    ]
    source = {
        "connectorType": "Salesforce",
        "sourceConnectorProperties": {"Salesforce": {"object": "Account"}},
    }
    members = f"sourceFlowConfig: {json.dumps(source)}\ntasks: {json.dumps(tasks)}\n"
    allowed = OPERATORS.get(kind, "NO_OP").split()
    refused = {
        ("AFG226", f"/tasks/{index}/connectorOperator")
        for index, name in enumerate(operators)
        if name not in allowed
    }
    assert found(members, "AFG226") == refused


@pytest.mark.parametrize("kind", choices_of(TaskType))
def test_a_task_that_has_no_effect_without_an_operator_requires_one(kind: str) -> None:
    members = f"tasks: [{{taskType: {kind}, sourceFields: [a]}}]\n"
    required = {("AFG226", "/tasks/0/connectorOperator")} if kind in OPERATORS else set()
    assert found(members, "AFG226") == required


READING = ("Map", "Mask", "Truncate", "Validate", "Merge", "Arithmetic")


@pytest.mark.parametrize("kind", choices_of(TaskType))
def test_the_fields_of_each_reading_task_belong_in_the_projection(kind: str) -> None:
    members = f"""
        tasks:
        - {{taskType: Filter, sourceFields: [id], connectorOperator: {{S3: PROJECTION}}}}
        - {{taskType: {kind}, sourceFields: [id, total], destinationField: x, connectorOperator: {{S3: NO_OP}}}}
        """
    missing = {("AFG231", "/tasks/0/sourceFields")} if kind in READING else set()
    assert found(members, "AFG231") == missing


@pytest.mark.parametrize("kind", ["Merge", "Arithmetic", "Map"])
def test_the_result_of_a_computing_task_is_not_a_field_of_the_source(kind: str) -> None:
    members = f"""
        tasks:
        - {{taskType: Filter, sourceFields: [a, b], connectorOperator: {{S3: PROJECTION}}}}
        - {{taskType: {kind}, sourceFields: [a, b], destinationField: "a,b"}}
        - {{taskType: Map, sourceFields: ["a,b"], destinationField: total}}
        """
    missing = {("AFG231", "/tasks/0/sourceFields")} if kind == "Map" else set()
    assert found(members, "AFG231") == missing
