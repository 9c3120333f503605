"""An update replaces the whole flow, except for what cannot be changed."""

from typing import TYPE_CHECKING, Any

import pytest

from integration.appflow.controls import Clock
from integration.appflow.requests import (
    MAP_ALL,
    MAP_ID,
    ON_EVENT,
    PROJECTION,
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

WRAPPER = "Update Flow request failed due to:[{}]"
DESTINATION_KEPT = WRAPPER.format("Destination object for the destination connector can not be updated")
SOURCE_KEPT = WRAPPER.format("Do not update the object for the flow.")


def s3_source(bucket: str = "landing", prefix: str = "in") -> dict[str, Any]:
    return source("S3", bucketName=bucket, bucketPrefix=prefix)


def to_salesforce(object_name: str = "Account") -> dict[str, Any]:
    return destination("Salesforce", object=object_name)


def test_the_response_is_only_the_status(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())

    answer = appflow.update_flow(**flow())

    assert set(answer) - {"ResponseMetadata"} == {"flowStatus"}


def test_an_update_without_description_removes_it(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow(description="hourly orders"))

    appflow.update_flow(**flow())

    assert "description" not in appflow.describe_flow(flowName="orders")


def test_tags_and_key_survive_an_update(appflow: "AppflowClient") -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/one"
    appflow.create_flow(**flow(kmsArn=key, tags={"team": "data"}))

    appflow.update_flow(**flow(description="new"))

    live = appflow.describe_flow(flowName="orders")
    assert (live["kmsArn"], live["tags"], live["description"]) == (key, {"team": "data"}, "new")


def test_an_update_moves_the_time_of_the_last_update_by_the_clock(
    appflow: "AppflowClient", clock: Clock
) -> None:
    appflow.create_flow(**flow())
    clock.forward(minutes=5)

    appflow.update_flow(**flow(description="new"))

    live = appflow.describe_flow(flowName="orders")
    assert (live["lastUpdatedAt"] - live["createdAt"]).total_seconds() == 300


@pytest.mark.usefixtures("clock")
def test_two_updates_in_one_moment_have_different_times(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())
    times = set()
    for text in "ab":
        appflow.update_flow(**flow(description=text))
        times.add(appflow.describe_flow(flowName="orders")["lastUpdatedAt"])

    assert len(times) == 2


def test_an_unknown_flow_is_not_found(appflow: "AppflowClient") -> None:
    assert refusal(appflow.update_flow, **flow())[:2] == ("ResourceNotFoundException", 404)


@pytest.mark.parametrize(
    ("live", "desired"),
    [
        pytest.param(destination(bucketName="lake"), destination(bucketName="pond"), id="bucket"),
        pytest.param(
            destination(bucketName="lake", bucketPrefix="a"),
            destination(bucketName="lake", bucketPrefix="b"),
            id="prefix",
        ),
        pytest.param(
            destination(bucketName="lake", bucketPrefix="a"),
            destination(bucketName="lake"),
            id="prefix left out",
        ),
        pytest.param(to_salesforce("Account"), to_salesforce("Contact"), id="Salesforce object"),
        pytest.param(
            destination("SAPOData", objectPath="/a"), destination("SAPOData", objectPath="/b"), id="SAP path"
        ),
        pytest.param(
            {**destination("CustomConnector", entityName="a"), "apiVersion": "1"},
            {**destination("CustomConnector", entityName="b"), "apiVersion": "1"},
            id="custom entity",
        ),
        pytest.param(
            destination("CustomerProfiles", domainName="shop", objectTypeName="a"),
            destination("CustomerProfiles", domainName="shop", objectTypeName="b"),
            id="profile object type",
        ),
    ],
)
def test_the_destination_object_cannot_be_changed(
    appflow: "AppflowClient", live: dict[str, Any], desired: dict[str, Any]
) -> None:
    appflow.create_flow(**flow(destination=live))

    refused = refusal(appflow.update_flow, **flow(destination=desired))

    assert refused == Refusal("ValidationException", 400, DESTINATION_KEPT)


@pytest.mark.parametrize(
    ("live", "desired"),
    [
        pytest.param(source(object="Account"), source(object="Contact"), id="Salesforce object"),
        pytest.param(s3_source("landing"), s3_source("other"), id="S3 bucket"),
        pytest.param(s3_source(prefix="in"), s3_source(prefix="out"), id="S3 prefix"),
        pytest.param(
            source("Servicenow", object="incident"),
            source("Servicenow", object="task"),
            id="spelt in two ways",
        ),
    ],
)
def test_the_source_object_cannot_be_changed(
    appflow: "AppflowClient", live: dict[str, Any], desired: dict[str, Any]
) -> None:
    appflow.create_flow(**flow(sourceFlowConfig=live, tasks=[]))

    refused = refusal(appflow.update_flow, **flow(sourceFlowConfig=desired, tasks=[]))

    assert refused == Refusal("ValidationException", 400, SOURCE_KEPT)


@pytest.mark.parametrize(
    ("changed", "end"),
    [
        pytest.param({"sourceFlowConfig": source("Zendesk", object="Account")}, "source", id="source"),
        pytest.param({"destination": to_salesforce()}, "destination", id="destination"),
    ],
)
def test_the_connector_cannot_be_changed(appflow: "AppflowClient", changed: dict[str, Any], end: str) -> None:
    appflow.create_flow(**flow(tasks=[]))

    refused = refusal(appflow.update_flow, **flow(tasks=[], **changed))

    assert refused == Refusal(
        "ValidationException", 400, WRAPPER.format(f"The {end} connector can not be updated")
    )


def test_one_error_reports_every_problem_of_an_update(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())

    message = refusal(
        appflow.update_flow,
        **flow(sourceFlowConfig=source(object="Contact"), destination=destination(bucketName="pond")),
    ).message

    assert message == WRAPPER.format(
        "Do not update the object for the flow., "
        "Destination object for the destination connector can not be updated"
    )


def test_a_rejected_update_changes_nothing(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow(description="kept"))
    before = appflow.describe_flow(flowName="orders")

    refusal(appflow.update_flow, **flow(description="lost", destination=destination(bucketName="pond")))

    after = appflow.describe_flow(flowName="orders")
    assert {**after, "ResponseMetadata": None} == {**before, "ResponseMetadata": None}


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"tasks": [MAP_ALL]}, id="tasks"),
        pytest.param({"description": "other"}, id="description"),
        pytest.param({"triggerConfig": scheduled("rate(2hours)")}, id="schedule"),
        pytest.param({"triggerConfig": scheduled(dataPullMode="Complete")}, id="dataPullMode"),
        pytest.param({"triggerConfig": ON_EVENT}, id="trigger type"),
        pytest.param(
            {"destination": destination(bucketName="lake", bucketPrefix="")}, id="empty prefix for none"
        ),
        pytest.param(
            {"destination": destination(bucketName="lake", s3OutputFormatConfig={"fileType": "JSON"})},
            id="s3OutputFormatConfig",
        ),
    ],
)
def test_everything_else_can_be_changed_in_place(appflow: "AppflowClient", changed: dict[str, Any]) -> None:
    appflow.create_flow(**flow(triggerConfig=scheduled(dataPullMode="Incremental")))

    request = flow(**{"triggerConfig": scheduled(dataPullMode="Incremental"), **changed})
    appflow.update_flow(**request)

    live = appflow.describe_flow(flowName="orders")
    assert live["triggerConfig"]["triggerType"] == request["triggerConfig"]["triggerType"]
    assert live.get("description") == request.get("description")


@pytest.mark.parametrize("refused", [False, True])
def test_whether_the_profile_can_be_changed_is_unknown_and_a_switch(
    appflow: "AppflowClient", behave: "Callable[..., None]", refused: bool
) -> None:
    behave(refuseProfileChange=refused)
    appflow.create_flow(**flow())
    request = flow(sourceFlowConfig={**source(), "connectorProfileName": "other"})

    if refused:
        assert "source connector profile" in refusal(appflow.update_flow, **request).message
    else:
        appflow.update_flow(**request)
        live = appflow.describe_flow(flowName="orders")
        assert live["sourceFlowConfig"]["connectorProfileName"] == "other"


def test_the_schema_version_counts_changes_of_tasks_only(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())
    versions = []
    for change in ({"description": "new"}, {"tasks": [PROJECTION]}, {"tasks": [PROJECTION, MAP_ID]}):
        appflow.update_flow(**flow(**change))
        versions.append(appflow.describe_flow(flowName="orders")["schemaVersion"])

    assert versions == [1, 2, 3]
