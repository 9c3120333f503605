"""Status events for tests."""

from typing import Any

from appflow_gitops.status.envelope import StatusMetadata
from appflow_gitops.status.events import StatusData, StatusEvent
from appflow_gitops.sync.outcome import Outcome


def ended(outcome: Outcome, flow: str | None = None, *, id_: str = "1", **data: Any) -> StatusEvent:
    """The event of a change with this outcome."""
    return StatusEvent(
        metadata=StatusMetadata(id=id_, time="2026-01-15T12:00:00.000Z", correlationId="event-1"),
        data=StatusData(flowName=flow, outcome=outcome, **data),
    )
