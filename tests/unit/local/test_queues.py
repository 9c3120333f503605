"""The queues of the local cloud, on moto's own backend: order, visibility, sequence numbers and redrives."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import SQSBackend, sqs_backends

from appflow_gitops_local import queues as module
from appflow_gitops_local.queues import Queues, quick_retention, redrive

REGION = "eu-west-1"


@pytest.fixture
def backend() -> Iterator[SQSBackend]:
    """SQS with a FIFO queue, its dead-letter queue, and a standard queue."""
    found: SQSBackend = sqs_backends[DEFAULT_ACCOUNT_ID][REGION]
    found.reset()
    fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    dead = found.create_queue("dead.fifo", {}, **fifo)
    policy = json.dumps({"deadLetterTargetArn": dead.queue_arn, "maxReceiveCount": 5})
    found.create_queue("work.fifo", {}, **fifo, RedrivePolicy=policy)
    found.create_queue("events", {})
    yield found
    found.reset()


@pytest.fixture
def queues(backend: SQSBackend) -> Queues:  # noqa: ARG001 - the queues must exist
    return Queues(threading.Condition(threading.RLock()), REGION)


def bodies(queues: Queues, queue: str, *, limit: int = 10) -> list[str]:
    return [each.body for each in queues.receive(queue, limit, wait=0, visibility=0)]


def arn(backend: SQSBackend, name: str) -> str:
    return backend.queues[name].queue_arn


def test_a_received_message_is_hidden_until_it_is_deleted_or_shown_again(queues: Queues) -> None:
    queues.send("events", "one", {"N": {"DataType": "String", "StringValue": "1"}})
    [message] = queues.receive("events", 10, wait=0)
    assert (message.body, message.receive_count) == ("one", 1)
    assert message.message_attributes["N"]["StringValue"] == "1"
    assert "SequenceNumber" not in message.attributes
    assert bodies(queues, "events") == []
    queues.hide("events", message, 0)
    [again] = queues.receive("events", 10, wait=0)
    assert (again.message_id, again.receive_count) == (message.message_id, 2)
    queues.delete("events", [again])
    queues.delete("events", [again])
    assert bodies(queues, "events") == []


def test_at_most_as_many_messages_as_asked_for_are_received(queues: Queues) -> None:
    for body in ("one", "two", "three"):
        queues.send("events", body)
    assert len(queues.receive("events", 2, wait=0)) == 2
    assert len(queues.receive("events", 2, wait=0)) == 1


def test_a_visibility_of_its_own_overrides_that_of_the_queue(queues: Queues) -> None:
    queues.send("events", "one")
    assert bodies(queues, "events") == bodies(queues, "events") == ["one"]
    assert len(queues.receive("events", 1, wait=0)) == 1
    assert bodies(queues, "events") == []


def test_sequence_numbers_of_a_group_grow_and_stay_for_a_redelivery(
    backend: SQSBackend, queues: Queues
) -> None:
    for body in ("one", "two"):
        backend.send_message("work.fifo", body, group_id="orders", deduplication_id=body)
    messages = queues.receive("work.fifo", 10, wait=0, visibility=0)
    numbers = [each.attributes["SequenceNumber"] for each in messages]
    assert numbers == [f"{1:020}", f"{2:020}"]
    assert {each.attributes["MessageGroupId"] for each in messages} == {"orders"}
    again = queues.receive("work.fifo", 10, wait=0)
    assert [each.attributes["SequenceNumber"] for each in again] == numbers


def test_a_message_has_the_attributes_of_sqs(backend: SQSBackend, queues: Queues) -> None:
    trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1"}}
    backend.send_message("work.fifo", "one", group_id="orders", deduplication_id="d", system_attributes=trace)
    [message] = queues.receive("work.fifo", 10, wait=0)
    times = {"SentTimestamp", "ApproximateFirstReceiveTimestamp"}
    assert all(message.attributes[name].isdecimal() for name in times)
    assert {name: value for name, value in message.attributes.items() if name not in times} == {
        "ApproximateReceiveCount": "1",
        "SenderId": message.attributes["SenderId"],
        "SequenceNumber": f"{1:020}",
        "MessageGroupId": "orders",
        "MessageDeduplicationId": "d",
        "AWSTraceHeader": "Root=1",
    }


def test_a_group_goes_on_with_its_first_message_as_soon_as_that_is_visible_again(
    backend: SQSBackend, queues: Queues
) -> None:
    for body in ("one", "two"):
        backend.send_message("work.fifo", body, group_id="orders", deduplication_id=body)
    assert [bodies(queues, "work.fifo", limit=1) for _ in range(2)] == [["one"], ["one"]]


def test_a_group_waits_while_its_first_message_is_hidden(backend: SQSBackend, queues: Queues) -> None:
    for body in ("one", "two"):
        backend.send_message("work.fifo", body, group_id="orders", deduplication_id=body)
    [message] = queues.receive("work.fifo", 1, wait=0)
    assert (message.body, queues.receive("work.fifo", 1, wait=0)) == ("one", ())


class FakeState:
    """The lock of moto's state: counts who is woken, and waiting moves the clock."""

    def __init__(self) -> None:
        self.now = 100.0
        self.notified = 0
        self.waits: list[float] = []

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def notify_all(self) -> None:
        self.notified += 1

    def monotonic(self) -> float:
        return self.now


@pytest.mark.usefixtures("backend")
def test_a_reader_looks_at_the_queue_every_50_ms_and_writers_wake_it(monkeypatch: pytest.MonkeyPatch) -> None:
    state: Any = FakeState()
    monkeypatch.setattr(module, "time", state)
    queues = Queues(state, REGION)
    assert queues.receive("events", 10, wait=0.12) == ()
    assert state.waits == pytest.approx([0.05, 0.05, 0.02])
    queues.send("events", "one")
    [message] = queues.receive("events", 10, wait=1)
    queues.delete("events", [message])
    assert (len(state.waits), state.notified) == (3, 2)


def test_a_queue_that_is_gone_has_no_messages(queues: Queues) -> None:
    assert queues.receive("unknown", 10, wait=0) == ()


def test_a_reader_is_woken_by_a_message(queues: Queues) -> None:
    threading.Timer(0.02, queues.send, ("events", "late")).start()
    assert [each.body for each in queues.receive("events", 1, wait=5)] == ["late"]


@pytest.mark.parametrize(("destination", "queue"), [(None, "work.fifo"), ("work.fifo", "work.fifo")])
def test_a_redrive_moves_every_message_and_keeps_group_and_deduplication_id(
    backend: SQSBackend, queues: Queues, destination: str | None, queue: str
) -> None:
    for number in range(12):
        backend.send_message(
            "dead.fifo", str(number), group_id=f"flow-{number}", deduplication_id=str(number)
        )
    assert redrive(REGION, arn(backend, "dead.fifo"), destination and arn(backend, destination)) == 12
    assert queues.receive("dead.fifo", 10, wait=0) == ()
    moved = [*queues.receive(queue, 10, wait=0), *queues.receive(queue, 10, wait=0)]
    assert {(each.body, each.attributes["MessageGroupId"]) for each in moved} == {
        (str(number), f"flow-{number}") for number in range(12)
    }
    assert {each.attributes["MessageDeduplicationId"] for each in moved} == set(map(str, range(12)))


@pytest.mark.parametrize(
    ("source", "destination"),
    [("events", None), ("events", "work.fifo"), ("none", None), ("dead.fifo", "none")],
)
def test_only_a_dead_letter_queue_can_be_redriven_into_a_queue_that_exists(
    backend: SQSBackend, source: str, destination: str | None
) -> None:
    def arn_of(name: str) -> str:
        return arn(backend, name) if name in backend.queues else f"arn:aws:sqs:{REGION}:1:{name}"

    with pytest.raises(LookupError):
        redrive(REGION, arn_of(source), destination and arn_of(destination))


def test_a_message_is_received_without_counting_all(queues: Queues, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(SQSBackend, "get_queue_attributes")
    queues.send("events", "one")
    with quick_retention():
        assert bodies(queues, "events") == ["one"]


def test_a_message_is_not_received_after_its_retention(queues: Queues, backend: SQSBackend) -> None:
    queues.send("events", "one")
    [message] = backend.queues["events"]._messages
    message.sent_timestamp = 1000
    with quick_retention():
        assert bodies(queues, "events") == []
