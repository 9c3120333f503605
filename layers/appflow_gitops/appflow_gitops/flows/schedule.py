"""Parse schedule expressions and roll past start times forward.

AppFlow requires ``scheduleStartTime`` to be in the future when it is called, but a document in Git outlives its start.
``sync`` rolls the start before it sends a request; ``normalise`` recognises a rolled start.
"""

import math
import re
from typing import NamedTuple

LEAD = 30
"""Seconds between now and the earliest start, for network latency and clock skew."""

CLOCK_TOLERANCE = 300
"""Seconds by which AppFlow's lastUpdatedAt may precede the time a start was rolled."""

_RATE = re.compile(r"\s*rate\(\s*([0-9]{1,9})\s*(minute|hour|day|week)s?\s*\)\s*", re.IGNORECASE)
_CRON = re.compile(r"\s*cron\((.*)\)\s*", re.IGNORECASE | re.DOTALL)
_UNITS = {"minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_CRON_STEP = 60


class Rate(NamedTuple):
    """A rate expression. As a string it has the documented form: ``rate(5minutes)``."""

    value: int
    unit: str

    @property
    def seconds(self) -> int:
        """The seconds between two runs; 0 for an invalid rate of 0."""
        return self.value * _UNITS[self.unit]

    def __str__(self) -> str:
        return f"rate({self.value}{self.unit}s)"


def parse_rate(expression: str) -> Rate | None:
    """Return the rate in any form that AppFlow accepts, such as ``rate(1 day)``; None for other expressions."""
    match = _RATE.fullmatch(expression)
    return Rate(int(match[1]), match[2].lower()) if match else None


def cron_fields(expression: str) -> list[str] | None:
    """Return the fields of a cron expression, valid or not; None for other expressions."""
    match = _CRON.fullmatch(expression)
    return match[1].split() if match else None


def interval(expression: str) -> int | None:
    """Return the seconds between two possible starts of a schedule; None for an unknown expression.

    ``rate(5minutes)`` is the documented form; AppFlow also accepts ``rate(1 day)`` and ``rate(5 hour)``. The interval
    of ``cron(...)`` is one minute: the expression itself defines the times, so the start only means "not before", and a
    minute, cron's finest step, is the smallest shift that skips no run.
    """
    if rate := parse_rate(expression):
        return rate.seconds or None
    return None if cron_fields(expression) is None else _CRON_STEP


def rolled_start(start: float, expression: str, now: float) -> float | None:
    """Return the start time to send for ``start``; all times are epoch seconds.

    ``start`` itself if it is more than ``LEAD`` ahead; otherwise the first such time that is a whole number of
    intervals later, so that the schedule keeps its phase. None for an unknown expression: send ``start`` and let
    AppFlow decide.
    """
    if start > now + LEAD:
        return start
    step = interval(expression)
    if step is None:
        return None
    return start + (math.floor((now + LEAD - start) / step) + 1) * step


def is_over(start: float | None, end: float, now: float) -> bool:
    """Return whether no run is left before ``end``; ``start`` is that of ``rolled_start``, all are epoch seconds."""
    return end <= now or (start is not None and end <= start)


def is_rolled(live_start: float, start: float, expression: str, updated_at: float | None) -> bool:
    """Return whether ``live_start`` can be ``start`` after ``rolled_start`` moved it; all times are epoch seconds.

    Rolling stops at the first possible time after the call. A live start more than one interval after ``updated_at``,
    the flow's last update, was therefore changed in another way. Without ``updated_at`` every whole number of intervals
    matches.
    """
    if live_start == start:
        return True
    step = interval(expression)
    if step is None or live_start < start or (live_start - start) % step:
        return False
    return updated_at is None or live_start - step <= updated_at + LEAD + CLOCK_TOLERANCE
