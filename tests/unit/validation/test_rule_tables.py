"""Every row of a table in the rules, and every reason for a finding, has a case; a new row fails until it has one."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from appflow_gitops.flows.model.outline import members_of
from appflow_gitops.flows.model.source import IncrementalPullConfig
from appflow_gitops.flows.model.structure import Structure
from appflow_gitops.validation.rules.connectors import SHORTEST_INTERVALS
from appflow_gitops.validation.shape import spelling
from appflow_gitops.validation.validate import validate
from unit.validation.rule_cases import document


def found(rule: str, members: str) -> list[tuple[str, str | None]]:
    """The pointers and hints of the findings of a rule."""
    findings = validate(document(members).encode(), "flow.yaml").findings
    return [(each.pointer, each.hint) for each in findings if each.rule == rule]


def buckets(shape: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all bucket names in a shape of the service model."""
    for name, member in shape.members.items():
        if member.type_name == "structure":
            yield from buckets(member, (*path, name))
        elif name.lower().endswith("bucketname"):
            yield (*path, name)


def bucket_members() -> list[tuple[str, ...]]:
    model = boto3.Session()._session.get_service_model("appflow")
    return list(buckets(model.shape_for("DestinationConnectorProperties")))


@pytest.mark.parametrize("path", bucket_members(), ids="/".join)
def test_every_bucket_of_a_destination_is_checked(path: tuple[str, ...]) -> None:
    properties: Any = "upsolver-appflow_lake"  # Upsolver requires this prefix
    for name in reversed(path):
        properties = {name: properties}
    destination = {"connectorType": path[0], "destinationConnectorProperties": properties}
    [(pointer, _)] = found("AFG207", f"destinationFlowConfigList: {json.dumps([destination])}\n")
    assert pointer == "/".join(("/destinationFlowConfigList/0/destinationConnectorProperties", *path))


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("orders-lake", 0),
        ("orders.lake.2", 0),
        ("192.168.5", 0),
        ("192.168.5.4", 1),
        ("orders..lake", 1),
        ("Orders", 1),
        ("orders_lake", 1),
        ("-orders", 1),
        ("orders-", 1),
    ],
)
def test_a_bucket_name_follows_the_rules_of_s3(name: str, number: int) -> None:
    source = f"sourceFlowConfig: {{connectorType: S3, sourceConnectorProperties: {{S3: {{bucketName: {name}}}}}}}\n"
    assert len(found("AFG207", source)) == number


INTERVALS = {
    "Marketo": ("rate(59minutes)", "rate(1hours)"),
    "Singular": ("rate(59minutes)", "rate(1hours)"),
    "Trendmicro": ("rate(59minutes)", "rate(1hours)"),
    "Amplitude": ("rate(23hours)", "rate(1days)"),
    "Googleanalytics": ("rate(23hours)", "rate(1days)"),
}
"""Source -> a schedule that is too short, and the shortest that AppFlow accepts."""


def test_every_source_with_a_shortest_interval_has_a_case() -> None:
    assert set(INTERVALS) == set(SHORTEST_INTERVALS)


@pytest.mark.parametrize("connector", INTERVALS)
def test_a_schedule_below_the_shortest_interval_of_its_source_is_reported(connector: str) -> None:
    for expression, number in zip(INTERVALS[connector], (1, 0), strict=True):
        trigger = {
            "triggerType": "Scheduled",
            "triggerProperties": {"Scheduled": {"scheduleExpression": expression}},
        }
        members = f"triggerConfig: {json.dumps(trigger)}\nsourceFlowConfig: {{connectorType: {connector}}}\n"
        assert len(found("AFG255", members)) == number


@pytest.mark.parametrize(
    ("pull", "number"),
    [
        ("{}", 1),
        ("{datetimeTypeFieldName: ''}", 1),
        ("{datetimeTypeFieldName: ts}", 0),
    ],
)
def test_an_incremental_flow_requires_a_field_that_is_not_empty(pull: str, number: int) -> None:
    members = f"""
        triggerConfig:
          triggerType: Scheduled
          triggerProperties: {{Scheduled: {{scheduleExpression: rate(1days), dataPullMode: Incremental}}}}
        sourceFlowConfig:
          connectorType: Slack
          connectorProfileName: chat
          sourceConnectorProperties: {{Slack: {{object: conversations}}}}
          incrementalPullConfig: {pull}
        """
    assert len(found("AFG257", members)) == number


def filtered(operator: str, properties: str, data_type: str = "datetime") -> str:
    return f"""
        tasks:
        - taskType: Filter
          sourceFields: [updated]
          connectorOperator: {{S3: {operator}}}
          taskProperties: {{DATA_TYPE: {data_type}, {properties}}}
        - {{taskType: Map_all, sourceFields: []}}
        """


@pytest.mark.parametrize(("upper", "number"), [(1767225599999, 1), (1767225600000, 0), (1767225600001, 0)])
def test_only_a_lower_bound_above_the_upper_is_reported(upper: int, number: int) -> None:
    bounds = f'LOWER_BOUND: "1767225600000", UPPER_BOUND: "{upper}"'
    assert len(found("AFG232", filtered("BETWEEN", bounds))) == number


@pytest.mark.parametrize(
    ("value", "number"), [(10**8 - 1, 0), (10**8, 1), (10**10, 1), (10**11 - 1, 1), (10**11, 0)]
)
def test_times_that_look_like_seconds_are_reported(value: int, number: int) -> None:
    assert len(found("AFG234", filtered("LESS_THAN", f'VALUE: "{value}"'))) == number


@pytest.mark.parametrize("name", ["VALUE", "VALUES", "LOWER_BOUND", "UPPER_BOUND"])
@pytest.mark.parametrize(
    ("data_type", "number"), [("datetime", 1), ("date", 1), ("Timestamp", 1), ("string", 0), ("number", 0)]
)
def test_every_value_that_is_compared_with_a_time_is_checked(name: str, data_type: str, number: int) -> None:
    members = filtered("LESS_THAN", f'{name}: "1767225600000,2026-01-01"', data_type)
    assert len(found("AFG234", members)) == number


@pytest.mark.parametrize("name", ["EXCLUDE_SOURCE_FIELDS_LIST", "ORDERED_PARTITION_KEYS_LIST"])
@pytest.mark.parametrize(
    ("value", "number"),
    [("[]", 0), ('["a"]', 0), ('["a", "b"]', 0), ('["a", 1]', 1), ('{"a": 1}', 1), ('"a"', 1), ("a, b", 1)],
)
def test_a_list_of_names_is_a_json_array_of_text_only(name: str, value: str, number: int) -> None:
    properties = json.dumps({name: value})
    members = f"tasks:\n- {{taskType: Map_all, sourceFields: [], taskProperties: {properties}}}\n"
    assert len(found("AFG235", members)) == number


def test_a_star_is_not_a_field_that_a_projection_lacks() -> None:
    members = """
        tasks:
        - {taskType: Filter, sourceFields: [id], connectorOperator: {S3: PROJECTION}}
        - {taskType: Map, sourceFields: [id], destinationField: id}
        - {taskType: Mask, sourceFields: ["*"], connectorOperator: {S3: MASK_ALL}}
        """
    assert found("AFG231", members) == []


SYNONYMS = {
    "failonfirsterror": "failOnFirstDestinationError",
    "destinationflowconfig": "destinationFlowConfigList",
    "prefixhierarchy": "pathPrefixHierarchy",
    "task": "tasks",
    "name": "flowName",
    "scheduledtriggerproperties": "Scheduled",
    "scheduledtriggerprops": "Scheduled",
    "scheduledproperties": "Scheduled",
    "starttime": "scheduleStartTime",
    "endtime": "scheduleEndTime",
    "bucket": "bucketName",
    "prefix": "bucketPrefix",
}


def structures(structure: type[Structure] = Structure) -> Iterator[type[Structure]]:
    for each in structure.__subclasses__():
        yield each
        yield from structures(each)


def test_every_synonym_has_a_case() -> None:
    assert set(SYNONYMS) == set(spelling._SYNONYMS)


@pytest.mark.parametrize(("name", "key"), SYNONYMS.items())
def test_a_synonym_is_recognised_wherever_its_key_is_allowed(name: str, key: str) -> None:
    allowing = [each for each in structures() if key in members_of(each)]
    assert allowing
    assert {spelling.intended_key(each, name) for each in allowing} == {key}
    assert spelling.intended_key(IncrementalPullConfig, name) != key


@pytest.mark.parametrize(
    ("properties", "findings"),
    [
        ("VALUE: a", []),
        ("VALUES: 'a,b'", []),
        ("VALUE: a, VALUES: 'a,b'", [("/tasks/0/taskProperties/VALUES", "remove one of them")]),
        (
            "",
            [
                (
                    "/tasks/0/taskProperties/VALUE",
                    "set one value in VALUE, or several in VALUES: 'a,b'",
                )
            ],
        ),
    ],
)
def test_a_filter_compares_with_a_value_or_with_several(
    properties: str, findings: list[tuple[str, str]]
) -> None:
    assert found("AFG233", filtered("EQUAL_TO", properties, "string")) == findings


@pytest.mark.parametrize(
    ("kind", "operator", "number"),
    [
        ("Mask", "NO_OP", 1),
        ("Validate", "NO_OP", 1),
        ("Mask", "MASK_ALL", 0),
        ("Map", "NO_OP", 0),
        ("Filter", "NO_OP", 0),
        ("Truncate", "NO_OP", 0),
        ("Truncate", "ADDITION", 1),
    ],
)
def test_only_a_task_that_needs_an_operator_has_no_effect_without_one(
    kind: str, operator: str, number: int
) -> None:
    members = f"""
        tasks:
        - {{taskType: {kind}, sourceFields: [a], connectorOperator: {{S3: {operator}}}}}
        """
    assert [pointer for pointer, _ in found("AFG226", members)] == ["/tasks/0/connectorOperator"] * number


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("TaskType", "task_type", True),
        ("task-type", "taskType", True),
        ("taskTypes", "taskType", False),
        (f"task{'_' * 200}Type", "taskType", False),
        ("taskType", f"task{'_' * 200}Type", False),
    ],
)
def test_names_are_the_same_but_for_letter_case_and_separators_unless_one_is_very_long(
    one: str, other: str, *, same: bool
) -> None:
    assert spelling.same_name(one, other) is same
