"""The events about runs on the default event bus."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from integration.appflow.controls import NOON, Clock, control, reset
from integration.appflow.requests import ACCOUNT, ON_EVENT, REGION, flow, scheduled, source

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient

Received = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def received(appflow: "AppflowClient", client_of: Callable[[str], Any]) -> Received:  # noqa: ARG001
    return subscribe(client_of)


def subscribe(client_of: Callable[[str], Any]) -> Received:
    """Sends the events to a queue. Returns a function that returns the new ones."""
    events, queues = client_of("events"), client_of("sqs")
    url = queues.create_queue(QueueName="runs")["QueueUrl"]
    events.put_rule(Name="runs", EventPattern=json.dumps({"source": ["aws.appflow"]}))
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:runs"
    events.put_targets(Rule="runs", Targets=[{"Id": "queue", "Arn": arn}])

    def receive() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while messages := queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    return receive


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["detail-type"].removeprefix("AppFlow ") for event in events]


@pytest.mark.usefixtures("clock")
def test_a_run_sends_a_start_and_an_end_report(appflow: "AppflowClient", received: Received) -> None:
    appflow.create_flow(**flow())
    control("POST", "runs", {"records": 17, "bytes": 36406626})

    started = appflow.start_flow(flowName="orders")["executionId"]

    start, end = received()
    about_the_flow = {
        "flow-name": "orders",
        "created-by": f"arn:aws:iam::{ACCOUNT}:root",
        "flow-arn": f"arn:aws:appflow:{REGION}:{ACCOUNT}:flow/orders",
        "source": "SALESFORCE/source-profile",
        "destination": "S3",
        "source-object": "Account",
        "destination-object": "s3://lake",
        "trigger-type": "ONDEMAND",
        "execution-id": started,
        "start-time": "2026-03-01T12:00:00.000Z[UTC]",
    }
    assert (start["detail-type"], start["detail"]) == ("AppFlow Start Flow Run Report", about_the_flow)
    assert end["detail-type"] == "AppFlow End Flow Run Report"
    assert end["detail"] == {
        **about_the_flow,
        "num-of-records-processed": "17",
        "num-of-records-filtered": "0",
        "num-of-documents-processed": "0",
        "num-of-record-failures": "0",
        "data-processed": "36406626",
        "end-time": "2026-03-01T12:00:00.000Z[UTC]",
        "status": "Execution Successful",
    }
    assert (end["source"], end["region"]) == ("aws.appflow", REGION)
    assert len(end["resources"][0]) == 32, "a hash, not the ARN"


def test_a_failed_run_reports_its_error(appflow: "AppflowClient", received: Received) -> None:
    appflow.create_flow(**flow())
    control("POST", "runs", {"status": "Error", "message": "The token expired."})

    appflow.start_flow(flowName="orders")

    end = received()[-1]["detail"]
    assert (end["status"], end["error"]) == ("Execution Failed", "The token expired.")


def test_a_deactivation_names_its_reason(appflow: "AppflowClient", clock: Clock, received: Received) -> None:
    appflow.create_flow(**flow(triggerConfig=scheduled(flowErrorDeactivationThreshold=1)))
    appflow.start_flow(flowName="orders")
    control("POST", "runs", {"status": "Error", "message": "The token expired."})

    clock.forward(hours=1)

    events = received()
    assert kinds(events) == ["Start Flow Run Report", "End Flow Run Report", "Scheduled Flow Deactivated"]
    assert "The token expired." in events[-1]["detail"]["deactivation-reason"]
    assert events[-1]["detail"]["deactivation-time"] == "2026-03-01T13:00:00.000Z[UTC]"
    assert events[0]["detail"]["incremental-transfer-time-range"] == {
        "start-time": "2026-01-30T13:00:00.000Z[UTC]",
        "end-time": "2026-03-01T13:00:00.000Z[UTC]",
    }


def test_an_event_triggered_flow_reports_its_triggers(
    appflow: "AppflowClient", behave: Callable[..., None], received: Received
) -> None:
    behave(errorThreshold=2)
    appflow.create_flow(**flow(triggerConfig=ON_EVENT))
    appflow.start_flow(flowName="orders")

    control("POST", "runs", {"flowName": "orders", "status": "Error", "times": 2})

    events = received()
    runs = ["Start Flow Run Report", "End Flow Run Report"]
    assert sorted(kinds(events)) == sorted([*runs, *runs, "Event Flow Deactivated", "Event Flow Report"])
    (report,) = (event for event in events if event["detail-type"] == "AppFlow Event Flow Report")
    assert report["detail"]["status-report"]["num-of-events"] == "2"


def test_new_fields_of_a_dynamic_flow_are_reported(appflow: "AppflowClient", received: Received) -> None:
    dynamic = source(object="Account", enableDynamicFieldUpdate=True)
    appflow.create_flow(**flow(sourceFlowConfig=dynamic))
    for names in (["Id"], ["Id", "Region__c"]):
        fields = [{"identifier": name} for name in names]
        entity = {"connectorType": "Salesforce", "entity": "Account", "fields": fields}
        assert control("POST", "entities", entity)[0] == 200
        appflow.start_flow(flowName="orders")

    (imported,) = (event for event in received() if "Import" in event["detail-type"])
    assert imported["detail"]["imported-fields"] == "Region__c"


@pytest.mark.parametrize(("share", "number"), [(0, 10), (0.5, None), (1, 0)])
def test_lost_events_are_lost_the_same_in_every_history(
    appflow: "AppflowClient", client_of: Callable[[str], Any], share: float, number: int | None
) -> None:
    def history() -> list[str]:
        reset()
        receive = subscribe(client_of)
        control("POST", "behaviour", {"loseEvents": share, "fixedTime": NOON.timestamp()})
        appflow.create_flow(**flow())
        for _ in range(5):
            appflow.start_flow(flowName="orders")
        return kinds(receive())

    first = history()

    assert first == history()
    assert len(first) == number if number is not None else 0 < len(first) < 10


def test_a_rule_with_a_target_that_moto_does_not_support_does_not_fail_the_call(
    appflow: "AppflowClient", client_of: Callable[[str], Any]
) -> None:
    events = client_of("events")
    events.put_rule(Name="runs", EventPattern=json.dumps({"source": ["aws.appflow"]}))
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:unknown"
    events.put_targets(Rule="runs", Targets=[{"Id": "function", "Arn": arn}])
    appflow.create_flow(**flow())

    assert appflow.start_flow(flowName="orders")["flowStatus"] == "Active"
