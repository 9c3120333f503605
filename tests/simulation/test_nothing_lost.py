"""Everything at once: documents, requests, people at the console, lost and doubled events, crashes, faults, redrives.

Hypothesis makes up histories, on a virtual clock; ``Ledger`` holds each to promises P1 to P9. The same histories every
time, unless ``make soak`` asks for others (``SIMULATION_RUNS``, ``--hypothesis-seed``).
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from itertools import product

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
from appflow_gitops.sync.errors import SyncError, TransientError
from appflow_gitops.sync.intake.intake import IntakeRequest
from appflow_gitops.sync.inventory import State, take_inventory
from fakes.bucket import BUCKET
from fakes.calls import Crash
from fakes.queue import Message
from fakes.world import World
from simulation.faults import KINDS, OPERATIONS, Strike
from simulation.ledger import Ledger, SentRequest
from simulation.wishes import FLOWS, HOUR, WISHES, Wish, text_of

RUNS = int(os.environ.get("SIMULATION_RUNS", "2000"))
STEPS = 14
KEYS = ("flows/a.json", "flows/b.json")

EDITS = [name for name, wish in WISHES.items() if wish.start is None and wish.prefix == "raw"]
# No wishes at all make a document that is not valid.
DOCUMENTS = [
    (),
    (),
    (),
    *product(WISHES),
    *zip(sorted(WISHES)[: len(WISHES) // 2], sorted(WISHES)[::-1], strict=False),
]
THEN = st.sampled_from(["nothing", "deliver", "deliver one", "settle"])
INVALID = "{"


@dataclass(slots=True)
class WatchedWorld(World):
    """A world whose ledger knows which delivery apply is working on."""

    ledger: Ledger | None = None

    def handle(self, message: Message) -> StatusEvent | None:
        assert self.ledger
        self.ledger.handled = message.delivery()
        before = len(self.ledger.struck)
        try:
            event = World.handle(self, message)
            self.ledger.completed(event, self.ledger.struck[before:])
        finally:
            self.ledger.handled = None
        return event


class Deployment(RuleBasedStateMachine):
    """One history."""

    runs = 0

    @initialize(
        versioned=st.booleans(),
        may_create=st.sampled_from([True, True, False]),
        there=st.sampled_from([(), ("orders",), FLOWS, FLOWS]),
        shuffling=st.sampled_from([None, 1, 2]),
        drafts=st.booleans(),
        offset=st.sampled_from(["present", "absent", "as sent"]),
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
    ) -> None:
        self.world = WatchedWorld(may_create, versioned)
        self.ledger = self.world.ledger = Ledger(self.world)
        self.world.flows.behave(
            task_order_seed=shuffling,
            update_of_active_schedule="Draft" if drafts else "Active",
            schedule_offset_zero=offset,
        )
        self.pending: list[IntakeRequest] = []
        for flow in there:
            self._edit(Wish(flow, "as found"))

    @rule(key=st.sampled_from(KEYS), names=st.sampled_from(DOCUMENTS), late=st.booleans(), then=THEN)
    def drop(self, key: str, names: tuple[str, ...], late: bool, then: str) -> None:
        self._drop(key, [WISHES[name] for name in names] or None, late)
        self._go_on(then)

    @precondition(lambda self: self.ledger.drops)
    @rule(key=st.integers(0, len(KEYS) - 1), back=st.integers(1, 3), late=st.booleans(), then=THEN)
    def drop_an_earlier_version_again(self, key: int, back: int, late: bool, then: str) -> None:
        if drop := self.ledger.drops[self._key(key)][-back:][0]:
            self._drop(drop.key, drop.wishes, late)
            self._go_on(then)

    @precondition(lambda self: self.ledger.drops)
    @rule(key=st.sampled_from([*KEYS, *[""] * 4]))
    def delete(self, key: str) -> None:
        """Seldom: a deleted document ends its history."""
        if key in self.ledger.drops and self.ledger.drops[key][-1]:
            self.world.bucket.delete(key)
            self.ledger.deleted(key)

    @rule(
        name=st.sampled_from(sorted(WISHES)),
        force=st.booleans(),
        mode=st.sampled_from([Mode.APPLY, Mode.APPLY, Mode.APPLY, Mode.PLAN]),
        late=st.booleans(),
        then=THEN,
    )
    def request(self, name: str, force: bool, mode: Mode, late: bool, then: str) -> None:
        wish = WISHES[name]
        asked = self.world.requested(wish.document(), force=force, mode=mode)
        self._request(SentRequest([wish], asked), late)
        self._go_on(then)

    @precondition(lambda self: self.ledger.drops)
    @rule(key=st.integers(0, len(KEYS) - 1), late=st.booleans(), then=THEN)
    def point(self, key: int, late: bool, then: str) -> None:
        pointer = DocumentVersion(bucket=BUCKET, key=self._key(key))
        self._request(SentRequest(None, self.world.requested(pointer)), late)
        self._go_on(then)

    @rule(name=st.sampled_from(EDITS))
    def edit(self, name: str) -> None:
        if WISHES[name].flow in self.world.flows.backend.flows:
            self._edit(WISHES[name])

    @precondition(lambda self: self.pending)
    @rule(place=st.integers(0, 9), again=st.booleans(), then=THEN)
    def event(self, place: int, again: bool, then: str) -> None:
        self._handle(self.pending[place % len(self.pending)], again=again)
        self._go_on(then)

    @rule(seconds=st.sampled_from([1, 10, 400, 2000, 9 * HOUR]), then=THEN)
    def wait(self, seconds: int, then: str) -> None:
        self.world.clock.advance(seconds)
        self._go_on(then)

    @rule(
        operation=st.sampled_from(OPERATIONS),
        kind=st.sampled_from(sorted(KINDS)),
        skip=st.integers(0, 9),
        times=st.sampled_from([1, 2, 8, 40]),
    )
    def strike(self, operation: str, kind: str, skip: int, times: int) -> None:
        self.world.calls.faults = Strike(operation, kind, skip, times, self.ledger.struck)

    @rule(self_heal=st.booleans(), then=THEN)
    def scan(self, self_heal: bool, then: str) -> None:
        """A scan, at any time; Lambda and the schedule retry one that fails."""
        struck = len(self.ledger.struck)
        try:
            self.world.scan(self_heal=self_heal)
        except (SyncError, Crash, KeyError):
            assert len(self.ledger.struck) > struck, "a scan failed without a fault"
        self._go_on(then)

    @rule(then=THEN)
    def redrive(self, then: str) -> None:
        self.world.queue.redrive()
        self._go_on(then)

    def teardown(self) -> None:
        Deployment.runs += 1
        for request in self.pending:
            self._handle(request, again=True)
        self._go_on("settle")
        self.world.calls.answer()  # from here on nothing goes wrong
        for request in self.pending:
            self._handle(request, again=True)
        self.world.settle()
        self.world.queue.redrive()
        self.world.settle()
        self.ledger.final()
        self._all_drift_repaired_or_reported()
        self.ledger.verify()

    def _all_drift_repaired_or_reported(self) -> None:
        """With ``self_heal``, everything settles, and then nothing is reported again."""
        for _ in range(3):
            last = self.world.scan(self_heal=True)
            self.world.settle()
        assert not last.reported, "drift is reported again and again"
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
            if flow.state is not State.IN_SYNC and (flow.changes or flow.document not in invalid)
        ]
        return [*drifting, *(flow.name for flow in inventory.missing)]

    def _key(self, place: int) -> str:
        keys = list(self.ledger.drops)
        return keys[place % len(keys)]

    def _go_on(self, then: str) -> None:
        """Let apply handle a batch, everything, or nothing."""
        with suppress(Crash):
            match then:
                case "deliver":
                    self.world.deliver()
                case "deliver one":
                    self.world.deliver(1)
                case "settle":
                    self.world.settle()
        self.ledger.verify()

    def _drop(self, key: str, wishes: list[Wish] | None, late: bool) -> None:
        request = self.world.dropped(key, text_of(wishes) if wishes else INVALID)
        self.ledger.dropped(key, wishes, request)
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
        try:
            result = self.world.intake.handle(request)
        except (TransientError, Crash):
            return
        self.ledger.queued |= {change.id: change for change in result.changes}
        if not again:
            self.pending.remove(request)


def test_p1_to_p9_hold_in_every_history() -> None:
    Deployment.runs = 0
    run_state_machine_as_test(
        Deployment,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            derandomize="SIMULATION_RUNS" not in os.environ,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Deployment.runs >= RUNS
