"""Rules for tasks."""

from typing import TYPE_CHECKING, Any

import pytest

from integration.appflow.requests import MAP_ALL, MAP_ID, PROJECTION, Refusal, flow, refusal, source

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_appflow import AppflowClient

NO_PROJECTION = "[Task Validation Error: You must specify a projection task or a MAP_ALL task]"
NO_OPERATOR = (
    "[Task Validation Error: The operator NO_OP is not valid for filtering tasks. "
    "The task sourceConnectorType is FILTERING and the task operator is NO_OP]"
)
CUSTOM = source("CustomConnector", entityName="orders")
S3 = source("S3", bucketName="landing")


def filter_task(operator: dict[str, str] | None, **properties: str) -> dict[str, Any]:
    task = {"taskType": "Filter", "sourceFields": ["Id"], "taskProperties": properties}
    return task if operator is None else {**task, "connectorOperator": operator}


@pytest.mark.parametrize("connection", [source(), CUSTOM], ids=["Salesforce", "CustomConnector"])
@pytest.mark.parametrize("tasks", [[], [MAP_ID]], ids=["no task", "Map only"])
def test_strict_tasks_require_a_projection_or_map_all(
    appflow: "AppflowClient",
    behave: "Callable[..., None]",
    connection: dict[str, Any],
    tasks: list[dict[str, Any]],
) -> None:
    behave(strictTasks=True)

    refused = refusal(appflow.create_flow, **flow(sourceFlowConfig=connection, tasks=tasks))

    assert refused == Refusal("ValidationException", 400, f"Create Flow request failed: {NO_PROJECTION}")


def test_strict_tasks_apply_to_updates_too(appflow: "AppflowClient", behave: "Callable[..., None]") -> None:
    appflow.create_flow(**flow())
    behave(strictTasks=True)

    message = refusal(appflow.update_flow, **flow(tasks=[])).message

    assert message == f"Update Flow request failed due to:{NO_PROJECTION}"


@pytest.mark.parametrize(
    ("strict", "connection", "tasks"),
    [
        pytest.param(True, source(), [PROJECTION, MAP_ID], id="projection"),
        pytest.param(True, source(), [MAP_ALL], id="Map_all"),
        pytest.param(True, S3, [], id="S3 source"),
        pytest.param(True, source("Zendesk", object="tickets"), [], id="another connector"),
        pytest.param(False, source(), [MAP_ID], id="not strict, as AWS's own sample"),
    ],
)
def test_these_need_no_projection(
    appflow: "AppflowClient",
    behave: "Callable[..., None]",
    strict: bool,
    connection: dict[str, Any],
    tasks: list[dict[str, Any]],
) -> None:
    behave(strictTasks=strict)

    appflow.create_flow(**flow(sourceFlowConfig=connection, tasks=tasks))


@pytest.mark.parametrize(
    "operator",
    [{"S3": "PROJECTION"}, {"Salesforce": "NO_OP"}, {}, None],
    ids=["destination's connector", "no-op", "empty", "left out"],
)
def test_a_filter_operator_that_is_not_the_source_connectors_reads_as_no_op(
    appflow: "AppflowClient", operator: dict[str, str] | None
) -> None:
    refused = refusal(appflow.create_flow, **flow(tasks=[filter_task(operator)]))

    assert refused == Refusal("ValidationException", 400, f"Create Flow request failed: {NO_OPERATOR}")


def test_a_map_with_the_destinations_operator_deploys(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow(tasks=[PROJECTION, {**MAP_ID, "connectorOperator": {"S3": "NO_OP"}}]))


@pytest.mark.parametrize(
    "given", [{}, {"LOWER_BOUND": "1"}, {"UPPER_BOUND": "2"}], ids=["none", "lower", "upper"]
)
def test_between_needs_both_bounds(appflow: "AppflowClient", given: dict[str, str]) -> None:
    tasks = [PROJECTION, filter_task({"Salesforce": "BETWEEN"}, **given)]

    assert "The operator BETWEEN needs" in refusal(appflow.create_flow, **flow(tasks=tasks)).message


@pytest.mark.parametrize(
    "task",
    [
        pytest.param(
            filter_task(
                {"Salesforce": "BETWEEN"},
                DATA_TYPE="datetime",
                LOWER_BOUND="1767225600000",
                UPPER_BOUND="1767312000000",
            ),
            id="BETWEEN with epoch milliseconds",
        ),
        pytest.param(filter_task({"Salesforce": "EQUAL_TO"}, VALUE="1"), id="one value"),
        pytest.param(filter_task({"Salesforce": "EQUAL_TO"}, VALUES="1,2"), id="several values"),
        pytest.param({**MAP_ALL, "sourceFields": [""]}, id="Map_all of a blank field"),
        pytest.param(
            {**MAP_ALL, "taskProperties": {"EXCLUDE_SOURCE_FIELDS_LIST": "[]"}}, id="Map_all excluding"
        ),
        pytest.param(
            {
                "taskType": "Merge",
                "sourceFields": ["A", "B"],
                "taskProperties": {"CONCAT_FORMAT": "${A} ${B}"},
            },
            id="Merge without its Map",
        ),
    ],
)
def test_these_tasks_are_accepted(appflow: "AppflowClient", task: dict[str, Any]) -> None:
    appflow.create_flow(**flow(tasks=[PROJECTION, task]))


def test_map_all_needs_its_source_fields(appflow: "AppflowClient") -> None:
    refused = refusal(appflow.create_flow, **flow(tasks=[{"taskType": "Map_all"}]))

    assert refused.message == (
        "1 validation error detected: Value null at 'tasks.1.member.sourceFields' failed to satisfy constraint: "
        "Member must not be null"
    )
