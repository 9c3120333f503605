"""The Lambda function ``intake``: every event that brings or names a document comes in here."""

import os
import time
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from appflow_gitops.aws import clients
from appflow_gitops.aws.bus import EventBridgeBus
from appflow_gitops.aws.documents import S3Documents
from appflow_gitops.aws.errors import THROTTLING_CODES
from appflow_gitops.aws.queue import SqsChanges
from appflow_gitops.status.metrics import Metric
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.intake.intake import Intake, IntakeResult
from appflow_gitops.sync.stored_environment import StoredEnvironment
from intake.requests import requests
from intake.settings import IntakeSettings

logger = Logger(service="intake")
metrics = Metrics(service="intake")


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:  # noqa: ARG001 - Lambda's signature
    """Take in every arrival of the event. If one has to come again, the whole event does, which does no harm."""
    errors = []
    for arrival in requests(event):
        with logger.append_context_keys(correlation_id=arrival.event_id):
            try:
                record(intake().take(arrival))
            except TransientError as error:
                comes_again(error)
                errors.append(error)
    count(Metric.EVENTS)
    if errors:
        raise errors[0]


def record(taken: IntakeResult) -> None:
    """Tell log and metrics what became of an arrival: names and codes, never a document."""
    if taken.ended:
        data = taken.ended.data
        count(Metric.of(data.outcome))
        logger.info("ended", outcome=data.outcome, rules=sorted({finding.rule for finding in data.findings}))
    for change in taken.changes:
        count(Metric.QUEUED)
        logger.info("queued", flow=change.flowName, change=change.id)


def comes_again(error: TransientError) -> None:
    """Tell log and metrics why an arrival has to come again."""
    count(Metric.RETRIED)
    if error.code in THROTTLING_CODES:
        count(Metric.THROTTLED)
    logger.warning("retrying", code=error.code, reason=error.message)


def count(metric: Metric) -> None:
    """One more of these."""
    metrics.add_metric(name=metric, unit=MetricUnit.Count, value=1)


@cache
def intake() -> Intake:
    """The use case with its ports, made on the first event that needs it."""
    settings = IntakeSettings.model_validate(dict(os.environ))
    documents = S3Documents(clients.s3())
    return Intake(
        documents=documents,
        queue=SqsChanges(clients.sqs(), settings.flow_changes_queue_url),
        bus=EventBridgeBus(clients.events(), settings.event_bus_name),
        clock=time.time,
        bucket=settings.documents_bucket,
        prefix=settings.documents_prefix,
        environment=StoredEnvironment(documents, settings.documents_bucket, settings.stage).read,
    )
