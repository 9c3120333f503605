"""What ``watch_runs`` returns. Only direct invocations see it: Lambda discards it after an event or a schedule."""

from typing import Any

from appflow_gitops.sync.health.report import HealthReport
from appflow_gitops.sync.health.watcher import HealthScan


def event_response(report: HealthReport | None) -> dict[str, Any]:
    """Return the change of health that an event led to, if any."""
    return {"reported": [_entry(report)] if report else []}


def scan_response(scan: HealthScan) -> dict[str, Any]:
    """Return the number of flows by health, the changes that a scan reported, and what it could not inspect."""
    return {
        "flows": dict(scan.flows),
        "reported": [_entry(report) for report in scan.reported],
        "failed": scan.failed,
        "remaining": scan.remaining,
    }


def _entry(report: HealthReport) -> dict[str, Any]:
    return {"flow": report.flow.name, "health": report.found.health}
