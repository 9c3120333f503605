"""The dispatcher, with queues and workers in memory: batches, retries, destinations, and pollers that survive."""

import json
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from appflow_gitops_local.delivery import AsyncTrigger, Dispatcher, QueueTrigger, failure_record, sequencer
from appflow_gitops_local.envelopes import Message
from appflow_gitops_local.runtime import Function, FunctionError

FUNCTION = Function("intake", "arn:intake", "intake.handler", 60, 512, (Path(),), {})
RAISED = FunctionError("ValueError", "as ordered", ("line 1",))


def message(message_id: str, body: Any = None, *, received: int = 1) -> Message:
    attributes = {"ApproximateReceiveCount": str(received), "SentTimestamp": "1767225600000"}
    return Message(message_id, f"receipt-{message_id}", json.dumps(body or {"n": message_id}), attributes, {})


@dataclass
class FakeQueues:
    """Queues with messages to receive once; what is sent, deleted and hidden is recorded."""

    waiting: dict[str, deque[Message]]
    deleted: list[str] = field(default_factory=list)
    hidden: list[tuple[str, int]] = field(default_factory=list)
    sent: list[tuple[str, Any, Any]] = field(default_factory=list)
    visibilities: set[int | None] = field(default_factory=set)
    limits: set[int] = field(default_factory=set)
    empty: threading.Event = field(default_factory=threading.Event)

    def receive(
        self, queue: str, limit: int, *, wait: float, visibility: int | None = None
    ) -> tuple[Message, ...]:
        waiting = self.waiting.get(queue, deque())
        if not waiting:
            self.empty.set()
            threading.Event().wait(min(wait, 0.001))
            return ()
        self.visibilities.add(visibility)
        self.limits.add(limit)
        return tuple(waiting.popleft() for _ in range(min(limit, len(waiting))))

    def delete(self, queue: str, messages: Collection[Message]) -> None:  # noqa: ARG002
        self.deleted += [each.message_id for each in messages]

    def hide(self, queue: str, message: Message, seconds: int) -> None:  # noqa: ARG002
        self.hidden.append((message.message_id, seconds))

    def send(self, queue: str, body: str, attributes: dict[str, Any] | None = None) -> None:
        self.sent.append((queue, json.loads(body), attributes))


@dataclass
class FakeWorkers:
    """One function; ``answers`` are returned or raised one after the other, the last again and again."""

    answers: list[Any]
    function: Function = FUNCTION
    concurrency: int = 1
    events: list[Any] = field(default_factory=list)
    closed: int = 0
    warmed: int = 0

    def warm(self) -> None:
        self.warmed += 1

    def invoke(self, event: Any) -> Any:
        self.events.append(event)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self.closed += 1


@dataclass
class Run:
    """What a dispatcher did until its queues were empty."""

    queues: FakeQueues
    workers: FakeWorkers
    log: list[str]


Deliver = Callable[..., Run]


@pytest.fixture
def deliver() -> Iterator[Deliver]:
    """Delivers these messages to a function with these answers."""
    started: list[Dispatcher] = []

    def run(trigger: QueueTrigger | AsyncTrigger, messages: list[Message], *answers: Any) -> Run:
        made = Run(FakeQueues({trigger.queue: deque(messages)}), FakeWorkers(list(answers)), [])
        queues: Any = made.queues
        workers: Any = {"intake": made.workers}
        dispatcher = Dispatcher(
            queues, workers, region="eu-west-1", log=made.log.append, retry_seconds=(60, 120)
        )
        started.append(dispatcher)
        if isinstance(trigger, QueueTrigger):
            dispatcher.start([trigger], [])
        else:
            dispatcher.start([], [trigger])
        assert made.queues.empty.wait(5)
        dispatcher.stop()
        return made

    yield run
    for dispatcher in started:
        dispatcher.stop()


def mapping(*, partial: bool = True, batch_size: int = 10) -> QueueTrigger:
    return QueueTrigger("work", "arn:work", "intake", batch_size, partial, 1)


@pytest.mark.parametrize(("partial", "kept"), [(True, {"b"}), (False, set())])
def test_a_partial_response_counts_only_if_the_mapping_asks_for_it(
    deliver: Deliver, kept: set[str], *, partial: bool
) -> None:
    answer = {"batchItemFailures": [{"itemIdentifier": "b"}]}
    run = deliver(mapping(partial=partial), [message("a"), message("b")], answer)
    assert set(run.queues.deleted) == {"a", "b"} - kept
    [event] = run.workers.events
    assert [record["messageId"] for record in event["Records"]] == ["a", "b"]
    assert {record["eventSourceARN"] for record in event["Records"]} == {"arn:work"}


def test_a_batch_is_at_most_as_large_as_the_mapping_allows(deliver: Deliver) -> None:
    run = deliver(mapping(batch_size=2), [message(name) for name in "abc"], None)
    assert [len(event["Records"]) for event in run.workers.events] == [2, 1]


def test_a_function_that_fails_keeps_its_whole_batch_and_is_logged(deliver: Deliver) -> None:
    run = deliver(mapping(), [message("a"), message("b")], RAISED)
    assert run.queues.deleted == []
    assert run.log == ["intake failed: ValueError: as ordered"]


def test_a_poller_survives_an_unexpected_error(deliver: Deliver) -> None:
    run = deliver(mapping(batch_size=1), [message("a"), message("b")], KeyError("surprise"), None)
    assert run.queues.deleted == ["b"]
    assert run.log == ["work to intake: KeyError: 'surprise'"]


def asynchronous(
    *, retries: int = 2, dead_letters: str | None = None, on_failure: str | None = None
) -> AsyncTrigger:
    return AsyncTrigger("events", "intake", retries, dead_letters, on_failure)


def test_an_event_that_was_handled_is_deleted_and_alone_hidden_for_longer_than_the_function_may_take(
    deliver: Deliver,
) -> None:
    run = deliver(asynchronous(), [message("a")], None)
    assert (run.queues.deleted, run.queues.hidden, run.log) == (["a"], [], [])
    assert (run.queues.visibilities, run.queues.limits) == ({FUNCTION.timeout + 60}, {1})


@pytest.mark.parametrize(("received", "seconds"), [(1, 60), (2, 120), (3, 120)])
def test_a_failed_event_waits_longer_before_each_retry(deliver: Deliver, received: int, seconds: int) -> None:
    run = deliver(asynchronous(retries=3, on_failure="failed"), [message("a", received=received)], RAISED)
    assert (run.queues.hidden, run.queues.deleted, run.queues.sent) == ([("a", seconds)], [], [])


def test_an_event_whose_retries_are_exhausted_goes_to_both_destinations(deliver: Deliver) -> None:
    trigger = asynchronous(dead_letters="dead", on_failure="failed")
    run = deliver(trigger, [message("a", {"n": 1}, received=3)], RAISED)
    assert (run.queues.hidden, run.queues.deleted) == ([], ["a"])
    assert run.log == ["intake failed: ValueError: as ordered"]
    [(dead, event, attributes), (failed, record, none)] = run.queues.sent
    assert (dead, event, failed, none) == ("dead", {"n": 1}, "failed", None)
    assert attributes == {
        "RequestID": {"DataType": "String", "StringValue": "a"},
        "ErrorCode": {"DataType": "Number", "StringValue": "200"},
        "ErrorMessage": {"DataType": "String", "StringValue": "as ordered"},
    }
    assert record["requestPayload"] == {"n": 1}
    assert record["requestContext"]["functionArn"] == "arn:intake:$LATEST"
    assert record["requestContext"]["approximateInvokeCount"] == 3


@pytest.mark.parametrize(("text", "shown"), [("", "Sandbox.Timedout"), ("x" * 2000, "x" * 1024)])
def test_a_dead_letter_names_the_error_in_at_most_1024_characters(
    deliver: Deliver, text: str, shown: str
) -> None:
    failed = FunctionError("Sandbox.Timedout", text)
    run = deliver(asynchronous(dead_letters="dead"), [message("a", received=3)], failed)
    [(_, _, attributes)] = run.queues.sent
    assert attributes["ErrorMessage"]["StringValue"] == shown


@pytest.mark.parametrize("trigger", [asynchronous(), mapping()])
def test_without_a_destination_an_event_is_only_dropped(
    deliver: Deliver, trigger: QueueTrigger | AsyncTrigger
) -> None:
    run = deliver(trigger, [message("a", received=9)], RAISED)
    assert run.queues.sent == []
    assert run.queues.deleted == (["a"] if isinstance(trigger, AsyncTrigger) else [])


def test_an_event_of_s3_has_the_id_of_its_message_and_a_sequencer(deliver: Deliver) -> None:
    dropped = {"id": "constant", "source": "aws.s3", "detail": {"object": {"key": "a"}}}
    [event] = deliver(asynchronous(), [message("abcdef", dropped)], None).workers.events
    assert event["id"] == "abcdef"
    assert event["detail"]["object"] == {"key": "a", "sequencer": "019B76DAA800ABCD"}


def test_an_event_that_is_not_an_object_is_passed_on_as_it_is(deliver: Deliver) -> None:
    run = deliver(asynchronous(), [message("a", [1, 2])], None)
    assert run.workers.events == [[1, 2]]


def test_workers_are_warmed_at_the_start_and_closed_again_after_the_pollers_have_ended(
    deliver: Deliver,
) -> None:
    before = set(threading.enumerate())
    workers = deliver(mapping(), [], None).workers
    assert (workers.warmed, workers.closed) == (1, 2)
    assert set(threading.enumerate()) <= before


def test_no_poller_keeps_the_local_cloud_running() -> None:
    before = set(threading.enumerate())
    queues: Any = FakeQueues({})
    workers: Any = {"intake": FakeWorkers([None], concurrency=3)}
    dispatcher = Dispatcher(queues, workers, region="eu-west-1", log=print)
    dispatcher.start([], [asynchronous()])
    pollers = [thread for thread in set(threading.enumerate()) - before if thread.name == "events to intake"]
    dispatcher.stop()
    assert [thread.daemon for thread in pollers] == [True, True, True]


def test_a_poller_pauses_after_an_unexpected_error() -> None:
    failed = threading.Semaphore(0)
    log: list[str] = []

    def report(line: str) -> None:
        log.append(line)
        failed.release()

    def receive(*_: object, **__: object) -> None:
        raise KeyError("surprise")

    queues: Any = FakeQueues({})
    queues.receive = receive
    workers: Any = {"intake": FakeWorkers([None])}
    dispatcher = Dispatcher(queues, workers, region="eu-west-1", log=report)
    dispatcher.start([mapping()], [])
    for _ in range(2):
        assert failed.acquire(timeout=5)
    dispatcher.stop()
    assert len(log) < 5


def test_an_invocation_that_the_end_of_the_cloud_breaks_off_is_not_logged() -> None:
    log: list[str] = []
    queues: Any = FakeQueues({"work": deque([message("a")])})
    workers: Any = {"intake": FakeWorkers([RAISED])}
    dispatcher = Dispatcher(queues, workers, region="eu-west-1", log=log.append)
    invoke = workers["intake"].invoke

    def invoke_while_it_stops(event: Any) -> Any:
        dispatcher._stopping.set()
        return invoke(event)

    workers["intake"].invoke = invoke_while_it_stops
    dispatcher.start([mapping()], [])
    dispatcher.stop()
    assert (queues.waiting["work"], log) == (deque(), [])


def test_an_event_is_invoked_later_through_the_queue_of_its_function() -> None:
    queues: Any = FakeQueues({})
    workers: Any = {"intake": FakeWorkers([None])}
    dispatcher = Dispatcher(queues, workers, region="eu-west-1", log=print)
    with pytest.raises(LookupError):
        dispatcher.invoke_later("intake", {})
    dispatcher.start([], [asynchronous()])
    dispatcher.invoke_later("intake", {"n": 1})
    dispatcher.stop()
    assert queues.sent == [("events", {"n": 1}, None)]
    assert dispatcher.invoke("intake", {}) is None
    with pytest.raises(LookupError):
        dispatcher.invoke("unknown", {})


def test_a_sequencer_grows_with_time_and_stays_for_a_redelivery() -> None:
    assert sequencer(message("abcdef")) == "019B76DAA800ABCD"
    assert sequencer(message("abcdef", received=2)) == sequencer(message("abcdef"))


def test_a_failure_record_has_the_form_of_lambda() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    record = failure_record(message("a", received=3), {"n": 1}, RAISED, "arn:intake", now)
    assert record == {
        "version": "1.0",
        "timestamp": "2026-01-02T03:04:05.678Z",
        "requestContext": {
            "requestId": "a",
            "functionArn": "arn:intake:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": {"n": 1},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {
            "errorType": "ValueError",
            "errorMessage": "as ordered",
            "stackTrace": ["line 1"],
        },
    }
