"""Requests through boto3."""

import json

from appflow_gitops.aws import clients
from appflow_gitops.aws.requests import REQUESTER, EventBridgeRequests
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.intake.request import parse_request


def test_a_request_for_a_document_reaches_the_bus_under_the_id_that_is_returned(aws: None) -> None:  # noqa: ARG001
    events, sqs = clients.events(), clients.sqs()
    events.create_event_bus(Name="flows")
    queue = sqs.create_queue(QueueName="seen")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"detail-type": ["Flow Change Requested"]})
    events.put_rule(Name="requests", EventBusName="flows", EventPattern=pattern)
    events.put_targets(Rule="requests", EventBusName="flows", Targets=[{"Id": "seen", "Arn": arn}])
    document = DocumentVersion(bucket="documents", key="flows/orders.json")
    id_ = EventBridgeRequests(events, "flows").request(document)
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    event = json.loads(message["Body"])
    assert (event["id"], event["source"]) == (id_, REQUESTER)
    assert parse_request(event["detail"]).document == document
