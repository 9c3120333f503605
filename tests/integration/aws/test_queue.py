"""The FIFO queue through boto3."""

import pytest

from appflow_gitops.aws import clients
from appflow_gitops.aws.queue import BATCH_BYTES, SqsChanges, batches
from appflow_gitops.sync.change import Change


def change(number: int, **members: object) -> Change:
    return Change.model_validate(
        {
            "identity": f"event-{number}",
            "flowName": f"flow-{number}",
            "correlationId": f"event-{number}",
            "requestedAt": "2026-01-15T12:00:00Z",
            **members,
        }
    )


@pytest.fixture
def queue(aws: None) -> SqsChanges:  # noqa: ARG001 - the account has to be there
    client = clients.sqs()
    created = client.create_queue(QueueName="flow-changes.fifo", Attributes={"FifoQueue": "true"})
    return SqsChanges(client, created["QueueUrl"])


def received(queue: SqsChanges) -> list[Change]:
    found = []
    while messages := queue.client.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10).get(
        "Messages"
    ):
        found += [Change.model_validate_json(message["Body"]) for message in messages]
    return found


def test_every_change_arrives_as_it_was_sent(queue: SqsChanges) -> None:
    sent = [change(number) for number in range(23)]
    queue.send(sent)
    assert sorted(received(queue), key=lambda one: int(one.flowName[5:])) == sent


def test_a_change_sent_twice_is_queued_once(queue: SqsChanges) -> None:
    queue.send([change(1)])
    queue.send([change(1)])
    assert received(queue) == [change(1)]


def test_a_postponed_message_is_delivered_again_with_its_count(queue: SqsChanges) -> None:
    queue.send([change(1)])
    [message] = queue.client.receive_message(QueueUrl=queue.url)["Messages"]
    queue.postpone(message["ReceiptHandle"], 0)
    [again] = queue.client.receive_message(QueueUrl=queue.url, AttributeNames=["ApproximateReceiveCount"])[
        "Messages"
    ]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"


def test_a_queue_is_empty_once_its_last_message_was_carried_out(queue: SqsChanges) -> None:
    assert queue.is_empty()
    queue.send([change(1)])
    assert not queue.is_empty()
    [message] = queue.client.receive_message(QueueUrl=queue.url)["Messages"]
    assert not queue.is_empty()
    queue.client.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
    assert queue.is_empty()


def test_batches_keep_within_what_sqs_takes() -> None:
    large = [change(number, desired={"description": "x" * 100_000}) for number in range(12)]
    made = list(batches([(one, one.model_dump_json()) for one in large]))
    assert [one for batch in made for one, _ in batch] == large
    assert all(sum(len(body) for _, body in batch) <= BATCH_BYTES for batch in made)
    small = [(change(number), "{}") for number in range(25)]
    assert [len(batch) for batch in batches(small)] == [10, 10, 5]
