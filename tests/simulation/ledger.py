"""Keeps account of a simulated deployment from outside and holds it to promises P1 to P9.

What a single step can break is checked as it happens, by watching every call that is carried out; ``final`` checks
the rest once documents have stopped coming, faults have stopped and everything has been delivered and redriven.
"""

from dataclasses import dataclass, field
from datetime import datetime

from appflow_gitops.flows.diff import diff
from appflow_gitops.flows.live import parse_flow
from appflow_gitops.flows.ownership import Ownership
from appflow_gitops.origin import DocumentVersion, Mode
from appflow_gitops.status.events import StatusEvent
from appflow_gitops.sync.change import Change, change_id
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.intake.intake import IntakeRequest
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_local.appflow.definition import Definition
from fakes.world import ATTEMPTS, World
from simulation.faults import REFUSED
from simulation.wishes import HOUR, Wish

CONSOLE = "console"
ON_THE_WAY_OUT = {"PutEvents", "ChangeMessageVisibility"}
DONE = {Outcome.APPLIED, Outcome.UNCHANGED}
EXPECTED_FAILURES = {REFUSED, "RetriesExhausted", "ReplacementRequired", "ResourceNotFoundException"}


@dataclass(slots=True)
class Drop:
    """One version of a document: its flows (``None``: it is invalid), and the request of its event."""

    key: str
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
    """The account of one flow: its last definition and who wrote it, and its intended status."""

    definition: Definition
    created: datetime
    writer: str = CONSOLE
    touched: int = 0
    meant: str | None = None
    """``None`` while it is unknown."""
    latest: int = 0
    """When the latest change that was reported as done was requested, in whole seconds."""
    versions: dict[str, int] = field(default_factory=dict)
    """By document: the latest version that was written."""


@dataclass(slots=True)
class Ledger:
    """The account of one ``World``; ``handled`` is the delivery that apply is working on."""

    world: World
    drops: dict[str, list[Drop | None]] = field(default_factory=dict)
    requests: list[SentRequest] = field(default_factory=list)
    flows: dict[str, FlowAccount] = field(default_factory=dict)
    queued: dict[str, Change] = field(default_factory=dict)
    reported: dict[str, list[tuple[int, StatusEvent]]] = field(default_factory=dict)
    seen: int = 0
    handled: Delivery | None = None
    struck: list[tuple[str, str]] = field(default_factory=list)
    broken: list[AssertionError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world.calls.watch = self.watched

    @property
    def now(self) -> int:
        """Orders everything that happens: the running number of the call."""
        return len(self.world.calls.made)

    # What happens

    def dropped(self, key: str, wishes: list[Wish] | None, request: IntakeRequest) -> None:
        versions = self.drops.setdefault(key, [])
        versions.append(Drop(key, len(versions) + 1, wishes, request))

    def deleted(self, key: str) -> None:
        self.drops[key].append(None)

    def edited(self, name: str) -> None:
        """A flow was edited in the console."""
        flow = self.world.flows.backend.flows[name]
        account = self.flows.setdefault(name, FlowAccount(flow.definition, flow.created_at))
        account.definition, account.writer, account.touched = flow.definition, CONSOLE, self.now
        account.meant = flow.status if flow.status in ("Active", "Suspended") else None

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

    def completed(self, event: StatusEvent | None, struck: list[tuple[str, str]]) -> None:
        """Apply has handled a delivery, under these faults; ``None`` means that it is retried."""
        assert self.handled
        final = [kind == "refused" and operation not in ON_THE_WAY_OUT for operation, kind in struck]
        assert event or not final or not all(final), "P8: a permanent refusal was retried"
        exhausted = self.handled.attempt > ATTEMPTS and not struck
        assert not exhausted or self.handled.change.id in self.reported, "P3: exhausted and not reported"

    def _carried_out(self, operation: str, subject: str) -> None:
        if operation in ("UpdateFlow", "CreateFlow"):
            self._sent(subject)
        elif operation in ("StartFlow", "StopFlow"):
            self.flows[subject].touched = self.now
        elif operation == "PutEvents":
            for event in self.world.bus.events[self.seen :]:
                self._record(event)
            self.seen = len(self.world.bus.events)

    def _sent(self, name: str) -> None:
        """UpdateFlow or CreateFlow was carried out, or answered from AppFlow's memory of its token."""
        assert self.handled, "only apply writes"
        flow, change = self.world.flows.backend.flows[name], self.handled.change
        assert change.mode is Mode.APPLY, f"P5: {name} was written to for a plan"
        account = self.flows.get(name)
        if account is None:
            account = self.flows[name] = FlowAccount(flow.definition, flow.created_at)
            account.meant = "Active" if flow.definition.trigger_type == "OnDemand" else None
        elif flow.definition is account.definition:
            return
        else:
            before, after = shape(account.definition), shape(flow.definition)
            assert before != after, f"P5: {name} was in sync and was written to"
            assert account.writer != change.id, f"P9: {name} was updated twice for one change"
        self._written_by(account, change)
        was_on_demand = account.definition.trigger_type == "OnDemand"
        account.definition, account.writer, account.touched = flow.definition, change.id, self.now
        if flow.definition.trigger_type == "OnDemand":
            account.meant = "Active"
        elif self.wish_of(change).status or was_on_demand:
            account.meant = None  # until it is reported as done

    def _written_by(self, account: FlowAccount, change: Change) -> None:
        if change.document:
            number = self.version_of(change).number
            assert number >= account.versions.get(change.document.key, 0), "P2: an earlier version came back"
            account.versions[change.document.key] = number
        else:
            assert requested(change) >= account.latest, (
                "P2: an earlier request was carried out after a later one"
            )

    def _record(self, event: StatusEvent) -> None:
        data, id_ = event.data, event.metadata.id
        for _, earlier in self.reported.setdefault(id_, [])[-1:]:
            assert earlier.data.flowName == data.flowName, "P3: one id for two flows"
            assert earlier.metadata.correlationId == event.metadata.correlationId, "P3: one id for two events"
        self.reported[id_].append((self.now, event))
        error = data.error
        if data.outcome is Outcome.FAILED:
            assert error, "a failure without a reason"
            assert error.code in EXPECTED_FAILURES, f"nothing explains {error}"
            exhausted = error.code == "RetriesExhausted"
            assert not exhausted or event.metadata.attempt >= ATTEMPTS, "P8: exhausted too early"
        if not self.handled or id_ != self.handled.change.id:
            return
        change = self.handled.change
        if data.outcome in DONE:
            account, wish = self.flows[change.flowName], self.wish_of(change)
            account.latest = max(account.latest, requested(change))
            account.meant = wish.status or account.meant
        if data.outcome is Outcome.SUPERSEDED and change.document:
            latest = self.latest_valid(change.document.key)
            assert latest is None or latest is not self.version_of(change), (
                "P1: the latest version was passed over"
            )

    # What is known

    def latest_valid(self, key: str) -> Drop | None:
        """The latest valid version since the document was last deleted; without versions, only the very latest."""
        for drop in reversed(self.drops[key]):
            if drop is None:
                return None
            if drop.wishes is not None:
                return drop
            if not self.world.versioned:
                return None
        return None

    def version_of(self, change: Change) -> Drop:
        """The version that a change about a document means; the newest of that content in a bucket without versions."""
        document = change.document
        assert document
        drops = [drop for drop in self.drops[document.key] if drop]
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

    # What must hold at the end

    def final(self) -> None:
        """P1 to P9 after everything has settled."""
        self.verify()
        assert not self.world.queue.messages
        assert not self.world.queue.dead
        for versions in self.drops.values():
            for drop in versions:
                if drop:
                    self._everything_reported(drop)
        for sent in self.requests:
            self._answered(sent)
        for key in self.drops:
            if drop := self.latest_valid(key):
                self._matched(drop)
        for name, account in self.flows.items():
            self._kept(name, account)

    def _everything_reported(self, drop: Drop) -> None:
        identity = drop.request.identity
        if self.last_outcome(identity, None):
            return
        assert drop.wishes is not None, f"P3: nothing was reported about {identity}"
        for wish in drop.wishes:
            self._ended(identity, wish.flow)

    def _answered(self, sent: SentRequest) -> None:
        identity = sent.request.identity
        if self.last_outcome(identity, None):
            return
        flows = [change.flowName for change in self.queued.values() if change.identity == identity]
        assert flows, f"P3: nothing was reported about {identity}"
        for flow in flows:
            self._ended(identity, flow)
            if sent.wishes is not None:
                self._still_live(identity, next(wish for wish in sent.wishes if wish.flow == flow))

    def _ended(self, identity: str, flow: str) -> None:
        last = self.last_outcome(identity, flow)
        assert last, f"P3: nothing was reported about {flow} in {identity}"
        error = last[1].data.error
        assert not error or error.code != "RetriesExhausted", "P8: not retried when redriven"

    def _matched(self, drop: Drop) -> None:
        """P1 for the latest valid version of a document that is still there."""
        for wish in drop.wishes or []:
            last = self.last_outcome(drop.request.identity, wish.flow)
            if last is None:
                continue  # refused before it was a change: reported under the document's own id
            outcome = last[1].data.outcome
            assert outcome is not Outcome.SUPERSEDED, "P1: the latest version was passed over"
            if outcome in DONE:
                tags = self.world.flows.tags(wish.flow)
                assert Ownership.of(tags).document == f"s3://documents/{drop.key}", "P1: not the owner's"
                self._still_live(drop.request.identity, wish)

    def _still_live(self, identity: str, wish: Wish) -> None:
        """A change that was reported as done is live, unless the flow was changed after that."""
        last = self.last_outcome(identity, wish.flow)
        account = self.flows.get(wish.flow)
        if last is None or last[1].data.outcome not in DONE or account is None:
            return
        if account.touched >= last[0]:
            return
        answer = self.world.flows.backend.describe_flow({"flowName": wish.flow})
        live = parse_flow(answer)
        differences = diff(wish.request(), live.configuration, updated_at=live.last_updated_at)
        assert differences == (), f"P1: {wish.flow} does not match what was reported as done: {differences}"
        if wish.scheduled and wish.status == "Active":
            assert live.status == "Active", "the requested status"
        if wish.scheduled and wish.status == "Suspended":
            assert live.status in ("Suspended", "Draft"), "the requested status"

    def _kept(self, name: str, account: FlowAccount) -> None:
        flow = self.world.flows.backend.flows[name]
        assert flow.created_at == account.created, f"P6: {name} was created again"
        assert all(run.scheduled for run in flow.runs), f"P9: {name} was run"
        done = account.writer in self.reported and self.reported[account.writer][-1][1].data.outcome in DONE
        if done and account.meant == "Active":
            assert flow.status == "Active", f"{name} was left {flow.status}"


def requested(change: Change) -> int:
    """When a change was requested, in whole seconds: the precision of events."""
    return int(datetime.fromisoformat(change.requestedAt).timestamp())


def shape(definition: Definition) -> object:
    """The definition, with only the phase of a start that moves on by itself."""
    schedule = dict(definition.schedule or {})
    if "scheduleStartTime" in schedule:
        schedule["scheduleStartTime"] %= HOUR
    return {**definition.members, "triggerConfig": (definition.trigger_type, schedule)}
