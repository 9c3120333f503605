"""How DescribeFlow differs from the request. With every switch off it equals the request."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from integration.appflow.controls import LENIENT, Clock, control
from integration.appflow.requests import (
    MAP_ALL,
    MAP_ID,
    ON_EVENT,
    PROJECTION,
    destination,
    flow,
    scheduled,
    source,
)

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient

Switch = Callable[..., None]

EXACT = {
    "fillTriggerProperties": False,
    "fillKmsArn": False,
    "fillSalesforceSource": False,
    "fillErrorHandling": False,
    "fillTaskProperties": False,
    "fillS3Output": False,
    "fillMetadataCatalog": False,
    "expandMapAll": False,
    "taskOrderSeed": None,
    "emptySourceFields": False,
    "dropFalsePreserveTyping": False,
    "dropFirstExecutionFrom": False,
    "scheduleOffsetZero": "as sent",
    "rewriteEventBridgeObject": False,
}


@pytest.fixture(autouse=True)
def nothing_changed(behave: Switch) -> None:
    """Each test switches on what it is about."""
    behave(**EXACT)


def shown(appflow: "AppflowClient", **members: Any) -> Any:
    appflow.create_flow(**flow(**members))
    return appflow.describe_flow(flowName="orders")


def test_with_every_switch_off_a_flow_is_returned_as_sent(appflow: "AppflowClient") -> None:
    request = flow(tasks=[MAP_ALL, {"taskType": "Map", "sourceFields": [""]}], description="as sent")

    live = shown(appflow, **request)

    assert {name: live[name] for name in request} == request
    assert "kmsArn" not in live
    assert "metadataCatalogConfig" not in live


def test_on_demand_shows_empty_trigger_properties(appflow: "AppflowClient", behave: Switch) -> None:
    behave(fillTriggerProperties=True)

    assert shown(appflow)["triggerConfig"] == {"triggerType": "OnDemand", "triggerProperties": {}}


OWN_KEY = "arn:aws:kms:us-east-1:123456789012:key/own"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, r"arn:aws:kms:us-east-1:123456789012:key/[0-9a-f-]{36}"),
        ({"kmsArn": OWN_KEY}, re.escape(OWN_KEY)),
    ],
    ids=["none", "own"],
)
def test_the_key_is_filled_in(
    appflow: "AppflowClient", behave: Switch, given: dict[str, str], expected: str
) -> None:
    behave(fillKmsArn=True)

    assert re.fullmatch(expected, shown(appflow, **given)["kmsArn"])


def test_a_salesforce_source_shows_its_defaults(appflow: "AppflowClient", behave: Switch) -> None:
    behave(fillSalesforceSource=True)

    live = shown(appflow, sourceFlowConfig=source(object="Account", includeDeletedRecords=True))

    assert live["sourceFlowConfig"]["sourceConnectorProperties"]["Salesforce"] == {
        "object": "Account",
        "dataTransferApi": "AUTOMATIC",
        "enableDynamicFieldUpdate": False,
        "includeDeletedRecords": True,
    }


def test_a_salesforce_source_without_settings_shows_all_of_them(
    appflow: "AppflowClient", behave: Switch
) -> None:
    behave(fillSalesforceSource=True)

    live = shown(appflow, sourceFlowConfig=source(object="Account"))

    assert live["sourceFlowConfig"]["sourceConnectorProperties"]["Salesforce"] == {
        "object": "Account",
        "dataTransferApi": "AUTOMATIC",
        "enableDynamicFieldUpdate": False,
        "includeDeletedRecords": False,
    }


@pytest.mark.parametrize(
    "given", [{}, {"errorHandlingConfig": {"bucketName": "errors"}}], ids=["none", "part"]
)
def test_error_handling_shows_its_default(
    appflow: "AppflowClient", behave: Switch, given: dict[str, Any]
) -> None:
    behave(fillErrorHandling=True)

    live = shown(appflow, destination=destination("Salesforce", object="Account", **given))

    properties = live["destinationFlowConfigList"][0]["destinationConnectorProperties"]["Salesforce"]
    assert properties["errorHandlingConfig"] == {
        **given.get("errorHandlingConfig", {}),
        "failOnFirstDestinationError": False,
    }


def test_a_destination_that_has_no_error_handling_gets_none(appflow: "AppflowClient", behave: Switch) -> None:
    behave(fillErrorHandling=True)

    live = shown(appflow)

    assert live["destinationFlowConfigList"] == [destination()]


def test_tasks_without_properties_show_empty_ones(appflow: "AppflowClient", behave: Switch) -> None:
    behave(fillTaskProperties=True)

    live = shown(appflow, tasks=[PROJECTION, {"taskType": "Map", "sourceFields": ["Id"]}])

    assert [task["taskProperties"] for task in live["tasks"]] == [{}, {}]


def generated(live: Any) -> tuple[list[list[str]], list[str]]:
    """The fields of each projection, and the names mapped to themselves."""
    projections = [task["sourceFields"] for task in live["tasks"] if task["taskType"] == "Filter"]
    maps = [task["destinationField"] for task in live["tasks"] if task["taskType"] == "Map"]
    return projections, maps


def test_map_all_is_shown_with_what_it_expands_to(appflow: "AppflowClient", behave: Switch) -> None:
    behave(expandMapAll=True, sourceFields=["Id", "Name"])

    live = shown(appflow, tasks=[MAP_ALL])

    assert live["tasks"][0] == MAP_ALL
    assert generated(live) == ([["Id", "Name"]], ["Id", "Name"])
    assert [task["connectorOperator"] for task in live["tasks"][1:]] == [
        {"Salesforce": "PROJECTION"},
        {"Salesforce": "NO_OP"},
        {"Salesforce": "NO_OP"},
    ]


def test_map_all_leaves_out_what_it_excludes_and_what_is_mapped(
    appflow: "AppflowClient", behave: Switch
) -> None:
    behave(expandMapAll=True, sourceFields=["Id", "Name", "Secret"])
    map_all = {**MAP_ALL, "taskProperties": {"EXCLUDE_SOURCE_FIELDS_LIST": '["Secret"]'}}
    renamed = {**MAP_ID, "sourceFields": ["Name"], "destinationField": "title"}

    live = shown(appflow, tasks=[map_all, PROJECTION, renamed])

    assert generated(live) == ([["Id"]], ["title", "Id"])


def test_map_all_of_a_connector_without_such_operators_names_none(
    appflow: "AppflowClient", behave: Switch
) -> None:
    behave(expandMapAll=True, sourceFields=["page"])

    live = shown(appflow, sourceFlowConfig=source("Googleanalytics", object="report"), tasks=[MAP_ALL])

    operators = [task.get("connectorOperator") for task in live["tasks"][1:]]
    assert operators == [{"GoogleAnalytics": "PROJECTION"}, None]


def test_tasks_come_back_in_an_order_of_the_services_own(appflow: "AppflowClient", behave: Switch) -> None:
    tasks = [{**MAP_ID, "sourceFields": [name], "destinationField": name} for name in "abcdef"]
    appflow.create_flow(**flow(tasks=tasks))
    orders = []
    for seed, sent in ((7, tasks), (7, tasks[::-1]), (8, tasks)):
        behave(taskOrderSeed=seed)
        appflow.update_flow(**flow(tasks=sent))
        orders.append(
            [task["destinationField"] for task in appflow.describe_flow(flowName="orders")["tasks"]]
        )

    assert sorted(orders[0]) == list("abcdef")
    assert orders[0] != list("abcdef")
    assert orders[0] == orders[1], "the order does not depend on what was sent"
    assert orders[0] != orders[2], "the order depends on the seed"


def test_a_blank_source_field_is_returned_as_none(appflow: "AppflowClient", behave: Switch) -> None:
    behave(emptySourceFields=True)

    live = shown(appflow, tasks=[{**MAP_ALL, "sourceFields": [""]}])

    assert live["tasks"] == [MAP_ALL]


def s3_output(live: Any) -> dict[str, Any]:
    properties: dict[str, Any] = live["destinationFlowConfigList"][0]["destinationConnectorProperties"]["S3"]
    output: dict[str, Any] = properties.get("s3OutputFormatConfig", {})
    return output


@pytest.mark.parametrize(("given", "returned"), [(False, False), (True, True)])
def test_source_typing_is_returned_only_if_it_is_on(
    appflow: "AppflowClient", behave: Switch, given: bool, returned: bool
) -> None:
    behave(dropFalsePreserveTyping=True)
    output = {"fileType": "PARQUET", "preserveSourceDataTyping": given}

    live = shown(appflow, destination=destination(bucketName="lake", s3OutputFormatConfig=output))

    assert ("preserveSourceDataTyping" in s3_output(live)) is returned


def test_output_formats_are_filled_in(appflow: "AppflowClient", behave: Switch) -> None:
    behave(fillS3Output=True)
    output = {"fileType": "JSON", "prefixConfig": {"prefixType": "PATH"}}

    live = shown(appflow, destination=destination(bucketName="lake", s3OutputFormatConfig=output))

    assert s3_output(live) == {**output, "aggregationConfig": {"aggregationType": "None"}}


def test_the_first_execution_does_not_come_back(appflow: "AppflowClient", behave: Switch) -> None:
    behave(dropFirstExecutionFrom=True)

    live = shown(appflow, triggerConfig=scheduled(firstExecutionFrom=1))

    assert "firstExecutionFrom" not in live["triggerConfig"]["triggerProperties"]["Scheduled"]


@pytest.mark.parametrize(
    ("switch", "given", "returned"),
    [
        ("present", None, 0),
        ("present", 0, 0),
        ("absent", 0, None),
        ("absent", None, None),
        ("absent", 5, 5),
        ("as sent", 0, 0),
        ("as sent", None, None),
    ],
)
def test_an_offset_of_zero_is_returned_or_not(
    appflow: "AppflowClient", behave: Switch, switch: str, given: int | None, returned: int | None
) -> None:
    behave(scheduleOffsetZero=switch)
    sent: dict[str, Any] = {} if given is None else {"scheduleOffset": given}

    live = shown(appflow, triggerConfig=scheduled(**sent))

    assert live["triggerConfig"]["triggerProperties"]["Scheduled"].get("scheduleOffset") == returned


def test_a_catalog_is_returned_though_none_was_sent(appflow: "AppflowClient", behave: Switch) -> None:
    behave(fillMetadataCatalog=True)

    assert shown(appflow)["metadataCatalogConfig"] == {}


def test_an_event_bridge_object_is_rewritten(appflow: "AppflowClient", behave: Switch) -> None:
    behave(rewriteEventBridgeObject=True)

    live = shown(appflow, triggerConfig=ON_EVENT, destination=destination("EventBridge", object="changes"))

    properties = live["destinationFlowConfigList"][0]["destinationConnectorProperties"]["EventBridge"]
    assert properties["object"] == "aws.partner/appflow/salesforce.com/123456789012/changes"


def test_read_only_members_are_there(appflow: "AppflowClient") -> None:
    live = shown(appflow, tags={"team": "data"})

    assert live["flowArn"] == "arn:aws:appflow:us-east-1:123456789012:flow/orders"
    assert (live["flowStatus"], live["schemaVersion"]) == ("Active", 1)
    assert "flowStatusMessage" not in live, "a healthy flow has no message"
    assert live["createdBy"] == live["lastUpdatedBy"] == "arn:aws:iam::123456789012:root"
    assert (live["tags"], live["lastRunMetadataCatalogDetails"]) == ({"team": "data"}, [])


def test_times_are_numbers_on_the_wire_and_have_an_offset_in_boto3(
    appflow: "AppflowClient", client_of: Callable[[str], Any], clock: Clock
) -> None:
    bodies: list[bytes] = []
    client = client_of("appflow")
    client.meta.events.register(
        "before-parse.appflow", lambda response_dict, **_: bodies.append(response_dict["body"])
    )
    start = int(clock().timestamp()) + 60
    appflow.create_flow(**flow(triggerConfig=scheduled(scheduleStartTime=start)))

    live = client.describe_flow(flowName="orders")

    wire = json.loads(bodies[0])
    assert wire["createdAt"] == clock().timestamp()
    assert wire["triggerConfig"]["triggerProperties"]["Scheduled"]["scheduleStartTime"] == start
    assert live["createdAt"] == clock()
    assert live["createdAt"].tzinfo is not None


def test_the_defaults_show_every_difference_that_is_well_attested(appflow: "AppflowClient") -> None:
    control("DELETE", "behaviour")
    control("POST", "behaviour", LENIENT)

    live = shown(appflow, tasks=[{"taskType": "Map_all", "sourceFields": [""]}])

    assert live["triggerConfig"]["triggerProperties"] == {}
    assert len(live["tasks"]) == 5
    assert all(task["taskProperties"] == {} for task in live["tasks"])
    assert "dataTransferApi" in live["sourceFlowConfig"]["sourceConnectorProperties"]["Salesforce"]


def test_what_describe_flow_adds_is_not_stored(appflow: "AppflowClient", behave: Switch) -> None:
    control("DELETE", "behaviour")
    control("POST", "behaviour", LENIENT)
    shown(appflow)
    behave(**EXACT)

    live = appflow.describe_flow(flowName="orders")

    assert live["triggerConfig"] == {"triggerType": "OnDemand"}
