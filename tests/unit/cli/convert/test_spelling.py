"""Other tools' spelling is translated along the model of the request; what it lacks is refused with its location."""

from typing import Any

import pytest

from appflow_gitops.findings import Json, Path
from appflow_gitops_cli.convert.declared import DeclaredFlow, FileContext, Tool
from appflow_gitops_cli.convert.placeholders import Placeholders
from appflow_gitops_cli.convert.spelling import translate

SCHEDULED = ("triggerConfig", "triggerProperties", "Scheduled")
SALESFORCE = ("sourceFlowConfig", "sourceConnectorProperties", "Salesforce")
S3 = ("destinationFlowConfigList", 0, "destinationConnectorProperties", "S3")


def at(path: Path, value: Any) -> Any:
    """An object with the value at the path."""
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value


def found(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step] if isinstance(step, int) else value.get(step)
    return value


def translated(value: Any, *, is_document: bool = False) -> tuple[Any, list[tuple[str, str, str | None]]]:
    """The flow in AppFlow's spelling, and the location, message and hint of what was refused."""
    context = FileContext("file.json", Placeholders())
    flow = translate(DeclaredFlow(Tool.TERRAFORM, "a", (), value, is_document=is_document), context)
    return flow, [(each.pointer, each.message, each.hint) for each in context.findings]


PREFIX = (*S3, "s3OutputFormatConfig", "prefixConfig")
SAP = ("sourceFlowConfig", "sourceConnectorProperties", "SAPOData")


@pytest.mark.parametrize(
    ("path", "key", "value", "name"),
    [
        ((), "name", "orders", "flowName"),
        ((), "destination_flow_config", [], "destinationFlowConfigList"),
        ((), "destinationFlowConfigs", [], "destinationFlowConfigList"),
        ((), "task", [], "tasks"),
        (("tasks", 0), "connectorOperators", {"S3": "NO_OP"}, "connectorOperator"),
        ((*S3[:-1], "Redshift", "errorHandlingConfig"), "FailOnFirstError", True, "failOnFirstDestinationError"),
        (PREFIX, "prefix_hierarchy", ["SCHEMA_VERSION"], "pathPrefixHierarchy"),
        (PREFIX, "prefixHierarchies", ["SCHEMA_VERSION"], "pathPrefixHierarchy"),
        ((*SAP, "parallelismConfig"), "max_page_size", 7, "maxParallelism"),
        ((*S3[:-1], "SAPOData"), "write_operation", "INSERT", "writeOperationType"),
    ],
)  # fmt: skip
def test_a_key_with_another_name_is_renamed(path: Path, key: str, value: Json, name: str) -> None:
    flow, refused = translated(at((*path, key), value))
    assert (found(flow, (*path, name)), refused) == (value, [])


@pytest.mark.parametrize("key", ["bucket_name", "BucketName", "bucketName", "bucket-name", "BUCKET_NAME"])
def test_spellings_of_a_key_are_one(key: str) -> None:
    assert translated(at((*S3, key), "lake")) == (at((*S3, "bucketName"), "lake"), [])


@pytest.mark.parametrize(
    "key",
    [
        "arn", "id", "flow_arn", "region", "timeouts", "tags_all", "clientToken", "depends_on", "lifecycle",
        "provider", "provisioner", "connection", "//", "__defaults", "createdAt", "createdBy", "flowArn",
        "flowStatusMessage", "lastRunExecutionDetails", "lastUpdatedAt", "lastUpdatedBy", "schemaVersion",
    ],
)  # fmt: skip
def test_a_key_without_effect_on_the_flow_is_left_out(key: str) -> None:
    assert translated({key: "x", "flow_name": "orders"}) == ({"flowName": "orders"}, [])


def test_the_object_of_lookout_metrics_is_left_out() -> None:
    path = (*S3[:-1], "LookoutMetrics")
    assert translated(at((*path, "object"), "x")) == (at(path, {}), [])


@pytest.mark.parametrize("value", [None, "", [], {}, False])
def test_an_unknown_key_without_a_value_is_left_out(value: Json) -> None:
    assert translated({"colour": value}) == ({}, [])


@pytest.mark.parametrize("value", ["red", 1, True, ["x"], {"x": 1}])
def test_an_unknown_key_is_refused_with_those_that_are_known(value: Json) -> None:
    flow, [(pointer, message, hint)] = translated(at((*SCHEDULED, "colour"), value))
    assert (flow, pointer, message) == (
        at(SCHEDULED, {}),
        "/triggerConfig/triggerProperties/Scheduled/colour",
        "unknown key 'colour'",
    )
    assert hint is not None
    assert hint.startswith("expected one of: 'scheduleExpression', ")
    assert "more" not in hint


@pytest.mark.parametrize(
    ("written", "flow"),
    [
        ([], {}),
        ([None], {"triggerConfig": {}}),
        ([{"trigger_type": "OnDemand"}], {"triggerConfig": {"triggerType": "OnDemand"}}),
        (None, {}),
    ],
)
def test_an_object_may_be_a_list_of_one(written: Json, flow: Json) -> None:
    assert translated({"trigger_config": written}) == (flow, [])


@pytest.mark.parametrize(
    ("value", "pointer", "message", "hint"),
    [
        ({"triggerConfig": [{}, {}]}, "/triggerConfig", "expected one object, got a list of 2", None),
        ({"triggerConfig": "x"}, "/triggerConfig", "expected an object, got a string", None),
        ({"triggerConfig": ["x"]}, "/triggerConfig/0", "expected an object, got a string", None),
        ({"triggerConfig": "\0A\0"}, "/triggerConfig", "expected an object, got a reference", None),
        ({"tasks": "x"}, "/tasks", "expected a list, got a string", "write the list out in the document"),
        ({"tasks": "\0A\0"}, "/tasks", "expected a list, got a reference", "write the list out in the document"),
        ({"tags": "\0A\0"}, "/tags", "expected an object, got a reference", "write the object out in the document"),
        ({"tags": 5}, "/tags", "expected an object, got a number", "write the object out in the document"),
        ({"tags": [{"Key": "a"}]}, "/tags", "expected a list of objects with Key and Value", None),
        ({"tags": ["a"]}, "/tags", "expected a list of objects with Key and Value", None),
        ({"flowName": ["x"]}, "/flowName", "expected a single value, got a list", None),
        ({"flowName": {"x": 1}}, "/flowName", "expected a single value, got an object", None),
        (
            {"description": "costs $\0A\0"},
            "/description",
            "a '$' before a reference cannot be written",
            "move the '$' into the value of the variable",
        ),
    ],
)  # fmt: skip
def test_what_has_another_form_is_refused_with_its_location(
    value: Json, pointer: str, message: str, hint: str | None
) -> None:
    _, refused = translated(value)
    assert refused == [(pointer, message, hint)]


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        ({"a": True, "b": False, "c": "x"}, {"a": "true", "b": "false", "c": "x"}),
        ({"a": 5, "b": 1.5}, {"a": "5", "b": "1.5"}),
        ([{"Key": "a", "Value": "x"}, {"key": "b", "value": 2}], {"a": "x", "b": "2"}),
        ([{"Key": "a", "Value": "x", "PropagateAtLaunch": True}], {"a": "x"}),
        ({"__defaults": [], "a": "x"}, {"a": "x"}),
        ({"__defaults": "x"}, {"__defaults": "x"}),
        ({}, {}),
    ],
)  # fmt: skip
def test_a_map_has_text_as_values(written: Json, tags: Json) -> None:
    assert translated({"tags": written}) == ({"tags": tags}, [])


@pytest.mark.parametrize(
    ("path", "written", "value"),
    [
        ((*SALESFORCE, "enableDynamicFieldUpdate"), "TRUE", True),
        ((*SALESFORCE, "enableDynamicFieldUpdate"), "false", False),
        ((*SALESFORCE, "enableDynamicFieldUpdate"), True, True),
        ((*SALESFORCE, "enableDynamicFieldUpdate"), "maybe", "maybe"),
        ((*SCHEDULED, "scheduleOffset"), "60", 60),
        ((*SCHEDULED, "scheduleOffset"), 60.0, 60),
        ((*SCHEDULED, "scheduleOffset"), 60.5, 60.5),
        ((*SCHEDULED, "scheduleOffset"), "-5", -5),
        ((*SCHEDULED, "scheduleOffset"), "1e3", "1e3"),
        ((*SCHEDULED, "scheduleOffset"), "9" * 15, 999_999_999_999_999),
        ((*SCHEDULED, "scheduleOffset"), "9" * 16, "9" * 16),
        ((*SCHEDULED, "scheduleOffset"), 0, None),
        ((*SCHEDULED, "scheduleOffset"), "0", None),
        ((*SCHEDULED, "scheduleStartTime"), "1700000000", 1_700_000_000),
        ((*SCHEDULED, "scheduleStartTime"), 1_700_000_000.5, 1_700_000_000.5),
        ((*SCHEDULED, "scheduleStartTime"), "2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z"),
        (("description",), 5, "5"),
        (("description",), True, "true"),
        (("description",), 1.5, "1.5"),
        (("description",), "${x}", "${x}"),
        (("description",), "${env.X}", "$${env.X}"),
        (("description",), "of \0STAGE\0", "of ${env.STAGE}"),
    ],
)
def test_a_value_has_the_type_of_its_key(path: Path, written: Json, value: Json) -> None:
    flow, refused = translated(at(path, written))
    assert (found(flow, path), refused) == (value, [])


def test_the_text_of_a_document_keeps_its_variables() -> None:
    assert translated({"description": "${env.X}"}, is_document=True) == ({"description": "${env.X}"}, [])


@pytest.mark.parametrize(
    ("written", "properties"),
    [
        ({"ScheduleExpression": "rate(1days)"}, {"Scheduled": {"scheduleExpression": "rate(1days)"}}),
        ({"scheduled": [{"schedule_expression": "x"}]}, {"Scheduled": {"scheduleExpression": "x"}}),
        ({"Scheduled": {}}, {"Scheduled": {}}),
        ({}, None),
    ],
)
def test_the_members_of_a_schedule_may_lack_the_object_around_them(written: Json, properties: Json) -> None:
    flow, refused = translated({"triggerConfig": {"triggerProperties": written}})
    assert (flow["triggerConfig"].get("triggerProperties"), refused) == (properties, [])


def test_one_block_counts_as_a_list_and_empty_blocks_are_left_out() -> None:
    assert translated({"task": {"task_type": "Map"}}) == ({"tasks": [{"taskType": "Map"}]}, [])
    assert translated({"task": [None, {"task_type": "Map"}]}) == ({"tasks": [{"taskType": "Map"}]}, [])


@pytest.mark.parametrize("value", ["x", ["x", "y"], None])
def test_what_is_not_an_object_is_left_out(value: Json) -> None:
    assert translated(value)[0] is None
