"""When scheduled flows are due: ``rate(5minutes)`` and ``cron(0 12 * * ? *)`` expressions, in UTC.

An expression that cannot be read is never due: AppFlow accepts any text, and what it makes of it is unknown.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone

RATE = re.compile(r"rate\(\s*(\d+)\s*(minute|hour|day|week|month)s?\s*\)")
MINUTES = {"minute": 1, "hour": 60, "day": 1440, "week": 10080, "month": 43200}
_CRON = re.compile(r"cron\(\s*(.+?)\s*\)")
_LAST_YEAR = 2199
_MONTHS = {
    "JAN": 1,
    "FEB": 2,
    "MAR": 3,
    "APR": 4,
    "MAY": 5,
    "JUN": 6,
    "JUL": 7,
    "AUG": 8,
    "SEP": 9,
    "OCT": 10,
    "NOV": 11,
    "DEC": 12,
}
_WEEKDAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_SEARCHED_DAYS = 366 * 8


def next_due(expression: str, start: datetime, after: datetime) -> datetime | None:
    """Return the first time after ``after`` at which the schedule is due; None if it never is.

    A rate counts from ``start``, which is due itself. A cron expression is due from ``start`` on.
    """
    rate = RATE.fullmatch(expression)
    if rate and int(rate[1]):
        return _next_of_rate(timedelta(minutes=int(rate[1]) * MINUTES[rate[2]]), start, after)
    if cron := _CRON.fullmatch(expression):
        return _next_of_cron(cron[1].split(), max(after, start - timedelta(minutes=1)))
    return None


def _next_of_rate(interval: timedelta, start: datetime, after: datetime) -> datetime:
    return start if start > after else start + ((after - start) // interval + 1) * interval


def _next_of_cron(parts: list[str], after: datetime) -> datetime | None:
    """Search day by day: minute, hour, day of the month, month, day of the week, and year if there is one."""
    try:
        minutes, hours, months, is_day = _read_cron(parts)
    except ValueError:
        return None
    times = [(hour, minute) for hour in sorted(hours) for minute in sorted(minutes)]
    for days in range(_SEARCHED_DAYS):
        day = after.date() + timedelta(days=days)
        if day.month in months and is_day(day):
            for hour, minute in times:
                due = datetime(day.year, day.month, day.day, hour, minute, tzinfo=timezone.utc)
                if due > after:
                    return due
    return None


def _read_cron(parts: list[str]) -> tuple[set[int], set[int], set[int], Callable[[date], bool]]:
    minute, hour, day, month, weekday, year = [*parts, "*"] if len(parts) == 5 else parts  # noqa: PLR2004
    days, years = _values(day, 1, 31), _values(year, 1970, _LAST_YEAR)
    weekdays = _values(weekday, 1, 7, _WEEKDAYS)

    def is_day(candidate: date) -> bool:
        number = candidate.isoweekday() % 7 + 1  # Sunday is 1
        return candidate.day in days and number in weekdays and candidate.year in years

    return _values(minute, 0, 59), _values(hour, 0, 23), _values(month, 1, 12, _MONTHS), is_day


def _values(text: str, low: int, high: int, names: dict[str, int] | None = None) -> set[int]:
    """Return the values of a field: ``*``, ``?``, numbers, names, ranges, lists and steps. Raises ValueError."""
    values: set[int] = set()
    for part in text.upper().split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span in {"*", "?"}:
            begin, end = low, high
        else:
            begin = _number(first, names)
            end = _number(last, names) if last else high if step else begin
        values.update(range(begin, end + 1, int(step or 1)))
    if min(values) < low or max(values) > high:  # min raises ValueError for none
        raise ValueError(text)
    return values


def _number(text: str, names: dict[str, int] | None) -> int:
    return (names or {}).get(text) or int(text)
