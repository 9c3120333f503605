"""``confirm``: the event that it sends to the stack."""

import json

import boto3

from integration.cli.conftest import BUS, Account, Run


def test_the_confirmation_is_sent_to_the_bus_of_the_stack(account: Account, run: Run) -> None:
    account.deploy("appflow-gitops")
    sqs, events = boto3.client("sqs"), boto3.client("events")
    events.create_event_bus(Name=BUS)
    queue = sqs.create_queue(QueueName="confirmed")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"detail-type": ["Flow Repairs Confirmed"]})
    events.put_rule(Name="confirmed", EventBusName=BUS, EventPattern=pattern)
    events.put_targets(Rule="confirmed", EventBusName=BUS, Targets=[{"Id": "queue", "Arn": arn}])
    ended = run("confirm", "3f2a9c01b7de")
    assert (ended.exit_code, ended.output) == (
        0,
        "confirmed '3f2a9c01b7de'; see the flows with 'appflow-gitops status'\n",
    )
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    event = json.loads(message["Body"])
    assert event["detail"] == {"confirmation": "3f2a9c01b7de"}
    assert event["source"] != "appflow-gitops"


def test_a_missing_stack_is_one_line(run: Run) -> None:
    ended = run("confirm", "3f2a9c01b7de", "--stack", "missing")
    assert ended.exit_code == 2
    assert ended.output.count("\n") == 1
