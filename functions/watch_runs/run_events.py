"""AppFlow's events about runs, parsed. The only module that knows their form.

AppFlow documents their names but not all of their members, so each member may be missing: AppFlow's records then have
the run. Source: "Flow notifications" in the Amazon AppFlow user guide, and events that users published.
"""

from datetime import UTC, datetime
from typing import Any

from appflow_gitops.flows.last_run import ERROR
from appflow_gitops.flows.runs import SUCCESSFUL, Run
from appflow_gitops.sync.health.watcher import RunEvent

RUN_ENDED = "AppFlow End Flow Run Report"
DEACTIVATED = ("AppFlow Scheduled Flow Deactivated", "AppFlow Event Flow Deactivated")

_STATUS = {"Execution Successful": SUCCESSFUL, "Execution Failed": ERROR}
_TIME_LENGTH = len("2023-08-29T12:55:32.049")


def is_from_appflow(event: dict[str, Any]) -> bool:
    """Whether AppFlow sent the event; the others start a scan."""
    return str(event.get("detail-type", "")).startswith("AppFlow ")


def parse_run_event(event: dict[str, Any]) -> RunEvent | None:
    """The run or the deactivation that an event reports; ``None`` for an event of another kind."""
    detail = event.get("detail") or {}
    name = detail.get("flow-name")
    if event.get("detail-type") not in (RUN_ENDED, *DEACTIVATED) or not isinstance(name, str):
        return None
    return RunEvent(name, _run(detail) if event["detail-type"] == RUN_ENDED else None)


def _run(detail: dict[str, Any]) -> Run | None:
    """The run of an end report; ``None`` where a member is missing or has another form."""
    try:
        return Run(
            id=detail["execution-id"],
            status=_STATUS[detail["status"]],
            started_at=_epoch(detail["start-time"]),
            records=int(detail["num-of-records-processed"]),
            rejected=int(detail.get("num-of-record-failures", "0")),
            message=detail.get("error"),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _epoch(text: str) -> float:
    """Epoch seconds of a time such as ``2023-08-29T12:55:32.049Z[UTC]``."""
    return datetime.fromisoformat(text.partition("Z")[0][:_TIME_LENGTH]).replace(tzinfo=UTC).timestamp()
