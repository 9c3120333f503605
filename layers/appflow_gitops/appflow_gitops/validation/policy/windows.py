"""Pauses and windows: whether the policy lets a flow be changed at a time, and when it will.

Pure: times are epoch seconds. Imported only for a policy that has pauses or windows.

A recurring window starts at a time of the wall clock and lasts for its duration in elapsed time, across a change of
the clock too. A start that the clock skips is as much later as the clock is set forward; of one that the clock repeats,
the first counts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from appflow_gitops.quoting import quoted
from appflow_gitops.validation.policy.hold import FlowPause, Hold
from appflow_gitops.validation.policy.model import Policy, Window, seconds_of
from appflow_gitops.validation.policy.patterns import matches

DAY = 86_400.0
STEPS = 1000
HORIZON = 400 * DAY
"""An opening is not searched further after so many windows, nor so long after the last window that opens once: they
deny every day, for example."""
LONGEST_RECURRING = 7 * DAY
"""The limit for the duration of a recurring window, in seconds."""
LATEST_END = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
"""The limit for the end of a window that opens once: later years than 9999 cannot be written, in any time zone."""

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``start`` up to, but not including, ``end``."""

    start: float
    end: float

    def contains(self, at: float) -> bool:
        """Whether the time is inside."""
        return self.start <= at < self.end


def policy_hold(policy: Policy, flow_name: str, actor: str | None, now: float) -> Hold | None:
    """Return why a change of the flow has to wait at ``now``; ``None`` if it may be applied.

    ``actor`` is who the change is from, as its provenance states; a break-glass principal passes windows, not pauses.
    """
    for pause in policy.paused or ():
        if hold := FlowPause(pause.flows, pause.reason).hold(flow_name):
            return hold
    windows = [window for window in policy.windows or () if matches(flow_name, window.flows)]
    binding = [window for window in windows if not (actor and matches(actor, window.breakGlass or ()))]
    return _window_hold(windows, binding, now) if binding else None


def _window_hold(windows: list[Window], binding: list[Window], now: float) -> Hold | None:
    """The hold of the ``binding`` windows; an allow window that does not bind the actor still allows."""
    denying = [window for window in binding if window.deny is not None]
    is_limited = len(denying) < len(binding)
    allowing = [window for window in windows if window.deny is None] if is_limited else []
    closed = next((window for window in denying if _active(window, now)), None)
    if closed is None and (not allowing or any(_active(window, now) for window in allowing)):
        return None
    reason = (
        f"in a deny window{_because(closed)}"
        if closed
        else f"outside of the allow windows{_because(*allowing)}"
    )
    return Hold(reason, _opening(allowing, denying, now))


def _because(*windows: Window) -> str:
    reasons = dict.fromkeys(window.reason for window in windows if window.reason)
    return f": {', '.join(reasons)}" if reasons else ""


def _opening(allowing: list[Window], denying: list[Window], now: float) -> float | None:
    """The first time after ``now`` that no deny window contains, and an allow window if there is any."""
    once = (window for window in (*allowing, *denying) if window.is_single)
    last = max((interval.end for window in once for interval in intervals(window, now, now)), default=now)
    at = now
    for _ in range(STEPS):
        if at > max(now, last) + HORIZON:
            break
        if ends := [interval.end for window in denying if (interval := _active(window, at))]:
            at = max(ends)
        elif not allowing or any(_active(window, at) for window in allowing):
            return at
        else:
            starts = [start for window in allowing if (start := _next_start(window, at)) is not None]
            if not starts:
                return None
            at = min(starts)
    return None


def _active(window: Window, at: float) -> Interval | None:
    """The interval of the window that contains the time; of several, the one that ends last."""
    found = [interval for interval in intervals(window, at, at) if interval.contains(at)]
    return max(found, key=lambda interval: interval.end, default=None)


def _next_start(window: Window, after: float) -> float | None:
    """The first start of the window later than ``after``. Every weekday comes within eight days."""
    later = (interval.start for interval in intervals(window, after, after + 8 * DAY))
    return min((start for start in later if start > after), default=None)


def intervals(window: Window, begin: float, end: float) -> Iterator[Interval]:
    """Yield the intervals of a window that may overlap the time from ``begin`` to ``end``."""
    zone, duration = _zone(window.timeZone or "UTC"), seconds_of(window.duration)
    if window.is_single:
        start = _epoch(datetime.fromisoformat(window.start), zone)
        yield Interval(start, start + duration)
        return
    clock = time.fromisoformat(window.start)
    # A day more on either side: time zones differ by up to a day, and the clock may skip an hour.
    first, last = (datetime.fromtimestamp(at, zone).date() for at in (begin - duration - DAY, end + DAY))
    for day in _days(first, last):
        if window.days is None or _DAYS[day.weekday()] in window.days:
            start = _epoch(datetime.combine(day, clock), zone)
            yield Interval(start, start + duration)


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _epoch(local: datetime, zone: ZoneInfo) -> float:
    """Epoch seconds of a time of the wall clock, fold 0: see the module's docstring."""
    return local.replace(tzinfo=zone).timestamp()


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def contradiction(window: Window) -> tuple[str, str] | None:
    """Return the key of a window that contradicts the others, and why; ``None`` for a window that can be evaluated."""
    try:
        _zone(window.timeZone or "UTC")
    except (KeyError, ValueError, OSError):
        return "timeZone", f"unknown time zone {quoted(window.timeZone)}"
    if not window.is_single:
        is_long = seconds_of(window.duration) > LONGEST_RECURRING
        return ("duration", "a recurring window is open for at most 7d") if is_long else None
    try:
        start = _epoch(datetime.fromisoformat(window.start), _zone(window.timeZone or "UTC"))
    except ValueError:
        return "start", f"invalid date {quoted(window.start)}"
    if start + seconds_of(window.duration) > LATEST_END:
        return "start", f"expected a window that ends before the year 9999, got {quoted(window.start)}"
    return ("days", "a window with a date has no days") if window.days is not None else None
