"""The waits between retries of a scan, and the end of a schedule, at their limits."""

import pytest

from appflow_gitops.flows.schedule import is_over
from appflow_gitops.sync.drift.waits import HOUR, TOLERANCE, is_due

NOW = 1_768_478_400.0


@pytest.mark.parametrize(
    ("failures", "hours"), [(0, 1), (1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 24), (7, 24), (99, 24)]
)
def test_a_wait_doubles_from_an_hour_to_a_day(failures: int, hours: int) -> None:
    due = NOW + hours * HOUR - 300
    assert is_due(failures, NOW, due)
    assert not is_due(failures, NOW, due - 1)


def test_scans_of_every_hour_may_start_minutes_early() -> None:
    assert TOLERANCE == 300


@pytest.mark.parametrize(
    ("start", "end", "over"),
    [
        (None, NOW - 1, True),
        (None, NOW, True),
        (None, NOW + 1, False),
        (NOW + 60, NOW + 60, True),
        (NOW + 60, NOW + 61, False),
    ],
)
def test_a_schedule_is_over_when_no_run_is_left(start: float | None, end: float, *, over: bool) -> None:
    assert is_over(start, end, NOW) is over
