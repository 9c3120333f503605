"""Windows open and close at their times, in every time zone, over midnight and over changes of the clock."""

import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from appflow_gitops.findings import to_pointer
from appflow_gitops.validation.policy.model import BrokenPolicy, Policy, Window
from appflow_gitops.validation.policy.read import read_policy
from appflow_gitops.validation.policy.windows import DAY, Hold, intervals, policy_hold

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # its clock changes by half an hour
    "Pacific/Apia",  # skipped 2011-12-30
    "Asia/Kathmandu",
    "America/St_Johns",
    "Pacific/Kiritimati",
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOMENTS = st.floats(
    datetime(2010, 1, 1, tzinfo=UTC).timestamp(), datetime(2030, 1, 1, tzinfo=UTC).timestamp()
)
CLOCKS = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
DURATIONS = st.one_of(
    st.integers(1, 600).map("{}m".format),
    st.integers(1, 48).map("{}h".format),
    st.integers(1, 7).map("{}d".format),
)


def window(**members: Any) -> Window:
    return Window.model_validate({"start": "22:00", "duration": "2h", **members})


def policy(**members: Any) -> Policy:
    read, findings = read_policy(json.dumps({"documents": [], **members}).encode(), "policy.yaml")
    assert isinstance(read, Policy), findings
    return read


def at(text: str, zone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def hold(now: str, *windows: dict[str, Any], zone: str = "UTC", actor: str | None = None) -> Hold | None:
    given_ = [{"start": "22:00", "duration": "2h", "timeZone": zone, **each} for each in windows]
    return policy_hold(policy(windows=given_), "orders", actor, at(now, zone))


def opens(now: str, *windows: dict[str, Any], zone: str = "UTC") -> str:
    """The wall clock of ``zone`` when a change may be applied that is held now."""
    held = hold(now, *windows, zone=zone)
    assert held
    assert held.until
    return datetime.fromtimestamp(held.until, ZoneInfo(zone)).isoformat(timespec="minutes")


recurring = st.fixed_dictionaries(
    {"start": CLOCKS, "duration": DURATIONS, "timeZone": st.sampled_from(ZONES)},
    optional={"days": st.lists(st.sampled_from(DAYS), min_size=1, unique=True)},
)
single = st.fixed_dictionaries(
    {
        "start": st.datetimes(datetime(2010, 1, 1), datetime(2029, 12, 31)).map(  # noqa: DTZ001 - a wall clock
            lambda moment: moment.isoformat(timespec="minutes")
        ),
        "duration": DURATIONS,
        "timeZone": st.sampled_from(ZONES),
    }
)
kinds = st.sampled_from(["allow", "deny"])
windows = st.lists(
    st.builds(lambda kind, schedule: {kind: ["*"], **schedule}, kinds, st.one_of(recurring, single)),
    min_size=1,
    max_size=4,
)


@given(windows=windows, now=MOMENTS)
def test_a_held_change_may_be_applied_at_the_opening_and_not_before(
    windows: list[dict[str, Any]], now: float
) -> None:
    given_ = policy(windows=windows)
    held = policy_hold(given_, "orders", None, now)
    assume(held and held.until)
    assert held
    assert held.until
    assert held.until > now
    assert policy_hold(given_, "orders", None, held.until) is None
    before = now + (held.until - now) * 0.999
    for moment in (before, (now + before) / 2):
        assert policy_hold(given_, "orders", None, moment), "it opens earlier"


@given(schedule=recurring, now=MOMENTS)
def test_a_recurring_window_opens_once_on_each_of_its_days(schedule: dict[str, Any], now: float) -> None:
    each, zone = window(allow=["*"], **schedule), ZoneInfo(schedule["timeZone"])
    found = list(intervals(each, now, now + 20 * DAY))
    assert all(one.start < other.start for one, other in pairwise(found))
    starts = [datetime.fromtimestamp(one.start, zone) for one in found]
    assert {start.strftime("%A").lower() for start in starts} <= set(each.days or DAYS) or _skips(starts)
    assert len(starts) >= 2 * len(each.days or DAYS)


def _skips(starts: list[datetime]) -> bool:
    """Whether a start is on a date that the time zone does not have: Apia had no 2011-12-30."""
    return any(start.strftime("%Y-%m-%d") == "2011-12-31" for start in starts)


@given(schedule=recurring, now=MOMENTS, seconds=st.floats(0, 1, exclude_max=True))
@example({"start": "02:30", "duration": "1h", "timeZone": "Europe/Berlin"}, at("2026-03-29T12:00"), 0.5)
@example({"start": "02:30", "duration": "1h", "timeZone": "Europe/Berlin"}, at("2026-10-25T12:00"), 0.5)
def test_a_window_is_open_for_its_duration(schedule: dict[str, Any], now: float, seconds: float) -> None:
    given_ = policy(windows=[{"allow": ["*"], **schedule}])
    each = next(intervals(window(allow=["*"], **schedule), now, now + 9 * DAY))
    inside = each.start + seconds * (each.end - each.start)
    assert policy_hold(given_, "orders", None, inside) is None


@given(now=MOMENTS, zone=st.sampled_from(ZONES))
def test_an_allow_window_and_a_deny_window_of_the_same_times_are_opposites(now: float, zone: str) -> None:
    times = {"start": "21:15", "duration": "5h", "timeZone": zone, "days": ["friday", "monday"]}
    allowed = policy_hold(policy(windows=[{"allow": ["*"], **times}]), "orders", None, now)
    denied = policy_hold(policy(windows=[{"deny": ["*"], **times}]), "orders", None, now)
    assert (allowed is None) != (denied is None)


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2026-11-27T21:59", False),
        ("2026-11-27T22:00", True),  # a Friday
        ("2026-11-28T01:59", True),
        ("2026-11-28T02:00", False),
        ("2026-11-28T22:30", False),  # a Saturday
    ],
)
def test_a_window_of_a_day_goes_on_after_midnight(now: str, is_open: bool) -> None:
    found = hold(now, {"allow": ["*"], "duration": "4h", "days": ["friday"]}, zone="Europe/Berlin")
    assert (found is None) == is_open


def test_a_start_that_the_clock_skips_is_later_by_as_much() -> None:
    night = {"allow": ["*"], "start": "02:30", "duration": "1h"}
    assert opens("2026-03-29T01:00", night, zone="Europe/Berlin") == "2026-03-29T03:30+02:00"


def test_of_a_start_that_the_clock_repeats_the_first_counts() -> None:
    night = {"allow": ["*"], "start": "02:30", "duration": "1h"}
    assert opens("2026-10-25T01:00", night, zone="Europe/Berlin") == "2026-10-25T02:30+02:00"


def test_a_window_lasts_as_long_when_the_clock_changes() -> None:
    night = {"deny": ["*"], "start": "01:00", "duration": "4h"}
    assert opens("2026-03-29T01:00", night, zone="Europe/Berlin") == "2026-03-29T06:00+02:00"
    assert opens("2026-10-25T01:00", night, zone="Europe/Berlin") == "2026-10-25T04:00+01:00"


def test_a_window_with_a_date_denies_once() -> None:
    freeze = {"deny": ["*"], "start": "2026-12-20T00:00", "duration": "14d"}
    assert hold("2026-12-19T23:59", freeze) is None
    assert opens("2026-12-20T00:00", freeze) == "2027-01-03T00:00+00:00"
    assert hold("2027-01-03T00:00", freeze) is None
    assert hold("2027-12-25T00:00", freeze) is None


def test_a_deny_window_takes_precedence_over_an_allow_window() -> None:
    nightly = {"allow": ["*"], "start": "22:00", "duration": "4h"}
    backup = {"deny": ["*"], "start": "23:00", "duration": "1h"}
    assert hold("2026-11-26T22:30", nightly, backup) is None
    assert opens("2026-11-26T23:10", nightly, backup) == "2026-11-27T00:00+00:00"
    assert opens("2026-11-26T12:00", nightly, backup) == "2026-11-26T22:00+00:00"


def test_adjacent_deny_windows_are_one() -> None:
    first = {"deny": ["*"], "start": "10:00", "duration": "2h"}
    second = {"deny": ["*"], "start": "12:00", "duration": "2h"}
    assert opens("2026-11-26T11:00", first, second) == "2026-11-26T14:00+00:00"


def test_a_window_that_never_opens_has_an_unknown_time() -> None:
    found = hold("2026-11-26T11:00", {"deny": ["*"], "start": "00:00", "duration": "1d"})
    assert found
    assert found.until is None
    past = hold("2026-11-26T11:00", {"allow": ["*"], "start": "2020-01-01T00:00"})
    assert past
    assert past.until is None


def test_an_opening_is_found_after_years_of_a_window_with_a_date() -> None:
    freeze = {"deny": ["*"], "start": "2026-01-01T00:00", "duration": "2000d"}
    assert opens("2026-11-26T11:00", freeze, {"allow": ["*"]}) == "2031-06-24T22:00+00:00"


@pytest.mark.parametrize(
    ("now", "deny", "opening"),
    [
        ("2026-03-30T00:00", "10:00", "2026-10-25T11:00+00:00"),
        ("2026-10-26T00:00", "11:00", "2027-03-28T10:00+00:00"),
    ],
    ids=["summer", "winter"],
)
def test_an_opening_is_found_that_only_comes_with_the_next_change_of_the_clock(
    now: str, deny: str, opening: str
) -> None:
    noon_in_berlin = {"allow": ["*"], "start": "12:00", "duration": "1h", "timeZone": "Europe/Berlin"}
    assert opens(now, noon_in_berlin, {"deny": ["*"], "start": deny, "duration": "1h"}) == opening


def test_windows_hold_only_their_flows() -> None:
    assert hold("2026-11-26T12:00", {"allow": ["sales-*"]}) is None


def test_a_break_glass_principal_passes_windows_and_not_pauses() -> None:
    closed = {"allow": ["*"], "breakGlass": ["ops-*"]}
    assert hold("2026-11-26T12:00", closed, actor="ops-anna") is None
    assert hold("2026-11-26T12:00", closed, actor="anna")
    assert hold("2026-11-26T12:00", closed)
    paused = policy(paused=[{"flows": ["*"], "reason": "incident"}])
    assert policy_hold(paused, "orders", "ops-anna", 0.0) == Hold("changes of 'orders' are paused: incident")


def test_a_break_glass_principal_of_one_window_is_not_held_inside_it_by_another() -> None:
    nightly = {"allow": ["*"], "breakGlass": ["ops-*"]}
    morning = {"allow": ["*"], "start": "06:00", "duration": "1h"}
    assert hold("2026-11-26T23:00", nightly, morning, actor="ops-anna") is None
    assert hold("2026-11-26T23:00", nightly, morning, actor="anna") is None
    found = hold("2026-11-26T12:00", nightly, morning, actor="ops-anna")
    assert found
    assert found.until == at("2026-11-26T22:00")


def test_the_reason_is_that_of_the_window() -> None:
    found = hold(
        "2026-12-24T12:00", {"deny": ["*"], "start": "2026-12-20T00:00", "duration": "14d", "reason": "x-mas"}
    )
    assert found
    assert found.reason == "in a deny window: x-mas"


@pytest.mark.parametrize(
    ("members", "pointer", "message"),
    [
        (
            {"allow": ["*"], "timeZone": "Europe/Berlln"},
            "/windows/0/timeZone",
            "unknown time zone 'Europe/Berlln'",
        ),
        ({"allow": ["*"], "timeZone": "../../etc/passwd"}, "/windows/0/timeZone", "unknown time zone"),
        ({}, "/windows/0", "expected one of 'allow' and 'deny', got none of them"),
        ({"allow": ["*"], "deny": ["*"]}, "/windows/0", "expected one of 'allow' and 'deny', got both"),
        ({"deny": ["*"], "start": "2026-02-30T00:00"}, "/windows/0/start", "invalid date '2026-02-30T00:00'"),
        (
            {"allow": ["*"], "start": "9999-12-31T23:59", "timeZone": "America/New_York"},
            "/windows/0/start",
            "expected a window that ends before the year 9999, got '9999-12-31T23:59'",
        ),
        (
            {"deny": ["*"], "start": "9998-12-31T00:00", "duration": "2d"},
            "/windows/0/start",
            "before the year 9999",
        ),
        ({"deny": ["*"], "start": "24:00"}, "/windows/0/start", "expected a time of the day"),
        ({"deny": ["*"], "start": "2026-12-20T00:00", "days": ["monday"]}, "/windows/0/days", "has no days"),
        ({"deny": ["*"], "duration": "8d"}, "/windows/0/duration", "at most 7d"),
        ({"deny": ["*"], "duration": "0h"}, "/windows/0/duration", "expected a time such as '90m'"),
        ({"deny": ["*"], "days": ["Monday"]}, "/windows/0/days/0", "unknown day 'Monday'"),
    ],
)
def test_a_window_that_cannot_be_evaluated_is_an_error(members: Any, pointer: str, message: str) -> None:
    text = json.dumps({"documents": [], "windows": [{"start": "22:00", "duration": "2h", **members}]})
    read, findings = read_policy(text.encode(), "policy.yaml")
    assert isinstance(read, BrokenPolicy)
    assert [to_pointer(finding.path) for finding in findings] == [pointer]
    assert message in findings[0].message


def test_a_pause_needs_a_reason() -> None:
    _, findings = read_policy(b"documents: []\npaused: [{flows: ['*']}]\n", "policy.yaml")
    assert [finding.message for finding in findings] == ["missing key 'reason'"]


@pytest.mark.parametrize(
    ("start", "duration", "valid"),
    [
        ("9998-12-31T00:00", "1d", True),
        ("9998-12-31T00:01", "1d", False),
        ("9998-12-30T23:59", "1d", True),
        ("9999-01-01T00:00", "1m", False),
    ],
)
def test_a_window_with_a_date_ends_at_the_latest_with_the_year_9998(
    start: str, duration: str, valid: bool
) -> None:
    text = json.dumps({"documents": [], "windows": [{"deny": ["*"], "start": start, "duration": duration}]})
    read, _ = read_policy(text.encode(), "policy.yaml")
    assert isinstance(read, Policy) is valid


@pytest.mark.parametrize(
    ("duration", "valid"), [("7d", True), ("168h", True), ("169h", False), ("8d", False)]
)
def test_a_recurring_window_is_open_for_seven_days_at_most(duration: str, valid: bool) -> None:
    text = json.dumps({"documents": [], "windows": [{"deny": ["*"], "start": "22:00", "duration": duration}]})
    read, _ = read_policy(text.encode(), "policy.yaml")
    assert isinstance(read, Policy) is valid


def test_the_reason_of_a_pause_is_not_empty() -> None:
    _, findings = read_policy(b"documents: []\npaused: [{flows: ['*'], reason: ''}]\n", "policy.yaml")
    assert [finding.pointer for finding in findings] == ["/paused/0/reason"]
