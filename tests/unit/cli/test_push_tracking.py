"""Waiting for outcomes ends when every document has its status events, matched by id."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from appflow_gitops.aws.status_log import LoggedEvent
from appflow_gitops.origin import Provenance
from appflow_gitops.status.events import StatusEvent
from appflow_gitops.sync.change import change_id
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_cli.push.planner import PushPlan, PushStep
from appflow_gitops_cli.push.steps import Step
from appflow_gitops_cli.push.tracking import (
    OVERLAP,
    POLLS_PER_FULL_READ,
    SILENCE,
    LogTail,
    SentDocument,
    StatusTracker,
    wait_for_outcomes,
)
from appflow_gitops_cli.push.uploader import Uploader
from fakes.bucket import BUCKET
from fakes.clock import FakeClock
from fakes.flow_documents import orders, text
from fakes.push import FakeStack, local, one_by_one
from fakes.status_events import ended
from fakes.world import World

TWO = f"[{text(orders())}, {text(orders(flowName='returns'))}]"


def sent(stack: FakeStack, step: Step, key: str, content: str) -> SentDocument:
    uploader = Uploader(stack, stack, BUCKET, Provenance(), one_by_one)
    [document] = uploader.execute(PushPlan((PushStep(local(key, content), step),)), prune=False)
    return document


@pytest.mark.parametrize(
    ("content", "outcomes"),
    [
        pytest.param(text(orders()), ["Applied"], id="one flow"),
        pytest.param(TWO, ["Applied", "Applied"], id="two flows"),
        pytest.param(text(orders()).replace("OnDemand", "OnDemands"), ["Rejected"], id="invalid"),
        pytest.param("flowName: [", ["Rejected"], id="no flow"),
    ],
)
def test_expected_ids_are_those_of_the_functions(content: str, outcomes: list[str]) -> None:
    world = World(may_create=True)
    stack = FakeStack(world)
    tracker = StatusTracker([sent(stack, Step.UPLOAD, "flows/orders.yaml", content)])
    stack.settle()
    tracker.record(world.bus.events)
    assert tracker.pending == []
    assert [event.data.outcome for event in tracker.events_of(tracker.sent[0])] == outcomes


@pytest.mark.parametrize("content", [text(orders()), text(orders()).replace("OnDemand", "OnDemands")])
def test_a_request_is_tracked_by_the_id_of_its_event(content: str) -> None:
    world = World(may_create=True)
    world.bucket.put("flows/orders.yaml", content)
    stack = FakeStack(world)
    tracker = StatusTracker([sent(stack, Step.REAPPLY, "flows/orders.yaml", content)])
    stack.settle()
    assert len(tracker.record(world.bus.events)) == 1
    assert tracker.pending == []


def test_a_version_that_is_replaced_meanwhile_is_superseded() -> None:
    world = World(may_create=True)
    stack = FakeStack(world)
    tracker = StatusTracker([sent(stack, Step.UPLOAD, "flows/orders.yaml", text(orders()))])
    world.bucket.put("flows/orders.yaml", text(orders(description="theirs")))
    stack.settle()
    [event] = tracker.record(world.bus.events)
    assert (event.data.outcome, tracker.pending) == ("Superseded", [])


def test_a_document_is_pending_until_its_last_flow_has_a_status() -> None:
    awaited = SentDocument(local("flows/two.json", TWO), "drop")
    tracker = StatusTracker([awaited])
    tracker.record([ended(Outcome.APPLIED, id_=awaited.flow_status_ids[1])])
    assert tracker.pending == [awaited]
    tracker.record([ended(Outcome.APPLIED, id_=awaited.flow_status_ids[0])])
    assert tracker.pending == []


def test_unrelated_and_repeated_events_are_not_recorded() -> None:
    awaited = SentDocument(local("flows/orders.json", text(orders())), "drop")
    tracker = StatusTracker([awaited])
    mine = ended(Outcome.APPLIED, id_=change_id("drop", "orders"))
    repeat = ended(Outcome.UNCHANGED, id_=change_id("drop", "orders"))
    assert tracker.record([ended(Outcome.APPLIED, id_=change_id("another", "orders")), mine, repeat]) == [
        mine
    ]
    assert tracker.record([repeat]) == []
    assert tracker.events_of(awaited) == (mine,)


class Wait:
    """One call of ``wait_for_outcomes`` on a fake clock; each poll returns the next of ``polls``."""

    def __init__(self, tracker: StatusTracker, polls: Iterable[Any], timeout: float = 600.0) -> None:
        self.clock = FakeClock(0.0)
        self.reported: list[list[StatusEvent]] = []
        self.polls = iter(polls)
        self.polled = 0
        wait_for_outcomes(
            tracker,
            self.poll,
            timeout=timeout,
            clock=self.clock,
            sleep=self.clock.advance,
            on_events=self.reported.append,
        )

    def poll(self) -> Iterable[StatusEvent]:
        self.polled += 1
        found = next(self.polls, [])
        if isinstance(found, Exception):
            raise found
        return found


def test_polling_continues_until_everything_is_complete() -> None:
    awaited = SentDocument(local("flows/orders.json", text(orders())), "drop")
    event = ended(Outcome.APPLIED, id_=awaited.flow_status_ids[0])
    waited = Wait(StatusTracker([awaited]), [[], [], [event]])
    assert (waited.polled, waited.reported) == (3, [[], [], [event]])


def test_polling_ends_at_the_timeout_after_a_final_poll() -> None:
    tracker = StatusTracker([SentDocument(local("flows/orders.json", text(orders())), "drop")])
    waited = Wait(tracker, [], timeout=9.0)
    assert waited.clock.now == pytest.approx(9.0)
    assert waited.polled == 6
    assert len(tracker.pending) == 1


def test_without_documents_the_log_is_not_polled() -> None:
    assert Wait(StatusTracker([]), []).polled == 0


def test_a_document_without_a_status_is_sent_again_once_and_either_event_completes_it() -> None:
    """S3 sends no events for some minutes after its notifications were switched on."""
    document = local("flows/orders.json", text(orders()))
    tracker = StatusTracker([SentDocument(document, "drop")])
    again = SentDocument(document, "request")
    clock, silences = FakeClock(0.0), []

    def poll() -> Iterable[StatusEvent]:
        return [ended(Outcome.APPLIED, id_=again.flow_status_ids[0])] if clock.now > 2 * SILENCE else []

    def send_again(silent: list[SentDocument]) -> None:
        silences.append((clock.now, [each.document.key for each in silent]))
        tracker.again[document.key] = again

    wait_for_outcomes(
        tracker,
        poll,
        timeout=600.0,
        clock=clock,
        sleep=clock.advance,
        on_events=lambda _: None,
        on_silence=send_again,
    )
    assert silences == [(SILENCE, ["flows/orders.json"])]
    assert tracker.pending == []
    assert len(tracker.events_of(tracker.sent[0])) == 1


def test_an_error_of_a_poll_is_raised() -> None:
    tracker = StatusTracker([SentDocument(local("flows/orders.json", text(orders())), "drop")])
    with pytest.raises(TransientError):
        Wait(tracker, [[], TransientError("ExpiredTokenException", "It has expired.")])


class LateLog:
    """A log in which events appear with a time before the newest."""

    def __init__(self) -> None:
        self.logged: list[LoggedEvent] = []
        self.starts: list[float] = []

    def since(self, start: float) -> Iterator[LoggedEvent]:
        self.starts.append(start)
        return iter([entry for entry in self.logged if entry.at >= start])


def test_an_event_that_is_logged_late_is_found_by_the_next_poll() -> None:
    log = LateLog()
    tail = LogTail(log, begin=1_000.0)
    log.logged.append(LoggedEvent(5_000.0, ended(Outcome.APPLIED, id_="newest")))
    tail.poll()
    log.logged.append(LoggedEvent(5_000.0 - OVERLAP, ended(Outcome.APPLIED, id_="late")))
    assert {event.metadata.id for event in tail.poll()} == {"newest", "late"}


def test_an_event_that_is_logged_very_late_is_found_by_a_full_read() -> None:
    log = LateLog()
    tail = LogTail(log, begin=1_000.0)
    log.logged.append(LoggedEvent(5_000.0, ended(Outcome.APPLIED, id_="newest")))
    tail.poll()
    log.logged.append(LoggedEvent(1_001.0, ended(Outcome.APPLIED, id_="very late")))
    seen = {event.metadata.id for _ in range(POLLS_PER_FULL_READ) for event in tail.poll()}
    assert "very late" in seen
    assert sum(start == 1_000.0 for start in log.starts) == 2


def test_a_held_change_is_complete_and_replaced_by_its_outcome() -> None:
    """Both events have the id of the change; the log returns them in any order."""
    document = SentDocument(local("flows/orders.json", text(orders())), "drop")
    [id_] = document.flow_status_ids
    held, applied = (
        event.model_copy(update={"metadata": event.metadata.model_copy(update={"id": id_})})
        for event in (ended(Outcome.HELD, "orders"), ended(Outcome.APPLIED, "orders"))
    )
    for events in ([held, applied], [applied, held]):
        tracker = StatusTracker([document])
        tracker.record([held])
        assert tracker.is_complete(document)
        tracker.record(events)
        assert [each.data.outcome for each in tracker.events_of(document)] == [Outcome.APPLIED]
