"""Flow Repairs Confirmed: the event that confirms repairs that exceed the limit."""

from typing import Any

from appflow_gitops.sync.drift.limit import CONFIRMED


def parse_confirmation(event: dict[str, Any]) -> str | None:
    """Return what the event confirms; None for any other event, and for one without a confirmation.

    The detail may be wrapped in ``data``, as in our own events.
    """
    detail = event.get("detail") if event.get("detail-type") == CONFIRMED else None
    body = detail.get("data", detail) if isinstance(detail, dict) else None
    confirmation = body.get("confirmation") if isinstance(body, dict) else None
    return confirmation if isinstance(confirmation, str) else None
