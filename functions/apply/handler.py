"""The Lambda function ``apply``: carry out the changes of a batch from the FIFO queue, one after the other."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from appflow_gitops.observability import Observability
from appflow_gitops.sync.apply.attempts import Attempts
from appflow_gitops.sync.errors import TransientError
from apply.records import Record, batch_response, parse_delivery
from apply.wiring import attempts

observability = Observability("apply")


@observability.observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Carry out a batch; SQS delivers the records that the response names again.

    Every record is tried, whatever the outcome of those before. A change that overtakes an older one does no harm: the
    older one ends Superseded.
    """
    batch = attempts().for_batch()
    return batch_response(
        [record for record in event["Records"] if not process_record(batch, record, context)]
    )


def process_record(batch: Attempts, record: Record, context: LambdaContext) -> bool:
    """Carry out one record; whether it is done and need not be retried."""
    try:
        with observability.recording_retries():
            delivery = parse_delivery(record)
        change = delivery.change
        keys = {"correlation_id": change.correlationId, "flow": change.flowName, "change": change.id}
        with (
            observability.logger.append_context_keys(**keys, attempt=delivery.attempt),
            observability.recording_retries(),
        ):
            report = batch.handle(delivery, record["receiptHandle"], partial(seconds_left, context))
            observability.record_outcome(report, change.requestedAt)
    except TransientError:
        return False
    return True


def seconds_left(context: LambdaContext) -> float:
    """The time left of this invocation."""
    return context.get_remaining_time_in_millis() / 1000
