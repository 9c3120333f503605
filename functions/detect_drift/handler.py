"""The Lambda function ``detect_drift``: compare every document with its live flow.

A schedule invokes it, and the confirmation of repairs that exceed the limit.
"""

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from appflow_gitops.observability import Observability
from appflow_gitops.sync.drift.detector import Scan
from appflow_gitops.sync.errors import SyncError
from detect_drift.confirmation import parse_confirmation
from detect_drift.response import response
from detect_drift.wiring import deadline, detector, schema_detector

if TYPE_CHECKING:
    from appflow_gitops.sync.schema_drift.detector import SchemaScan

observability = Observability("detect_drift")


@observability.observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Scan once. The next scan, or Lambda's retry of this one, inspects what could not be inspected."""
    deadline.remaining = lambda: context.get_remaining_time_in_millis() / 1000
    correlation_id = event.get("id") or context.aws_request_id
    observability.logger.append_keys(correlation_id=correlation_id)
    try:
        scan = detector().scan(correlation_id, deadline.remaining, parse_confirmation(event))
        observability.record_scan(scan)
        fields = scan_fields(scan, correlation_id)
    except SyncError as error:
        observability.record_retry(error)
        raise
    return response(scan, fields)


def scan_fields(scan: Scan, correlation_id: str) -> "SchemaScan | None":
    """Compare the fields that the documents of a scan use with their connectors, if the stack does."""
    schema = schema_detector()
    if schema is None:
        return None
    fields = schema.scan(scan.declarations, scan.environment, correlation_id, complete=not scan.remaining)
    observability.record_schema_scan(fields)
    return fields
