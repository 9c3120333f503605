"""The Lambda function ``detect_drift``: compare every document with its live flow, on a schedule."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from appflow_gitops.observability import Observability
from appflow_gitops.sync.errors import SyncError
from detect_drift.response import response
from detect_drift.wiring import detector

observability = Observability("detect_drift")


@observability.observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Scan once. The next scan, or Lambda's retry of this one, inspects what could not be inspected."""
    correlation_id = event.get("id") or context.aws_request_id
    observability.logger.append_keys(correlation_id=correlation_id)
    try:
        scan = detector().scan(correlation_id, lambda: context.get_remaining_time_in_millis() / 1000)
    except SyncError as error:
        observability.record_retry(error)
        raise
    observability.record_scan(scan)
    return response(scan)
