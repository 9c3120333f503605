"""Everything at once: documents that move, requests, console edits, lost and repeated events, crashes, faults, hours.

Hypothesis makes up histories, on a virtual clock. ``Ledger`` holds each step to promises P1 to P11 and ``Convergence``
its end, when no fault is left and enough scans have run.

The default is the same 2,000 histories every time. Others: ``make soak RUNS=50000 SEED=1``, or with pytest
``SIMULATION_RUNS=500 pytest tests/simulation/test_nothing_lost.py --hypothesis-seed=7``. The same seed, number of runs
and code make up the same histories. A failure prints the shortest history that breaks the same promise, as calls of
``Deployment``: paste them into a test to debug it. ``SIMULATION_SHRINK=no`` prints the history as it was found, and
much sooner.
"""

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from moto.core.exceptions import JsonRESTError

from appflow_gitops.origin import DocumentVersion, Mode
from appflow_gitops.status.events import StatusEvent
from appflow_gitops.sync.change import timestamp
from appflow_gitops.sync.errors import PermanentError, SyncError, TransientError
from appflow_gitops.sync.intake.intake import IntakeRequest
from appflow_gitops.sync.inventory import State, take_inventory
from appflow_gitops.sync.stored_environment import POLICY_KEY
from fakes.bucket import BUCKET
from fakes.calls import Crash
from fakes.queue import Message
from fakes.world import World
from simulation.convergence import Convergence
from simulation.faults import KINDS, OPERATIONS, Strike, Trouble, is_on
from simulation.ledger import Ledger, SentRequest
from simulation.wishes import FLOWS, HOUR, WISHES, Wish, text_of

RUNS = int(os.environ.get("SIMULATION_RUNS", "2000"))
SHRINK = os.environ.get("SIMULATION_SHRINK") != "no"
STEPS = 14
OTHER = "others"


class Place(NamedTuple):
    """Where a document is stored."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """As the owner tag names it."""
        return f"s3://{self.bucket}/{self.key}"


HERE = (Place(BUCKET, "flows/a.json"), Place(BUCKET, "flows/b~.json"))
THERE = (Place(OTHER, "flows/a.json"), Place(OTHER, "flows/b.json"))
PLACES = [*HERE * 3, *THERE] if is_on(Trouble.TWO_STACKS) else [*HERE]
BUCKETS = sorted({place.bucket for place in PLACES})
SKEWS = (-86_400, 5, 365 * 86_400)
"""Seconds that the clock of a sender is ahead."""

EDITS = [name for name, wish in WISHES.items() if wish.start is None and wish.prefix == "raw"]
# No wishes at all make a document that is not valid.
DOCUMENTS = [
    (),
    (),
    (),
    *product(WISHES),
    *zip(sorted(WISHES)[: len(WISHES) // 2], sorted(WISHES)[::-1], strict=False),
]
PAIRS = [
    (first, second)
    for first, second in zip(sorted(WISHES)[: len(WISHES) // 2], sorted(WISHES)[::-1], strict=False)
    if WISHES[first].flow != WISHES[second].flow
]
THEN = st.sampled_from(["nothing", "deliver", "deliver one", "settle"])
INVALID = "{"


@dataclass(slots=True)
class WatchedWorld(World):
    """A world whose ledger knows which delivery apply is working on."""

    ledger: Ledger | None = None

    def handle(self, message: Message) -> StatusEvent | None:
        assert self.ledger
        self.ledger.begin(message.delivery())
        struck, calls = len(self.ledger.struck), len(self.calls.made)
        try:
            event = World.handle(self, message)
            self.ledger.completed(event, self.ledger.struck[struck:])
        finally:
            self.ledger.end(self.calls.operations()[calls:])
        return event


class Deployment(RuleBasedStateMachine):
    """One history."""

    runs = 0
    failed_first = 0
    """The number of the first history that failed."""

    @initialize(
        versioned=st.booleans(),
        may_create=st.sampled_from([True, True, False]),
        there=st.sampled_from([(), ("orders",), FLOWS, FLOWS]),
        shuffling=st.sampled_from([None, 1, 2]),
        drafts=st.booleans(),
        offset=st.sampled_from(["present", "absent", "as sent"]),
        busy=st.booleans(),
        redriven=st.booleans(),
        self_heal=st.booleans(),
    )
    def begin(
        self,
        *,
        versioned: bool,
        may_create: bool,
        there: tuple[str, ...],
        shuffling: int | None,
        drafts: bool,
        offset: str,
        busy: bool,
        redriven: bool,
        self_heal: bool,
    ) -> None:
        self.world = WatchedWorld(may_create, versioned)
        other = WatchedWorld(
            may_create, versioned, clock=self.world.clock, calls=self.world.calls, name=OTHER
        )
        other.flows, other.requests = self.world.flows, 1000  # so that no two events have the same id
        self.worlds = {world.name: world for world in (self.world, other)}
        self.ledger = Ledger([*self.worlds.values()])
        self.world.ledger = other.ledger = self.ledger
        self.world.flows.behave(
            task_order_seed=shuffling,
            update_of_active_schedule="Draft" if drafts else "Active",
            schedule_offset_zero=offset,
        )
        self.self_heal = self_heal
        self.busy = busy and is_on(Trouble.BUSY_QUEUE)
        self.redriven = redriven or not is_on(Trouble.NO_REDRIVE)
        self.pending: list[IntakeRequest] = []
        for flow in there:
            self._edit(Wish(flow, "as found"))

    # What users do

    @rule(place=st.sampled_from(PLACES), names=st.sampled_from(DOCUMENTS), late=st.booleans(), then=THEN)
    def drop(self, place: Place, names: tuple[str, ...], late: bool, then: str) -> None:
        self._drop(place, [WISHES[name] for name in names] or None, late)
        self._go_on(then)

    @precondition(lambda self: self.ledger.drops)
    @rule(place=st.integers(0, len(PLACES) - 1), back=st.integers(1, 3), late=st.booleans(), then=THEN)
    def drop_an_earlier_version_again(self, place: int, back: int, late: bool, then: str) -> None:
        place_ = self._place(place)
        if drop := self.ledger.drops[place_.uri][-back:][0]:
            self._drop(place_, drop.wishes, late)
            self._go_on(then)

    @precondition(lambda self: self.ledger.drops and is_on(Trouble.LONG_HISTORIES))
    @rule(place=st.integers(0, len(PLACES) - 1), number=st.sampled_from([9, 11, 30]), then=THEN)
    def drop_many_invalid_versions(self, place: int, number: int, then: str) -> None:
        for _ in range(number):
            self._drop(self._place(place), None, late=False)
        self._go_on(then)

    @precondition(lambda self: self.ledger.drops)
    @rule(place=st.sampled_from([*range(len(PLACES)), *[None] * 6]), late=st.booleans())
    def delete(self, place: int | None, late: bool) -> None:
        """Seldom: a deleted document ends its history."""
        if place is not None:
            self._delete(self._place(place), late)

    @precondition(lambda self: self.ledger.drops)
    @rule(
        place=st.integers(0, len(PLACES) - 1),
        deleted_first=st.booleans(),
        late=st.booleans(),
        then=THEN,
        between=THEN,
    )
    def move(self, place: int, deleted_first: bool, late: bool, then: str, between: str) -> None:
        """A document gets another name in the same bucket, in two steps."""
        source = self._place(place)
        target = next(one for one in PLACES if one.bucket == source.bucket and one != source)
        latest = self.ledger.drops[source.uri][-1]
        if latest is None:
            return
        if deleted_first:
            self._delete(source, late)
            self._go_on(between)
        self._drop(target, latest.wishes, late)
        if not deleted_first:
            self._go_on(between)
            self._delete(source, late)
        self._go_on(then)

    @rule(
        names=st.sampled_from(PAIRS),
        swapped=st.booleans(),
        late=st.booleans(),
        between=THEN,
        then=THEN,
    )
    def swap(self, names: tuple[str, str], swapped: bool, late: bool, between: str, then: str) -> None:
        """Two documents declare two flows, and then each the other one's."""
        here = HERE[::-1] if swapped else HERE
        for place, name in zip(here, names, strict=True):
            self._drop(place, [WISHES[name]], late)
        self._go_on(between)
        for place, name in zip(here, names[::-1], strict=True):
            self._drop(place, [WISHES[name]], late)
        self._go_on(then)

    @rule(
        name=st.sampled_from(sorted(WISHES)),
        force=st.booleans(),
        mode=st.sampled_from([Mode.APPLY, Mode.APPLY, Mode.APPLY, Mode.PLAN]),
        ahead=st.sampled_from([0, 0, 0, *SKEWS]),
        late=st.booleans(),
        then=THEN,
    )
    def request(self, *, name: str, force: bool, mode: Mode, ahead: int, late: bool, then: str) -> None:
        wish = WISHES[name]
        asked = self.world.requested(wish.document(), force=force, mode=mode)
        if is_on(Trouble.SKEWED_CLOCKS):
            asked = replace(asked, time=timestamp(self.world.clock.now + ahead))
        self._request(SentRequest([wish], asked), late)
        self._go_on(then)

    @precondition(lambda self: self.ledger.drops)
    @rule(place=st.integers(0, len(PLACES) - 1), late=st.booleans(), then=THEN)
    def point(self, place: int, late: bool, then: str) -> None:
        pointed = self._place(place)
        pointer = DocumentVersion(bucket=pointed.bucket, key=pointed.key)
        self._request(SentRequest(None, self.worlds[pointed.bucket].requested(pointer)), late)
        self._go_on(then)

    # What happens in the console

    @rule(name=st.sampled_from(EDITS))
    def edit(self, name: str) -> None:
        if WISHES[name].flow in self.ledger.live:
            self._edit(WISHES[name])

    @precondition(lambda _: is_on(Trouble.DELETED_FLOWS))
    @rule(name=st.sampled_from([*FLOWS, *[None] * 2]))
    def remove(self, name: str | None) -> None:
        if name in self.ledger.live:
            self.world.flows.remove(name)
            self.ledger.removed(name)

    @precondition(lambda _: is_on(Trouble.MANY_TAGS))
    @rule(name=st.sampled_from(FLOWS), number=st.sampled_from([1, 30, 42, 50]))
    def tag(self, name: str, number: int) -> None:
        if name in self.ledger.live:
            others = {tag for tag in self.world.flows.tags(name) if tag.startswith("appflow-gitops:")}
            tags = {f"team-{place}": "x" for place in range(min(number, 50 - len(others)))}
            self.world.flows.retag(name, tags)

    # What happens in the bucket

    @precondition(lambda self: self.ledger.drops and is_on(Trouble.UNREADABLE_OBJECTS))
    @rule(place=st.integers(0, len(PLACES) - 1))
    def archive(self, place: int) -> None:
        """A lifecycle rule that is not ours moves an object to GLACIER, and brings it back."""
        archived = self._place(place)
        unreadable = self.worlds[archived.bucket].bucket.unreadable
        if archived.key in unreadable:
            del unreadable[archived.key]
        elif self.ledger.drops[archived.uri][-1]:
            unreadable[archived.key] = PermanentError("InvalidObjectState", "The object is archived")

    @precondition(lambda _: is_on(Trouble.BROKEN_ENVIRONMENT))
    @rule()
    def break_or_repair_the_environment(self) -> None:
        self.ledger.broken_environment = not self.ledger.broken_environment
        if self.ledger.broken_environment:
            self.world.bucket.put(POLICY_KEY, "[")
        else:
            self.world.bucket.delete(POLICY_KEY)

    # What the stack does

    @precondition(lambda self: self.pending)
    @rule(place=st.integers(0, 9), again=st.booleans(), then=THEN)
    def event(self, place: int, again: bool, then: str) -> None:
        self._handle(self.pending[place % len(self.pending)], again=again)
        self._go_on(then)

    @rule(seconds=st.sampled_from([1, 10, 400, 2000, 9 * HOUR]), then=THEN)
    def wait(self, seconds: int, then: str) -> None:
        self.world.clock.advance(seconds)
        self._go_on(then)

    @rule(hours=st.sampled_from([1, 3]))
    def hours_pass(self, hours: int) -> None:
        """The stack at work: it scans every hour, and delivers in between."""
        for _ in range(hours):
            self.world.clock.advance(HOUR)
            self._scan(self.world)
            self._go_on("settle")

    @rule(
        operation=st.sampled_from(OPERATIONS),
        kind=st.sampled_from(sorted(KINDS)),
        skip=st.integers(0, 9),
        times=st.sampled_from([1, 2, 8, 40]),
    )
    def strike(self, operation: str, kind: str, skip: int, times: int) -> None:
        self.world.calls.faults = Strike(operation, kind, skip, times, self.ledger.struck)

    @rule(bucket=st.sampled_from(BUCKETS), then=THEN)
    def scan(self, bucket: str, then: str) -> None:
        """A scan, at any time."""
        self._scan(self.worlds[bucket])
        self._go_on(then)

    @rule(then=THEN)
    def redrive(self, then: str) -> None:
        for world in self.worlds.values():
            world.queue.redrive()
        self._go_on(then)

    # The end

    def teardown(self) -> None:
        Deployment.runs += 1
        try:
            self._end()
        except BaseException:
            Deployment.failed_first = Deployment.failed_first or Deployment.runs
            raise

    def _end(self) -> None:
        for request in self.pending:
            self._handle(request, again=True)
        self._go_on("settle")
        self.world.calls.answer()  # from here on nothing goes wrong
        if self.ledger.broken_environment:
            self.break_or_repair_the_environment()
        for request in self.pending:
            self._handle(request, again=True)
        self._settle()
        if self.redriven:
            for world in self.worlds.values():
                world.queue.redrive()
            self._settle()
        self._days_pass()
        Convergence(self.ledger, self.self_heal, self.redriven).verify()
        self._all_drift_repaired_or_reported()
        self.ledger.verify()

    def _days_pass(self) -> None:
        """More than the longest wait between two scans, until every wait is over."""
        for _ in range(3):
            self.world.clock.advance(25 * HOUR)
            for world in self.worlds.values():
                world.queue.others = self.busy
                last = world.scan(self_heal=self.self_heal)
                world.queue.others = 0
            self._settle()
        assert not last.reported, "drift is reported again and again"

    def _all_drift_repaired_or_reported(self) -> None:
        reported = {event.data.flowName: event for event in self.world.bus.drifts}
        correlated = {event.metadata.correlationId for event in self.world.bus.events}
        for name in self._not_in_sync():
            assert name in reported, f"the drift of {name} was not reported"
            event = reported[name]
            assert not event.data.healing or event.metadata.correlationId in correlated, (
                f"{name} was not repaired, and no outcome says why"
            )

    def _not_in_sync(self) -> list[str]:
        inventory = take_inventory(
            self.world.flows,
            self.world.bucket,
            bucket=BUCKET,
            prefix="flows/",
            environment=self.world.stored_environment.read(),
            now=self.world.clock.now,
            each=lambda work, items, _: map(work, items),
        )
        # The flows of a document without a valid version are unknown; that it is invalid was reported.
        invalid = {document.document for document in inventory.invalid}
        drifting = [
            flow.live.name
            for flow in inventory.flows
            if flow.state not in (State.IN_SYNC, State.ELSEWHERE)
            and (flow.changes or flow.document not in invalid)
        ]
        return [*drifting, *(flow.name for flow in inventory.missing)]

    def _place(self, number: int) -> Place:
        uris = list(self.ledger.drops)
        return next(place for place in PLACES if place.uri == uris[number % len(uris)])

    def _scan(self, world: World) -> None:
        """Lambda and the schedule retry a scan that fails."""
        struck = len(self.ledger.struck)
        world.queue.others = self.busy
        try:
            with world.invocation() as remaining:
                world.scan(self_heal=self.self_heal, remaining=remaining)
        except (SyncError, Crash, KeyError):
            assert len(self.ledger.struck) > struck, "a scan failed without a fault"
        finally:
            world.queue.others = 0

    def _go_on(self, then: str) -> None:
        """Let apply handle a batch, everything, or nothing."""
        with suppress(Crash):
            match then:
                case "deliver":
                    for world in self.worlds.values():
                        world.deliver()
                case "deliver one":
                    self.world.deliver(1)
                case "settle":
                    self._settle()
        self.ledger.verify()

    def _settle(self) -> None:
        for world in self.worlds.values():
            world.settle()

    def _drop(self, place: Place, wishes: list[Wish] | None, late: bool) -> None:
        content = text_of(wishes) if wishes else INVALID
        request = self.worlds[place.bucket].dropped(place.key, content)
        self.ledger.dropped(wishes, request)
        self._enqueue(request, late)

    def _delete(self, place: Place, late: bool) -> None:
        if (versions := self.ledger.drops[place.uri]) and versions[-1]:
            request = self.worlds[place.bucket].deleted(place.key)
            self.ledger.deleted(place.uri)
            self._enqueue(request, late)

    def _request(self, sent: SentRequest, late: bool) -> None:
        self.ledger.requests.append(sent)
        self._enqueue(sent.request, late)

    def _enqueue(self, request: IntakeRequest, late: bool) -> None:
        self.pending.append(request)
        if not late:
            self._handle(request, again=False)

    def _edit(self, wish: Wish) -> None:
        with suppress(JsonRESTError):  # the console cannot move a flow to another prefix either
            self.world.flows.edit(wish.request())
            self.ledger.edited(wish.flow)

    def _handle(self, request: IntakeRequest, *, again: bool) -> None:
        """As Lambda handles an event: it is retried until it succeeds, and sometimes once more."""
        world = self.worlds[request.version.bucket] if request.version else self.world
        try:
            with world.invocation():
                result = world.intake.handle(request)
        except (TransientError, Crash):
            return
        self.ledger.queued |= {change.id: change for change in result.changes}
        if not again:
            self.pending.remove(request)


def test_the_promises_hold_in_every_history() -> None:
    Deployment.runs = Deployment.failed_first = 0
    how = settings(
        max_examples=RUNS,
        stateful_step_count=STEPS,
        derandomize="SIMULATION_RUNS" not in os.environ,
        database=None,
        deadline=None,
        phases=[Phase.generate, *[Phase.shrink] * SHRINK],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(Deployment, settings=how)
    except Exception as error:
        error.add_note(f"found in history {Deployment.failed_first or Deployment.runs}")
        raise
    assert Deployment.runs >= RUNS
