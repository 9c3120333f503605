"""Each rule of CreateFlow and UpdateFlow, at its boundaries."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from appflow_gitops_local.appflow.behaviour import Behaviour
from appflow_gitops_local.appflow.connectors import WITHOUT_PROFILE
from appflow_gitops_local.appflow.definition import Definition
from appflow_gitops_local.appflow.rules import problems, replacements

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = int(NOON.timestamp())
BEHAVIOUR = Behaviour(clock=lambda: NOON)
PROJECTION = {"taskType": "Filter", "sourceFields": ["Id"], "connectorOperator": {"Salesforce": "PROJECTION"}}


def end(kind: str, connector: str, profile: str | None = "crm", **properties: Any) -> dict[str, Any]:
    config: dict[str, Any] = {
        "connectorType": connector,
        f"{kind}ConnectorProperties": {connector: properties or {"object": "a"}},
    }
    return (
        config
        if connector in WITHOUT_PROFILE or profile is None
        else {**config, "connectorProfileName": profile}
    )


def flow(**members: Any) -> Definition:
    return Definition(
        {
            "triggerConfig": {"triggerType": "OnDemand"},
            "sourceFlowConfig": end("source", "Salesforce"),
            "destinationFlowConfigList": [end("destination", "S3", bucketName="lake")],
            "tasks": [PROJECTION],
            **members,
        }
    )


def scheduled(expression: str = "rate(1hours)", **properties: Any) -> dict[str, Any]:
    schedule = {"scheduleExpression": expression, **properties}
    return {"triggerType": "Scheduled", "triggerProperties": {"Scheduled": schedule}}


ENDED = ["Schedule end time must be in the future and after the start time"]
STARTED = ["Schedule start time must be in the future"]


@pytest.mark.parametrize(
    ("switches", "schedule", "expected"),
    [
        ({}, {"scheduleStartTime": NOW}, STARTED),
        ({}, {"scheduleStartTime": NOW + 1}, []),
        ({"refuse_past_start": False}, {"scheduleStartTime": NOW}, []),
        ({}, {"scheduleEndTime": NOW}, []),
        ({"refuse_past_end": True}, {}, []),
        ({"refuse_past_end": True}, {"scheduleEndTime": NOW}, ENDED),
        ({"refuse_past_end": True}, {"scheduleEndTime": NOW + 1}, []),
        ({"refuse_past_end": True}, {"scheduleStartTime": NOW + 9, "scheduleEndTime": NOW + 9}, ENDED),
        ({"refuse_past_end": True}, {"scheduleStartTime": NOW + 9, "scheduleEndTime": NOW + 10}, []),
        (
            {"refuse_past_end": True, "refuse_past_start": False},
            {"scheduleStartTime": NOW - 9, "scheduleEndTime": NOW - 5},
            ENDED,
        ),
    ],
)
def test_a_schedule_starts_and_ends_ahead(
    switches: dict[str, bool], schedule: dict[str, int], expected: list[str]
) -> None:
    definition = flow(triggerConfig=scheduled(**schedule))
    assert problems(definition, replace(BEHAVIOUR, **switches)) == expected


@pytest.mark.parametrize(
    ("connector", "minutes"),
    [
        ("Marketo", 60),
        ("Singular", 60),
        ("Trendmicro", 60),
        ("Amplitude", 1440),
        ("Googleanalytics", 1440),
        ("Zendesk", 1),
    ],
)
def test_a_flow_runs_as_often_as_its_source_allows(connector: str, minutes: int) -> None:
    def found(expression: str) -> list[str]:
        source = end("source", connector)
        return problems(
            flow(sourceFlowConfig=source, tasks=[], triggerConfig=scheduled(expression)), BEHAVIOUR
        )

    assert found(f"rate({minutes}minutes)") == found("cron(* * * * ? *)") == found("often") == []
    assert found(f"rate({minutes - 1}minutes)") == [
        f"{connector} flows can run every {minutes} minutes at most"
    ]


@pytest.mark.parametrize("connector", ["S3", "EventBridge", "LookoutMetrics", "Upsolver", "CustomerProfiles"])
def test_these_destinations_need_no_profile(connector: str) -> None:
    event = {"triggerType": "Event"} if connector == "EventBridge" else {"triggerType": "OnDemand"}
    destination = end("destination", connector)
    assert problems(flow(triggerConfig=event, destinationFlowConfigList=[destination]), BEHAVIOUR) == []


def test_each_end_needs_a_profile_and_the_properties_of_its_connector() -> None:
    source, destination = end("source", "Salesforce", None), end("destination", "Zendesk", None)
    source["sourceConnectorProperties"] = destination["destinationConnectorProperties"] = {}
    found = problems(flow(sourceFlowConfig=source, destinationFlowConfigList=[destination]), BEHAVIOUR)
    assert found == [
        "sourceConnectorProperties must hold the properties of Salesforce",
        "destinationConnectorProperties must hold the properties of Zendesk",
        "A connector profile is required for Salesforce",
        "A connector profile is required for Zendesk",
    ]


@pytest.mark.parametrize(
    ("source", "destination", "trigger", "expected"),
    [
        ("Salesforce", "EventBridge", "Event", []),
        (
            "Salesforce",
            "EventBridge",
            "OnDemand",
            ["EventBridge is a destination of event-triggered Salesforce flows only"],
        ),
        ("Salesforce", "S3", "Event", []),
        ("Zendesk", "S3", "Event", ["Zendesk does not support Event Trigger Type"]),
        (
            "Zendesk",
            "EventBridge",
            "Event",
            [
                "Zendesk does not support Event Trigger Type",
                "EventBridge is a destination of event-triggered Salesforce flows only",
            ],
        ),
        ("EventBridge", "S3", "OnDemand", ["EventBridge can not be a source"]),
    ],
)
def test_events_come_from_salesforce_and_go_to_event_bridge(
    source: str, destination: str, trigger: str, expected: list[str]
) -> None:
    definition = flow(
        triggerConfig={"triggerType": trigger},
        sourceFlowConfig=end("source", source),
        destinationFlowConfigList=[end("destination", destination)],
        tasks=[],
    )
    assert problems(definition, BEHAVIOUR) == expected


IDS = ["idFieldNames is required for write operation UPSERT"]


@pytest.mark.parametrize(
    ("connector", "properties", "expected"),
    [
        *(
            row
            for connector in ("Salesforce", "SAPOData", "Zendesk", "CustomConnector")
            for row in [
                (connector, {"object": "a", "writeOperationType": "UPSERT"}, IDS),
                (connector, {"object": "a", "writeOperationType": "UPSERT", "idFieldNames": ["Id"]}, []),
                (connector, {"object": "a", "writeOperationType": "INSERT"}, []),
                (connector, {"object": "a"}, []),
            ]
        ),
        ("Redshift", {"object": "a", "writeOperationType": "UPSERT"}, []),
        ("S3", {"s3OutputFormatConfig": {"preserveSourceDataTyping": True, "fileType": "PARQUET"}}, []),
        ("S3", {"s3OutputFormatConfig": {"preserveSourceDataTyping": False}}, []),
        (
            "S3",
            {"s3OutputFormatConfig": {"preserveSourceDataTyping": True}},
            ["preserveSourceDataTyping is supported for PARQUET only"],
        ),
    ],
)
def test_records_have_ids_where_they_are_written_and_types_where_files_have_them(
    connector: str, properties: dict[str, Any], expected: list[str]
) -> None:
    definition = flow(destinationFlowConfigList=[end("destination", connector, **properties)])
    assert problems(definition, BEHAVIOUR) == expected


@pytest.mark.parametrize("missing", [{"LOWER_BOUND"}, {"UPPER_BOUND"}, {"LOWER_BOUND", "UPPER_BOUND"}])
def test_the_missing_bounds_of_a_filter_are_named(missing: set[str]) -> None:
    properties = dict.fromkeys({"LOWER_BOUND", "UPPER_BOUND"} - missing, "1")
    between = {**PROJECTION, "connectorOperator": {"Salesforce": "BETWEEN"}, "taskProperties": properties}
    named = " and ".join(sorted(missing))
    expected = [f"Task Validation Error: The operator BETWEEN needs {named}"]
    assert problems(flow(tasks=[PROJECTION, between]), BEHAVIOUR) == expected


@pytest.mark.parametrize(
    ("strict", "connector", "refused"),
    [
        (True, "Salesforce", True),
        (True, "CustomConnector", True),
        (True, "Zendesk", False),
        (False, "CustomConnector", False),
        (("Zendesk",), "Zendesk", True),
        (("Zendesk",), "Salesforce", False),
    ],
)
def test_a_projection_is_required_of_the_sources_that_the_switch_names(
    strict: Any, connector: str, *, refused: bool
) -> None:
    found = problems(
        flow(sourceFlowConfig=end("source", connector), tasks=[]), replace(BEHAVIOUR, strict_tasks=strict)
    )
    text = "Task Validation Error: You must specify a projection task or a MAP_ALL task"
    assert found == ([text] if refused else [])


@pytest.mark.parametrize("refused", [False, True])
def test_another_profile_is_a_change_of_either_end_if_the_switch_says_so(*, refused: bool) -> None:
    def ends(profile: str) -> Definition:
        return flow(
            sourceFlowConfig=end("source", "Salesforce", profile),
            destinationFlowConfigList=[end("destination", "Zendesk", profile)],
        )

    behaviour = replace(BEHAVIOUR, refuse_profile_change=refused)
    expected = [f"The {each} connector profile can not be updated" for each in ("source", "destination")]
    assert replacements(ends("a"), ends("b"), behaviour, "1") == (expected if refused else [])
    assert replacements(ends("a"), ends("a"), behaviour, "1") == []


@pytest.mark.parametrize(
    ("rewritten", "desired", "refused"),
    [
        (True, "changes", True),
        (True, "aws.partner/appflow/salesforce.com/1/changes", False),
        (False, "changes", False),
        (False, "aws.partner/appflow/salesforce.com/1/changes", True),
    ],
)
def test_an_update_sends_the_object_of_event_bridge_that_is_shown(
    *, rewritten: bool, desired: str, refused: bool
) -> None:
    live, sent = (
        flow(destinationFlowConfigList=[end("destination", "EventBridge", object=name)])
        for name in ("changes", desired)
    )
    behaviour = replace(BEHAVIOUR, rewrite_event_bridge_object=rewritten)
    text = "Destination object for the destination connector can not be updated"
    assert replacements(live, sent, behaviour, "1") == ([text] if refused else [])


@pytest.mark.parametrize(
    ("connector", "live", "desired"),
    [
        ("S3", {"bucketName": "a"}, {"bucketName": "b"}),
        ("S3", {"bucketName": "a", "bucketPrefix": "x"}, {"bucketName": "a"}),
        ("Upsolver", {"bucketName": "a"}, {"bucketName": "b"}),
        ("Upsolver", {"bucketName": "a", "bucketPrefix": "x"}, {"bucketName": "a"}),
        ("SAPOData", {"objectPath": "a"}, {"objectPath": "b"}),
        ("CustomConnector", {"entityName": "a"}, {"entityName": "b"}),
        ("CustomerProfiles", {"domainName": "a"}, {"domainName": "b"}),
        ("CustomerProfiles", {"domainName": "a", "objectTypeName": "x"}, {"domainName": "a"}),
        ("Redshift", {"object": "a"}, {"object": "b"}),
    ],
)
def test_what_a_destination_writes_to_cannot_be_changed(
    connector: str, live: dict[str, str], desired: dict[str, str]
) -> None:
    before, after = (
        flow(destinationFlowConfigList=[end("destination", connector, **each)]) for each in (live, desired)
    )
    assert replacements(before, before, BEHAVIOUR, "1") == []
    text = "Destination object for the destination connector can not be updated"
    assert replacements(before, after, BEHAVIOUR, "1") == [text]
