"""A whole deployment in memory: bucket, queue, bus and AppFlow, with the functions between them.

``deliver`` is what Lambda does between the functions: receive messages and carry out each by itself.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from appflow_gitops.origin import DocumentVersion, Mode, Provenance
from appflow_gitops.status.drift import DriftEventReporter
from appflow_gitops.status.events import StatusEvent, render_outcome
from appflow_gitops.status.health import HealthEventReporter
from appflow_gitops.status.reporter import StatusReporter
from appflow_gitops.sync.apply.applier import Applier
from appflow_gitops.sync.apply.attempts import Attempts
from appflow_gitops.sync.apply.field_gate import FieldGate
from appflow_gitops.sync.apply.holder import Holder
from appflow_gitops.sync.apply.reconcile import Reconciler
from appflow_gitops.sync.change import drop_identity, timestamp
from appflow_gitops.sync.drift.detector import DriftDetector, Scan
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.former_buckets import AdoptableFlows
from appflow_gitops.sync.health.health import BrokenFields
from appflow_gitops.sync.health.report import HealthReport
from appflow_gitops.sync.health.watcher import HealthScan, RunWatcher
from appflow_gitops.sync.intake.intake import Intake, IntakeRequest, IntakeResult
from appflow_gitops.sync.intake.release import Releaser
from appflow_gitops.sync.intake.request import FlowRunRequest
from appflow_gitops.sync.stored_environment import StoredEnvironment
from appflow_gitops.sync.takeover import Takeovers
from fakes.bucket import BUCKET, FakeBucket
from fakes.bus import FakeBus
from fakes.calls import Calls, Crash
from fakes.clock import FakeClock
from fakes.flows import FakeFlows
from fakes.health_records import FakeHealthRecords
from fakes.held import FakeHeldChanges, FakeReleaseTimer
from fakes.queue import FakeQueue, Message
from fakes.scan_state import FakeScanState
from fakes.takeovers import FakeTakeovers

ATTEMPTS = 5
PLENTY_OF_TIME = 300.0


@dataclass(slots=True)
class World:
    """All parts of a deployment; their calls go through one ``Calls``."""

    may_create: bool = False
    versioned: bool = True
    environment: str = ""
    former_buckets: frozenset[str] = frozenset()
    fields: FieldGate | None = None
    broken_fields: dict[str, BrokenFields] = field(default_factory=dict)
    clock: FakeClock = field(default_factory=FakeClock)
    calls: Calls = field(default_factory=Calls)
    bucket: FakeBucket = field(init=False)
    queue: FakeQueue = field(init=False)
    bus: FakeBus = field(init=False)
    flows: FakeFlows = field(init=False)
    state: FakeScanState = field(init=False)
    takeovers: FakeTakeovers = field(init=False)
    held: FakeHeldChanges = field(init=False)
    timer: FakeReleaseTimer = field(init=False)
    paused: bool = False
    """Whether the stack is deployed with Paused=true."""
    health: FakeHealthRecords = field(init=False)
    requests: int = 0
    scans: int = 0
    name: str = BUCKET
    """The name of its documents bucket."""

    def __post_init__(self) -> None:
        self.calls.clock = self.clock
        self.bucket = FakeBucket(self.calls, self.versioned, name=self.name)
        self.queue = FakeQueue(self.clock, self.calls, max_receive_count=ATTEMPTS + 1)
        self.bus = FakeBus(self.calls)
        self.flows = FakeFlows(self.clock, self.calls)
        self.state = FakeScanState(self.calls)
        self.takeovers = FakeTakeovers(self.calls, folders=self.bucket.folders)
        self.held = FakeHeldChanges(self.calls)
        self.timer = FakeReleaseTimer(self.clock, self.calls)
        self.health = FakeHealthRecords(self.calls)

    @property
    def reporter(self) -> StatusReporter:
        return StatusReporter(self.bus)

    @property
    def intake(self) -> Intake:
        environment = self.stored_environment.read
        takeovers = Takeovers(self.takeovers, self.bucket, environment)
        return Intake(
            self.bucket,
            self.queue,
            self.reporter,
            self.clock,
            takeovers,
            self.name,
            "flows/",
            environment,
            self.releaser,
        )

    @property
    def releaser(self) -> Releaser:
        return Releaser(self.held, self.timer, self.queue, self.current_environment.read, self.clock)

    @property
    def attempts(self) -> Attempts:
        reconciler = Reconciler(self.flows, self.clock, self.may_create)
        applier = Applier(
            reconciler,
            self.bucket,
            self.takeovers,
            self.reporter,
            Holder(self.held, self.timer, self.clock),
            self.current_environment.read_listed,
            self.former_buckets,
            self.fields,
        )
        return Attempts(applier, self.queue, self.queue, self.clock, ATTEMPTS)

    def scan(
        self,
        *,
        self_heal: bool = False,
        remaining: Callable[[], float] = lambda: PLENTY_OF_TIME,
        change_at_most: int = 0,
        confirmed: str | None = None,
    ) -> Scan:
        """One invocation of detect_drift."""
        detector = DriftDetector(
            flows=AdoptableFlows(self.flows, self.former_buckets),
            documents=self.bucket,
            queue=self.queue,
            reporter=DriftEventReporter(self.bus),
            state=self.state,
            environment=self.stored_environment.read,
            clock=self.clock,
            bucket=self.name,
            prefix="flows/",
            held=self.held,
            timer=self.timer,
            dead_letters=self.queue,
            self_heal=self_heal,
            change_at_most=change_at_most,
        )
        self.scans += 1
        return detector.scan(f"scan-{self.scans}", remaining, confirmed)

    @property
    def watcher(self) -> RunWatcher:
        return RunWatcher(
            flows=self.flows,
            runs=self.flows,
            records=self.health,
            reporter=HealthEventReporter(self.bus),
            documents=self.bucket,
            environment=self.stored_environment.read,
            clock=self.clock,
            bucket=self.name,
            broken_fields=lambda: self.broken_fields,
        )

    def observe(self, events: Iterable[dict[str, Any]]) -> list[HealthReport]:
        """Invocations of watch_runs for events of AppFlow; the changes of health that they reported."""
        from watch_runs.run_events import parse_run_event  # noqa: PLC0415 - imports the whole function

        parsed = [(event["id"], parse_run_event(event)) for event in events]
        reports = [self.watcher.observe(event, event_id) for event_id, event in parsed if event]
        return [report for report in reports if report]

    def watch(self, remaining: Callable[[], float] = lambda: PLENTY_OF_TIME) -> HealthScan:
        """One scheduled invocation of watch_runs."""
        self.scans += 1
        return self.watcher.scan(f"scan-{self.scans}", remaining)

    @property
    def stored_environment(self) -> StoredEnvironment:
        """The environment of a function that holds no changes."""
        return StoredEnvironment(self.bucket, self.name, self.environment)

    @property
    def current_environment(self) -> StoredEnvironment:
        """The environment with its pauses."""
        return replace(self.stored_environment, is_paused=self.paused)

    def dropped(self, key: str, content: str | bytes, **provenance: str) -> IntakeRequest:
        """Store a document and return the request of its event."""
        return self.event_of(self.bucket.put(key, content, **provenance))

    def event_of(self, version: DocumentVersion) -> IntakeRequest:
        """The request of the event that S3 sends for the version that was stored last."""
        identity = drop_identity(version, str(self.bucket.stored))
        return IntakeRequest(identity, f"event-{identity}", timestamp(self.clock.now), version)

    def requested(
        self, document: Any, *, force: bool = False, mode: Mode = Mode.APPLY, **provenance: str
    ) -> IntakeRequest:
        """The request of a ``Flow Change Requested`` event."""
        self.requests += 1
        event_id = f"request-{self.requests}"
        return IntakeRequest(
            event_id,
            event_id,
            timestamp(self.clock.now),
            document,
            requested=True,
            provenance=Provenance(**provenance),
            force=force,
            mode=mode,
        )

    def run_requested(self, flow_name: str) -> IntakeResult:
        """Let intake handle a ``Flow Run Requested`` event."""
        self.requests += 1
        event_id = f"request-{self.requests}"
        run = FlowRunRequest(flowName=flow_name)
        return self.intake.handle(
            IntakeRequest(event_id, event_id, timestamp(self.clock.now), run, requested=True)
        )

    def drop(self, key: str, content: str | bytes, **provenance: str) -> IntakeResult:
        """Store a document and let intake handle it."""
        return self.intake.handle(self.dropped(key, content, **provenance))

    def deleted(self, key: str) -> IntakeRequest:
        """Delete a document and return the request of its event."""
        return replace(self.event_of(self.bucket.delete(key)), deleted=True)

    def remove(self, key: str) -> IntakeResult:
        """Delete a document and let intake handle the event."""
        return self.intake.handle(self.deleted(key))

    def deliver(self, limit: int = 10) -> list[StatusEvent]:
        """Invocations of apply, one for each of the next messages, and the status events of what they completed."""
        events = []
        for _ in range(limit):
            for message in self.queue.receive(1):
                if event := self.handle(message):
                    self.queue.delete(message)
                    events.append(event)
        return events

    @contextmanager
    def invocation(self) -> Iterator[Callable[[], float]]:
        """The seconds that are left of one invocation of a function. A call that hangs longer kills it."""
        ends = self.calls.deadline = self.clock.now + PLENTY_OF_TIME
        try:
            yield lambda: ends - self.clock.now
        finally:
            self.calls.deadline = inf

    def handle(self, message: Message) -> StatusEvent | None:
        """One invocation of apply; its status event, or ``None`` when the message is retried."""
        try:
            with self.invocation():
                report = self.attempts.handle(message.delivery(), message.receipt)
        except TransientError:
            return None
        event = self.bus.events[-1]
        assert event == render_outcome(report), "what is returned differs from what was sent"
        return event

    def release(self) -> None:
        """Invocations of intake for the timers that are due. One that fails is repeated when the next are due."""
        for check in self.timer.due():
            with suppress(TransientError), self.invocation():
                self.releaser.release(check)
                self.timer.delete(check)

    def settle(self) -> None:
        """Deliver until the queue is empty, moving the clock on to the next message that waits.

        Timers that are due meanwhile invoke intake. Changes that are still held then stay held.
        """
        while True:
            try:
                self.release()
                if (due := self.queue.next_visible()) is None:
                    return
                self.clock.now = max(self.clock.now, due)
                self.deliver()
            except Crash:
                self.calls.faults = no_fault

    def pass_time(self, seconds: float) -> None:
        """Move the clock on, with everything that timers and queue deliver meanwhile."""
        end = self.clock.now + seconds
        while (due := self.timer.next_due()) is not None and due <= end:
            self.clock.now = max(self.clock.now, due)
            self.settle()
        self.clock.now = max(self.clock.now, end)
        self.settle()

    def apply(self, key: str, content: str | bytes, **provenance: str) -> list[StatusEvent]:
        """Drop a document and deliver its changes; the status events of its outcome."""
        before = len(self.bus.events)
        self.drop(key, content, **provenance)
        self.settle()
        return self.bus.events[before:]


def no_fault(operation: str, number: int) -> None:
    """Nothing goes wrong."""
