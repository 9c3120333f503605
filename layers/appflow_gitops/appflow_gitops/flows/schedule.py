"""When a scheduled flow starts: reading schedule expressions and moving a past start forward.

``sync`` rolls a start before it sends a request; ``normalise`` recognises a start that was rolled.
AppFlow wants ``scheduleStartTime`` in the future at call time, so a document kept in Git outlives its own
start.
"""

import math
import re

LEAD = 30
"""Seconds a start must lie ahead of now: the request travels, and two clocks never agree."""

CLOCK_TOLERANCE = 300
"""Seconds by which AppFlow's lastUpdatedAt may lie before the moment a start was rolled."""

_RATE = re.compile(r"rate\(\s*([0-9]{1,9})\s*(minute|hour|day|week)s?\s*\)", re.IGNORECASE)
_CRON = re.compile(r"cron\(.*\)", re.IGNORECASE | re.DOTALL)
_UNITS = {"minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_CRON_STEP = 60


def interval(expression: str) -> int | None:
    """Seconds between two possible starts of a schedule; None where the expression is not understood.

    ``rate(5minutes)`` is the documented form; ``rate(1 day)`` and ``rate(5 hour)`` are accepted by AppFlow
    too. ``cron(...)`` counts as one minute: it names its own moments, so the start is only "not before",
    and a minute, its finest step, is the least that can be added without skipping a run.
    """
    expression = expression.strip()
    if rate := _RATE.fullmatch(expression):
        return int(rate[1]) * _UNITS[rate[2].lower()] or None
    return _CRON_STEP if _CRON.fullmatch(expression) else None


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
