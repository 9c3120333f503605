"""Keeps account of a simulated account from outside and holds it to its promises.

What a single step can break is checked as it happens, by watching every call that is carried out. ``convergence``
checks the rest once documents have stopped coming, faults have stopped and everything has been delivered.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

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
from fakes.world import ATTEMPTS, World
from simulation.faults import CRASHES, REFUSED, Promise, is_on
from simulation.wishes import HOUR, Wish

CONSOLE = "console"
CONSIDERED = 11
"""The latest version of a document and ten older ones: the number that the lifecycle rule always keeps."""
ON_THE_WAY_OUT = {"PutEvents", "ChangeMessageVisibility", "SendMessage", "SendMessageBatch"}
DONE = {Outcome.APPLIED, Outcome.UNCHANGED}
EXHAUSTED = "RetriesExhausted"
EXPECTED_FAILURES = {
    REFUSED,
    EXHAUSTED,
    "ReplacementRequired",
    "ResourceNotFoundException",
    "InvalidObjectState",
    "TooManyTags",
}


@dataclass(slots=True)
class Drop:
    """One version of a document: its flows (``None``: it is invalid), and the request of its event."""

    uri: str
    number: int
    wishes: list[Wish] | None
    request: IntakeRequest

    @property
    def document(self) -> DocumentVersion:
        assert isinstance(self.request.document, DocumentVersion)
        return self.request.document

    def wish(self, flow: str) -> Wish | None:
        return next((wish for wish in self.wishes or [] if wish.flow == flow), None)


@dataclass(slots=True)
class SentRequest:
    """A request that was sent; ``wishes`` is ``None`` when it points to a document."""

    wishes: list[Wish] | None
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
    done: list[str] = field(default_factory=list)
    """The writes of the delivery that apply is working on."""
    tries: Counter[str] = field(default_factory=Counter)
    """By message: the deliveries that tried it."""
    exhausted: set[str] = field(default_factory=set)
    struck: list[tuple[str, str]] = field(default_factory=list)
    broken: list[AssertionError] = field(default_factory=list)
    broken_environment: bool = False
    """Whether the policy of the first stack is invalid."""
    deleted_flows: set[str] = field(default_factory=set)

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

    def dropped(self, wishes: list[Wish] | None, request: IntakeRequest) -> None:
        assert isinstance(request.document, DocumentVersion)
        versions = self.drops.setdefault(request.document.uri, [])
        versions.append(Drop(request.document.uri, len(versions) + 1, wishes, request))

    def deleted(self, uri: str) -> None:
        self.drops[uri].append(None)

    def edited(self, name: str) -> None:
        """A flow was edited in the console."""
        flow = self.live[name]
        account = self.flows.setdefault(name, FlowAccount(flow.definition, flow.created_at, self.now))
        account.definition, account.writer, account.touched = flow.definition, CONSOLE, self.now
        account.meant = flow.status if flow.status in ("Active", "Suspended") else None

    def removed(self, name: str) -> None:
        """A flow was deleted in the console."""
        self.deleted_flows.add(name)
        del self.flows[name]

    def watched(self, operation: str, subject: str) -> None:
        """A call was carried out. A broken promise is kept, because the code under test may catch it as a fault."""
        try:
            self._carried_out(operation, subject)
        except AssertionError as broken:
            self.broken.append(broken)

    def verify(self) -> None:
        """Raise the first promise that was broken so far."""
        if self.broken:
            raise self.broken[0]

    def begin(self, delivery: Delivery) -> None:
        """Apply gets a delivery."""
        self.handled, self.done = delivery, []

    def end(self, calls: list[str]) -> None:
        """Apply made these calls for the delivery, however it ended."""
        assert self.handled
        self.tries[self.handled.sequence] += any(call not in ON_THE_WAY_OUT for call in calls)
        self.handled = None

    def completed(self, event: StatusEvent | None, struck: list[tuple[str, str]]) -> None:
        """Apply has handled a delivery, under these faults; ``None`` means that it is retried."""
        assert self.handled
        final = [kind == "refused" and operation not in ON_THE_WAY_OUT for operation, kind in struck]
        assert event or not final or not all(final), "P8: a permanent refusal was retried"
        exhausted = self.handled.attempt > ATTEMPTS and not struck
        assert not exhausted or self.handled.change.id in self.reported, "P3: exhausted and not reported"

    def _carried_out(self, operation: str, subject: str) -> None:
        match operation:
            case "UpdateFlow" | "CreateFlow":
                self._sent(operation, subject)
            case "StartFlow" | "StopFlow":
                self.flows[subject].touched = self.now
                self.done.append(operation)
            case "TagResource" | "UntagResource":
                self._tagged(subject)
            case "PutEvents":
                self._published()

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
        account = self.flows.get(name)
        if account is None:
            account = self.flows[name] = FlowAccount(flow.definition, flow.created_at, self.now)
            account.meant = "Active" if flow.definition.trigger_type == "OnDemand" else None
        elif flow.definition is account.definition:
            return
        else:
            before, after = shape(account.definition), shape(flow.definition)
            assert before != after, f"P5: {name} was in sync and was written to"
            assert account.writer != change.id, f"P9: {name} was updated twice for one change"
        self._written_by(account, change)
        self._tagged(name)
        self.done.append(operation)
        account.written.add(change.id)
        was_on_demand = account.definition.trigger_type == "OnDemand"
        account.definition, account.writer, account.touched = flow.definition, change.id, self.now
        if flow.definition.trigger_type == "OnDemand":
            account.meant = "Active"
        elif self.wish_of(change).status or was_on_demand:
            account.meant = None  # until it is reported as done

    def _written_by(self, account: FlowAccount, change: Change) -> None:
        if change.document:
            number = self.version_of(change).number
            assert number >= account.versions.get(change.document.uri, 0), "P2: an earlier version came back"
            account.versions[change.document.uri] = number
            return
        assert requested(change) >= account.latest, "P2: an earlier request was carried out after a later one"
        assert change.force or account.owner is None, "a request changed the flow of a document"

    def _tagged(self, name: str) -> None:
        """The flow's owner may have changed."""
        account, owner = self.flows[name], Ownership.of(self.live[name].tags).document
        if owner != account.owner and account.owner and is_on(Promise.OWNERSHIP):
            taken = f"P10: {name} was taken from {account.owner} by {owner}"
            assert not self.may_declare(account.owner, name, here=self._bucket()), taken
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
            assert len(named) < 2, "P3: one id for two flows"
            assert earlier.metadata.correlationId == event.metadata.correlationId, "P3: one id for two events"
        self.reported[id_].append((self.now, event))
        if data.outcome is Outcome.FAILED:
            assert data.error, "a failure without a reason"
            full = data.flowName in self.live and has_too_many_tags(self.live[data.flowName])
            explained = data.error.code in EXPECTED_FAILURES or (
                full and data.error.code == "ValidationException"
            )
            assert explained, f"nothing explains {data.error}"
        if not self.handled or id_ != self.handled.change.id:
            return
        self._record_outcome(self.handled, data)
        if is_on(Promise.HONESTY):
            self._honest(self.handled.change, data)

    def _record_outcome(self, delivery: Delivery, data: StatusData) -> None:
        change = delivery.change
        if data.error and data.error.code == EXHAUSTED:
            self._record_exhausted(delivery)
        if data.outcome in DONE:
            account, wish = self.flows[change.flowName], self.wish_of(change)
            account.latest = max(account.latest, requested(change))
            account.meant = wish.status or account.meant
        if data.outcome is Outcome.SUPERSEDED and change.document:
            latest = self.latest_valid(change.document.uri)
            assert latest is None or latest is not self.version_of(change), (
                "P1: the latest version was passed over"
            )

    def _record_exhausted(self, delivery: Delivery) -> None:
        assert delivery.attempt >= ATTEMPTS, "P8: exhausted too early"
        if not is_on(Promise.ATTEMPTS):
            return
        tries = self.tries[delivery.sequence] + (delivery.attempt <= ATTEMPTS)
        assert tries >= ATTEMPTS, f"P8: dead-lettered after {tries} tries"
        unreported = any(kind in CRASHES or operation in ON_THE_WAY_OUT for operation, kind in self.struck)
        assert delivery.sequence not in self.exhausted or unreported, "P3: the final report was repeated"
        self.exhausted.add(delivery.sequence)

    def _honest(self, change: Change, data: StatusData) -> None:
        """The event reports the writes of this delivery, and no others than this change made."""
        account, flow = self.flows.get(change.flowName), self.live.get(change.flowName)
        if {"UpdateFlow", "CreateFlow"} & {*self.done}:
            assert data.outcome in (Outcome.APPLIED, Outcome.FAILED), f"P11: {data.outcome} after a write"
            assert data.changes, "P11: the event leaves out what was written"
            assert data.clientToken, "P11: the event leaves out the token"
        elif self.done:
            assert data.outcome in (Outcome.APPLIED, Outcome.FAILED), f"P11: {data.outcome} after {self.done}"
        if data.outcome is Outcome.APPLIED and data.changes:
            assert account, "P11: the event reports a flow that does not exist"
            assert change.id in account.written, "P11: the event reports a write that was not made"
        if data.outcome in DONE or (data.outcome is Outcome.FAILED and data.flowStatus):
            assert flow, "P11: the event reports a flow that does not exist"
            assert data.flowStatus == flow.status, f"P11: reported {data.flowStatus}, live {flow.status}"
        if data.outcome is Outcome.REJECTED and data.error and data.error.code == "OwnedByAnotherDocument":
            assert account, "P11: the event names an owner of a flow that does not exist"
            assert account.owner, "P11: the event names an owner of a flow that has none"
            assert not change.document or self.may_declare(
                account.owner, change.flowName, here=change.document.bucket
            ), "P11: the event names an owner that gave the flow up"

    def _record_drift(self, world: World, event: DriftEvent) -> None:
        self.drifts.append((self.now, event))
        if not is_on(Promise.HONESTY):
            return
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
            latest = self.latest_valid(document.uri)
            assert latest, f"P11: {name} was reported as {drift}, and {document.uri} has no valid version"
            wish = latest.wish(name)
            assert wish, f"P11: {name} was reported as {drift}, and {document.uri} does not declare it"
            statuses = [change for change in event.data.changes if change.pointer == "/flowStatus"]
            in_sync = matches(wish, flow) and has_status(wish, flow)
            unclaimed = drift is Drift.PENDING and self.flows[name].owner != document.uri
            assert statuses or unclaimed or not in_sync, f"P11: {name} was reported as {drift}"

    # What is known

    def world_of(self, uri: str) -> World:
        bucket, _, _ = uri.removeprefix("s3://").partition("/")
        return next(world for world in self.worlds if world.name == bucket)

    def latest_valid(self, uri: str) -> Drop | None:
        """The latest valid version since the document was last deleted, if it is one of those that are considered.

        Without versions, only the very latest counts; nothing is known while the object or the environment cannot be
        read.
        """
        world = self.world_of(uri)
        key = uri.removeprefix(f"s3://{world.name}/")
        if key in world.bucket.unreadable or (self.broken_environment and world is self.world):
            return None
        for drop in reversed(self.drops[uri][-CONSIDERED:]):
            if drop is None:
                return None
            if drop.wishes is not None:
                return drop
            if not world.versioned:
                return None
        return None

    def is_undetermined(self, uri: str) -> bool:
        """Whether the document exists and nothing is known about its flows."""
        versions = self.drops.get(uri)
        return bool(versions and versions[-1]) and self.latest_valid(uri) is None

    def may_declare(self, uri: str, flow: str, *, here: str) -> bool:
        """Whether a document keeps the flow that it owns, as far as the stack of bucket ``here`` can know."""
        if self.world_of(uri).name != here or self.is_undetermined(uri):
            return True
        latest = self.latest_valid(uri)
        return latest is not None and latest.wish(flow) is not None

    def version_of(self, change: Change) -> Drop:
        """The version that a change about a document means; the newest of that content in a bucket without versions."""
        document = change.document
        assert document
        drops = [drop for drop in self.drops[document.uri] if drop]
        return next(drop for drop in reversed(drops) if drop.document.is_same_version(document))

    def wish_of(self, change: Change) -> Wish:
        if change.document:
            wish = self.version_of(change).wish(change.flowName)
        else:
            [sent] = [one for one in self.requests if one.request.identity == change.identity]
            wish = next((wish for wish in sent.wishes or [] if wish.flow == change.flowName), None)
        assert wish, "a change that was not requested"
        return wish

    def last_outcome(self, identity: str, flow: str | None) -> tuple[int, StatusEvent] | None:
        events = self.reported.get(change_id(identity, flow))
        return events[-1] if events else None


def requested(change: Change) -> int:
    """When a change was requested, in whole seconds, the precision of events; at the latest when it was received."""
    times = (change.requestedAt, change.receivedAt or change.requestedAt)
    return int(min(datetime.fromisoformat(time).timestamp() for time in times))


def matches(wish: Wish, flow: Flow) -> bool:
    """Whether AppFlow keeps the flow as it would after this wish was sent to it."""
    return shape(flow.definition) == shape(Definition.of_request(wish.request()))


def has_status(wish: Wish, flow: Flow) -> bool:
    """Whether the flow has the status that was asked for. A flow in Draft does not run."""
    match wish.scheduled and wish.status:
        case "Active":
            return flow.status == "Active"
        case "Suspended":
            return flow.status in ("Suspended", "Draft")
    return True


def has_too_many_tags(flow: Flow) -> bool:
    """Whether the tags of others leave no room for ours."""
    return len(flow.tags.keys() - OUR_TAGS) > TAG_LIMIT - len(OUR_TAGS)


def shape(definition: Definition) -> object:
    """The definition, with only the phase of a start that moves on by itself."""
    schedule = dict(definition.schedule or {})
    if "scheduleStartTime" in schedule:
        schedule["scheduleStartTime"] %= HOUR
    return {**definition.members, "triggerConfig": (definition.trigger_type, schedule)}
