"""Following a push: it ends when every document has its status, by the ids that intake and apply give their events."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from appflow_gitops.aws.status_log import LoggedEvent
from appflow_gitops.origin import Provenance
from appflow_gitops.status.events import StatusEvent
from appflow_gitops.sync.change import change_id
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_cli.push.decision import Step
from appflow_gitops_cli.push.follow import (
    LOOKS_TO_A_FULL_ONE,
    OVERLAP,
    Awaited,
    Following,
    Tail,
    follow,
)
from appflow_gitops_cli.push.send import Uploader
from appflow_gitops_cli.push.work import PushPlan, Task
from fakes.bucket import BUCKET
from fakes.clock import FakeClock
from fakes.flow_documents import orders, text
from fakes.push import FakeStack, local, one_by_one
from fakes.status_events import ended
from fakes.world import World

TWO = f"[{text(orders())}, {text(orders(flowName='returns'))}]"


def sent(stack: FakeStack, step: Step, key: str, content: str) -> Awaited:
    sender = Uploader(stack, stack, BUCKET, Provenance(), one_by_one)
    [awaited] = sender.send(PushPlan((Task(local(key, content), step),)), prune=False)
    return awaited


@pytest.mark.parametrize(
    ("content", "outcomes"),
    [
        pytest.param(text(orders()), ["Applied"], id="one flow"),
        pytest.param(TWO, ["Applied", "Applied"], id="two flows"),
        pytest.param(text(orders()).replace("OnDemand", "OnDemands"), ["Rejected"], id="invalid"),
        pytest.param("flowName: [", ["Rejected"], id="no flow at all"),
    ],
)
def test_the_ids_awaited_are_those_that_the_functions_report(content: str, outcomes: list[str]) -> None:
    world = World(may_create=True)
    stack = FakeStack(world)
    following = Following([sent(stack, Step.UPLOAD, "flows/orders.yaml", content)])
    stack.settle()
    following.hear(world.bus.events)
    assert following.open == []
    assert [event.data.outcome for event in following.events_of(following.awaited[0])] == outcomes


@pytest.mark.parametrize("content", [text(orders()), text(orders()).replace("OnDemand", "OnDemands")])
def test_a_request_is_followed_by_the_id_of_its_event(content: str) -> None:
    world = World(may_create=True)
    world.bucket.put("flows/orders.yaml", content)
    stack = FakeStack(world)
    following = Following([sent(stack, Step.REAPPLY, "flows/orders.yaml", content)])
    stack.settle()
    assert len(following.hear(world.bus.events)) == 1
    assert following.open == []


def test_a_version_that_somebody_else_replaces_meanwhile_ends_superseded() -> None:
    world = World(may_create=True)
    stack = FakeStack(world)
    following = Following([sent(stack, Step.UPLOAD, "flows/orders.yaml", text(orders()))])
    world.bucket.put("flows/orders.yaml", text(orders(description="theirs")))
    stack.settle()
    [event] = following.hear(world.bus.events)
    assert (event.data.outcome, following.open) == ("Superseded", [])


def test_a_document_is_open_until_its_last_flow_has_ended() -> None:
    awaited = Awaited(local("flows/two.json", TWO), "drop")
    following = Following([awaited])
    following.hear([ended(Outcome.APPLIED, id_=awaited.of_flows[1])])
    assert following.open == [awaited]
    following.hear([ended(Outcome.APPLIED, id_=awaited.of_flows[0])])
    assert following.open == []


def test_what_is_about_something_else_or_known_already_is_not_heard() -> None:
    awaited = Awaited(local("flows/orders.json", text(orders())), "drop")
    following = Following([awaited])
    mine = ended(Outcome.APPLIED, id_=change_id("drop", "orders"))
    repeat = ended(Outcome.UNCHANGED, id_=change_id("drop", "orders"))
    assert following.hear([ended(Outcome.APPLIED, id_=change_id("another", "orders")), mine, repeat]) == [
        mine
    ]
    assert following.hear([repeat]) == []
    assert following.events_of(awaited) == (mine,)


class Follow:
    """One call of ``follow`` on a clock that moves when it waits; each look finds the next of ``looks``."""

    def __init__(self, following: Following, looks: Iterable[Any], timeout: float = 600.0) -> None:
        self.clock = FakeClock(0.0)
        self.told: list[list[StatusEvent]] = []
        self.looks = iter(looks)
        self.looked = 0
        follow(
            following,
            self.look,
            timeout=timeout,
            clock=self.clock,
            wait=self.clock.advance,
            tell=self.told.append,
        )

    def look(self) -> Iterable[StatusEvent]:
        self.looked += 1
        found = next(self.looks, [])
        if isinstance(found, Exception):
            raise found
        return found


def test_looking_goes_on_until_everything_has_ended() -> None:
    awaited = Awaited(local("flows/orders.json", text(orders())), "drop")
    event = ended(Outcome.APPLIED, id_=awaited.of_flows[0])
    followed = Follow(Following([awaited]), [[], [], [event]])
    assert (followed.looked, followed.told) == (3, [[], [], [event]])


def test_looking_ends_at_the_timeout_after_one_last_look() -> None:
    following = Following([Awaited(local("flows/orders.json", text(orders())), "drop")])
    followed = Follow(following, [], timeout=9.0)
    assert followed.clock.now == pytest.approx(9.0)
    assert followed.looked == 6
    assert len(following.open) == 1


def test_what_is_awaited_of_nothing_is_not_looked_for() -> None:
    assert Follow(Following([]), []).looked == 0


def test_what_keeps_us_from_looking_comes_out() -> None:
    following = Following([Awaited(local("flows/orders.json", text(orders())), "drop")])
    with pytest.raises(TransientError):
        Follow(following, [[], TransientError("ExpiredTokenException", "It has expired.")])


class LateLog:
    """A log in which events come to lie at a time before the newest."""

    def __init__(self) -> None:
        self.logged: list[LoggedEvent] = []
        self.starts: list[float] = []

    def since(self, start: float) -> Iterator[LoggedEvent]:
        self.starts.append(start)
        return iter([entry for entry in self.logged if entry.at >= start])


def test_an_event_that_is_logged_late_is_found_at_the_next_look() -> None:
    log = LateLog()
    tail = Tail(log, begin=1_000.0)
    log.logged.append(LoggedEvent(5_000.0, ended(Outcome.APPLIED, id_="newest")))
    tail.look()
    log.logged.append(LoggedEvent(5_000.0 - OVERLAP, ended(Outcome.APPLIED, id_="late")))
    assert {event.metadata.id for event in tail.look()} == {"newest", "late"}


def test_an_event_that_is_logged_very_late_is_found_in_the_end() -> None:
    log = LateLog()
    tail = Tail(log, begin=1_000.0)
    log.logged.append(LoggedEvent(5_000.0, ended(Outcome.APPLIED, id_="newest")))
    tail.look()
    log.logged.append(LoggedEvent(1_001.0, ended(Outcome.APPLIED, id_="very late")))
    seen = {event.metadata.id for _ in range(LOOKS_TO_A_FULL_ONE) for event in tail.look()}
    assert "very late" in seen
    assert sum(start == 1_000.0 for start in log.starts) == 2
