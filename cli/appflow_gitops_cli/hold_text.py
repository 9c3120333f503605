"""Holds as text: why a change waits, and until when. Shared by plan, push and status."""

from appflow_gitops.sync.change import timestamp
from appflow_gitops.validation.policy.hold import Hold


def describe_hold(hold: Hold) -> str:
    """The reason of a hold, and when it ends if that is known."""
    return describe_held(hold.reason, None if hold.until is None else timestamp(hold.until))


def describe_held(reason: str | None, until: str | None) -> str:
    """The reason of a held change, and when it is applied, given as ISO 8601 in UTC."""
    parts = (reason, f"until {until[:10]} {until[11:16]} UTC" if until else None)
    return "; ".join(filter(None, parts))
