"""A whole deployment in memory: bucket, queue, bus and AppFlow, with intake, apply and detect_drift between them.

What Lambda does between the functions is ``deliver``: one turn of the queue, a batch worked off record by record.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from appflow_gitops.origin import DocumentVersion, Mode, Provenance
from appflow_gitops.status.events import StatusEvent, timestamp
from appflow_gitops.sync.apply.applier import Applier
from appflow_gitops.sync.apply.attempts import Attempts
from appflow_gitops.sync.apply.reconcile import Reconciler
from appflow_gitops.sync.change import drop_identity
from appflow_gitops.sync.drift.detector import DriftDetector, Scan
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.intake.intake import Intake, IntakeRequest, IntakeResult
from appflow_gitops.sync.stored_environment import StoredEnvironment
from fakes.bucket import BUCKET, FakeBucket
from fakes.bus import FakeBus
from fakes.calls import Calls, Crash
from fakes.clock import FakeClock
from fakes.flows import FakeFlows
from fakes.memory import FakeMemory
from fakes.queue import FakeQueue, Message

ATTEMPTS = 5
PLENTY_OF_TIME = 300.0


@dataclass(slots=True)
class World:
    """Everything that a change meets on its way; all calls go through one ``Calls``."""

    may_create: bool = False
    versioned: bool = True
    environment: str = ""
    clock: FakeClock = field(default_factory=FakeClock)
    calls: Calls = field(default_factory=Calls)
    bucket: FakeBucket = field(init=False)
    queue: FakeQueue = field(init=False)
    bus: FakeBus = field(init=False)
    flows: FakeFlows = field(init=False)
    memory: FakeMemory = field(init=False)
    requests: int = 0
    scans: int = 0

    def __post_init__(self) -> None:
        self.bucket = FakeBucket(self.calls, self.versioned)
        self.queue = FakeQueue(self.clock, self.calls, max_receive_count=ATTEMPTS + 1)
        self.bus = FakeBus(self.calls)
        self.flows = FakeFlows(self.clock, self.calls)
        self.memory = FakeMemory(self.calls)

    @property
    def intake(self) -> Intake:
        return Intake(self.bucket, self.queue, self.bus, self.clock, BUCKET, "flows/", self.stored_stage.read)

    @property
    def attempts(self) -> Attempts:
        reconciler = Reconciler(self.flows, self.clock, self.may_create)
        applier = Applier(reconciler, self.bucket, self.bus, self.stored_stage.read)
        return Attempts(applier, self.queue, ATTEMPTS)

    def scan(self, *, heals: bool = False, remaining: Callable[[], float] = lambda: PLENTY_OF_TIME) -> Scan:
        """One invocation of detect_drift."""
        detector = DriftDetector(
            flows=self.flows,
            documents=self.bucket,
            queue=self.queue,
            bus=self.bus,
            memory=self.memory,
            environment=self.stored_stage.read,
            clock=self.clock,
            bucket=BUCKET,
            prefix="flows/",
            heals=heals,
        )
        self.scans += 1
        return detector.scan(f"scan-{self.scans}", remaining)

    @property
    def stored_stage(self) -> StoredEnvironment:
        return StoredEnvironment(self.bucket, BUCKET, self.environment)

    def dropped(self, key: str, content: str | bytes, **provenance: str) -> IntakeRequest:
        """Store a document and give the arrival of its event."""
        return self.event_of(self.bucket.put(key, content, **provenance))

    def event_of(self, version: DocumentVersion) -> IntakeRequest:
        """The arrival of the event that S3 sends for the version that was stored last."""
        identity = drop_identity(version, str(self.bucket.stored))
        return IntakeRequest(identity, f"event-{identity}", timestamp(self.clock.now), version)

    def requested(
        self, document: Any, *, force: bool = False, mode: Mode = Mode.APPLY, **provenance: str
    ) -> IntakeRequest:
        """The arrival of a ``Flow Change Requested`` event."""
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

    def drop(self, key: str, content: str | bytes, **provenance: str) -> IntakeResult:
        """Store a document and let intake take it."""
        return self.intake.take(self.dropped(key, content, **provenance))

    def deliver(self, limit: int = 10) -> list[StatusEvent]:
        """One invocation of apply with what the queue has now; what failed stays in the queue.

        As with Lambda, messages are deleted when the whole batch is done: a crash brings all of them back.
        """
        attempts = self.attempts.for_batch()
        taken = [(message, self.take(message, attempts)) for message in self.queue.receive(limit)]
        for message, event in taken:
            if event:
                self.queue.delete(message)
        return [event for _, event in taken if event]

    def take(self, message: Message, attempts: Attempts | None = None) -> StatusEvent | None:
        """One record of a batch; ``None`` when it has to come back."""
        attempts = attempts or self.attempts
        try:
            return attempts.take(message.delivery(), message.receipt, lambda: PLENTY_OF_TIME)
        except TransientError:
            return None

    def settle(self) -> None:
        """Deliver until the queue is empty, moving the clock on to the next message that waits."""
        while (due := self.queue.next_visible()) is not None:
            self.clock.now = max(self.clock.now, due)
            try:
                self.deliver()
            except Crash:
                self.calls.faults = no_fault

    def apply(self, key: str, content: str | bytes, **provenance: str) -> list[StatusEvent]:
        """Drop a document and see it through; the status events that came of it."""
        before = len(self.bus.events)
        self.drop(key, content, **provenance)
        self.settle()
        return self.bus.events[before:]


def no_fault(operation: str, number: int) -> None:
    """Nothing goes wrong."""
