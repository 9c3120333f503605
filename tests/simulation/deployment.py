"""A simulated account: the stacks, what users and AWS do to them, and how a history ends.

The rules that make up a history are in ``authors``, ``console``, ``surroundings`` and ``sequences``.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize
from moto.core.exceptions import JsonRESTError

from appflow_gitops.flows.ownership import TAG_LIMIT
from appflow_gitops.status.events import StatusEvent
from appflow_gitops.sync.drift.detector import Scan
from appflow_gitops.sync.errors import SyncError, TransientError
from appflow_gitops.sync.intake.intake import IntakeRequest
from appflow_gitops.sync.inventory import State, take_inventory
from appflow_gitops.sync.stored_environment import PAUSED_KEY, POLICY_KEY
from fakes.bucket import BUCKET
from fakes.calls import Crash
from fakes.queue import Message
from fakes.world import World
from simulation.convergence import Convergence
from simulation.environments import TEAM, Environment
from simulation.ledger import Ledger, SentRequest
from simulation.themes import Theme
from simulation.wishes import FAMILIES, FLOWS, HOUR, WISHES, Wish, text_of

OTHER = "others"
"""The bucket of the other stack."""
VARIABLES_KEY = "variables/prod.yaml"
INVALID = "{"
EVENT_ATTEMPTS = 3
"""The invocations of intake for one event, before it moves to the queue of failed events."""
READS_OF_ONE_DOCUMENT = 11
MOST_READS = 10 * READS_OF_ONE_DOCUMENT
"""GetObject calls of one invocation: each document is read a few times, and never more than its newest versions."""
DAYS, SILENT_DAYS, MOST_DAYS = 3, 2, 8
"""The days at the end: at least, without drift that is new, and at most."""


class Place(NamedTuple):
    """Where a document is stored."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """As the owner tag names it."""
        return f"s3://{self.bucket}/{self.key}"

    @classmethod
    def of(cls, uri: str) -> "Place":
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return cls(bucket, key)


HERE = (Place(BUCKET, "flows/a.json"), Place(BUCKET, f"{TEAM}b~.json"))
THERE = (Place(OTHER, "flows/a.json"), Place(OTHER, "flows/b.json"))
TOO_LONG = Place(BUCKET, f"flows/{'k' * 260}.json")
"""A key that does not fit into the tag of a flow: the document is rejected."""


def chosen(find: Callable[["Deployment"], object]) -> st.SearchStrategy[object]:
    """One of the values that ``find`` returns for the history."""
    return st.runner().flatmap(lambda history: st.sampled_from(find(history)))


THEN = st.sampled_from(["nothing", "deliver", "deliver one", "settle"])
PLACE = chosen(lambda history: history.places)
DOCUMENT = chosen(lambda history: history.documents)
VALID = chosen(lambda history: history.documents[history.invalid :])
URI = chosen(lambda history: sorted(history.ledger.drops))
EDIT = chosen(lambda history: history.edits)
REQUEST = chosen(lambda history: history.wishes)


@dataclass(slots=True)
class WatchedWorld(World):
    """A world whose ledger knows which delivery apply is working on."""

    ledger: Ledger | None = None

    def __post_init__(self) -> None:
        World.__post_init__(self)
        self.bucket.has_unique_ids = True

    def handle(self, message: Message) -> StatusEvent | None:
        assert self.ledger
        self.ledger.begin(message.delivery())
        event = None
        try:
            event = World.handle(self, message)
        finally:
            self.ledger.end(event)
        return event

    @contextmanager
    def invocation(self) -> Iterator[Callable[[], float]]:
        before = len(self.calls.made)
        with World.invocation(self) as remaining:
            yield remaining
        reads = sum(operation == "GetObject" for operation, _ in self.calls.made[before:])
        assert reads <= MOST_READS, f"P10: {reads} reads in one invocation"


class Deployment(RuleBasedStateMachine):
    """One history."""

    runs = 0
    failed_first = 0
    """The number of the first history that failed."""

    @initialize(
        themes=st.sets(st.sampled_from(Theme), min_size=1, max_size=3),
        families=st.lists(st.sampled_from(sorted(FAMILIES)), min_size=1, max_size=2, unique=True),
        versioned=st.sampled_from([True, True, True, False]),
        may_create=st.sampled_from([True, True, False]),
        there=st.sampled_from([(), ("orders",), FLOWS, FLOWS]),
        shuffling=st.sampled_from([None, 1, 2]),
        drafts=st.booleans(),
        offset=st.sampled_from(["present", "absent", "as sent"]),
        busy=st.booleans(),
        redriven=st.booleans(),
        self_heal=st.booleans(),
        change_at_most=st.sampled_from([0, 0, 1]),
    )
    def begin(
        self,
        *,
        themes: set[Theme],
        families: list[str],
        versioned: bool,
        may_create: bool,
        there: tuple[str, ...],
        shuffling: int | None,
        drafts: bool,
        offset: str,
        busy: bool,
        redriven: bool,
        self_heal: bool,
        change_at_most: int,
    ) -> None:
        self.world = WatchedWorld(may_create, versioned, environment="prod")
        other = WatchedWorld(
            may_create, versioned, clock=self.world.clock, calls=self.world.calls, name=OTHER
        )
        other.flows = self.world.flows
        other.requests = other.queue.sent = 1000  # so that no two events and no two messages have the same id
        self.worlds = {world.name: world for world in (self.world, other)}
        self.ledger = Ledger([*self.worlds.values()], change_at_most=change_at_most)
        self.world.ledger = other.ledger = self.ledger
        self.world.flows.behave(
            task_order_seed=shuffling,
            update_of_active_schedule="Draft" if drafts else "Active",
            schedule_offset_zero=offset,
        )
        self.themes = themes | ({Theme.ENVIRONMENTS} if "variables" in families else set())
        self.self_heal, self.busy, self.redriven = self_heal, busy, redriven
        self.pending: list[IntakeRequest] = []
        self.lost: list[IntakeRequest] = []
        self.failures: Counter[str] = Counter()
        self._choose_documents(families)
        for flow in there:
            self.edit_flow(Wish(flow, "as found"))

    def _choose_documents(self, families: list[str]) -> None:
        """What this history draws from: the wishes of a few families, by name."""
        names = sorted({wish.name for family in families for wish in FAMILIES[family]})
        orders, returns = ([name for name in names if WISHES[name].flow == flow] for flow in FLOWS)
        self.pairs = list(product(orders, returns))
        self.invalid = 1 + len(names) // 6
        self.documents = [*[()] * self.invalid, *product(names), *self.pairs[:: 1 + len(self.pairs) // 6]]
        self.wishes = [name for name in names if WISHES[name].resolved({})]
        self.edits = [name for name in self.wishes if is_possible_in_console(WISHES[name])] or [*FLOWS]
        extra = {Theme.STACKS: THERE, Theme.OBJECTS: (TOO_LONG,)}
        self.places = [
            *HERE * 3,
            *(place for theme in Theme if theme in self.themes for place in extra.get(theme, ())),
        ]

    # What users do

    def drop_document(
        self, place: Place, wishes: tuple[Wish, ...] | None, *, late: bool = False
    ) -> IntakeRequest:
        """Store a document; ``late``: its event arrives later."""
        request = self.worlds[place.bucket].dropped(place.key, text_of(wishes) if wishes else INVALID)
        self.ledger.dropped(None if place == TOO_LONG else wishes, request)
        self._enqueue(request, late=late)
        return request

    def delete_document(self, place: Place, *, late: bool) -> None:
        if (versions := self.ledger.drops[place.uri]) and versions[-1]:
            request = self.worlds[place.bucket].deleted(place.key)
            self.ledger.deleted(place.uri)
            self._enqueue(request, late=late)

    def send_request(self, sent: SentRequest, *, late: bool) -> None:
        self.ledger.requests.append(sent)
        self._enqueue(sent.request, late=late)

    def edit_flow(self, wish: Wish) -> None:
        with suppress(JsonRESTError):  # the console cannot move a flow to another prefix either
            self.world.flows.edit(wish.request())
            self.ledger.edited(wish.flow)

    def remove_flow(self, name: str) -> None:
        """Delete a flow in the console, which takes a moment."""
        if name in self.ledger.live:
            self.world.flows.remove(name)
            self.ledger.removed(name)
            self.world.clock.advance(1)

    def fill_tags(self, name: str, room: int) -> None:
        """Tag a flow until it has room for only so many more."""
        if name in self.ledger.live:
            others = [key for key in self.world.flows.tags(name) if not key.startswith("team-")]
            tags = [f"team-{number}" for number in range(TAG_LIMIT - room - len(others))]
            self.world.flows.retag(name, dict.fromkeys(tags, "x"))

    def configure(self, environment: Environment) -> None:
        """Replace policy and variables."""
        for key, text in zip((POLICY_KEY, VARIABLES_KEY), environment.files, strict=True):
            if text is not None:
                self.world.bucket.put(key, text)
            elif key in self.world.bucket.objects:
                self.world.bucket.delete(key)
                if self.world.versioned:
                    del self.world.bucket.objects[key]
        self.ledger.configured(environment)

    def pause_flows(self, flows: list[str], *, late: bool) -> None:
        entries = [{"flows": flows, "reason": "incident"}]
        request = self.world.dropped(PAUSED_KEY, json.dumps({"paused": entries}))
        self.ledger.paused = frozenset(flows)
        self._enqueue(request, late=late)

    def resume_flows(self, *, late: bool) -> None:
        request = self.world.deleted(PAUSED_KEY)
        self.ledger.paused = frozenset()
        self._enqueue(request, late=late)

    # What the stacks do

    def handle_event(self, request: IntakeRequest, *, again: bool) -> None:
        """As Lambda handles an event: it retries a few times, and sometimes repeats what succeeded."""
        world, struck = self._world_of(request), len(self.ledger.struck)
        try:
            with world.invocation():
                result = world.intake.handle(request)
        except (TransientError, Crash):
            assert len(self.ledger.struck) > struck, "intake failed without a fault"
            self.failures[request.identity] += 1
            if self.failures[request.identity] >= EVENT_ATTEMPTS:
                self.lose_event(request)
            return
        self.ledger.queued |= {change.id: change for change in result.changes}
        if not again and request in self.pending:
            self.pending.remove(request)

    def scan_now(self, world: World, confirmed: str | None = None) -> None:
        """Lambda and the schedule retry a scan that fails."""
        struck = len(self.ledger.struck)
        world.queue.others = self.busy
        self.ledger.is_confirmed = confirmed is not None
        try:
            with world.invocation() as remaining:
                world.scan(
                    self_heal=self.self_heal,
                    remaining=remaining,
                    change_at_most=self.ledger.change_at_most,
                    confirmed=confirmed,
                )
        except (SyncError, Crash, KeyError):
            assert len(self.ledger.struck) > struck, "a scan failed without a fault"
        finally:
            world.queue.others, self.ledger.is_confirmed = 0, False

    def go_on(self, then: str) -> None:
        """Let apply handle a batch, everything, or nothing."""
        with suppress(Crash):
            match then:
                case "deliver":
                    for world in self.worlds.values():
                        world.deliver()
                case "deliver one":
                    self.world.deliver(1)
                case "settle":
                    self.settle()
        self.ledger.verify()

    def settle(self) -> None:
        for world in self.worlds.values():
            world.settle()

    def calm(self) -> None:
        """From here on no call goes wrong."""
        self.world.calls.answer()

    def _world_of(self, request: IntakeRequest) -> World:
        return self.worlds[request.version.bucket] if request.version else self.world

    def _enqueue(self, request: IntakeRequest, *, late: bool) -> None:
        self.pending.append(request)
        if not late:
            self.handle_event(request, again=False)

    def lose_event(self, request: IntakeRequest) -> None:
        """Lambda retries the event no more: intake reports that, unless this fails as well."""
        world = self._world_of(request)
        with suppress(TransientError, Crash), world.invocation():
            world.intake.report_exhausted(request, "no answer")
            if request in self.pending:
                self.pending.remove(request)
                self.lost.append(request)

    # The end

    def teardown(self) -> None:
        Deployment.runs += 1
        try:
            self._end()
        except BaseException:
            Deployment.failed_first = Deployment.failed_first or Deployment.runs
            raise

    def _end(self) -> None:
        for request in [*self.pending]:
            self.handle_event(request, again=True)
        self.go_on("settle")
        self.calm()
        if self.ledger.environment.is_broken:
            self.configure(Environment())
        if self.ledger.paused:
            self.resume_flows(late=False)
        for request in [*self.pending, *self.lost * self.redriven]:
            self.handle_event(request, again=True)
        self.settle()
        if self.redriven:
            for world in self.worlds.values():
                world.queue.redrive()
            self.settle()
        self._hours_pass_until_released()
        self._days_pass()
        Convergence(self.ledger, self.self_heal, self.redriven).verify()
        self._all_drift_repaired_or_reported()
        self.ledger.verify()

    def _hours_pass_until_released(self) -> None:
        """Hourly scans replace timers that were lost; every window opens within a day."""
        for _ in range(25):
            if not self.world.held.kept:
                return
            self.world.pass_time(HOUR)
            self._scan_and_confirm(self.world)
            self.settle()

    def _days_pass(self) -> None:
        """Days with a scan each, until every wait is over and two scans had nothing to report.

        A failed change may be queued again on the third day. That makes drift of the other stack new, which its scan
        first takes for a change in progress and reports the day after.
        """
        days = silent = 0
        while days < DAYS or silent < SILENT_DAYS:
            assert days < MOST_DAYS, "drift is reported again and again"
            days += 1
            silent = 0 if self._a_day_passes() else silent + 1

    def _a_day_passes(self) -> bool:
        """More than the longest wait between two scans, then a scan of each stack; whether one reported drift."""
        for world in self.worlds.values():
            world.pass_time(25 * HOUR)
        reported = False
        for world in self.worlds.values():
            world.queue.others = self.busy
            reported = bool(self._scan_and_confirm(world).reported) or reported
            world.queue.others = 0
        self.settle()
        return reported

    def _scan_and_confirm(self, world: World) -> Scan:
        """A scan, and another one if the first would change too many flows."""
        limit = self.ledger.change_at_most
        last = world.scan(self_heal=self.self_heal, change_at_most=limit)
        if last.limited is None:
            return last
        self.ledger.is_confirmed = True
        confirmation = last.limited.confirmation
        last = world.scan(self_heal=self.self_heal, change_at_most=limit, confirmed=confirmation)
        self.ledger.is_confirmed = False
        assert last.limited is None, "P13: what was confirmed is not done"
        return last

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


def is_possible_in_console(wish: Wish) -> bool:
    """Whether the console allows it; a projection that is added beside Map_all looks like a generated one."""
    return wish.start is None and wish.prefix == "raw" and not wish.projection
