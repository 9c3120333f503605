"""The Lambda function ``detect_drift``: on a schedule, every document is compared with its live flow."""

import os
import time
from functools import cache
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
from appflow_gitops.aws.scan_state import S3ScanState
from appflow_gitops.status.drift import Drift, DriftEvent
from appflow_gitops.status.metrics import Metric
from appflow_gitops.sync.drift.detector import DriftDetector, Scan
from appflow_gitops.sync.errors import SyncError
from appflow_gitops.sync.stored_environment import StoredEnvironment
from detect_drift.settings import DetectDriftSettings

logger = Logger(service="detect_drift")
metrics = Metrics(service="detect_drift")


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Look for drift once. What could not be looked at is looked at by the next scan, or by Lambda's retry of this."""
    correlation_id = event.get("id") or context.aws_request_id
    logger.append_keys(correlation_id=correlation_id)
    try:
        record(detector().scan(correlation_id, lambda: context.get_remaining_time_in_millis() / 1000))
    except SyncError as error:
        ended_early(error)
        raise


def record(scan: Scan) -> None:
    """Tell log and metrics what was found: names, kinds and codes, never a value of a flow."""
    for told in scan.told:
        record_drift(told)
    for flow, code in scan.unseen.items():
        count(Metric.RETRIED)
        logger.warning("not looked at", flow=flow, code=code)
    for _ in scan.healing:
        count(Metric.QUEUED)
    for drift in Drift:
        count(Metric.of_drift(drift), scan.drifting[drift])
    logger.info("scanned", drifting=dict(scan.drifting), told=len(scan.told), left=scan.left)


def record_drift(event: DriftEvent) -> None:
    """Tell the log of a drift that was not told before."""
    data = event.data
    logger.info("drift detected", flow=data.flowName, drift=data.drift, healing=data.healing)


def ended_early(error: SyncError) -> None:
    """Tell log and metrics why the scan did not get to its end."""
    count(Metric.RETRIED)
    if error.code in THROTTLING_CODES:
        count(Metric.THROTTLED)
    logger.warning("retrying", code=error.code, reason=error.message)


def count(metric: Metric, value: int = 1) -> None:
    """One more of these, or so many."""
    metrics.add_metric(name=metric, unit=MetricUnit.Count, value=value)


@cache
def detector() -> DriftDetector:
    """The use case with its ports, made on the first scan."""
    settings = DetectDriftSettings.model_validate(dict(os.environ))
    storage = clients.s3()
    documents = S3Documents(storage)
    return DriftDetector(
        flows=AppFlowService(clients.appflow()),
        documents=documents,
        queue=SqsChanges(clients.sqs(), settings.flow_changes_queue_url),
        bus=EventBridgeBus(clients.events(), settings.event_bus_name),
        memory=S3ScanState(storage, settings.documents_bucket),
        environment=StoredEnvironment(documents, settings.documents_bucket, settings.stage).read,
        clock=time.time,
        bucket=settings.documents_bucket,
        prefix=settings.documents_prefix,
        heals=settings.self_heal,
    )
