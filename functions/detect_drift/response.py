"""What ``detect_drift`` returns. Only direct invocations see it: Lambda discards it after a schedule."""

from typing import TYPE_CHECKING, Any

from appflow_gitops.sync.drift.detector import Scan

if TYPE_CHECKING:
    from appflow_gitops.sync.schema_drift.detector import SchemaScan


def response(scan: Scan, fields: "SchemaScan | None" = None) -> dict[str, Any]:
    """Return the drift that a scan reported, the flows that it repairs, and what it could not inspect.

    ``fields`` is the result of comparing fields, if the stack does.
    """
    return {
        "drifting": dict(scan.drifting),
        "reported": [{"flow": report.flow_name, "drift": report.drift} for report in scan.reported],
        "repairs": [change.flowName for change in scan.repairs],
        "limited": list(scan.limited.flow_names) if scan.limited else [],
        "failed": scan.failed,
        "unreadable": scan.unreadable,
        "remaining": scan.remaining,
        "requeued": scan.requeued,
        **({} if fields is None else {"schemaDrift": _objects(fields), "notDescribed": fields.failed}),
    }


def _objects(fields: "SchemaScan") -> list[dict[str, Any]]:
    return [
        {"connector": report.key.connector, "object": report.key.name, "fields": len(report.changes)}
        for report in fields.reported
    ]
