"""The Lambda function ``intake``: handle every event that names or brings a document."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from appflow_gitops.observability import Metric, Observability
from appflow_gitops.sync.errors import TransientError
from intake.requests import parse_requests
from intake.response import response
from intake.wiring import intake

observability = Observability("intake")


@observability.observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Handle every request in the event. If one has to be retried, the whole event is, which does no harm."""
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
