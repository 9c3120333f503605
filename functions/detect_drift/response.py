"""What ``detect_drift`` returns. Only direct invocations see it: Lambda discards it after a schedule."""

from typing import Any

from appflow_gitops.sync.drift.detector import Scan


def response(scan: Scan) -> dict[str, Any]:
    """Return the drift that a scan reported, the flows that it repairs, and what it could not inspect."""
    return {
        "drifting": dict(scan.drifting),
        "reported": [{"flow": report.flow_name, "drift": report.drift} for report in scan.reported],
        "repairs": [change.flowName for change in scan.repairs],
        "failed": scan.failed,
        "unreadable": scan.unreadable,
        "remaining": scan.remaining,
        "requeued": scan.requeued,
    }
