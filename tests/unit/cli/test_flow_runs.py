"""Runs of flows: how long a command waits for one, which one counts, and how it is printed."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.runs import Run
from appflow_gitops_cli.flow_runs import (
    Waiting,
    as_json,
    first_run_since,
    moved,
    result_lines,
    run_with_id,
    start_run,
    table_lines,
)
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.screen import Screen
from fakes.clock import START, FakeClock

AT = "2026-01-15T12:00:00.000Z"
RUN = Run("run-1", "Successful", START, records=7)
FAILED = replace(RUN, id="run-2", status="Error", records=None, message="invalid_grant")
CAUSE = "the credentials of the connector profile have expired; connect the profile again"


@dataclass
class Runs:
    """The runs of all flows, newest first; ``started`` is the id of the next one."""

    found: tuple[Run, ...] = ()
    started: str | None = "run-9"
    asked: list[str] = field(default_factory=list)

    def latest(self, name: str) -> tuple[Run, ...]:
        self.asked.append(name)
        return self.found

    def start(self, name: str) -> str | None:
        self.asked.append(name)
        return self.started


def waiting(clock: FakeClock, timeout: float = 10.0) -> tuple[Waiting, list[float]]:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.advance(seconds)

    return Waiting(timeout, clock, sleep), slept


@pytest.mark.parametrize(
    ("timeout", "found_after", "run", "slept"),
    [
        (10.0, 0.0, RUN, []),
        (10.0, 3.0, RUN, [2.0, 2.0]),
        (5.0, 60.0, None, [2.0, 2.0, 1.0]),
        (5.0, 5.0, RUN, [2.0, 2.0, 1.0]),
        (0.0, 60.0, None, []),
    ],
)
def test_a_run_is_waited_for_every_two_seconds_until_the_timeout(
    timeout: float, found_after: float, run: Run | None, slept: list[float]
) -> None:
    clock = FakeClock()
    wait, sleeps = waiting(clock, timeout)
    assert wait.until(lambda: RUN if clock.now >= START + found_after else None) == run
    assert sleeps == slept


def live(trigger: str = "OnDemand", updated_at: float | None = None) -> LiveFlow:
    return LiveFlow(
        "orders",
        "arn",
        "Active",
        {"triggerConfig": {"triggerType": trigger}},
        last_updated_at=updated_at,
    )


@pytest.mark.parametrize(
    ("updated_at", "slept"),
    [(None, []), (START - 15, []), (START - 14, [1.0]), (START, [15.0]), (START + 60, [15.0])],
    ids=["unknown", "visible", "almost", "now", "clock ahead"],
)
def test_a_run_starts_15_seconds_after_the_update_at_the_latest(
    updated_at: float | None, slept: list[float]
) -> None:
    wait, sleeps = waiting(FakeClock())
    runs = Runs()
    assert start_run(runs, live(updated_at=updated_at), wait) == "run-9"
    assert (sleeps, runs.asked) == (slept, ["orders"])


@pytest.mark.parametrize(
    ("trigger", "started", "message"),
    [
        (
            "Event",
            "run-9",
            "flow 'orders' is Event: AppFlow starts its runs, expected an on-demand flow",
        ),
        ("OnDemand", None, "AppFlow returned no run of flow 'orders'"),
    ],
)
def test_a_run_that_is_not_started_is_an_error(trigger: str, started: str | None, message: str) -> None:
    wait, _ = waiting(FakeClock())
    with pytest.raises(CommandError) as raised:
        start_run(Runs(started=started), live(trigger), wait)
    assert raised.value.message == message


RUNNING = replace(RUN, status="InProgress")
CANCELED = replace(RUN, status="Canceled")


@pytest.mark.parametrize(
    ("found", "run"),
    [
        ((), None),
        ((FAILED, RUN), RUN),
        ((RUNNING,), None),
        ((replace(RUN, status="CancelStarted"),), None),
        ((CANCELED,), CANCELED),
        ((FAILED,), None),
    ],
)
def test_a_run_is_found_by_its_id_once_it_has_ended(found: tuple[Run, ...], run: Run | None) -> None:
    assert run_with_id(Runs(found), "orders", "run-1") == run


LATER = replace(RUN, id="run-3", started_at=START + 60)


@pytest.mark.parametrize(
    ("moment", "found", "run"),
    [
        (START - 1, (LATER, RUN), RUN),
        (START, (LATER, RUN), LATER),
        (START + 60, (LATER, RUN), None),
        (START - 1, (LATER, RUNNING), LATER),
        (START - 1, (LATER, CANCELED), LATER),
        (START - 1, (FAILED,), FAILED),
        (START - 1, (), None),
    ],
)
def test_the_first_run_with_a_result_after_a_moment_counts(
    moment: float, found: tuple[Run, ...], run: Run | None
) -> None:
    assert first_run_since(Runs(found), "orders", moment) == run


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"records": 0}, "0 records"),
        ({"records": 1}, "1 record"),
        ({"records": 2, "rejected": 1}, "2 records, 1 rejected"),
        ({"records": 1_234, "rejected": 5_678}, "1,234 records, 5,678 rejected"),
        ({"records": None}, "unknown records"),
        ({"status": "InProgress"}, "in progress"),
        ({"status": "CancelStarted"}, "in progress"),
        ({"status": "Canceled"}, "7 records"),
    ],
)
def test_what_a_run_moved_is_said_in_words(members: dict[str, Any], words: str) -> None:
    assert moved(replace(RUN, **members)) == words


def test_a_result_is_one_line_with_the_message_and_its_cause_below() -> None:
    assert result_lines("orders", RUN, Screen()) == ["Successful orders: 7 records (run run-1)"]
    assert result_lines("or\x1bders", replace(FAILED, message="\x1b"), Screen()) == [
        "Error or\ufffdders: unknown records (run run-2)",
        "    \ufffd",
    ]
    assert result_lines("orders", FAILED, Screen())[1:] == ["    invalid_grant", f"    cause: {CAUSE}"]


def test_a_list_of_runs_has_columns_and_messages_below() -> None:
    canceling = replace(RUN, id="run-3", status="CancelStarted")
    assert table_lines((RUN, FAILED, canceling), Screen()) == [
        f"{AT[:19]}Z  Successful     7 records         run-1",
        f"{AT[:19]}Z  Error          unknown records   run-2",
        "    invalid_grant",
        f"{AT[:19]}Z  CancelStarted  in progress       run-3",
    ]


@pytest.mark.parametrize(
    ("status", "code"),
    [("Successful", 32), ("Error", 31), ("Canceled", 33), ("CancelStarted", 33), ("InProgress", None)],
)
def test_the_status_of_a_run_has_its_colour(status: str, code: int | None) -> None:
    colour = f"\x1b[{code}m" if code else ""
    run, screen = replace(RUN, status=status), Screen(colour=True)
    [line] = result_lines("orders", run, screen)
    assert line.startswith(f"{colour}\x1b[22m{status}\x1b[0m orders")
    assert f"  {colour}\x1b[22m{status:<13}\x1b[0m  " in table_lines((run,), screen)[0]


def test_a_run_in_json_has_every_member() -> None:
    assert as_json(replace(FAILED, rejected=2)) == {
        "executionId": "run-2",
        "status": "Error",
        "startedAt": AT,
        "records": None,
        "rejected": 2,
        "message": "invalid_grant",
        "cause": CAUSE,
    }
    assert as_json(RUN)["cause"] is None
