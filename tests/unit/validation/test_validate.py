"""Values are validated like files, and no value makes validation fail."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appflow_gitops.findings import Json, Path, Position, has_errors
from appflow_gitops.validation.validate import validate, validate_value
from unit.validation.rule_cases import CASES, document, marked

MEMBERS = """
connectorType sourceConnectorProperties destinationConnectorProperties connectorProfileName S3 Salesforce
bucketName bucketPrefix errorHandlingConfig idFieldNames writeOperationType s3OutputFormatConfig triggerType
triggerProperties Scheduled scheduleExpression scheduleStartTime scheduleEndTime dataPullMode sourceFields
connectorOperator destinationField taskProperties taskType VALUE VALUES LOWER_BOUND UPPER_BOUND DATA_TYPE
EXCLUDE_SOURCE_FIELDS_LIST MASK_LENGTH incrementalPullConfig datetimeTypeFieldName
"""
TEXTS = """
S3 Salesforce CustomConnector OnDemand Scheduled Event Filter Map Map_all Mask Merge Arithmetic PROJECTION
BETWEEN NO_OP EQUAL_TO MASK_ALL UPSERT Incremental datetime rate(5minutes) cron() 2026-01-01 /raw
"""
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(TEXTS.split()) | st.text()
values: st.SearchStrategy[Json] = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(MEMBERS.split()), inner, max_size=6)
    ),
    max_leaves=30,
)
flows = st.fixed_dictionaries(
    {},
    optional={
        "flowName": values,
        "flowStatus": values,
        "triggerConfig": values,
        "sourceFlowConfig": values,
        "destinationFlowConfigList": values | st.lists(values, max_size=3),
        "tasks": values | st.lists(values, max_size=5),
        "metadataCatalogConfig": values,
    },
)


def leads_into(value: Json, path: Path) -> bool:
    """Whether the path leads to a value, or to a member that the object there lacks."""
    for place in path[:-1]:
        match value, place:
            case dict(), str() if place in value:
                value = value[place]
            case list(), int() if place < len(value):
                value = value[place]
            case _:
                return False
    return not path or isinstance(value, dict) or (isinstance(value, list) and path[-1] in range(len(value)))


@given(flows)
def test_every_finding_about_any_value_leads_into_that_value(flow: dict[str, Json]) -> None:
    checked = validate_value(flow)
    assert [finding.pointer for finding in checked.findings if not leads_into(flow, finding.path)] == []
    assert checked.valid is not has_errors(checked.findings)


@pytest.mark.parametrize("nested", ["[" * 2_000, '{"a":' * 400, "[" * 1_000 + "]" * 1_000])
def test_a_deeply_nested_list_in_a_property_is_a_finding(nested: str) -> None:
    properties: Json = {"EXCLUDE_SOURCE_FIELDS_LIST": nested}
    task: Json = {"taskType": "Map_all", "sourceFields": [], "taskProperties": properties}
    checked = validate_value({"flowName": "orders", "tasks": [task]})
    assert "AFG235" in {finding.rule for finding in checked.findings}


def test_a_value_has_the_same_findings_as_a_file() -> None:
    case = next(case for case in CASES if case.rule == "AFG205")
    text, _ = marked(document(case.bad))
    (flow,) = validate(text.encode(), "flow.yaml").flows
    assert flow.document is not None
    checked = validate_value(flow.document.request)
    assert [(each.rule, each.pointer) for each in checked.findings] == [("AFG205", case.pointer)]


def test_findings_in_json_point_to_the_value() -> None:
    flow = {
        "flowName": "orders",
        "flowStatus": "Suspended",
        "triggerConfig": {"triggerType": "OnDemand"},
        "sourceFlowConfig": {
            "connectorType": "S3",
            "sourceConnectorProperties": {"S3": {"bucketName": "orders-inbox", "bucketPrefix": "/raw"}},
        },
        "destinationFlowConfigList": [
            {"connectorType": "S3", "destinationConnectorProperties": {"S3": {"bucketName": "orders-lake"}}}
        ],
        "tasks": [{"taskType": "Map_all", "sourceFields": []}],
    }
    findings = validate(json.dumps(flow, indent=2).encode(), "flow.json").findings
    assert [(each.rule, each.position) for each in findings] == [
        ("AFG259", Position(3, 17)),
        ("AFG208", Position(12, 25)),
    ]


def test_a_converted_time_that_is_out_of_range_has_both_findings() -> None:
    text = (
        "flowName: orders\ntriggerConfig:\n  triggerType: Scheduled\n  triggerProperties:\n    Scheduled:\n"
        "      scheduleExpression: rate(1days)\n      scheduleStartTime: 9999-12-31T23:59:59-01:00\n"
    )
    findings = validate(text.encode(), "flow.yaml").findings
    assert [each.rule for each in findings if each.position and each.position.line == 7] == [
        "AFG026",
        "AFG106",
    ]
