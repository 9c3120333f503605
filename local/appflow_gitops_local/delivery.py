"""Events and queues to functions, as Lambda does it.

A queue's messages go to their function in batches, one message group's in order and never two batches of a
group at once (the FIFO queue sees to that); what a function reports as failed, and everything when it crashes
or runs out of time, stays in the queue until its visibility timeout is over. A failed asynchronous invocation
is retried, then sent to the function's dead-letter queue or failure destination. ``cloud`` starts the dispatcher,
``server`` calls it to run functions for the Lambda API.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from appflow_gitops_local.envelopes import Message, eventbridge_event, sqs_event
from appflow_gitops_local.queues import Queues
from appflow_gitops_local.runtime import FunctionError, Workers

_LOOK_UP_SECONDS = 0.1
"""How long a poller waits for a message before it checks whether to stop."""

_BEYOND_TIMEOUT = 60
"""Seconds that an invocation may take on top of the function's own time: waiting for a worker, starting
it."""


@dataclass(frozen=True, slots=True)
class QueueTrigger:
    """An event source mapping: one queue's messages to one function. Names, unless a field says ARN."""

    queue: str
    queue_arn: str
    function: str
    batch_size: int
    partial: bool
    concurrency: int


@dataclass(frozen=True, slots=True)
class AsyncTrigger:
    """The asynchronous invocations of one function: rules put events into ``queue``, and so does Invoke."""

    queue: str
    function: str
    retries: int = 2
    dead_letters: str | None = None
    on_failure: str | None = None


def failed_messages(answer: Any, batch: Sequence[Message]) -> frozenset[str]:
    """Return the message ids that a partial batch response reports as failed; all of them for an invalid response.

    Source: "Handling errors for an SQS event source in Lambda", Lambda developer guide.
    """
    everything = frozenset(message.message_id for message in batch)
    match answer:
        case None | {"batchItemFailures": None}:
            return frozenset()
        case {"batchItemFailures": [*failures]}:
            reported = {_reported(failure) for failure in failures}
            return frozenset(reported & everything) if reported <= everything else everything
        case {"batchItemFailures": _}:
            return everything
        case {}:
            return frozenset()
        case _:
            return everything


def _reported(failure: Any) -> Any:
    return failure.get("itemIdentifier") if isinstance(failure, dict) else None


class Dispatcher:
    """Polls every trigger from ``start`` to ``stop`` and runs functions by their physical name."""

    def __init__(
        self,
        queues: Queues,
        workers: Mapping[str, Workers],
        *,
        region: str,
        log: Callable[[str], None],
        retry_seconds: Sequence[int] = (1, 2),
    ) -> None:
        """``retry_seconds`` are the delays before each retry of an asynchronous invocation; AWS waits 60, then 120."""
        self._queues = queues
        self._workers = workers
        self._region = region
        self._log = log
        self._retry_seconds = retry_seconds
        self._invocation_queues: dict[str, str] = {}
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, mappings: Sequence[QueueTrigger], invocations: Sequence[AsyncTrigger]) -> None:
        """Start delivering, and start a warm worker for every function."""
        for workers in self._workers.values():
            self._run(workers.warm, f"warm {workers.function.name}")
        for mapping in mappings:
            for _ in range(mapping.concurrency):
                self._poll(self._deliver_batch, mapping)
        for invocation in invocations:
            self._invocation_queues[invocation.function] = invocation.queue
            for _ in range(self._workers[invocation.function].concurrency):
                self._poll(self._deliver_event, invocation)

    def stop(self) -> None:
        """Stop delivering and kill the workers, with the invocations in progress."""
        self._stopping.set()
        self._close_workers()
        for thread in self._threads:
            thread.join()
        self._close_workers()  # a thread may have started one more before it saw the end

    def _close_workers(self) -> None:
        for workers in self._workers.values():
            workers.close()

    def invoke(self, function: str, event: Any) -> Any:
        """The function's answer. Raises FunctionError, and LookupError for an unknown function."""
        return self._workers[function].invoke(event)

    def invoke_later(self, function: str, event: Any) -> None:
        """Queue an asynchronous invocation. Raises LookupError for an unknown function."""
        self._queues.send(self._invocation_queues[function], json.dumps(event))

    def _poll(self, deliver: Callable[[Any], None], trigger: QueueTrigger | AsyncTrigger) -> None:
        def poll() -> None:
            while not self._stopping.is_set():
                try:
                    deliver(trigger)
                except Exception as error:  # noqa: BLE001 - one failed delivery must not stop the poller
                    self._log(f"{trigger.queue} to {trigger.function}: {type(error).__name__}: {error}")
                    self._stopping.wait(_LOOK_UP_SECONDS)

        self._run(poll, f"{trigger.queue} to {trigger.function}")

    def _run(self, work: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _deliver_batch(self, trigger: QueueTrigger) -> None:
        batch = self._queues.receive(trigger.queue, trigger.batch_size, wait=_LOOK_UP_SECONDS)
        if not batch:
            return
        try:
            answer = self._workers[trigger.function].invoke(sqs_event(batch, trigger.queue_arn, self._region))
        except FunctionError as failed:
            self._log_failure(trigger.function, failed)
            return
        kept = failed_messages(answer, batch) if trigger.partial else frozenset()
        self._queues.delete(trigger.queue, [message for message in batch if message.message_id not in kept])

    def _deliver_event(self, trigger: AsyncTrigger) -> None:
        workers = self._workers[trigger.function]
        visibility = workers.function.timeout + _BEYOND_TIMEOUT
        for message in self._queues.receive(trigger.queue, 1, wait=_LOOK_UP_SECONDS, visibility=visibility):
            event = self._event(message)
            try:
                workers.invoke(event)
            except FunctionError as failed:
                self._log_failure(trigger.function, failed)
                if message.receive_count <= trigger.retries:
                    self._queues.hide(trigger.queue, message, self._pause(message.receive_count))
                    continue
                self._send_to_destinations(trigger, message, event, failed)
            self._queues.delete(trigger.queue, [message])

    def _event(self, message: Message) -> Any:
        """The event in a message; the message's id becomes that of an S3 event, so that a retry repeats
        it.
        """
        event = json.loads(message.body)
        if not isinstance(event, dict):
            return event
        return eventbridge_event(event, message.message_id, sequencer(message))

    def _pause(self, attempt: int) -> int:
        return self._retry_seconds[min(attempt, len(self._retry_seconds)) - 1]

    def _send_to_destinations(
        self, trigger: AsyncTrigger, message: Message, event: Any, failed: FunctionError
    ) -> None:
        if trigger.dead_letters:
            attributes = {
                "RequestID": {"DataType": "String", "StringValue": message.message_id},
                "ErrorCode": {"DataType": "Number", "StringValue": "200"},
                "ErrorMessage": {
                    "DataType": "String",
                    "StringValue": failed.message[:1024] or failed.error_type,
                },
            }
            self._queues.send(trigger.dead_letters, json.dumps(event), attributes)
        if trigger.on_failure:
            function_arn = self._workers[trigger.function].function.arn
            record = failure_record(message, event, failed, function_arn, datetime.now(UTC))
            self._queues.send(trigger.on_failure, json.dumps(record))

    def _log_failure(self, function: str, failed: FunctionError) -> None:
        if not self._stopping.is_set():
            self._log(f"{function} failed: {failed}")


def sequencer(message: Message) -> str:
    """S3's ordering number, hexadecimal: grows with time and is the same for a redelivered message."""
    return f"{int(message.attributes['SentTimestamp']):012X}{message.message_id[:4].upper()}"


def failure_record(
    message: Message, event: Any, failed: FunctionError, function_arn: str, now: datetime
) -> dict[str, Any]:
    """Build the record for a failure destination. Source: "Capturing records of Lambda asynchronous invocations"."""
    return {
        "version": "1.0",
        "timestamp": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "requestContext": {
            "requestId": message.message_id,
            "functionArn": f"{function_arn}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": message.receive_count,
        },
        "requestPayload": event,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": failed.payload,
    }
