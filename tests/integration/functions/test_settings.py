"""Every environment variable of a function reaches exactly those parts of its use case that need it."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import MethodType
from typing import Any

import pytest
from pydantic import BaseModel

from appflow_gitops.aws import clients
from apply.settings import ApplySettings
from apply.wiring import attempts
from detect_drift.settings import DetectDriftSettings
from detect_drift.wiring import detector
from intake.settings import IntakeSettings
from intake.wiring import dead_letters, intake
from watch_runs.settings import WatchRunsSettings
from watch_runs.wiring import watcher

BUILDERS: dict[type[BaseModel], tuple[Callable[[], Any], ...]] = {
    IntakeSettings: (intake, dead_letters),
    ApplySettings: (attempts,),
    DetectDriftSettings: (detector,),
    WatchRunsSettings: (watcher,),
}
FUNCTIONS = Path(__file__).parents[3] / "functions"
CLIENTS = {name: cache(getattr(clients, name)) for name in ("appflow", "events", "s3", "sqs")}
"""Made once: no use case is called here."""
VALUES = {
    "MAX_ATTEMPTS": ("5", "7"),
    "CHECK_FIELDS": ("warn", "refuse"),
    "CREATE_MISSING_FLOWS": ("false", "true"),
    "SELF_HEAL": ("false", "true"),
    "CHANGE_AT_MOST": ("0", "5"),
    "REQUIRE_POLICY": ("false", "true"),
    "PAUSED": ("false", "true"),
}
"""Two values of each variable that is not text."""
REACHED = {"MAX_ATTEMPTS": 7, "CHANGE_AT_MOST": 5, "FORMER_BUCKETS": frozenset({"two"})}
"""What the second value is inside, where it is neither text nor True."""

REACHES: dict[type[BaseModel], dict[str, set[str]]] = {
    IntakeSettings: {
        "DOCUMENTS_BUCKET": {
            "intake.bucket",
            "intake.environment.bucket",
            "intake.takeovers.environment.bucket",
            "intake.takeovers.store.bucket",
            "intake.releaser.changes.bucket",
            "intake.releaser.environment.bucket",
        },
        "DOCUMENTS_PREFIX": {"intake.prefix"},
        "STAGE": {
            "intake.environment.name",
            "intake.takeovers.environment.name",
            "intake.releaser.environment.name",
        },
        "REQUIRE_POLICY": {
            "intake.environment.requires_policy",
            "intake.takeovers.environment.requires_policy",
            "intake.releaser.environment.requires_policy",
        },
        "FLOW_CHANGES_QUEUE_URL": {"intake.queue.url", "intake.releaser.queue.url"},
        "EVENT_BUS_NAME": {"intake.reporter.bus.name"},
        "EVENTS_DEAD_LETTER_QUEUE_URL": {"dead_letters.url"},
        "RELEASE_TIMERS_QUEUE_URL": {"intake.releaser.timer.url"},
        "PAUSED": {"intake.releaser.environment.is_paused"},
    },
    ApplySettings: {
        "DOCUMENTS_BUCKET": {
            "attempts.applier.environment.bucket",
            "attempts.applier.takeovers.bucket",
            "attempts.applier.holder.changes.bucket",
        },
        "STAGE": {"attempts.applier.environment.name"},
        "REQUIRE_POLICY": {"attempts.applier.environment.requires_policy"},
        "FLOW_CHANGES_QUEUE_URL": {"attempts.queue.url"},
        "DEAD_LETTER_QUEUE_URL": {"attempts.dead_letters.url"},
        "RELEASE_TIMERS_QUEUE_URL": {"attempts.applier.holder.timer.url"},
        "PAUSED": {"attempts.applier.environment.is_paused"},
        "EVENT_BUS_NAME": {"attempts.applier.reporter.bus.name"},
        "MAX_ATTEMPTS": {"attempts.limit"},
        "CHECK_FIELDS": {"attempts.applier.fields.refuses"},
        "CREATE_MISSING_FLOWS": {"attempts.applier.reconciler.may_create"},
        "FORMER_BUCKETS": {"attempts.applier.former_buckets"},
    },
    DetectDriftSettings: {
        "CHECK_FIELDS": set(),
        "DOCUMENTS_BUCKET": {
            "detector.bucket",
            "detector.environment.bucket",
            "detector.held.bucket",
            "detector.state.bucket",
        },
        "DOCUMENTS_PREFIX": {"detector.prefix"},
        "STAGE": {"detector.environment.name"},
        "REQUIRE_POLICY": {"detector.environment.requires_policy"},
        "FLOW_CHANGES_QUEUE_URL": {"detector.queue.url"},
        "DEAD_LETTER_QUEUE_URL": {"detector.dead_letters.url"},
        "RELEASE_TIMERS_QUEUE_URL": {"detector.timer.url"},
        "EVENT_BUS_NAME": {"detector.reporter.bus.name"},
        "SELF_HEAL": {"detector.self_heal"},
        "CHANGE_AT_MOST": {"detector.change_at_most"},
        "FORMER_BUCKETS": {"detector.flows.former_buckets"},
    },
    WatchRunsSettings: {
        "CHECK_FIELDS": set(),
        "DOCUMENTS_BUCKET": {"watcher.bucket", "watcher.environment.bucket", "watcher.records.bucket"},
        "EVENT_BUS_NAME": {"watcher.reporter.bus.name"},
    },
}


def leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The path and value of every setting inside a use case, its ports included."""
    if isinstance(value, MethodType):
        yield from leaves(value.__self__, path)
    elif is_dataclass(value):
        for field in fields(value):
            yield from leaves(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, str | int | frozenset):
        yield path, value


def wired(settings: type[BaseModel]) -> set[tuple[str, Any]]:
    """Build the use cases of a function from the environment."""
    found: set[tuple[str, Any]] = set()
    for builder in BUILDERS[settings]:
        build = builder.__wrapped__  # type: ignore[attr-defined]  # what is built here must not be kept
        found |= set(leaves(build(), builder.__name__))
    return found


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("settings", "variable"), [(settings, variable) for settings in REACHES for variable in REACHES[settings]]
)
def test_a_variable_reaches_what_depends_on_it_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, settings: type[BaseModel], variable: str
) -> None:
    for name, make in CLIENTS.items():
        monkeypatch.setattr(clients, name, make)
    for name in REACHES[settings]:
        monkeypatch.setenv(name, VALUES.get(name, ("one", "two"))[0])
    before = wired(settings)
    monkeypatch.setenv(variable, VALUES.get(variable, ("one", "two"))[1])
    after = wired(settings)
    found = dict(after - before)
    assert found.keys() == REACHES[settings][variable]
    second = REACHED.get(variable, variable in VALUES or "two")
    assert all(value == second and type(value) is type(second) for value in found.values()), found


def test_every_setting_of_every_function_is_in_the_table() -> None:
    assert {settings.__module__ for settings in REACHES} == {
        f"{file.parent.name}.settings" for file in FUNCTIONS.glob("*/settings.py")
    }
    for settings, variables in REACHES.items():
        assert variables.keys() == {field.alias for field in settings.model_fields.values()}
