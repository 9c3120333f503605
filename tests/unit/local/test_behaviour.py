"""The switches of the local AppFlow: read by their camelCase names, and never a time without a date."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from appflow_gitops_local.appflow.behaviour import Behaviour, switches

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAY_BE_NEGATIVE = {"clockOffsetSeconds", "seed", "taskOrderSeed"}


def test_every_switch_is_shown_and_read_by_its_name_but_the_clock_and_its_sleep() -> None:
    shown = Behaviour().to_json()
    assert len(shown) == len(fields(Behaviour)) - 2 == len(switches())
    assert {"strictTasks", "updateOfActiveSchedule", "seed", "fillS3Output"} <= set(shown)
    as_json = {name: list(value) if isinstance(value, tuple) else value for name, value in shown.items()}
    assert Behaviour().changed(as_json) == Behaviour()


@pytest.mark.parametrize(
    "name",
    [name for name, value in Behaviour().to_json().items() if type(value) in (int, float)] + ["fixedTime"],
)
def test_only_an_offset_and_seeds_may_be_negative(name: str) -> None:
    if name in MAY_BE_NEGATIVE:
        assert Behaviour().changed({name: -1}).to_json()[name] == -1
    else:
        with pytest.raises(ValueError, match=f"^{name}: expected a number that is not negative$"):
            Behaviour().changed({name: -1})


@pytest.mark.parametrize(
    "change",
    [
        *(
            {name: 1e14}
            for name in (
                "runSeconds",
                "cancelSeconds",
                "updatePropagationSeconds",
                "lastRunLagSeconds",
                "metadataCacheSeconds",
                "tokenHours",
                "clockOffsetSeconds",
            )
        ),
        *({"fixedTime": time} for time in (1e12, 1e17, 1e300)),
    ],
    ids=str,
)
def test_a_time_or_a_duration_without_a_date_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^a time or a duration is out of range$"):
        Behaviour().changed(change)


@pytest.mark.parametrize(
    ("switches", "now"),
    [
        ({"clock": lambda: NOON.astimezone(timezone(timedelta(hours=5)))}, NOON),
        ({"clock": lambda: NOON, "clock_offset_seconds": -60}, NOON - timedelta(minutes=1)),
        ({"clock": lambda: NOON, "fixed_time": 0.0}, datetime(1970, 1, 1, tzinfo=UTC)),
        ({"fixed_time": NOON.timestamp(), "clock_offset_seconds": 60.0}, NOON + timedelta(minutes=1)),
    ],
)
def test_the_time_is_that_of_the_clock_or_a_fixed_one_with_an_offset(
    switches: dict[str, Any], now: datetime
) -> None:
    found = Behaviour(**switches).now()
    assert (found, found.tzinfo) == (now, UTC)
