"""Rules for triggers, schedules, sources and destinations."""

from typing import TYPE_CHECKING, Any

import pytest

from integration.appflow.controls import NOON, Clock
from integration.appflow.requests import (
    ON_DEMAND,
    ON_EVENT,
    Refusal,
    destination,
    flow,
    refusal,
    scheduled,
    source,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_appflow import AppflowClient


@pytest.mark.parametrize(
    "trigger",
    [{"triggerType": "Scheduled"}, {"triggerType": "Scheduled", "triggerProperties": {}}],
    ids=["no properties", "empty properties"],
)
def test_a_scheduled_flow_needs_its_schedule(appflow: "AppflowClient", trigger: dict[str, Any]) -> None:
    appflow.create_flow(**flow())

    refused = refusal(appflow.update_flow, **flow(triggerConfig=trigger))

    assert refused == Refusal(
        "ValidationException",
        400,
        "Update Flow request failed due to:[TriggerProps is required for Scheduled Trigger Type.]",
    )


def test_a_schedule_needs_its_expression(appflow: "AppflowClient") -> None:
    trigger = {"triggerType": "Scheduled", "triggerProperties": {"Scheduled": {}}}

    assert (
        "scheduleExpression' failed to satisfy"
        in refusal(appflow.create_flow, **flow(triggerConfig=trigger)).message
    )


@pytest.mark.parametrize("properties", [{}, scheduled()["triggerProperties"]], ids=["empty", "a schedule"])
def test_an_on_demand_flow_carries_no_trigger_properties(
    appflow: "AppflowClient", properties: dict[str, Any]
) -> None:
    request = flow(triggerConfig={**ON_DEMAND, "triggerProperties": properties})

    assert refusal(appflow.create_flow, **request)[:2] == ("ValidationException", 400)


@pytest.mark.parametrize(
    "expression", ["rate(5minutes)", "rate(1 day)", "rate(5 hour)", "cron(0 12 * * ? *)", "rate(1minutes)"]
)
def test_documented_and_tolerated_schedules_deploy(appflow: "AppflowClient", expression: str) -> None:
    appflow.create_flow(**flow(triggerConfig=scheduled(expression)))


@pytest.mark.parametrize(
    ("connector", "too_often", "often"),
    [
        ("Marketo", "rate(59minutes)", "rate(1hours)"),
        ("Singular", "rate(30 minutes)", "rate(60minutes)"),
        ("Trendmicro", "rate(1minutes)", "rate(1days)"),
        ("Amplitude", "rate(23hours)", "rate(1days)"),
        ("Googleanalytics", "rate(1hours)", "rate(24hours)"),
    ],
)
def test_slow_connectors_cannot_run_too_often(
    appflow: "AppflowClient", connector: str, too_often: str, often: str
) -> None:
    def request(expression: str) -> dict[str, Any]:
        connection = source(connector, object="events")
        return flow(sourceFlowConfig=connection, tasks=[], triggerConfig=scheduled(expression))

    assert refusal(appflow.create_flow, **request(too_often)).code == "ValidationException"
    appflow.create_flow(**request(often))


@pytest.mark.parametrize("seconds", [0, -3600], ids=["now", "an hour ago"])
def test_a_start_that_is_not_in_the_future_is_rejected(
    appflow: "AppflowClient", clock: Clock, seconds: int
) -> None:
    start = int(clock().timestamp()) + seconds

    refused = refusal(appflow.create_flow, **flow(triggerConfig=scheduled(scheduleStartTime=start)))

    assert "Schedule start time must be in the future" in refused.message


def test_a_start_is_checked_at_the_time_of_each_call(appflow: "AppflowClient", clock: Clock) -> None:
    request = flow(triggerConfig=scheduled(scheduleStartTime=int(NOON.timestamp()) + 60))
    appflow.create_flow(**request)
    clock.forward(hours=1)

    assert refusal(appflow.update_flow, **request).code == "ValidationException"


@pytest.mark.usefixtures("clock")
def test_past_starts_can_be_allowed(appflow: "AppflowClient", behave: "Callable[..., None]") -> None:
    behave(refusePastStart=False)

    appflow.create_flow(**flow(triggerConfig=scheduled(scheduleStartTime=1)))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("scheduleOffset", 36001),
        ("scheduleOffset", -1),
        ("flowErrorDeactivationThreshold", 0),
        ("flowErrorDeactivationThreshold", 101),
    ],
)
def test_numbers_of_a_schedule_have_limits(appflow: "AppflowClient", member: str, value: int) -> None:
    limited: dict[str, Any] = {member: value}

    message = refusal(appflow.create_flow, **flow(triggerConfig=scheduled(**limited))).message

    assert f"at 'triggerConfig.triggerProperties.Scheduled.{member}' failed" in message


def test_only_salesforce_emits_change_events(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow(triggerConfig=ON_EVENT))
    request = flow(flowName="tickets", triggerConfig=ON_EVENT, sourceFlowConfig=source("Zendesk"), tasks=[])

    assert refusal(appflow.create_flow, **request)[:2] == ("ValidationException", 400)


@pytest.mark.parametrize(
    ("trigger", "connection"),
    [(ON_DEMAND, source()), (scheduled(), source()), (ON_EVENT, source("Zendesk"))],
    ids=["on demand", "scheduled", "not Salesforce"],
)
def test_event_bridge_takes_events_of_salesforce_only(
    appflow: "AppflowClient", trigger: dict[str, Any], connection: dict[str, Any]
) -> None:
    to_bus = destination("EventBridge", object="changes")

    request = flow(triggerConfig=trigger, sourceFlowConfig=connection, destination=to_bus, tasks=[])
    assert "EventBridge is a destination of" in refusal(appflow.create_flow, **request).message
    appflow.create_flow(**flow(triggerConfig=ON_EVENT, destination=to_bus))


@pytest.mark.parametrize("number", [0, 2])
def test_a_flow_has_one_destination(appflow: "AppflowClient", number: int) -> None:
    request = flow(destinationFlowConfigList=[destination()] * number)

    assert "exactly one destination" in refusal(appflow.create_flow, **request).message


@pytest.mark.parametrize("operation", ["UPSERT", "UPDATE", "DELETE"])
@pytest.mark.parametrize(
    ("connector", "named"),
    [
        ("Salesforce", {"object": "Account"}),
        ("Zendesk", {"object": "tickets"}),
        ("SAPOData", {"objectPath": "/orders"}),
        ("CustomConnector", {"entityName": "orders"}),
    ],
)
def test_writes_to_existing_records_need_the_fields_that_identify_them(
    appflow: "AppflowClient", operation: str, connector: str, named: dict[str, str]
) -> None:
    def request(**more: Any) -> dict[str, Any]:
        return flow(destination=destination(connector, **named, writeOperationType=operation, **more))

    assert "idFieldNames is required" in refusal(appflow.create_flow, **request()).message
    assert "idFieldNames is required" in refusal(appflow.create_flow, **request(idFieldNames=[])).message
    appflow.create_flow(**request(idFieldNames=["Id"]))


@pytest.mark.parametrize(
    "file_type", [{}, {"fileType": "CSV"}, {"fileType": "JSON"}], ids=["default", "CSV", "JSON"]
)
def test_source_types_are_kept_in_parquet_only(appflow: "AppflowClient", file_type: dict[str, str]) -> None:
    def request(output: dict[str, Any]) -> dict[str, Any]:
        kept = {"preserveSourceDataTyping": True, **output}
        return flow(destination=destination(bucketName="lake", s3OutputFormatConfig=kept))

    assert "PARQUET" in refusal(appflow.create_flow, **request(file_type)).message
    appflow.create_flow(**request({"fileType": "PARQUET"}))


def test_only_s3_destinations_are_catalogued(appflow: "AppflowClient") -> None:
    glue = {
        "databaseName": "lake",
        "roleArn": "arn:aws:iam::123456789012:role/glue",
        "tablePrefix": "sf",
    }
    catalog = {"metadataCatalogConfig": {"glueDataCatalog": glue}}

    request = flow(destination=destination("Salesforce", object="Account"), **catalog)
    assert "S3 destinations only" in refusal(appflow.create_flow, **request).message
    appflow.create_flow(**flow(**catalog))


@pytest.mark.parametrize(
    ("objects", "prefix", "found"),
    [
        pytest.param(["in/a.csv"], "in", True, id="one object"),
        pytest.param(["in/a.csv", "other/b.csv"], "in", True, id="and another one"),
        pytest.param(["other/a.csv"], "in", False, id="objects elsewhere"),
        pytest.param([], "", False, id="empty bucket"),
        pytest.param(None, "in", True, id="a bucket that moto does not have"),
    ],
)
def test_strict_s3_sources_must_contain_an_object_when_the_flow_is_created(
    appflow: "AppflowClient",
    client_of: "Callable[[str], Any]",
    behave: "Callable[..., None]",
    *,
    objects: list[str] | None,
    prefix: str,
    found: bool,
) -> None:
    behave(strictS3Source=True)
    s3 = client_of("s3")
    if objects is not None:
        s3.create_bucket(Bucket="landing")
        for key in objects:
            s3.put_object(Bucket="landing", Key=key, Body=b"id\n1\n")
    request = flow(sourceFlowConfig=source("S3", bucketName="landing", bucketPrefix=prefix), tasks=[])

    if found:
        appflow.create_flow(**request)
    else:
        assert refusal(appflow.create_flow, **request)[:2] == ("ConnectorServerException", 400)


@pytest.mark.parametrize("end", ["sourceFlowConfig", "destinationFlowConfigList"])
def test_strict_profiles_must_exist(
    appflow: "AppflowClient", behave: "Callable[..., None]", end: str
) -> None:
    behave(strictProfiles=True)
    request = flow(destination=destination("Salesforce", object="Account"))
    names = {"sourceFlowConfig": "destination-profile", "destinationFlowConfigList": "source-profile"}
    create_profile(appflow, names[end])

    refused = refusal(appflow.create_flow, **request)

    missing = {"sourceFlowConfig": "source-profile", "destinationFlowConfigList": "destination-profile"}[end]
    assert refused == Refusal(
        "ResourceNotFoundException", 404, f"Connector Profile with name {missing} does not exist."
    )
    create_profile(appflow, missing)
    appflow.create_flow(**request)
    appflow.delete_connector_profile(connectorProfileName=missing, forceDelete=True)
    assert refusal(appflow.update_flow, **request).code == "ResourceNotFoundException"


@pytest.mark.parametrize("end", ["source", "destination"])
def test_saas_connectors_need_a_profile(appflow: "AppflowClient", end: str) -> None:
    config = source() if end == "source" else destination("Salesforce", object="Account")
    del config["connectorProfileName"]

    request = flow(**{"sourceFlowConfig" if end == "source" else "destination": config})

    assert "connector profile is required for Salesforce" in refusal(appflow.create_flow, **request).message


def test_a_profile_on_s3_is_accepted_though_s3_takes_none(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow(destination={**destination(), "connectorProfileName": "needless"}))


@pytest.mark.parametrize("properties", [{}, {"Zendesk": {"object": "tickets"}}], ids=["none", "another's"])
def test_a_connector_needs_its_own_properties(appflow: "AppflowClient", properties: dict[str, Any]) -> None:
    config = {**source(), "sourceConnectorProperties": properties}

    assert (
        "must hold the properties of Salesforce"
        in refusal(appflow.create_flow, **flow(sourceFlowConfig=config)).message
    )


def create_profile(appflow: "AppflowClient", name: str) -> None:
    appflow.create_connector_profile(
        connectorProfileName=name,
        connectorType="Salesforce",
        connectionMode="Public",
        connectorProfileConfig={"connectorProfileProperties": {"Salesforce": {}}},
    )
