"""When held changes are checked again: the delays of timers, and which timer of a flow goes on."""

import json
from typing import Any

import pytest

from appflow_gitops.sync.change import Change
from appflow_gitops.sync.held import HeldChange, ReleaseCheck, delay_until
from appflow_gitops.sync.intake.release import Releaser
from appflow_gitops.validation.environment import NO_ENVIRONMENT, Environment
from appflow_gitops.validation.policy.hold import STACK_PAUSED
from appflow_gitops.validation.policy.model import BrokenPolicy
from appflow_gitops.validation.policy.read import read_policy
from fakes.world import World

NOW = 1_768_478_400.0  # 2026-01-15T12:00:00Z


@pytest.mark.parametrize(
    ("until", "longest", "seconds"),
    [
        (None, 900, 900),
        (None, 5, 5),
        (NOW, 900, 2),
        (NOW + 0.9, 900, 2),
        (NOW - 1, 900, 1),
        (NOW - 60, 900, 1),
        (NOW + 60, 900, 62),
        (NOW + 897, 900, 899),
        (NOW + 898, 900, 900),
        (NOW + 9999, 900, 900),
        (NOW + 60, 5, 5),
        (NOW + 1, 5, 3),
    ],
)
def test_a_check_follows_the_opening_by_a_second_or_two(
    until: float | None, longest: int, seconds: int
) -> None:
    assert delay_until(until, NOW, longest) == seconds


def test_a_check_is_repeated_after_a_quarter_of_an_hour() -> None:
    assert delay_until(None, NOW) == 900


def held(sequence: str, actor: str = "anna", **members: Any) -> HeldChange:
    change = Change(
        identity=f"request-{sequence}",
        flowName="orders",
        correlationId="c",
        requestedAt="2026-01-15T11:00:00Z",
        provenance={"actor": actor},  # type: ignore[arg-type]
        **members,
    )
    return HeldChange(change=change, sequence=sequence, heldAt="2026-01-15T11:00:00Z", reason="closed")


def closed_for(minutes: int) -> Environment:
    """A window denies changes for so many minutes more."""
    window = {
        "deny": ["*"],
        "start": "2026-01-15T11:00",
        "duration": f"{60 + minutes}m",
        "breakGlass": ["ops"],
    }
    policy, findings = read_policy(json.dumps({"documents": [], "windows": [window]}).encode(), "policy.yaml")
    assert not findings
    return Environment(policy)


PAUSED = Environment(pauses=(STACK_PAUSED,))


def released(
    world: World, environment: Environment, check: ReleaseCheck, *kept: HeldChange
) -> tuple[list[str], list[tuple[float, ReleaseCheck]]]:
    """The sequences of the released changes, and the delays of the checks that were scheduled."""
    world.clock.now = NOW
    for each in kept:
        world.held.keep(each)
    releaser = Releaser(world.held, world.timer, world.queue, lambda top=None: environment, world.clock)  # noqa: ARG005
    found = releaser.release(check)
    return [str(each.released) for each in found], [(at - NOW, each) for at, each in world.timer.waiting]


def check(sequence: str | None) -> ReleaseCheck:
    return ReleaseCheck(releaseFlow="orders", sequence=sequence)


def test_without_held_changes_nothing_is_checked_again(world: World) -> None:
    assert released(world, PAUSED, check("5")) == ([], [])


def test_an_open_flow_is_released_in_the_order_of_the_queue(world: World) -> None:
    assert released(world, NO_ENVIRONMENT, check("5"), held("10"), held("9")) == (["9", "10"], [])
    assert world.held.kept == {}
    queued = [message.delivery().change.released for message in world.queue.messages]
    assert queued == ["9", "10"]


@pytest.mark.parametrize(("sequence", "goes_on"), [("9", False), ("10", True), ("11", True)])
def test_only_the_timer_of_the_newest_held_change_goes_on(world: World, sequence: str, goes_on: bool) -> None:
    timers = [(900.0, check("10"))] if goes_on else []
    assert released(world, PAUSED, check(sequence), held("9"), held("10")) == ([], timers)


def test_the_timer_goes_on_for_the_newest_change_that_still_waits(world: World) -> None:
    found = released(world, closed_for(5), check("10"), held("8"), held("9"), held("10", "ops"))
    assert found == (["10"], [(302.0, check("9"))])


@pytest.mark.parametrize(
    ("environment", "timers"),
    [
        (closed_for(5), [(302.0, check(None))]),
        (closed_for(65), [(900.0, check(None))]),
        (closed_for(66), []),
        (PAUSED, []),
    ],
    ids=["opens soon", "opens before the next scan", "opens later", "paused"],
)
def test_a_single_check_waits_for_an_opening_before_the_next_scan(
    world: World, environment: Environment, timers: list[tuple[float, ReleaseCheck]]
) -> None:
    assert released(world, environment, check(None), held("9")) == ([], timers)


def test_in_a_broken_environment_all_wait(world: World) -> None:
    broken = Environment(BrokenPolicy("invalid"))
    assert released(world, broken, check("9"), held("9", "ops")) == ([], [(900.0, check("9"))])


def test_a_repair_is_not_from_the_actor_of_its_document(world: World) -> None:
    repair = held("9", "ops")
    repair = repair.model_copy(update={"change": repair.change.model_copy(update={"identity": "drift:1"})})
    assert released(world, closed_for(5), check("9"), repair) == ([], [(302.0, check("9"))])
