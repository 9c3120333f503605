"""When a scheduled flow is due, by AppFlow's rate and cron expressions."""

from datetime import UTC, datetime

import pytest

from appflow_gitops_local.appflow.schedules import next_due

START = datetime(2026, 1, 15, 12, 30, tzinfo=UTC)
"""A Thursday."""


def due(expression: str, after: str, start: datetime = START) -> str | None:
    found = next_due(expression, start, datetime.fromisoformat(after).replace(tzinfo=UTC))
    return found and found.isoformat()[:16]


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("rate(5minutes)", "2026-01-15T12:29", "2026-01-15T12:30"),
        ("rate(5minutes)", "2026-01-15T12:30", "2026-01-15T12:35"),
        ("rate(5minutes)", "2026-01-15T12:34", "2026-01-15T12:35"),
        ("rate(5minutes)", "2026-01-15T12:35", "2026-01-15T12:40"),
        ("rate(1minute)", "2026-01-15T12:30", "2026-01-15T12:31"),
        ("rate( 1 hour )", "2026-01-15T12:30", "2026-01-15T13:30"),
        ("rate(2hours)", "2026-01-15T12:30", "2026-01-15T14:30"),
        ("rate(1day)", "2026-01-15T12:30", "2026-01-16T12:30"),
        ("rate(1week)", "2026-01-15T12:30", "2026-01-22T12:30"),
        ("rate(1month)", "2026-01-15T12:30", "2026-02-14T12:30"),
        ("rate(0minutes)", "2026-01-15T12:30", None),
        ("rate(1second)", "2026-01-15T12:30", None),
        ("every hour", "2026-01-15T12:30", None),
    ],
)
def test_a_rate_counts_from_the_start(expression: str, after: str, expected: str | None) -> None:
    assert due(expression, after) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("* * * * ? *", "2026-01-15T12:31"),
        ("30 12 * * ? *", "2026-01-16T12:30"),
        ("31 12 * * ?", "2026-01-15T12:31"),
        ("0,45 * * * ? *", "2026-01-15T12:45"),
        ("45,0 * * * ? *", "2026-01-15T12:45"),
        ("16,1 * * * ? *", "2026-01-15T13:01"),
        ("0/20 * * * ? *", "2026-01-15T12:40"),
        ("5/20 * * * ? *", "2026-01-15T12:45"),
        ("10-20 * * * ? *", "2026-01-15T13:10"),
        ("10-50/35 * * * ? *", "2026-01-15T12:45"),
        ("*/59 * * * ? *", "2026-01-15T12:59"),
        ("59 23 * * ? *", "2026-01-15T23:59"),
        ("0 0 * * ? *", "2026-01-16T00:00"),
        ("0 20,8 * * ? *", "2026-01-15T20:00"),
        ("0 16,13 * * ? *", "2026-01-15T13:00"),
        ("0 0 15 * ? *", "2026-02-15T00:00"),
        ("0 0 31 * ? *", "2026-01-31T00:00"),
        ("0 0 29 2 ? *", "2028-02-29T00:00"),
        ("0 0 1 DEC ? *", "2026-12-01T00:00"),
        ("0 0 ? * 1 *", "2026-01-18T00:00"),
        ("0 0 ? * 7 *", "2026-01-17T00:00"),
        ("0 0 ? * MON-WED *", "2026-01-19T00:00"),
        ("0 0 ? * sun *", "2026-01-18T00:00"),
        ("0 0 1 1 ? 2030", "2030-01-01T00:00"),
        ("0 0 1 1 ? 2199", None),
        ("0 0 1 1 ? 1970,2030", "2030-01-01T00:00"),
        ("0 0 1 1 ? 2030,2199", "2030-01-01T00:00"),
        ("0 0 1 1 ? 1969,2030", None),
        ("0 0 1 1 ? 2030,2200", None),
        ("0 0 0,20 * ? *", None),
        ("60 * * * ? *", None),
        ("* 24 * * ? *", None),
        ("* * 0 * ? *", None),
        ("* * 32 * ? *", None),
        ("* * * 13 ? *", None),
        ("* * * 0 ? *", None),
        ("* * ? * 8 *", None),
        ("* * ? * 0 *", None),
        ("* * * * ? 1969", None),
        ("* * * * ? 2200", None),
        ("20-10 * * * ? *", None),
        ("x * * * ? *", None),
        ("* * * *", None),
        ("* * * * ? * *", None),
    ],
)
def test_a_cron_expression_is_due_at_the_next_minute_that_matches(fields: str, expected: str | None) -> None:
    assert due(f"cron({fields})", "2026-01-15T12:30") == expected


@pytest.mark.parametrize(
    ("names", "field"),
    [
        ("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC", "0 0 1 {} ? *"),
        ("SUN MON TUE WED THU FRI SAT", "0 0 ? * {} *"),
    ],
)
def test_names_of_months_and_weekdays_are_numbers_from_one(names: str, field: str) -> None:
    for number, name in enumerate(names.split(), start=1):
        by_name = due(f"cron({field.format(name)})", "2026-01-15T12:30")
        assert by_name == due(f"cron({field.format(number)})", "2026-01-15T12:30")
        assert by_name
        day = datetime.fromisoformat(by_name)
        assert day.strftime("%b %a").upper().split()["?" in field.split()[2]] == name


def test_a_cron_expression_is_due_at_its_start_and_not_before() -> None:
    assert due("cron(30 * * * ? *)", "2026-01-01T00:00") == "2026-01-15T12:30"
    assert due("cron(30 * * * ? *)", "2026-01-15T12:30") == "2026-01-15T13:30"
