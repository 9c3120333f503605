"""Logs and metrics of all functions. Both carry names and codes only, never a document or a value of a flow.

The metrics' only dimension is ``service``, the function. Whatever grows with use, such as a flow's name, belongs into
the log: every combination of dimensions is a metric of its own that is paid for.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from appflow_gitops.aws.errors import THROTTLING_CODES
from appflow_gitops.sync.errors import RETRIES_EXHAUSTED, SyncError, TransientError, unexpected_as_transient

if TYPE_CHECKING:
    from appflow_gitops.sync.change import Change
    from appflow_gitops.sync.drift.detector import Scan
    from appflow_gitops.sync.drift.report import Drift
    from appflow_gitops.sync.health.report import HealthReport
    from appflow_gitops.sync.health.watcher import HealthScan
    from appflow_gitops.sync.outcome import OutcomeReport
    from appflow_gitops.sync.schema_drift.detector import SchemaScan

Handler = Callable[[dict[str, Any], LambdaContext], Any]


class Metric(StrEnum):
    """What is counted beside outcomes, drift and health; ``LATENCY`` is measured in milliseconds."""

    EVENTS = "Events"
    QUEUED = "Queued"
    RETRIED = "Retried"
    THROTTLED = "Throttled"
    LATENCY = "Latency"


def drift_metric(drift: "Drift") -> str:
    """The gauge of the flows that drift this way; each scan reports its current value."""
    return drift.value.title()


def metric_names() -> frozenset[str]:
    """The names of all metrics, which tests compare with dashboard and alarms. Outcomes and health have their own."""
    from appflow_gitops.sync.drift.report import Drift  # noqa: PLC0415 - only detect_drift needs it at the start
    from appflow_gitops.sync.health.health import Health  # noqa: PLC0415 - only watch_runs needs it at the start
    from appflow_gitops.sync.outcome import Outcome  # noqa: PLC0415 - only intake and apply need it at the start

    return frozenset({*Metric, *Outcome, *map(drift_metric, Drift), *Health})


class Observability:
    """The logger and the metrics of one function."""

    def __init__(self, service: str) -> None:
        self.logger = Logger(service=service)
        self.metrics = Metrics(service=service)

    def observed(self, handler: Handler) -> Handler:
        """Decorate a handler: log lines carry its context, and its metrics are emitted at the end."""
        emitting: Handler = self.metrics.log_metrics(handler)
        decorated: Handler = self.logger.inject_lambda_context(clear_state=True)(emitting)
        return decorated

    def count(self, metric: str, value: int = 1) -> None:
        """Add ``value`` to a metric, one of ``metric_names``."""
        self.metrics.add_metric(name=metric, unit=MetricUnit.Count, value=value)

    def record_outcome(self, report: "OutcomeReport", requested_at: str | None = None) -> None:
        """Count and log an outcome, and measure its latency from ``requested_at`` (ISO 8601) where that is given."""
        result = report.result
        self.count(result.outcome)
        if requested_at:
            self._record_latency(report.reported_at - datetime.fromisoformat(requested_at).timestamp())
        exhausted = result.error is not None and result.error.code == RETRIES_EXHAUSTED
        log = self.logger.warning if exhausted else self.logger.info
        log(
            "retries exhausted" if exhausted else "outcome reported",
            outcome=result.outcome,
            action=result.action,
            code=result.error.code if result.error else None,
            reason=result.error.message if result.error and exhausted else None,
            rules=sorted({finding.rule for finding in result.findings}),
        )

    def record_queued(self, change: "Change") -> None:
        """Count and log a change that was queued."""
        self.count(Metric.QUEUED)
        self.logger.info("change queued", flow=change.flowName, change=change.id)

    def record_discarded(self, message: str) -> None:
        """Count and log a message without a change; it is in the dead-letter queue."""
        from appflow_gitops.sync.outcome import Outcome  # noqa: PLC0415 - only intake and apply need it at the start

        self.count(Outcome.FAILED)
        self.logger.warning("message discarded", code="InvalidMessage", message_id=message)

    def record_retry(self, error: SyncError) -> None:
        """Count and log an error after which the event or message is retried."""
        self.count(Metric.RETRIED)
        if error.code in THROTTLING_CODES:
            self.count(Metric.THROTTLED)
        self.logger.warning("retrying", code=error.code, reason=error.message)

    @contextmanager
    def recording_retries(self) -> Iterator[None]:
        """Raise any exception as a ``TransientError``, recorded with ``record_retry``."""
        try:
            with unexpected_as_transient():
                yield
        except TransientError as error:
            self.record_retry(error)
            raise

    def record_scan(self, scan: "Scan") -> None:
        """Count and log what a scan found."""
        from appflow_gitops.sync.drift.report import Drift  # noqa: PLC0415 - only detect_drift scans

        for report in scan.reported:
            self.logger.info(
                "drift detected", flow=report.flow_name, drift=report.drift, healing=report.repairs
            )
        if limited := scan.limited:
            self.logger.warning(
                "repairs limited",
                flows=len(limited.flow_names),
                repaired=limited.recent,
                limit=limited.limit,
                confirmation=limited.confirmation,
            )
        for flow, code in scan.failed.items():
            self.count(Metric.RETRIED)
            self.logger.warning("inspection failed", flow=flow, code=code)
        for key, code in scan.unreadable.items():
            self.logger.warning("document not readable", document=key, code=code)
        if queued := len(scan.repairs) + scan.requeued:
            self.count(Metric.QUEUED, queued)
        for drift in Drift:
            self.count(drift_metric(drift), scan.drifting[drift])
        self.logger.info(
            "scan completed",
            drifting=dict(scan.drifting),
            reported=len(scan.reported),
            remaining=scan.remaining,
        )

    def record_schema_scan(self, scan: "SchemaScan") -> None:
        """Log the changes of fields that a scan found, and the objects that could not be described."""
        for report in scan.reported:
            flows = {usage.flow for each in report.changes for usage in each.usages}
            self.logger.info(
                "schema drift detected",
                connector=report.key.connector,
                profile=report.key.profile,
                object=report.key.name,
                changes=[f"{each.change.kind} {each.change.field}" for each in report.changes],
                flows=len(flows),
            )
        for name, reason in scan.failed.items():
            self.logger.warning("fields not compared", object=name, reason=reason)

    def record_health(self, report: "HealthReport | None") -> None:
        """Count an event about a run, and log the change of health that it led to.

        One that needs attention rings the alarm at once, which adds up all gauges.
        """
        from appflow_gitops.sync.health.health import Health  # noqa: PLC0415 - as above

        self.count(Metric.EVENTS)
        if report is None:
            return
        found = report.found.health
        if found.needs_attention:
            for health in Health:
                if health.needs_attention:
                    self.count(health, int(health is found))
        self._log_health(report)

    def record_health_scan(self, scan: "HealthScan") -> None:
        """Report the number of flows by health, and log what a scan found."""
        from appflow_gitops.sync.health.health import Health  # noqa: PLC0415 - as above

        for report in scan.reported:
            self._log_health(report)
        for flow, code in scan.failed.items():
            self.count(Metric.RETRIED)
            self.logger.warning("inspection failed", flow=flow, code=code)
        for health in Health:
            self.count(health, scan.flows[health])
        self.logger.info(
            "scan completed",
            flows=dict(scan.flows),
            reported=len(scan.reported),
            remaining=scan.remaining,
        )

    def _log_health(self, report: "HealthReport") -> None:
        """Never AppFlow's message: it may contain a value of a record."""
        run = report.found.since
        self.logger.info(
            "health changed",
            flow=report.flow.name,
            health=report.found.health,
            previous=report.previous,
            run=run.id if run else None,
        )

    def _record_latency(self, seconds: float) -> None:
        """S3's event times are whole seconds and clocks differ: a negative latency would spoil the percentiles."""
        milliseconds = round(max(0.0, seconds) * 1000)
        self.metrics.add_metric(name=Metric.LATENCY, unit=MetricUnit.Milliseconds, value=milliseconds)
