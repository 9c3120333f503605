"""The Lambda function ``intake``: every event that brings or names a document comes in here."""

import os
import time
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from appflow_gitops.aws import clients
from appflow_gitops.aws.bus import EventBridgeBus
from appflow_gitops.aws.documents import S3Documents
from appflow_gitops.aws.queue import SqsChanges
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.intake import Intake, Taken
from intake.arrivals import arrivals
from intake.settings import IntakeSettings

logger = Logger(service="intake")
metrics = Metrics(namespace="AppFlowGitops", service="intake")
tracer = Tracer(service="intake")


@logger.inject_lambda_context(correlation_id_path="id", clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:  # noqa: ARG001 - Lambda's signature
    """Take in every arrival of the event. If one has to come again, the whole event does, which does no harm."""
    errors = []
    for arrival in arrivals(event):
        try:
            record(intake().take(arrival))
        except TransientError as error:
            count("Retried")
            logger.warning("to be tried again", code=error.code, reason=error.message)
            errors.append(error)
    count("Events")
    if errors:
        raise errors[0]


def record(taken: Taken) -> None:
    """Tell log and metrics what became of an arrival: names and codes, never a document."""
    if taken.ended:
        data = taken.ended.data
        count(data.outcome.value)
        logger.info("ended", outcome=data.outcome, rules=sorted({finding.rule for finding in data.findings}))
    for change in taken.changes:
        count("Queued")
        logger.info("queued", flow=change.flowName, change=change.id)


def count(name: str) -> None:
    """One more of these."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=1)


@cache
def intake() -> Intake:
    """The use case with its ports, made on the first event that needs it."""
    settings = IntakeSettings.model_validate(dict(os.environ))
    return Intake(
        documents=S3Documents(clients.s3()),
        queue=SqsChanges(clients.sqs(), settings.flow_changes_queue_url),
        bus=EventBridgeBus(clients.events(), settings.event_bus_name),
        clock=time.time,
        bucket=settings.documents_bucket,
        prefix=settings.documents_prefix,
    )
