"""The Lambda function ``apply``: changes from the FIFO queue are made live, one after the other."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache, partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from appflow_gitops.aws import clients
from appflow_gitops.aws.appflow import AppFlowService
from appflow_gitops.aws.bus import EventBridgeBus
from appflow_gitops.aws.documents import S3Documents
from appflow_gitops.aws.errors import THROTTLING_CODES
from appflow_gitops.aws.queue import SqsChanges
from appflow_gitops.status.events import StatusEvent
from appflow_gitops.status.metrics import Metric
from appflow_gitops.sync.apply.applier import Applier
from appflow_gitops.sync.apply.attempts import Attempts
from appflow_gitops.sync.apply.delivery import Delivery
from appflow_gitops.sync.apply.reconcile import Reconciler
from appflow_gitops.sync.errors import RETRIES_EXHAUSTED, TransientError, surprises_as_transient
from appflow_gitops.sync.stored_environment import StoredEnvironment
from apply.deliveries import Record, coming_back, delivery
from apply.settings import ApplySettings

logger = Logger(service="apply")
metrics = Metrics(service="apply")


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Carry out a batch; the records that are named in the answer come back.

    All are tried, whatever became of those before. A change that goes before an older one does no harm, because the
    older one then ends Superseded.
    """
    batch = attempts().for_batch()
    return coming_back([record for record in event["Records"] if not is_done(batch, context, record)])


def is_done(attempts: Attempts, context: LambdaContext, record: Record) -> bool:
    """Carry out one record; whether it is done, and need not come back."""
    try:
        carry_out(attempts, context, record)
    except TransientError:
        return False
    return True


def carry_out(attempts: Attempts, context: LambdaContext, record: Record) -> None:
    """Carry out one record. Raises ``TransientError``, told already, when it has to come back."""
    with told_when_it_comes_back():
        taken = delivery(record)
    change = taken.change
    keys = {"correlation_id": change.correlationId, "flow": change.flowName, "change": change.id}
    with logger.append_context_keys(**keys, attempt=taken.attempt), told_when_it_comes_back():
        told(taken, attempts.take(taken, record["receiptHandle"], partial(seconds_left, context)))


def seconds_left(context: LambdaContext) -> float:
    """What is left of this invocation."""
    return context.get_remaining_time_in_millis() / 1000


@contextmanager
def told_when_it_comes_back() -> Iterator[None]:
    """Tell log and metrics why a record has to be tried again, or that it was for the last time."""
    try:
        with surprises_as_transient():
            yield
    except TransientError as error:
        given_up = error.code == RETRIES_EXHAUSTED
        count(Metric.FAILED if given_up else Metric.RETRIED)
        if error.code in THROTTLING_CODES:
            count(Metric.THROTTLED)
        logger.warning("retries exhausted" if given_up else "retrying", code=error.code, reason=error.message)
        raise


def told(taken: Delivery, event: StatusEvent) -> None:
    """Tell log and metrics the outcome: names and codes, never a document."""
    data = event.data
    count(Metric.of(data.outcome))
    metrics.add_metric(name=Metric.LATENCY, unit=MetricUnit.Milliseconds, value=latency(taken, event))
    logger.info(
        "ended", outcome=data.outcome, action=data.action, code=data.error.code if data.error else None
    )


def latency(taken: Delivery, event: StatusEvent) -> int:
    """Milliseconds from the event that asked for the change to its status event. S3 tells the former in seconds."""
    told_at = datetime.fromisoformat(event.metadata.time).timestamp()
    return round(max(0.0, told_at - taken.requested_at) * 1000)


def count(metric: Metric) -> None:
    """One more of these."""
    metrics.add_metric(name=metric, unit=MetricUnit.Count, value=1)


@cache
def attempts() -> Attempts:
    """The use case with its ports, made on the first batch."""
    settings = ApplySettings.model_validate(dict(os.environ))
    reconciler = Reconciler(
        flows=AppFlowService(clients.appflow()), clock=time.time, may_create=settings.create_missing_flows
    )
    documents = S3Documents(clients.s3())
    applier = Applier(
        reconciler=reconciler,
        documents=documents,
        bus=EventBridgeBus(clients.events(), settings.event_bus_name),
        environment=StoredEnvironment(documents, settings.documents_bucket, settings.stage).read,
    )
    return Attempts(
        applier, SqsChanges(clients.sqs(), settings.flow_changes_queue_url), settings.max_attempts
    )
