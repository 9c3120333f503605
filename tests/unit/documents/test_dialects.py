"""DescribeFlow output and API samples are accepted, and every conversion is reported at its position."""

import json
import time

import boto3
import pytest

from appflow_gitops.documents.dialects import CONNECTORS, READ_ONLY_MEMBERS, SCHEDULE_TIMES
from appflow_gitops.documents.read import read_document
from appflow_gitops.findings import Position

S3 = "/destinationFlowConfigList/0/destinationConnectorProperties/S3"
START = "/triggerConfig/triggerProperties/Scheduled/scheduleStartTime"


def scheduled(**times: object) -> dict[str, object]:
    return {"triggerConfig": {"triggerType": "Scheduled", "triggerProperties": {"Scheduled": times}}}


def source(**connectors: object) -> dict[str, object]:
    return {"sourceFlowConfig": {"connectorType": "Salesforce", "sourceConnectorProperties": connectors}}


def destination(**connectors: object) -> dict[str, object]:
    return {
        "destinationFlowConfigList": [{"connectorType": "S3", "destinationConnectorProperties": connectors}]
    }


def task(**members: object) -> dict[str, object]:
    return {"tasks": [members]}


def trigger(kind: str, **members: object) -> dict[str, object]:
    return {"triggerConfig": {"triggerType": kind, **members}}


CONVERTED = [
    pytest.param({"flowArn": "arn", "tags": {}}, {"tags": {}}, "AFG020", "/flowArn", id="a read-only key"),
    pytest.param({"clientToken": "t"}, {}, "AFG025", "/clientToken", id="clientToken"),
    pytest.param(
        {"useDefaultEncryption": False}, {}, "AFG024", "/useDefaultEncryption", id="useDefaultEncryption"
    ),
    pytest.param({"description": None}, {}, "AFG021", "/description", id="null"),
    pytest.param(task(a=1, b=None), task(a=1), "AFG021", "/tasks/0/b", id="nested null"),
    pytest.param(task(a=None, b=None), task(), "AFG021", "/tasks/0", id="several nulls"),
    pytest.param(
        trigger("OnDemand", triggerProperties={}),
        trigger("OnDemand"),
        "AFG022",
        "/triggerConfig/triggerProperties",
        id="empty schedule on demand",
    ),
    pytest.param(
        trigger("Event", triggerProperties={}),
        trigger("Event"),
        "AFG022",
        "/triggerConfig/triggerProperties",
        id="empty schedule on events",
    ),
    pytest.param(
        task(connectorOperator={}), task(), "AFG022", "/tasks/0/connectorOperator", id="empty operator"
    ),
    pytest.param(
        source(Salesforce={"object": "Account"}, Zendesk={}),
        source(Salesforce={"object": "Account"}),
        "AFG022",
        "/sourceFlowConfig/sourceConnectorProperties/Zendesk",
        id="an unused connector",
    ),
    pytest.param(
        source(salesforce={"object": "Account"}),
        source(Salesforce={"object": "Account"}),
        "AFG023",
        "/sourceFlowConfig/sourceConnectorProperties/salesforce",
        id="a source in another letter case",
    ),
    pytest.param(
        destination(s3={"bucketName": "lake"}),
        destination(S3={"bucketName": "lake"}),
        "AFG023",
        S3.replace("S3", "s3"),
        id="a destination in another letter case",
    ),
    pytest.param(
        task(connectorOperator={"googleanalytics": "NO_OP"}),
        task(connectorOperator={"GoogleAnalytics": "NO_OP"}),
        "AFG023",
        "/tasks/0/connectorOperator/googleanalytics",
        id="an operator in another letter case",
    ),
    pytest.param(
        destination(S3={"bucketName": "lake", "bucketKey": "k"}),
        destination(S3={"bucketName": "lake"}),
        "AFG024",
        f"{S3}/bucketKey",
        id="bucketKey",
    ),
    pytest.param(
        task(taskType="Map_all", sourceFields=[""]),
        task(taskType="Map_all", sourceFields=[]),
        "AFG028",
        "/tasks/0/sourceFields",
        id="a blank field of Map_all",
    ),
    pytest.param(
        scheduled(scheduleStartTime="2026-01-01T00:00:00Z"),
        scheduled(scheduleStartTime=1767225600),
        "AFG026",
        START,
        id="a time in UTC",
    ),
    pytest.param(
        scheduled(scheduleStartTime="2026-01-01T02:00:00.250+02:00"),
        scheduled(scheduleStartTime=1767225600.25),
        "AFG026",
        START,
        id="a time with an offset and a fraction",
    ),
    pytest.param(
        scheduled(scheduleStartTime="2026-01-01 00:00:00+00:00"),
        scheduled(scheduleStartTime=1767225600),
        "AFG026",
        START,
        id="a time as Python prints it",
    ),
    pytest.param(
        scheduled(scheduleStartTime="2026-01-01T00:00:00"),
        scheduled(scheduleStartTime=1767225600),
        "AFG027",
        START,
        id="a time without an offset",
    ),
    pytest.param(
        scheduled(scheduleStartTime="2026-01-01"),
        scheduled(scheduleStartTime=1767225600),
        "AFG027",
        START,
        id="a date",
    ),
]


@pytest.mark.parametrize(("written", "value", "rule", "pointer"), CONVERTED)
def test_each_conversion_is_reported_at_its_pointer(written, value, rule, pointer):
    read = read_document(json.dumps(written), "flow.json")

    assert read.flows[0].value == value
    assert [(finding.rule, finding.pointer) for finding in read.findings] == [(rule, pointer)]
    assert read.findings[0].severity == ("warning" if rule == "AFG027" else "info")


LEFT_ALONE = [
    pytest.param({"flowStatus": "Draft"}, id="a status without read-only keys"),
    pytest.param({"flowStatus": "Suspended", "kmsArn": "arn", "tags": {"a": "b"}}, id="keys of a document"),
    pytest.param(trigger("Scheduled", triggerProperties={}), id="a missing schedule"),
    pytest.param(task(taskProperties={}), id="no task properties"),
    pytest.param(task(taskType="Map", sourceFields=[""]), id="a blank field of Map"),
    pytest.param(task(taskType="Map_all", sourceFields=["", ""]), id="two blank fields"),
    pytest.param({"a": [None]}, id="null in a list"),
    pytest.param(destination(Redshift={}) | source(Zendesk={}), id="connectors without properties only"),
    pytest.param(
        {
            "sourceFlowConfig": {
                "connectorType": "Servicenow",
                "sourceConnectorProperties": {"ServiceNow": {}, "Slack": {"object": "a"}},
            }
        },
        id="the flow's connector in another letter case",
    ),
    pytest.param(destination(S3={}, s3={"bucketName": "lake"}), id="one connector in two letter cases"),
    pytest.param(source(Sales_force={"object": "Account"}), id="a misspelt connector"),
    pytest.param(source(Salesforce={"bucketKey": "k"}), id="bucketKey elsewhere"),
    pytest.param(scheduled(scheduleStartTime="tomorrow"), id="a word instead of a time"),
    pytest.param(scheduled(scheduleStartTime="1767225600"), id="a number in quotes"),
    pytest.param(scheduled(scheduleStartTime="2026-02-30T00:00:00Z"), id="30 February"),
    pytest.param(scheduled(scheduleStartTime=1767225600, scheduleEndTime=1767225600.5), id="seconds"),
    pytest.param(scheduled(timezone="2026-01-01"), id="a date under another key"),
    pytest.param(
        {"sourceFlowConfig": [], "destinationFlowConfigList": {}, "tasks": 1, "triggerConfig": []},
        id="any shape",
    ),
    pytest.param(
        {"tasks": [1, {"connectorOperator": "NO_OP", "taskType": [], "sourceFields": {}}]},
        id="any nested shape",
    ),
]


@pytest.mark.parametrize("written", LEFT_ALONE)
def test_anything_else_is_left_for_the_shape_check(written):
    read = read_document(json.dumps(written), "flow.json")

    assert read.flows[0].value == written
    assert read.findings == ()


@pytest.mark.parametrize("status", ["Draft", "Errored", "Deprecated", "Deleted"])
def test_describe_flow_output_becomes_a_document(status):
    described = {
        "flowName": "orders",
        "flowStatus": status,
        "triggerConfig": {"triggerType": "OnDemand", "triggerProperties": {"Scheduled": None}},
        **dict.fromkeys(READ_ONLY_MEMBERS, "something"),
    }

    read = read_document(json.dumps(described), "flow.json")

    assert read.flows[0].value == {"flowName": "orders", "triggerConfig": {"triggerType": "OnDemand"}}
    ignored = {finding.pointer for finding in read.findings if finding.rule == "AFG020"}
    assert ignored == {"/flowStatus", *(f"/{name}" for name in READ_ONLY_MEMBERS)}


@pytest.mark.parametrize("status", ["Active", "Suspended"])
def test_a_status_that_can_be_requested_is_kept(status):
    read = read_document(json.dumps({"flowName": "a", "flowArn": "arn", "flowStatus": status}), "flow.json")

    assert read.flows[0].value == {"flowName": "a", "flowStatus": status}


def test_every_status_of_a_flow_is_either_read_only_or_kept():
    statuses = boto3.Session()._session.get_service_model("appflow").shape_for("FlowStatus").enum

    assert set(statuses) == {"Active", "Suspended", "Draft", "Errored", "Deprecated", "Deleted"}


def test_a_time_without_an_offset_means_the_same_on_every_machine(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        read = read_document(json.dumps(scheduled(scheduleStartTime="2026-01-01T00:00:00")), "flow.json")
    finally:
        monkeypatch.undo()
        time.tzset()

    assert read.flows[0].value == scheduled(scheduleStartTime=1767225600)


def test_at_most_a_hundred_changes_are_reported():
    read = read_document(json.dumps({"tasks": [{"destinationField": None}] * 200}), "flow.json")

    assert len(read.findings) == 100
    assert read.flows[0].value == {"tasks": [{}] * 200}


def test_a_renamed_key_keeps_its_position():
    text = "flowName: a\n---\n- sourceFlowConfig:\n    sourceConnectorProperties:\n      salesforce: {object: [1]}\n"
    flow = read_document(text, "flow.yaml").flows[1]
    path = (0, "sourceFlowConfig", "sourceConnectorProperties", "Salesforce", "object")

    assert flow.locator.position((*path, 0)) == Position(5, 29)
    assert flow.locator.position((*path, 5)) == Position(5, 28)
    assert flow.locator.name_position(path) == Position(5, 20)
    assert flow.locator.path_as_written(path)[3] == "salesforce"


def test_a_yaml_schedule_may_have_unquoted_times():
    text = (
        "triggerConfig:\n"
        "  triggerProperties:\n"
        "    Scheduled:\n"
        "      scheduleStartTime: 2026-01-01T00:00:00Z\n"
        "      scheduleEndTime: 2026-01-01 01:00:00 +01:00\n"
        "      firstExecutionFrom: 2026-01-01\n"
    )

    read = read_document(text, "flow.yaml")

    schedule = read.flows[0].value["triggerConfig"]["triggerProperties"]["Scheduled"]
    assert {name: schedule[name] for name in SCHEDULE_TIMES} == dict.fromkeys(SCHEDULE_TIMES, 1767225600)
    assert [finding.rule for finding in read.findings] == ["AFG026", "AFG026", "AFG027"]


def test_an_anchored_task_is_converted_at_each_alias():
    text = "tasks:\n- &t {taskType: Map_all, sourceFields: ['']}\n- *t\n"

    read = read_document(text, "flow.yaml")

    assert read.flows[0].value["tasks"] == [{"taskType": "Map_all", "sourceFields": []}] * 2
    assert [finding.pointer for finding in read.findings] == [
        "/tasks/0/sourceFields",
        "/tasks/1/sourceFields",
    ]


def test_the_tables_agree_with_the_service_model():
    model = boto3.Session()._session.get_service_model("appflow")

    def members(shape: str) -> set[str]:
        return set(model.shape_for(shape).members)

    connectors = members("SourceConnectorProperties") | members("DestinationConnectorProperties")
    assert set(CONNECTORS) == connectors | members("ConnectorOperator")
    times = {
        name
        for name, shape in model.shape_for("ScheduledTriggerProperties").members.items()
        if shape.type_name == "timestamp"
    }
    assert set(SCHEDULE_TIMES) == times
    kept = members("UpdateFlowRequest") | {"kmsArn", "tags", "flowStatus"}
    assert set(READ_ONLY_MEMBERS) == (members("DescribeFlowResponse") - kept) | {"ResponseMetadata"}
