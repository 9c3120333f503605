"""The Lambda function ``apply``: carry out a change from the FIFO queue."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from appflow_gitops.observability import Observability
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.ports import DeadLetter
from apply.records import Record, batch_response, parse_delivery
from apply.wiring import attempts, deadline

observability = Observability("apply")


@observability.observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Carry out the change of each record, of which Lambda sends one; SQS delivers those in the response again.

    A retry must not count as an error of the function, so it is a response and not an exception.
    """
    deadline.remaining = lambda: context.get_remaining_time_in_millis() / 1000
    return batch_response([record for record in event["Records"] if not process_record(record)])


def process_record(record: Record) -> bool:
    """Carry out one record; whether it is done and need not be retried."""
    receipt = record["receiptHandle"]
    try:
        with observability.recording_retries():
            delivery = parse_delivery(record)
        if isinstance(delivery, DeadLetter):
            discard(delivery, receipt)
        else:
            carry_out(delivery, receipt)
    except TransientError:
        return False
    return True


def carry_out(delivery: Delivery, receipt: str) -> None:
    """Carry out one delivery; log lines name its change."""
    change = delivery.change
    keys = {"correlation_id": change.correlationId, "flow": change.flowName, "change": change.id}
    with observability.logger.append_context_keys(**keys, attempt=delivery.attempt):
        with observability.recording_retries():
            report = attempts().handle(delivery, receipt)
        observability.record_outcome(report, change.requestedAt)


def discard(letter: DeadLetter, receipt: str) -> None:
    """Move an invalid message to the dead-letter queue."""
    with observability.recording_retries():
        attempts().discard(letter, receipt)
    observability.record_discarded(letter.id)
