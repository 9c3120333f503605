"""Events reach the functions that rules name, as EventBridge and Lambda would bring them."""

import json

from integration.local.hive import Hive


def test_a_dropped_object_arrives_in_the_form_of_s3(hive: Hive) -> None:
    bucket = hive.url("Bucket")
    put = hive.cloud.client("s3").put_object(Bucket=bucket, Key="flows/über uns+.yaml", Body=b"x")
    (report,) = hive.seen(1)
    event = report["event"]
    assert (event["source"], event["detail-type"]) == ("aws.s3", "Object Created")
    assert event["detail"]["bucket"] == {"name": bucket}
    assert event["detail"]["reason"] == "PutObject"
    described = event["detail"]["object"]
    assert described["key"] == "flows/über uns+.yaml"
    assert described["version-id"] == put["VersionId"]
    assert described["etag"] == put["ETag"].strip('"')
    assert described["size"] == 1


def test_every_drop_is_an_event_of_its_own_and_later_ones_sort_later(hive: Hive) -> None:
    storage = hive.cloud.client("s3")
    events = []
    for _ in range(3):
        storage.put_object(Bucket=hive.url("Bucket"), Key="flows/a.yaml", Body=b"x")
        events += [report["event"] for report in hive.seen(1)]
    assert len({event["id"] for event in events}) == 3
    sequencers = [event["detail"]["object"]["sequencer"] for event in events]
    assert sequencers == sorted(set(sequencers))


def test_a_bucket_without_versions_names_none(hive: Hive) -> None:
    hive.cloud.client("s3").put_object(Bucket=hive.url("Unversioned"), Key="a", Body=b"x")
    (report,) = hive.seen(1)
    assert "version-id" not in report["event"]["detail"]["object"]


def test_an_event_on_the_bus_arrives_as_it_was_sent(hive: Hive) -> None:
    hive.ask(name="a", provenance={"commit": "abc"})
    (report,) = hive.seen(1)
    assert report["event"]["detail"] == {"name": "a", "provenance": {"commit": "abc"}}
    assert report["event"]["source"] == "tests"
    assert "ingestion-time" not in report["event"]


def test_a_failed_invocation_is_retried_with_the_same_event_then_sent_to_its_destination(hive: Hive) -> None:
    hive.ask(name="a", do="raise")
    first, second = hive.seen(2)
    assert first["event"] == second["event"]
    (record,) = hive.take("EventsDead")
    assert record["requestPayload"] == first["event"]
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responsePayload"]["errorMessage"] == "as ordered"


def test_a_crash_is_a_failed_invocation(hive: Hive) -> None:
    hive.ask(name="a", do="exit")
    hive.seen(2)
    (record,) = hive.take("EventsDead")
    assert record["responsePayload"]["errorType"] == "Runtime.ExitError"
    assert "exit status 3" in record["responsePayload"]["errorMessage"]


def test_other_rules_of_a_user_get_the_events_too(hive: Hive) -> None:
    events, sqs = hive.cloud.client("events"), hive.sqs
    heard = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=heard, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="mine", EventBusName=hive.url("Bus"), EventPattern=json.dumps({"source": ["tests"]}))
    events.put_targets(Rule="mine", EventBusName=hive.url("Bus"), Targets=[{"Id": "q", "Arn": arn}])
    hive.ask(name="a")
    hive.seen(1)
    (message,) = sqs.receive_message(QueueUrl=heard, WaitTimeSeconds=5)["Messages"]
    assert json.loads(message["Body"])["detail"] == {"name": "a"}
