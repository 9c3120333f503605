"""The Lambda function ``apply``: changes from the FIFO queue are made live, one after the other."""

import os
import time
from functools import cache, partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from appflow_gitops.aws import clients
from appflow_gitops.aws.appflow import AppFlowService
from appflow_gitops.aws.bus import EventBridgeBus
from appflow_gitops.aws.documents import S3Documents
from appflow_gitops.aws.queue import SqsChanges
from appflow_gitops.sync.apply import Applier
from appflow_gitops.sync.attempts import Attempts
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.reconcile import Reconciler
from apply.deliveries import delivery
from apply.settings import ApplySettings

logger = Logger()
metrics = Metrics()
tracer = Tracer()
# Not the FIFO processor: that one fails later changes of a flow untried, and SQS counts these as attempts. A change
# that goes before an older one does no harm, because the older one then ends Superseded.
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Carry out a batch; the records that are named in the answer come back."""
    return process_partial_response(
        event=event, record_handler=partial(carry_out, context), processor=processor, context=context
    )


def carry_out(context: LambdaContext, record: SQSRecord) -> None:
    """Carry out one record and tell log and metrics the outcome: names and codes, never a document."""
    taken = delivery(record)
    logger.set_correlation_id(taken.change.correlationId)
    told: dict[str, Any] = {
        "flow": taken.change.flowName,
        "change": taken.change.id,
        "attempt": taken.attempt,
    }
    try:
        event = attempts().take(
            taken, record.receipt_handle, lambda: context.get_remaining_time_in_millis() / 1000
        )
    except TransientError as error:
        metrics.add_metric(name="Retried", unit=MetricUnit.Count, value=1)
        logger.warning("to be tried again", code=error.code, reason=error.message, **told)
        raise
    metrics.add_metric(name=event.data.outcome.value, unit=MetricUnit.Count, value=1)
    logger.info("ended", outcome=event.data.outcome, action=event.data.action, error=event.data.error, **told)


@cache
def attempts() -> Attempts:
    """The use case with its ports, made on the first batch."""
    settings = ApplySettings.model_validate(dict(os.environ))
    reconciler = Reconciler(
        flows=AppFlowService(clients.appflow()), clock=time.time, may_create=settings.create_missing_flows
    )
    applier = Applier(
        reconciler=reconciler,
        documents=S3Documents(clients.s3()),
        bus=EventBridgeBus(clients.events(), settings.event_bus_name),
    )
    return Attempts(
        applier, SqsChanges(clients.sqs(), settings.flow_changes_queue_url), settings.max_attempts
    )
