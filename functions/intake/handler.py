"""The Lambda function ``intake``: handle every event that names or brings a document."""

from contextlib import suppress
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from appflow_gitops.observability import Metric, Observability
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.held import ReleaseCheck
from appflow_gitops.sync.intake.intake import IntakeResult
from intake.failed_events import failed_event, queued_messages
from intake.requests import parse_requests
from intake.response import response
from intake.wiring import dead_letters, intake

observability = Observability("intake")


@observability.observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Handle every request in the event. If one has to be retried, the whole event is, which does no harm."""
    if messages := list(queued_messages(event)):
        return response([handle_message(message) for message in messages])
    results, errors = [], []
    for request in parse_requests(event):
        with observability.logger.append_context_keys(correlation_id=request.event_id):
            try:
                result = intake().handle(request)
            except TransientError as error:
                observability.record_retry(error)
                errors.append(error)
                continue
            results.append(result)
            if result.report:
                observability.record_outcome(result.report)
            for change in result.changes:
                observability.record_queued(change)
    observability.count(Metric.EVENTS)
    if errors:
        raise errors[0]
    return response(results)


def handle_message(body: str) -> IntakeResult:
    """Release the changes that a timer's message names; otherwise it is a failed event."""
    try:
        check = ReleaseCheck.model_validate_json(body)
    except ValidationError:
        return report_failure(body)
    with observability.recording_retries():
        released = intake().releaser.release(check)
    observability.count(Metric.EVENTS)
    for change in released:
        observability.record_queued(change)
    return IntakeResult(changes=released)


def report_failure(letter: str) -> IntakeResult:
    """Report that the retries of an event are exhausted, and keep its record in the dead-letter queue."""
    reports = []
    with observability.recording_retries():
        with suppress(LookupError, TypeError, ValueError):  # an event of another form is only kept
            event, cause = failed_event(letter)
            reports = [intake().report_exhausted(request, cause) for request in parse_requests(event)]
        dead_letters().keep(letter)
    observability.count(Metric.EVENTS)
    for report in filter(None, reports):
        observability.record_outcome(report)
    return IntakeResult(report=next(filter(None, reports), None))
