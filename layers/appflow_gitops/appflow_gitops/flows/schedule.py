"""When a scheduled flow starts: reading schedule expressions and moving a past start forward.

``sync`` rolls a start before it sends a request; ``normalise`` recognises a start that was rolled.
AppFlow wants ``scheduleStartTime`` in the future at call time, so a document kept in Git outlives its own
start.
"""

import math
import re
from typing import NamedTuple

LEAD = 30
"""Seconds a start must lie ahead of now: the request travels, and two clocks never agree."""

CLOCK_TOLERANCE = 300
"""Seconds by which AppFlow's lastUpdatedAt may lie before the moment a start was rolled."""

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
    """Seconds between two possible starts of a schedule; None where the expression is not understood.

    ``rate(5minutes)`` is the documented form; ``rate(1 day)`` and ``rate(5 hour)`` are accepted by AppFlow
    too. ``cron(...)`` counts as one minute: it names its own moments, so the start is only "not before",
    and a minute, its finest step, is the least that can be added without skipping a run.
    """
    if rate := parse_rate(expression):
        return rate.seconds or None
    return None if cron_fields(expression) is None else _CRON_STEP


def rolled_start(start: float, expression: str, now: float) -> float | None:
    """The start to send for ``start``, all in epoch seconds.

    ``start`` itself while it lies more than ``LEAD`` ahead; else the first moment that does, a whole number
    of intervals later, so that the schedule keeps its phase. None where the expression is not understood:
    nothing can be promised then, so the stated start is to be sent and AppFlow has the last word.
    """
    if start > now + LEAD:
        return start
    step = interval(expression)
    if step is None:
        return None
    return start + (math.floor((now + LEAD - start) / step) + 1) * step


def is_rolled(live_start: float, start: float, expression: str, updated_at: float | None) -> bool:
    """Whether ``live_start`` is ``start`` as ``rolled_start`` may have moved it. All in epoch seconds.

    Rolling stops at the first moment after the call. A live start further than one interval after
    ``updated_at``, the flow's last update, was therefore set by somebody else. Without ``updated_at`` every
    whole number of intervals counts.
    """
    if live_start == start:
        return True
    step = interval(expression)
    if step is None or live_start < start or (live_start - start) % step:
        return False
    return updated_at is None or live_start - step <= updated_at + LEAD + CLOCK_TOLERANCE
