"""One endpoint answers as AWS does, for many callers at once."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from appflow_gitops_local.cloud import LocalCloud, Settings
from appflow_gitops_local.server import LOOPBACK, AddressError, LocalServer
from integration.local.hive import HERE, Hive


def test_the_outputs_of_the_stack_can_be_used(hive: Hive) -> None:
    stack = hive.cloud.client("cloudformation").describe_stacks(StackName="hive")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert hive.url("Work") == f"{hive.cloud.endpoint}/123456789012/hive-work.fifo"


def test_buckets_are_what_the_template_says(hive: Hive) -> None:
    storage = hive.cloud.client("s3")
    assert storage.get_bucket_versioning(Bucket=hive.url("Bucket"))["Status"] == "Enabled"
    assert "Status" not in storage.get_bucket_versioning(Bucket=hive.url("Unversioned"))


def test_a_long_poll_ends_when_a_message_arrives_and_blocks_no_other_call(hive: Hive) -> None:
    queue = hive.sqs.create_queue(QueueName="slow-reader")["QueueUrl"]
    started = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(hive.cloud.client("sqs").receive_message, QueueUrl=queue, WaitTimeSeconds=20)
        hive.cloud.client("s3").list_buckets()
        hive.sqs.send_message(QueueUrl=queue, MessageBody="at last")
        assert [message["Body"] for message in reader.result()["Messages"]] == ["at last"]
    assert time.monotonic() - started < 5


def test_many_senders_and_readers_lose_no_message(hive: Hive) -> None:
    queue = hive.sqs.create_queue(QueueName="busy")["QueueUrl"]
    senders, each = 4, 20
    read: list[str] = []
    enough = threading.Event()

    def send(sender: int) -> None:
        client = hive.cloud.client("sqs")
        for number in range(each):
            client.send_message(QueueUrl=queue, MessageBody=f"{sender}-{number}")

    def receive() -> None:
        client = hive.cloud.client("sqs")
        while not enough.is_set():
            messages = client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in messages.get("Messages", []):
                client.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                read.append(message["Body"])
            if len(read) >= senders * each or "Messages" not in messages:
                enough.set()

    with ThreadPoolExecutor(senders + 2) as pool:
        done = [pool.submit(send, sender) for sender in range(senders)] + [pool.submit(receive) for _ in "ab"]
    assert not [error for error in (future.exception() for future in done) if error]
    assert sorted(read) == sorted(f"{sender}-{number}" for sender in range(senders) for number in range(each))


@pytest.mark.parametrize("ids", [{"MessageGroupId": "with space"}, {"MessageDeduplicationId": "x" * 129}])
def test_ids_that_sqs_does_not_take_are_refused(hive: Hive, ids: dict[str, str]) -> None:
    given = {"MessageGroupId": "g", "MessageDeduplicationId": "d", **ids}
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        hive.sqs.send_message(QueueUrl=hive.url("Work"), MessageBody="{}", **given)
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        hive.sqs.send_message_batch(
            QueueUrl=hive.url("Work"), Entries=[{"Id": "1", "MessageBody": "{}", **given}]
        )


@pytest.mark.parametrize(("size", "taken"), [(255 * 1024, True), (256 * 1024, False)])
def test_events_over_256_kib_are_refused(hive: Hive, size: int, taken: bool) -> None:
    entry: dict[str, Any] = {"Source": "s", "DetailType": "t", "Detail": json.dumps({"text": "x" * size})}
    events = hive.cloud.client("events")
    if taken:
        assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    else:
        with pytest.raises(ClientError, match="ValidationException"):
            events.put_events(Entries=[entry])


def test_a_port_in_use_is_reported(hive: Hive) -> None:
    port = int(hive.cloud.endpoint.rsplit(":", 1)[1])
    with pytest.raises(AddressError, match=f":{port}: .*in use"):
        LocalServer(LOOPBACK, port, print)


def test_there_is_one_cloud_per_process(hive: Hive) -> None:
    assert hive.cloud.endpoint
    with pytest.raises(RuntimeError, match="already"), LocalCloud(Settings(template=HERE / "stack.yaml")):
        pass
