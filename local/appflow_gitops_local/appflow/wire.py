"""Values in the form that the REST-JSON protocol sends them."""

from datetime import datetime
from typing import Any


def epoch(moment: datetime) -> float:
    """Return seconds since 1970, to the millisecond."""
    return round(moment.timestamp(), 3)


def without_absent(members: dict[str, Any]) -> dict[str, Any]:
    """Return the members without those that are None."""
    return {name: value for name, value in members.items() if value is not None}
