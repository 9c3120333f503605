"""Keeps account of a simulated account from outside and holds it to its promises.

What a single step can break is checked as it happens, by watching every call that is carried out. ``convergence``
checks the rest once documents have stopped coming, faults have stopped and everything has been delivered.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from appflow_gitops.flows.canonical import content_digest
from appflow_gitops.flows.ownership import OUR_TAGS, TAG_LIMIT, Ownership
from appflow_gitops.origin import DocumentVersion, Mode
from appflow_gitops.status.drift import DriftEvent
from appflow_gitops.status.events import StatusData, StatusEvent
from appflow_gitops.sync.change import Change, change_id
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.drift.report import Drift
from appflow_gitops.sync.intake.intake import IntakeRequest
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_local.appflow.definition import Definition
from appflow_gitops_local.appflow.flows import Flow
from fakes.calls import Calls
from fakes.world import ATTEMPTS, PLENTY_OF_TIME, World
from simulation.environments import WINDOWED, Environment
from simulation.faults import CRASHES, REFUSED
from simulation.wishes import HOUR, Wish

CONSOLE = "console"
CONSIDERED = 11
"""The latest version of a document and ten older ones: the number that the lifecycle rule always keeps."""
ON_THE_WAY_OUT = {"PutEvents", "ChangeMessageVisibility", "SendMessage", "SendMessageBatch"}
WRITES = {"UpdateFlow", "CreateFlow"}
WRITES_OF_APPLY = {*WRITES, "StartFlow", "StopFlow", "TagResource", "UntagResource"}
DONE = {Outcome.APPLIED, Outcome.UNCHANGED}
EXHAUSTED = "RetriesExhausted"
EXPECTED_FAILURES = {
    REFUSED,
    EXHAUSTED,
    "InvalidArgument",
    "InvalidObjectState",
    "ReplacementRequired",
    "ResourceNotFoundException",
}


@dataclass(slots=True)
class Drop:
    """One version of a document: its flows (``None``: it has none that can be read), and the request of its event."""

    uri: str
    number: int
    wishes: tuple[Wish, ...] | None
    request: IntakeRequest
    at: int
    """When it was dropped, by the number of the call."""

    @property
    def document(self) -> DocumentVersion:
        assert isinstance(self.request.document, DocumentVersion)
        return self.request.document


@dataclass(slots=True)
class SentRequest:
    """A request that was sent; ``wishes`` is ``None`` when it points to a document."""

    wishes: tuple[Wish, ...] | None
    request: IntakeRequest


@dataclass(slots=True)
class FlowAccount:
    """The account of one flow: its last definition and who wrote it, its intended status, and its owner by its tags."""

    definition: Definition
    created: datetime
    since: int
    """When it was created, by the number of the call."""
    writer: str = CONSOLE
    touched: int = 0
    meant: str | None = None
    """``None`` while it is unknown."""
    latest: int = 0
    """When the latest change that was reported as done was requested, in whole seconds."""
    owner: str | None = None
    versions: dict[str, int] = field(default_factory=dict)
    """By document: the latest version that was written."""
    written: set[str] = field(default_factory=set)
    """The changes that wrote to it."""
    is_draft: bool = False
    """Whether it became scheduled without a document that asks for a status: AppFlow leaves it in Draft then."""


@dataclass(slots=True)
class Ledger:
    """The account of the stacks of one AWS account; ``handled`` is the delivery that apply is working on."""

    worlds: list[World]
    drops: dict[str, list[Drop | None]] = field(default_factory=dict)
    requests: list[SentRequest] = field(default_factory=list)
    flows: dict[str, FlowAccount] = field(default_factory=dict)
    queued: dict[str, Change] = field(default_factory=dict)
    reported: dict[str, list[tuple[int, StatusEvent]]] = field(default_factory=dict)
    drifts: list[tuple[int, DriftEvent]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    handled: Delivery | None = None
    paused: frozenset[str] = frozenset()
    """The flows that the first stack does not change for now; ``*`` for all."""
    began_at: float = 0.0
    """When the delivery began, in epoch seconds."""
    began: tuple[int, int] = (0, 0)
    """The numbers of calls and of faults when the delivery began."""
    done: list[str] = field(default_factory=list)
    """The writes of the delivery that apply is working on."""
    tries: Counter[str] = field(default_factory=Counter)
    """By message: the deliveries that tried it."""
    tried: dict[str, int] = field(default_factory=dict)
    """By flow: when the latest change that was delivered was requested, in whole seconds."""
    faulty: set[str] = field(default_factory=set)
    """The messages with a fault in one of their deliveries."""
    unreported: set[str] = field(default_factory=set)
    """Those with a delivery that ended early, or whose report was lost."""
    exhausted: set[str] = field(default_factory=set)
    struck: list[tuple[str, str]] = field(default_factory=list)
    """Operation and kind of every call that went wrong."""
    broken: list[AssertionError] = field(default_factory=list)
    environment: Environment = field(default_factory=Environment)
    """That of the first stack. The others have neither policy nor variables."""
    environment_changed: int = 0
    deleted_flows: dict[str, int] = field(default_factory=dict)
    """When flows were deleted in the console."""
    change_at_most: int = 0
    """The flows that the scans of a stack may repair within an hour; 0 for any number."""
    is_confirmed: bool = False
    """Whether the scan that is at work confirms what the scan before would not do."""
    repairs: list[tuple[str, str, float]] = field(default_factory=list)
    """The stack, the flow and the time of each repair that was queued without a confirmation."""
    confirmed: set[str] = field(default_factory=set)
    """The ids of confirmed repairs."""

    def __post_init__(self) -> None:
        self.calls.watch = self.watched

    @property
    def world(self) -> World:
        """The stack that most of a history is about."""
        return self.worlds[0]

    @property
    def calls(self) -> Calls:
        """The calls of all stacks."""
        return self.world.calls

    @property
    def live(self) -> dict[str, Flow]:
        """The flows that exist."""
        return self.world.flows.backend.flows

    @property
    def now(self) -> int:
        """Orders everything that happens: the running number of the call."""
        return len(self.calls.made)

    # What happens

    def dropped(self, wishes: tuple[Wish, ...] | None, request: IntakeRequest) -> None:
        assert isinstance(request.document, DocumentVersion)
        versions = self.drops.setdefault(request.document.uri, [])
        versions.append(Drop(request.document.uri, len(versions) + 1, wishes, request, self.now))

    def deleted(self, uri: str) -> None:
        self.drops[uri].append(None)

    def edited(self, name: str) -> None:
        """A flow was edited, started or stopped in the console."""
        flow = self.live[name]
        account = self.flows.setdefault(name, FlowAccount(flow.definition, flow.created_at, self.now))
        account.definition, account.writer, account.touched = flow.definition, CONSOLE, self.now
        account.meant = flow.status if flow.status in ("Active", "Suspended") else None
        account.is_draft = False

    def removed(self, name: str) -> None:
        """A flow was deleted in the console."""
        self.deleted_flows[name] = self.now
        del self.flows[name]

    def configured(self, environment: Environment) -> None:
        """The policy and the variables were replaced."""
        self.environment, self.environment_changed = environment, self.now

    def watched(self, operation: str, subject: str) -> None:
        """A call was carried out."""
        with self._kept():
            self._carried_out(operation, subject)

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Keep a broken promise until ``verify``: the code under test may catch it as a fault."""
        try:
            yield
        except AssertionError as broken:
            self.broken.append(broken)

    def verify(self) -> None:
        """Raise the first promise that was broken so far."""
        if self.broken:
            raise self.broken[0]

    def begin(self, delivery: Delivery) -> None:
        """Apply gets a delivery."""
        self.handled, self.done, self.began = delivery, [], (self.now, len(self.struck))
        self.began_at = self.calls.clock.now

    def end(self, event: StatusEvent | None) -> None:
        """Apply has handled the delivery; ``None`` means that it is retried, or was killed."""
        assert self.handled
        delivery, (calls, faults) = self.handled, self.began
        with self._kept():
            self._completed(delivery, event, self.struck[faults:])
        self.tries[delivery.sequence] += any(
            call not in ON_THE_WAY_OUT for call, _ in self.calls.made[calls:]
        )
        flow = delivery.change.flowName
        self.tried[flow] = max(self.tried.get(flow, 0), requested(delivery.change))
        self.handled = None

    def _completed(
        self, delivery: Delivery, event: StatusEvent | None, struck: list[tuple[str, str]]
    ) -> None:
        retried = ON_THE_WAY_OUT | (
            {"PutObject"} if self.is_held(delivery.change) else set()
        )  # the held change
        final = [kind == "refused" and operation not in retried for operation, kind in struck]
        assert event or not final or not all(final), "P8: a permanent refusal was retried"
        assert event or struck, "P8: retried without a fault"
        exhausted = delivery.attempt > ATTEMPTS and not struck
        assert not exhausted or delivery.change.id in self.reported, "P3: exhausted and not reported"
        if struck:
            self.faulty.add(delivery.sequence)
        if any(kind in CRASHES or operation in ON_THE_WAY_OUT for operation, kind in struck):
            self.unreported.add(delivery.sequence)
        elif delivery.sequence in self.exhausted:
            assert event, "P8: the message blocks its group after the final report"

    def is_held(self, change: Change) -> bool:
        """Whether the change must wait, during the whole delivery. The clock moves on while calls hang."""
        if change.document and change.document.bucket != self.world.name:
            return False
        flow = change.flowName
        return bool(self.paused & {"*", flow}) or all(
            self.environment.is_closed(flow, at) for at in (self.began_at, self.calls.clock.now)
        )

    def _carried_out(self, operation: str, subject: str) -> None:
        if self.handled and operation in WRITES_OF_APPLY:
            is_completed = operation not in WRITES and self._was_written_by(self.handled.change)
            held = self.is_held(self.handled.change) and not is_completed
            assert not held, f"P14: {operation} of {subject} while it is held"
            assert not self._is_observed(), f"P12: {operation} of {subject} in observe mode"
        match operation:
            case "UpdateFlow" | "CreateFlow":
                self._sent(operation, subject)
            case "StartFlow" | "StopFlow":
                self._switched(operation, subject)
            case "TagResource" | "UntagResource":
                self._tagged(subject)
            case "PutEvents":
                self._published()
            case "SendMessageBatch":
                self._queued()

    def _was_written_by(self, change: Change) -> bool:
        """Whether an earlier attempt of the change wrote the flow as it is: it may be started and tagged."""
        account = self.flows.get(change.flowName)
        return account is not None and account.writer == change.id

    def _is_observed(self) -> bool:
        """Whether the policy observes the folder of the document that apply is working on."""
        assert self.handled, "only apply changes flows"
        document = self.handled.change.document
        environment = self.environment_of(document.uri) if document else self.environment
        return environment.observes(document.key if document else None)

    def _queued(self) -> None:
        """Changes were queued; those of a scan may be repairs. One that failed or was held is queued again.

        A repair that failed counts once, one that was confirmed never.
        """
        for world in self.worlds:
            known = self.seen[f"{world.name} messages"]
            for message in world.queue.messages:
                change = message.delivery().change
                if message.sequence <= known or not change.is_repair:
                    continue
                if self.is_confirmed:
                    self.confirmed.add(change.id)
                if not change.failures and change.id not in self.confirmed:
                    self.repairs.append((world.name, change.flowName, self.calls.clock.now))
            self.seen[f"{world.name} messages"] = world.queue.sent
            since = self.calls.clock.now - HOUR + PLENTY_OF_TIME
            flows = {flow for name, flow, at in self.repairs if name == world.name and at > since}
            within = not self.change_at_most or len(flows) <= self.change_at_most
            assert within, f"P13: {len(flows)} flows were repaired within an hour"

    def _published(self) -> None:
        for world in self.worlds:
            for event in world.bus.events[self.seen[f"{world.name} events"] :]:
                self._record(event)
            for drift in world.bus.drifts[self.seen[f"{world.name} drifts"] :]:
                self._record_drift(world, drift)
            self.seen[f"{world.name} events"] = len(world.bus.events)
            self.seen[f"{world.name} drifts"] = len(world.bus.drifts)

    def _sent(self, operation: str, name: str) -> None:
        """UpdateFlow or CreateFlow was carried out, or answered from AppFlow's memory of its token."""
        assert self.handled, "only apply writes"
        change, flow = self.handled.change, self.live.get(name)
        assert change.mode is Mode.APPLY, f"P5: {name} was written to for a plan"
        if flow is None:
            return  # answered from memory, and the flow is gone
        account, wish = self.flows.get(name), self.wish_of(change)
        was_on_demand = account is None or account.definition.trigger_type == "OnDemand"
        if account is None:
            account = self.flows[name] = FlowAccount(flow.definition, flow.created_at, self.now)
        elif flow.definition is account.definition:
            return
        elif not may_have_leftovers(wish, flow):
            before, after = shape(account.definition), shape(flow.definition)
            assert before != after, f"P5: {name} was in sync and was written to"
            kept = description(account.definition) == description(flow.definition)
            assert kept or not self._ignores(change), f"an ignored member of {name} was changed"
            is_new = self.environment_changed > account.touched  # what is ignored may differ now
            assert is_new or account.writer != change.id, f"P9: {name} was updated twice for one change"
        self._written_by(account, change)
        assert not has_too_many_tags(wish, flow), f"P3: {name} has no room for our tags and was written to"
        assert not is_over(flow.definition, self.calls.clock.now), f"P1: the schedule of {name} is over"
        self._tagged(name)
        self.done.append(operation)
        account.written.add(change.id)
        account.definition, account.writer, account.touched = flow.definition, change.id, self.now
        if not wish.scheduled:
            account.meant, account.is_draft = "Active", False
        elif wish.status or was_on_demand:
            account.meant = None  # until it is reported as done
            account.is_draft = not wish.status

    def _ignores(self, change: Change) -> bool:
        environment = self.environment_of(change.document.uri) if change.document else self.environment
        return environment.ignores(change.flowName)

    def _written_by(self, account: FlowAccount, change: Change) -> None:
        if change.document:
            number = self.version_of(change).number
            is_earlier = number < account.versions.get(change.document.uri, 0)
            assert not is_earlier or self._has_no_record(change), "P2: an earlier version came back"
            account.versions[change.document.uri] = number
            return
        assert requested(change) >= account.latest, "P2: an earlier request was carried out after a later one"
        assert change.force or account.owner is None, "a request changed the flow of a document"

    def _has_no_record(self, change: Change) -> bool:
        """Whether AppFlow refused the tags of the last version, and that is invalid by now: this one counts again."""
        assert change.document
        is_unrecorded = Ownership.of(self.live[change.flowName].tags).version is None
        return is_unrecorded and self.latest_valid(change.document.uri) is self.version_of(change)

    def _switched(self, operation: str, name: str) -> None:
        """The flow was started or stopped by apply."""
        assert self.handled, "only apply starts and stops flows"
        account, wanted = self.flows[name], self.wish_of(self.handled.change).status
        unwanted = operation == "StartFlow" and account.is_draft and wanted is None
        assert not unwanted, f"P1: {name} was started and should be in Draft"
        account.touched, account.is_draft = self.now, False
        account.meant = "Active" if operation == "StartFlow" else "Suspended"
        self.done.append(operation)

    def _tagged(self, name: str) -> None:
        """The flow's owner may have changed."""
        account, owner = self.flows[name], Ownership.of(self.live[name].tags).document
        if owner != account.owner and account.owner:
            taken = f"P10: {name} was taken from {account.owner} by {owner}"
            assert not self.may_declare(account.owner, name, here=self._bucket()), taken
            account.versions.clear()  # the tags hold the version of one document
        account.owner = owner

    def _bucket(self) -> str:
        """The bucket of the stack whose apply is at work."""
        assert self.handled
        document = self.handled.change.document
        return document.bucket if document else self.world.name

    def _record(self, event: StatusEvent) -> None:
        data, id_ = event.data, event.metadata.id
        for _, earlier in self.reported.setdefault(id_, [])[-1:]:
            named = {earlier.data.flowName, data.flowName} - {None}
            was_rejected = earlier.data.outcome is data.outcome is Outcome.REJECTED  # as a whole
            assert len(named) < 2 or was_rejected, "P3: one id for two flows"
            # A difference that occurs again, unknown to the scan state, is repaired under the same id.
            is_repair = self.handled is not None and self.handled.change.is_repair
            is_same = earlier.metadata.correlationId == event.metadata.correlationId
            assert is_same or is_repair, "P3: one id for two events"
        self.reported[id_].append((self.now, event))
        is_of_delivery = self.handled is not None and id_ == self.handled.change.id
        if data.outcome is Outcome.FAILED:
            assert data.error, "a failure without a reason"
            explained = data.error.code in EXPECTED_FAILURES or (
                is_of_delivery and self._explains(data.error.code)
            )
            assert explained, f"nothing explains {data.error}"
        if self.handled and is_of_delivery:
            self._record_outcome(self.handled, data)
            self._honest(self.handled.change, data)

    def _explains(self, code: str) -> bool:
        """Whether the flow that is being changed fails with this code for a reason that is true."""
        assert self.handled
        wish = self.wish_of(self.handled.change)
        match code:
            case "ScheduleEnded":
                return wish.may_be_over(self.calls.clock.now)
            case "TooManyTags" | "ValidationException":
                return has_too_many_tags(wish, self.live.get(wish.flow))
        return False

    def _record_outcome(self, delivery: Delivery, data: StatusData) -> None:
        change = delivery.change
        if data.error and data.error.code == EXHAUSTED:
            self._record_exhausted(delivery)
        if data.outcome is Outcome.HELD:
            assert self.is_held(change) or self.environment.policy == WINDOWED, "P14: held without a reason"
        if data.outcome in DONE:
            account, wish = self.flows[change.flowName], self.wish_of(change)
            account.latest = max(account.latest, requested(change))
            account.meant = wish.status or account.meant
            if change.document:
                account.versions[change.document.uri] = self.version_of(change).number
        if data.outcome is Outcome.SUPERSEDED and change.document:
            latest, flow = self.latest_valid(change.document.uri), change.flowName
            counts = latest and latest is self.version_of(change) and self._wish_in(latest, flow)
            assert not counts or self.is_later_live(latest, flow), "P1: the latest version was passed over"
        elif data.outcome is Outcome.SUPERSEDED:
            later = self.tried.get(change.flowName, 0)
            assert later >= requested(change), "P1: the latest request was passed over"

    def _record_exhausted(self, delivery: Delivery) -> None:
        assert delivery.attempt >= ATTEMPTS, "P8: exhausted too early"
        tries = self.tries[delivery.sequence] + (delivery.attempt <= ATTEMPTS)
        assert tries >= ATTEMPTS, f"P8: dead-lettered after {tries} tries"
        struck = delivery.sequence in self.faulty or len(self.struck) > self.began[1]
        assert struck, "P8: exhausted without a fault"
        repeated = delivery.sequence in self.exhausted - self.unreported
        assert not repeated, "P3: the final report was repeated"
        self.exhausted.add(delivery.sequence)

    def _honest(self, change: Change, data: StatusData) -> None:
        """The event reports the writes of this delivery, and no others than this change made."""
        account, flow = self.flows.get(change.flowName), self.live.get(change.flowName)
        if WRITES & {*self.done}:
            assert data.outcome in (Outcome.APPLIED, Outcome.FAILED), f"P11: {data.outcome} after a write"
            assert data.changes, "P11: the event leaves out what was written"
            assert data.clientToken, "P11: the event leaves out the token"
            owned = change.document is None or (account and account.owner == change.document.uri)
            assert owned, "P10: the flow was written to and does not have its owner"
        elif self.done:
            assert data.outcome in (Outcome.APPLIED, Outcome.FAILED), f"P11: {data.outcome} after {self.done}"
        if data.outcome is Outcome.APPLIED and any(
            is_of_definition(change.pointer) for change in data.changes
        ):
            assert account, "P11: the event reports a flow that does not exist"
            assert change.id in account.written, "P11: the event reports a write that was not made"
        if data.outcome in DONE or (data.outcome is Outcome.FAILED and data.flowStatus):
            assert flow, "P11: the event reports a flow that does not exist"
            assert data.flowStatus == flow.status, f"P11: reported {data.flowStatus}, live {flow.status}"
        if data.outcome is Outcome.REJECTED and data.error and data.error.code == "OwnedByAnotherDocument":
            assert account, "P11: the event names an owner of a flow that does not exist"
            assert account.owner, "P11: the event names an owner of a flow that has none"
            unread = any(kind == "refused" for _, kind in self.struck[self.began[1] :])
            owns = not change.document or self.may_declare(
                account.owner, change.flowName, here=change.document.bucket
            )
            assert owns or unread, "P11: the event names an owner that gave the flow up"

    def _record_drift(self, world: World, event: DriftEvent) -> None:
        self.drifts.append((self.now, event))
        name, drift, document = event.data.flowName, event.data.drift, event.data.document
        flow = self.live.get(name)
        assert (flow is None) == (drift is Drift.MISSING), f"P11: {name} was reported as {drift}"
        if drift is Drift.ORPHANED:
            owner = self.flows[name].owner
            assert owner, "P11: an orphan that no document owned"
            assert not self.may_declare(owner, name, here=world.name), (
                "P11: an orphan that its owner declares"
            )
        if drift in (Drift.DRIFTED, Drift.PENDING):
            assert flow, f"P11: {name} was reported as {drift}"
            assert document, f"P11: {name} was reported as {drift}"
            wish = self.wish(document.uri, name)
            assert wish, f"P11: {name} was reported as {drift}, and {document.uri} does not declare it"
            statuses = [change for change in event.data.changes if change.pointer == "/flowStatus"]
            unclaimed = drift is Drift.PENDING and self.flows[name].owner != document.uri
            differs = not in_sync(self.environment_of(document.uri), wish, flow) or may_have_leftovers(
                wish, flow
            )
            assert statuses or unclaimed or differs, f"P11: {name} was reported as {drift}"

    # What is known

    def world_of(self, uri: str) -> World:
        bucket, _, _ = uri.removeprefix("s3://").partition("/")
        return next(world for world in self.worlds if world.name == bucket)

    def environment_of(self, uri: str) -> Environment:
        """The environment of the stack that a document belongs to."""
        return self.environment if self.world_of(uri) is self.world else Environment()

    def wishes(self, drop: Drop) -> tuple[Wish, ...] | None:
        """The flows of a version in the current environment; ``None`` if it is invalid."""
        return drop.wishes and self.environment_of(drop.uri).valid(drop.document.key, drop.wishes)

    def wish(self, uri: str, flow: str) -> Wish | None:
        """The flow as the document declares it now."""
        latest = self.latest_valid(uri)
        return self._wish_in(latest, flow) if latest else None

    def _wish_in(self, drop: Drop, flow: str) -> Wish | None:
        return next((wish for wish in self.wishes(drop) or () if wish.flow == flow), None)

    def latest_valid(self, uri: str) -> Drop | None:
        """The latest valid version since the document was last deleted, if it is one of those that are considered."""
        return next((drop for drop in self._considered(uri) if self.wishes(drop)), None)

    def _considered(self, uri: str) -> Iterator[Drop]:
        """The versions that are read, newest first.

        Without versions, and in a broken environment, only the very latest; none while the object cannot be read.
        """
        world = self.world_of(uri)
        if uri.removeprefix(f"s3://{world.name}/") in world.bucket.unreadable:
            return
        only_latest = not world.versioned or self.environment_of(uri).is_broken
        for drop in reversed(self.drops.get(uri, [])[-1 if only_latest else -CONSIDERED :]):
            if drop is None:
                return
            yield drop

    def is_undetermined(self, uri: str) -> bool:
        """Whether the document exists and nothing is known about its flows."""
        versions = self.drops.get(uri)
        return bool(versions and versions[-1]) and self.latest_valid(uri) is None

    def may_declare(self, uri: str, flow: str, *, here: str) -> bool:
        """Whether a document keeps the flow that it owns, as far as the stack of bucket ``here`` can know."""
        if self.world_of(uri).name != here:
            return True
        if self.is_undetermined(uri):
            return not self._is_denied(uri, flow)
        return self.wish(uri, flow) is not None

    def _is_denied(self, uri: str, flow: str) -> bool:
        """Whether the policy does not allow an invalid document to change the flow that it names."""
        environment, variables = self.environment_of(uri), self.environment_of(uri).values
        return any(
            environment.denies(drop.document.key, wish) and wish.named(variables) == flow
            for drop in self._considered(uri)
            for wish in drop.wishes or ()
        )

    def is_later_live(self, drop: Drop | None, flow: str) -> bool:
        """Whether a later version was applied, which has become invalid since: no earlier one is applied then."""
        account = self.flows.get(flow)
        return bool(account and drop and account.versions.get(drop.uri, 0) > drop.number)

    def version_of(self, change: Change) -> Drop:
        """The version that a change about a document means; the newest of that content in a bucket without versions."""
        document = change.document
        assert document
        drops = [drop for drop in self.drops[document.uri] if drop]
        return next(drop for drop in reversed(drops) if drop.document.is_same_version(document))

    def wish_of(self, change: Change) -> Wish:
        if change.document:
            wish = self._wish_in(self.version_of(change), change.flowName)
        else:
            [sent] = [one for one in self.requests if one.request.identity == change.identity]
            wish = next((wish for wish in sent.wishes or () if wish.flow == change.flowName), None)
        assert wish, "a change that was not requested"
        return wish

    def last_outcome(self, identity: str, flow: str | None) -> tuple[int, StatusEvent] | None:
        events = self.reported.get(change_id(identity, flow))
        return events[-1] if events else None


def requested(change: Change) -> int:
    """When a change was requested, in whole seconds, the precision of events; at the latest when it was received."""
    times = (change.requestedAt, change.receivedAt or change.requestedAt)
    return int(min(datetime.fromisoformat(time).timestamp() for time in times))


def may_have_leftovers(wish: Wish, flow: Flow) -> bool:
    """Whether tasks of an earlier version may look like those that Map_all generates.

    The update is then sent until the digest in the tags is that of the wish.
    """
    owner = Ownership.of(flow.tags)
    return wish.map_all and owner.is_managed and owner.digest != content_digest(wish.request())


def is_of_definition(pointer: str) -> bool:
    """Whether a change is one of those that UpdateFlow makes."""
    return not pointer.startswith(("/tags", "/flowStatus"))


def in_sync(environment: Environment, wish: Wish, flow: Flow) -> bool:
    """Whether the flow has the configuration, the status and the tags of the wish."""
    set_by_us = Ownership.of(flow.tags).tags & flow.tags.keys()
    tags = {*wish.tags} <= flow.tags.keys() and set_by_us <= {*wish.tags}
    return matches(environment, wish, flow) and has_status(wish, flow) and tags


def matches(environment: Environment, wish: Wish, flow: Flow) -> bool:
    """Whether AppFlow keeps the flow as it would after this wish was sent to it."""
    if environment.ignores(wish.flow):
        wish = replace(wish, description=description(flow.definition))
    return shape(flow.definition) == shape(Definition.of_request(wish.request()))


def has_status(wish: Wish, flow: Flow) -> bool:
    """Whether the flow has the status that was asked for. A flow in Draft does not run."""
    match wish.scheduled and wish.status:
        case "Active":
            return flow.status == "Active"
        case "Suspended":
            return flow.status in ("Suspended", "Draft")
    return True


def has_too_many_tags(wish: Wish, flow: Flow | None) -> bool:
    """Whether the tags of the flow and of the document leave no room for ours."""
    others = {*wish.tags, *(flow.tags if flow else ())} - OUR_TAGS
    return len(others) > TAG_LIMIT - len(OUR_TAGS)


def is_over(definition: Definition, now: float) -> bool:
    """Whether the schedule that was sent has no run left; ``now`` in epoch seconds."""
    schedule = definition.schedule or {}
    end = schedule.get("scheduleEndTime")
    return end is not None and end <= max(now, schedule.get("scheduleStartTime", 0))


def description(definition: Definition) -> str:
    """The description of a flow."""
    return str(definition.members.get("description"))


def shape(definition: Definition) -> object:
    """The definition, with only the phase of a start that moves on by itself."""
    schedule = dict(definition.schedule or {})
    if "scheduleStartTime" in schedule:
        schedule["scheduleStartTime"] %= HOUR
    return {**definition.members, "triggerConfig": (definition.trigger_type, schedule)}
