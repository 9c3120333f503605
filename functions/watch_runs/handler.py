"""The Lambda function ``watch_runs``: handle AppFlow's events about runs, and scan all flows on a schedule."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from appflow_gitops.observability import Observability
from watch_runs.response import event_response, scan_response
from watch_runs.run_events import is_from_appflow, parse_run_event
from watch_runs.wiring import watcher

observability = Observability("watch_runs")


@observability.observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Assess the flow of an event, or all flows. What fails, Lambda's retry or the next scan repeats."""
    correlation_id = event.get("id") or context.aws_request_id
    observability.logger.append_keys(correlation_id=correlation_id)
    with observability.recording_retries():
        if is_from_appflow(event):
            run_event = parse_run_event(event)
            report = watcher().observe(run_event, correlation_id) if run_event else None
            observability.record_health(report)
            return event_response(report)
        scan = watcher().scan(correlation_id, lambda: context.get_remaining_time_in_millis() / 1000)
    observability.record_health_scan(scan)
    return scan_response(scan)
