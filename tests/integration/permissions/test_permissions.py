"""Least privilege: every call of the functions is allowed by their roles, and every permission is used."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from integration.permissions.account import Account
from integration.permissions.report import NOT_OURS, Run, accounts, carried_out, markdown, users
from integration.permissions.scenarios import SCENARIOS, Scenario

REPORT = Path(__file__).parents[3] / "docs/permissions.md"
OUTSIDE = "the flow's name is outside of FlowNamePrefix"


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with accounts() as account:
        yield account


@pytest.fixture(scope="module")
def runs(account: Account) -> Mapping[str, Run]:
    return {scenario.title: carried_out(account, scenario) for scenario in SCENARIOS}


@pytest.mark.parametrize(
    "scenario", [each for each in SCENARIOS if each.title != OUTSIDE], ids=lambda each: each.title
)
def test_no_permission_is_missing(runs: Mapping[str, Run], scenario: Scenario) -> None:
    run = runs[scenario.title]
    assert not run.judge.denied
    assert run.ends == set(scenario.ends.split())


def test_no_permission_is_unused(account: Account, runs: Mapping[str, Run]) -> None:
    unused = {(grant.sid, grant.action) for (_, grant), titles in users(account, runs).items() if not titles}
    assert unused == NOT_OURS.keys()


def test_without_any_permission_that_a_function_uses_a_call_is_denied(
    account: Account, runs: Mapping[str, Run]
) -> None:
    by_title = {scenario.title: scenario for scenario in SCENARIOS}
    spare = [
        grant
        for (_, grant), titles in users(account, runs).items()
        if titles and not carried_out(account, by_title[titles[0]], grant).judge.denied
    ]
    assert spare == []


def test_a_flow_outside_of_the_prefix_is_out_of_reach(runs: Mapping[str, Run]) -> None:
    run = runs[OUTSIDE]
    assert {call.action for call in run.judge.denied} == {"appflow:DescribeFlow"}
    assert run.ends == {"Failed"}


def test_the_report_is_up_to_date(account: Account, runs: Mapping[str, Run]) -> None:
    assert REPORT.read_text(encoding="utf-8") == markdown(users(account, runs)), "run `make docs`"
