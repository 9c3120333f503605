"""Everything around the stacks: events and time, faults, the bucket, the environment, scans and redrives."""

from contextlib import suppress
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from appflow_gitops.sync.errors import PermanentError
from fakes.calls import Crash
from simulation.deployment import THEN, URI, Deployment, Place
from simulation.environments import ENVIRONMENTS, WINDOWED, Environment
from simulation.faults import KINDS, OPERATIONS, Strike
from simulation.themes import Theme, during, has_documents
from simulation.wishes import HOUR


class Surroundings(Deployment):
    """Events arrive, time passes, calls fail, scans run."""

    @precondition(lambda self: self.pending)
    @rule(number=st.integers(0, 9), again=st.booleans(), then=THEN)
    def event(self, number: int, again: bool, then: str) -> None:
        self.handle_event(self.pending[number % len(self.pending)], again=again)
        self.go_on(then)

    @rule(seconds=st.sampled_from([1, 10, 400, 2000, 9 * HOUR]), then=THEN)
    def wait(self, seconds: int, then: str) -> None:
        self.world.clock.advance(seconds)
        self.go_on(then)

    @rule(hours=st.sampled_from([1, 3]))
    def hours_pass(self, hours: int) -> None:
        """The stack at work: it scans every hour, and delivers in between."""
        for _ in range(hours):
            self.world.clock.advance(HOUR)
            self.scan_now(self.world)
            self.go_on("settle")

    @rule(
        operation=st.sampled_from(OPERATIONS),
        kind=st.sampled_from(sorted(KINDS)),
        skip=st.integers(0, 9),
        times=st.sampled_from([1, 2, 8, 40]),
    )
    def strike(self, operation: str, kind: str, skip: int, times: int) -> None:
        self.world.calls.faults = Strike(operation, kind, skip, times, self.ledger.struck)

    @rule(there=st.booleans(), then=THEN)
    def scan(self, there: bool, then: str) -> None:
        """A scan of either stack, at any time."""
        self.scan_now(self.ledger.worlds[there and Theme.STACKS in self.themes])
        self.go_on(then)

    @precondition(lambda self: self.world.bus.limited)
    @rule(then=THEN)
    def confirm(self, then: str) -> None:
        """A user confirms the repairs that were reported last; they may have changed since."""
        self.scan_now(self.world, self.world.bus.limited[-1].data.confirmation)
        self.go_on(then)

    @rule(then=THEN)
    def redrive(self, then: str) -> None:
        for world in self.worlds.values():
            world.queue.redrive()
        self.go_on(then)

    @during(Theme.ENVIRONMENTS)
    @rule(environment=st.sampled_from(ENVIRONMENTS), then=THEN)
    def change_the_environment(self, environment: Environment, then: str) -> None:
        self.configure(environment)
        self.go_on(then)

    @during(Theme.HOLDS)
    @rule(flows=st.sampled_from([["*"], ["orders"]]), late=st.booleans(), then=THEN)
    def pause(self, flows: list[str], late: bool, then: str) -> None:
        self.pause_flows(flows, late=late)
        self.go_on(then)

    @during(Theme.HOLDS)
    @precondition(lambda self: self.ledger.paused)
    @rule(late=st.booleans(), then=THEN)
    def resume(self, late: bool, then: str) -> None:
        self.resume_flows(late=late)
        self.go_on(then)

    @during(Theme.HOLDS)
    @rule(number=st.integers(0, 3))
    def lose_a_timer(self, number: int) -> None:
        """SQS keeps messages for two weeks only, and an operator may purge the queue."""
        if waiting := self.world.timer.waiting:
            del waiting[number % len(waiting)]

    @during(Theme.HOLDS)
    @rule(policy=st.sampled_from([WINDOWED, WINDOWED, "none", "broken"]), then=THEN)
    def change_the_windows(self, policy: str, then: str) -> None:
        self.configure(replace(self.ledger.environment, policy=policy))
        self.go_on(then)

    @during(Theme.HOLDS)
    @rule(hours=st.integers(1, 6))
    def timers_fire(self, hours: int) -> None:
        """Time passes, and timers and messages are delivered when they are due."""
        with suppress(Crash):
            self.world.pass_time(hours * HOUR)
        self.ledger.verify()

    @during(Theme.OBJECTS)
    @precondition(has_documents)
    @rule(uri=URI)
    def archive(self, uri: str) -> None:
        """A lifecycle rule that is not ours moves an object to GLACIER, and brings it back."""
        bucket, key = Place.of(uri)
        unreadable = self.worlds[bucket].bucket.unreadable
        if key in unreadable:
            del unreadable[key]
        elif self.ledger.drops[uri][-1]:
            unreadable[key] = PermanentError("InvalidObjectState", "The object is archived")

    @during(Theme.OBJECTS)
    @precondition(has_documents)
    @rule(uri=URI, number=st.sampled_from([9, 11, 60]), then=THEN)
    def drop_many_invalid_versions(self, uri: str, number: int, then: str) -> None:
        for _ in range(number):
            self.drop_document(Place.of(uri), None)
        self.go_on(then)

    @during(Theme.LOST_EVENTS)
    @precondition(lambda self: self.pending)
    @rule(number=st.integers(0, 9), then=THEN)
    def lose_an_event(self, number: int, then: str) -> None:
        """Intake fails on an event until Lambda retries it no more."""
        request = self.pending[number % len(self.pending)]
        self.world.calls.faults = Strike("*", "throttled", 0, 40, self.ledger.struck)
        while request in self.pending and self.failures[request.identity] < 2:
            self.handle_event(request, again=False)
        self.calm()
        if request in self.pending:  # an event that needs no call cannot fail
            self.lose_event(request)
        self.go_on(then)
