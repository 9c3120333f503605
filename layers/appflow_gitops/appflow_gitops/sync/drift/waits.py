"""Waits: when a scan retries what failed before. They grow from an hour to a day."""

HOUR = 3600.0
LONGEST = 24 * HOUR
TOLERANCE = 300.0
"""Scans do not start at the same second every hour."""


def is_due(failures: int, since: float, now: float) -> bool:
    """Whether to retry after so many failures, the last of them at ``since``; both times in epoch seconds."""
    doublings = min(max(failures, 1), 10) - 1
    wait = min(HOUR * float(1 << doublings), LONGEST)
    return now - since >= wait - TOLERANCE
