"""Each switch of the local AppFlow changes one thing in what DescribeFlow returns, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from appflow_gitops_local.appflow.behaviour import Behaviour
from appflow_gitops_local.appflow.definition import Definition
from appflow_gitops_local.appflow.describe import _CHANGES, described

OFF = Behaviour(
    **dict.fromkeys(_CHANGES, False),
    schedule_offset_zero="as sent",
    task_order_seed=None,
    rewrite_event_bridge_object=False,
    source_fields=("Id", "City"),
)
MAP_ALL = {"taskType": "Map_all", "sourceFields": [], "taskProperties": {}}
ERRORS = {"errorHandlingConfig": {"failOnFirstDestinationError": False}}
OUTPUT = {"fileType": "JSON", "prefixConfig": {}, "aggregationConfig": {"aggregationType": "None"}}
SALESFORCE = {
    "dataTransferApi": "AUTOMATIC",
    "enableDynamicFieldUpdate": False,
    "includeDeletedRecords": False,
}


def flow(destination: str = "S3", source: str = "Salesforce", **members: Any) -> dict[str, Any]:
    return {
        "triggerConfig": {"triggerType": "OnDemand"},
        "sourceFlowConfig": {"connectorType": source, "sourceConnectorProperties": {source: {"object": "a"}}},
        "destinationFlowConfigList": [
            {"connectorType": destination, "destinationConnectorProperties": {destination: {"object": "b"}}}
        ],
        "tasks": [],
        **members,
    }


def show(sent: dict[str, Any], **switches: Any) -> dict[str, Any]:
    return described(Definition(sent), replace(OFF, **switches), "123456789012")


def destination_of(shown: dict[str, Any]) -> Any:
    [config] = shown["destinationFlowConfigList"]
    [properties] = config["destinationConnectorProperties"].values()
    return properties


def test_without_switches_a_copy_is_shown_as_it_was_sent() -> None:
    sent = flow(tasks=[MAP_ALL, {"taskType": "Map", "sourceFields": [""]}])
    shown = show(sent)
    assert shown == sent
    shown["tasks"].clear()
    assert len(sent["tasks"]) == 2


@pytest.mark.parametrize(
    ("connector", "added"),
    [
        ("S3", {}),
        ("Upsolver", {}),
        ("LookoutMetrics", {}),
        ("CustomerProfiles", {}),
        ("Salesforce", ERRORS),
        ("Redshift", ERRORS),
        ("Snowflake", ERRORS),
        ("EventBridge", ERRORS),
        ("Honeycode", ERRORS),
        ("Marketo", ERRORS),
        ("SAPOData", ERRORS),
        ("Zendesk", ERRORS),
        ("CustomConnector", ERRORS),
    ],
)
def test_error_handling_is_filled_in_where_a_destination_has_it(
    connector: str, added: dict[str, Any]
) -> None:
    assert destination_of(show(flow(connector), fill_error_handling=True)) == {"object": "b", **added}


@pytest.mark.parametrize(
    ("connector", "added"),
    [
        ("S3", {"s3OutputFormatConfig": OUTPUT}),
        ("Upsolver", {"s3OutputFormatConfig": OUTPUT}),
        ("Salesforce", {}),
        ("EventBridge", {}),
    ],
)
def test_the_output_format_is_filled_in_for_files_only(connector: str, added: dict[str, Any]) -> None:
    assert destination_of(show(flow(connector), fill_s3_output=True)) == {"object": "b", **added}


def test_what_was_sent_of_the_output_format_stays() -> None:
    sent = flow()
    properties = sent["destinationFlowConfigList"][0]["destinationConnectorProperties"]["S3"]
    properties["s3OutputFormatConfig"] = {"fileType": "CSV", "aggregationConfig": {"targetFileSize": 5}}
    assert destination_of(show(sent, fill_s3_output=True))["s3OutputFormatConfig"] == {
        "fileType": "CSV",
        "prefixConfig": {},
        "aggregationConfig": {"targetFileSize": 5, "aggregationType": "None"},
    }


@pytest.mark.parametrize(("connector", "added"), [("Salesforce", SALESFORCE), ("Zendesk", {})])
def test_the_defaults_of_a_source_are_filled_in_for_salesforce(connector: str, added: dict[str, Any]) -> None:
    shown = show(flow(source=connector), fill_salesforce_source=True)
    assert shown["sourceFlowConfig"]["sourceConnectorProperties"] == {connector: {"object": "a", **added}}


@pytest.mark.parametrize("switch", ["fill_error_handling", "fill_s3_output", "drop_false_preserve_typing"])
def test_a_destination_without_properties_of_its_connector_stays_without(switch: str) -> None:
    sent = flow()
    sent["destinationFlowConfigList"][0]["destinationConnectorProperties"] = {}
    assert show(sent, **{switch: True}) == sent


@pytest.mark.parametrize(
    ("typing", "shown"), [(False, {}), (True, {"preserveSourceDataTyping": True})], ids=["false", "true"]
)
def test_preserved_types_are_shown_if_they_are_on(typing: bool, shown: dict[str, Any]) -> None:
    sent = flow()
    properties = sent["destinationFlowConfigList"][0]["destinationConnectorProperties"]["S3"]
    properties["s3OutputFormatConfig"] = {"preserveSourceDataTyping": typing}
    assert destination_of(show(sent, drop_false_preserve_typing=True))["s3OutputFormatConfig"] == shown


@pytest.mark.parametrize(
    ("trigger", "shown"),
    [
        ({"triggerType": "OnDemand"}, {"triggerType": "OnDemand", "triggerProperties": {}}),
        ({"triggerType": "Event"}, {"triggerType": "Event"}),
    ],
)
def test_trigger_properties_are_filled_in_for_flows_on_demand(
    trigger: dict[str, Any], shown: dict[str, Any]
) -> None:
    assert show(flow(triggerConfig=trigger), fill_trigger_properties=True)["triggerConfig"] == shown


@pytest.mark.parametrize(
    ("switches", "schedule", "shown"),
    [
        ({"schedule_offset_zero": "as sent"}, {"scheduleOffset": 0}, {"scheduleOffset": 0}),
        ({"schedule_offset_zero": "present"}, {}, {"scheduleOffset": 0}),
        ({"schedule_offset_zero": "present"}, {"scheduleOffset": 60}, {"scheduleOffset": 60}),
        ({"schedule_offset_zero": "absent"}, {"scheduleOffset": 0}, {}),
        ({"schedule_offset_zero": "absent"}, {"scheduleOffset": 60}, {"scheduleOffset": 60}),
        ({"schedule_offset_zero": "absent"}, {}, {}),
        (
            {"drop_first_execution_from": True},
            {"firstExecutionFrom": 1, "timezone": "UTC"},
            {"timezone": "UTC"},
        ),
        ({"drop_first_execution_from": True}, {}, {}),
    ],
)
def test_a_schedule_is_shown_as_the_switches_say(
    switches: dict[str, Any], schedule: dict[str, Any], shown: dict[str, Any]
) -> None:
    trigger = {"triggerType": "Scheduled", "triggerProperties": {"Scheduled": schedule}}
    found = show(flow(triggerConfig=trigger), **switches)["triggerConfig"]
    assert found["triggerProperties"] == {"Scheduled": shown}
    assert show(flow(), **switches) == flow()


def generated(*tasks: dict[str, Any], source: str = "Salesforce") -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = show(flow(tasks=list(tasks), source=source), expand_map_all=True)["tasks"]
    return shown[len(tasks) :]


def no_op(*fields: str) -> list[dict[str, Any]]:
    operator = {"connectorOperator": {"Salesforce": "NO_OP"}}
    return [
        {"taskType": "Map", "sourceFields": [field], "destinationField": field, **operator}
        for field in fields
    ]


def projection(*fields: str) -> dict[str, Any]:
    return {
        "taskType": "Filter",
        "sourceFields": list(fields),
        "connectorOperator": {"Salesforce": "PROJECTION"},
    }


@pytest.mark.parametrize(
    ("tasks", "added"),
    [
        ([], []),
        ([MAP_ALL], [projection("Id", "City"), *no_op("Id", "City")]),
        ([MAP_ALL, projection("Id")], no_op("Id", "City")),
        ([MAP_ALL, *no_op("Id")], [projection("Id", "City"), *no_op("City")]),
        *(
            ([{**MAP_ALL, "taskProperties": {"EXCLUDE_SOURCE_FIELDS_LIST": listed}}], added)
            for listed, added in [
                ('["City"]', [projection("Id"), *no_op("Id")]),
                ('"City"', [projection("Id", "City"), *no_op("Id", "City")]),
                ("City", [projection("Id", "City"), *no_op("Id", "City")]),
            ]
        ),
    ],
    ids=["none", "all", "with a projection", "with a map", "excluded", "text", "not JSON"],
)
def test_map_all_generates_a_projection_and_a_task_for_each_field_without_one(
    tasks: list[dict[str, Any]], added: list[dict[str, Any]]
) -> None:
    assert generated(*tasks) == added


def test_generated_tasks_have_the_operators_that_their_source_has() -> None:
    filter_, *maps = generated(MAP_ALL, source="Servicenow")
    assert filter_["connectorOperator"] == {"ServiceNow": "PROJECTION"}
    assert all(task["connectorOperator"] == {"ServiceNow": "NO_OP"} for task in maps)


def test_tasks_are_filled_in_emptied_and_sorted_by_their_content() -> None:
    tasks = [{"taskType": "Map", "sourceFields": fields} for fields in ([""], ["a"], ["", "b"])]
    filled = show(flow(tasks=tasks), fill_task_properties=True, empty_source_fields=True)["tasks"]
    assert [task["sourceFields"] for task in filled] == [[], ["a"], ["", "b"]]
    assert all(task["taskProperties"] == {} for task in filled)
    orders = {
        seed: [task["sourceFields"] for task in show(flow(tasks=tasks), task_order_seed=seed)["tasks"]]
        for seed in range(8)
    }
    assert len({str(order) for order in orders.values()}) > 1
    assert orders[3] == [
        task["sourceFields"] for task in show(flow(tasks=tasks[::-1]), task_order_seed=3)["tasks"]
    ]


@pytest.mark.parametrize(
    ("connector", "name", "shown"),
    [
        ("EventBridge", "changes", "aws.partner/appflow/salesforce.com/123456789012/changes"),
        ("EventBridge", "aws.partner/appflow/x", "aws.partner/appflow/x"),
        ("Salesforce", "changes", "changes"),
    ],
)
def test_the_object_of_event_bridge_is_shown_as_a_partner_event_source(
    connector: str, name: str, shown: str
) -> None:
    sent = flow(connector)
    sent["destinationFlowConfigList"][0]["destinationConnectorProperties"][connector] = {"object": name}
    assert destination_of(show(sent, rewrite_event_bridge_object=True)) == {"object": shown}
