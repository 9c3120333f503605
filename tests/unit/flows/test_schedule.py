import pytest
from hypothesis import given
from hypothesis import strategies as st

from appflow_gitops.flows.schedule import (
    CLOCK_TOLERANCE,
    LEAD,
    interval,
    is_over,
    is_rolled,
    rolled_start,
)

HOUR, DAY = 3_600, 86_400
START = 1_700_000_000


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        ("rate(5minutes)", 300),
        ("rate(1minute)", 60),
        ("rate(1 day)", DAY),
        ("rate(5 hour)", 5 * HOUR),
        (" rate( 2 Weeks ) ", 14 * DAY),
        ("cron(0 7 ? * TUE *)", 60),
        ("rate(0minutes)", None),
        ("rate(minutes)", None),
        ("rate(1months)", None),
        ("rate(-1days)", None),
        ("rate(\u0661days)", None),
        ("every day", None),
        ("", None),
    ],
)
def test_an_expression_has_an_interval(expression: str, seconds: int | None) -> None:
    assert interval(expression) == seconds


@pytest.mark.parametrize(
    ("start", "expression", "now", "expected"),
    [
        (START, "rate(1hours)", START - DAY, START),
        (START, "rate(1hours)", START + 5, START + HOUR),
        (START, "rate(1days)", START + 10 * DAY + 7 * HOUR, START + 11 * DAY),
        (START, "rate(1hours)", START - 1, START + HOUR),
        (START, "rate(1hours)", START - LEAD - 1, START),
        (START, "rate(1hours)", START - LEAD, START + HOUR),
        (START + 0.5, "rate(1hours)", START + 5, START + HOUR + 0.5),
        (START + 17, "cron(0 7 ? * TUE *)", START + DAY, START + DAY + 77),
        (START, "rate(1hours", START + 5, None),
        (START, "rate(1hours", START - DAY, START),
    ],
    ids=[
        "future",
        "just past",
        "long past",
        "too near",
        "just far enough",
        "exactly the lead",
        "fraction",
        "cron",
        "unknown",
        "unknown but future",
    ],
)
def test_a_past_start_rolls_to_the_next_time_of_its_schedule(
    start: float, expression: str, now: float, expected: float | None
) -> None:
    assert rolled_start(start, expression, now) == expected


@given(
    start=st.integers(0, 4 * 10**9),
    expression=st.sampled_from(["rate(1minutes)", "rate(7hours)", "rate(30 day)", "cron(0 7 ? * TUE *)"]),
    now=st.floats(10**9, 4 * 10**9),
)
def test_a_rolled_start_is_the_first_in_the_future_and_is_recognised(
    start: int, expression: str, now: float
) -> None:
    rolled, step = rolled_start(start, expression, now), interval(expression)
    assert rolled is not None
    assert step is not None
    assert rolled > now + LEAD
    assert (rolled - start) % step == 0
    assert rolled == start or rolled - step <= now + LEAD
    assert is_rolled(rolled, start, expression, updated_at=now)


@pytest.mark.parametrize(
    ("live_start", "expression", "updated_at", "expected"),
    [
        (START, "nonsense", None, True),
        (START + 3 * DAY, "rate(1days)", None, True),
        (START + 3 * DAY, "rate(1days)", START + 2 * DAY, True),
        (START + 3 * DAY + 1, "rate(1days)", None, False),
        (START - DAY, "rate(1days)", None, False),
        (START + DAY, "nonsense", None, False),
        (START + 400 * DAY, "rate(1days)", START + 2 * DAY, False),
        (START + DAY, "rate(1days)", START - DAY, False),
        (START + DAY, "rate(1days)", START - LEAD - CLOCK_TOLERANCE, True),
        (START + DAY, "rate(1days)", START - LEAD - CLOCK_TOLERANCE - 1, False),
    ],
    ids=[
        "same",
        "whole",
        "before the update",
        "phase",
        "earlier",
        "unknown",
        "set by hand",
        "was in the future",
        "AppFlow's clock is behind by the tolerance",
        "AppFlow's clock is behind by more",
    ],
)
def test_only_a_possible_rolled_start_is_recognised(
    live_start: float, expression: str, updated_at: float | None, *, expected: bool
) -> None:
    assert is_rolled(live_start, START, expression, updated_at) is expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, START, True),
        (None, START + 1, False),
        (START + 2, START + 3, False),
        (START + 3, START + 3, True),
        (START - 9, START + 1, False),
        (START - 9, START - 1, True),
    ],
)
def test_a_schedule_is_over_if_its_end_has_passed_or_comes_before_its_start(
    start: float | None, end: float, expected: bool
) -> None:
    assert is_over(start, end, START) is expected
