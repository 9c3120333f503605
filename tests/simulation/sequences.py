"""Sequences that are too rare to happen by chance: each is one rule."""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from appflow_gitops.sync.change import timestamp
from simulation.authors import wishes_of
from simulation.deployment import EDIT, HERE, REQUEST, VALID, Deployment, Place
from simulation.environments import Environment
from simulation.faults import Strike
from simulation.ledger import SentRequest
from simulation.themes import Theme, during
from simulation.wishes import FLOWS, HOUR, NAMED_BY_VARIABLE, WISHES, Wish

WITHIN = 20.0
"""Seconds within which a corrected document is applied, once nothing is wrong."""
EITHER = st.sampled_from(HERE)


class Sequences(Deployment):
    """What takes several steps in one order."""

    @during(Theme.CONSOLE)
    @rule(place=EITHER, names=VALID, flow=st.sampled_from(FLOWS))
    def create_delete_and_create_again(self, place: Place, names: tuple[str, ...], flow: str) -> None:
        self.calm()
        for _ in range(2):
            self.remove_flow(flow)
            self.drop_document(place, wishes_of(names))
            self.go_on("settle")

    @during(Theme.RETRIES)
    @rule(
        place=EITHER,
        names=VALID,
        correction=VALID,
        operation=st.sampled_from(["DescribeFlow", "UpdateFlow", "TagResource", "GetObject"]),
    )
    def fail_five_times_and_correct(
        self, place: Place, names: tuple[str, ...], correction: tuple[str, ...], operation: str
    ) -> None:
        """A correction is applied at once when the cause is gone: what failed before does not hold it up."""
        self.calm()
        self.go_on("settle")
        self.drop_document(place, wishes_of(names))
        self._fail(operation, "throttled")
        queue = self.world.queue
        while any(message.receipt not in self.ledger.exhausted for message in queue.messages):
            self.world.clock.now = max(self.world.clock.now, queue.next_visible() or 0.0)
            self.go_on("deliver one")
        self.calm()
        self.drop_document(place, wishes_of(correction))
        since = self.world.clock.now
        self.go_on("settle")
        waited = self.world.clock.now - since
        assert waited <= WITHIN, f"P8: the correction waited for {waited} s"

    @during(Theme.RETRIES)
    @rule(
        place=EITHER,
        names=VALID,
        operation=st.sampled_from(["UpdateFlow", "TagResource", "TagResource", "StartFlow", "UntagResource"]),
        skip=st.sampled_from([0, 1]),
        found=st.booleans(),
    )
    def refuse_one_step(
        self, place: Place, names: tuple[str, ...], operation: str, skip: int, found: bool
    ) -> None:
        """AppFlow refuses one step of a change for good; ``found``: of flows that were made in the console."""
        self.calm()
        self.go_on("settle")
        for wish in wishes_of(names) if found else ():
            self.remove_flow(wish.flow)
            self.edit_flow(Wish(wish.flow, "as found"))
        self.drop_document(place, wishes_of(names))
        self.world.calls.faults = Strike(operation, "refused", skip, 1, self.ledger.struck)
        self.go_on("settle")
        self.calm()

    @during(Theme.CONSOLE)
    @rule(place=EITHER, names=VALID, room=st.integers(2, 9))
    def leave_little_room_for_tags(self, place: Place, names: tuple[str, ...], room: int) -> None:
        """A flow that was made in the console has so many tags that only a few of ours fit."""
        self.calm()
        for wish in wishes_of(names):
            self.remove_flow(wish.flow)
            self.edit_flow(Wish(wish.flow, "as found"))
            self.fill_tags(wish.flow, room)
        self.drop_document(place, wishes_of(names))
        self.go_on("settle")

    @during(Theme.RETRIES)
    @precondition(lambda self: self.self_heal)
    @rule(
        name=EDIT,
        operation=st.sampled_from(["UpdateFlow", "TagResource", "StartFlow"]),
        kind=st.sampled_from(["refused", "throttled"]),
        hours=st.integers(1, 3),
    )
    def fail_to_repair(self, name: str, operation: str, kind: str, hours: int) -> None:
        """A repair fails for hours; then the cause is gone."""
        self.calm()
        self.go_on("settle")
        if WISHES[name].flow not in self.ledger.live:
            return
        self.edit_flow(WISHES[name])
        self._fail(operation, kind)
        for _ in range(hours):
            self.world.clock.advance(HOUR)
            self.scan_now(self.world)
            self.go_on("settle")
        self.calm()

    @during(Theme.ENVIRONMENTS)
    @rule(place=EITHER, flow=st.sampled_from(FLOWS), force=st.booleans())
    def return_to_an_earlier_version(self, place: Place, flow: str, force: bool) -> None:
        """The event of version 1 arrives after version 2 was applied and has become invalid."""
        self.calm()
        self.configure(Environment("none", "orders"))
        late = self.drop_document(place, (Wish(flow, "early"),), late=True)
        self.drop_document(place, (Wish(flow, "${env.TEXT}"),))
        self.go_on("settle")
        if force:
            wish = Wish(flow, "forced")
            sent = self.world.requested(wish.document(), force=True)
            self.send_request(SentRequest((wish,), sent), late=False)
            self.go_on("settle")
        self.configure(Environment())
        self.handle_event(late, again=False)
        self.go_on("settle")

    @during(Theme.ENVIRONMENTS)
    @rule(place=EITHER, flow=st.sampled_from(FLOWS))
    def rename_a_flow_in_flight(self, place: Place, flow: str) -> None:
        """The variables give the flow another name between intake and apply."""
        self.calm()
        self.configure(Environment("none", flow))
        self.drop_document(place, (Wish(NAMED_BY_VARIABLE, "renamed"),))
        self.configure(Environment("none", *(other for other in FLOWS if other != flow)))
        self.go_on("settle")

    @during(Theme.REQUESTS)
    @rule(name=REQUEST, ahead=st.sampled_from([60, 365 * 86_400]), seconds=st.integers(1, 100))
    def request_from_a_wrong_clock(self, name: str, ahead: int, seconds: int) -> None:
        """A request with a time in the future does not hold up the next one."""
        for skew in (ahead, 0):
            sent = self.world.requested(WISHES[name].document(), force=True)
            sent = replace(sent, time=timestamp(self.world.clock.now + skew))
            self.send_request(SentRequest((WISHES[name],), sent), late=False)
            self.go_on("settle")
            self.world.clock.advance(seconds)

    @during(Theme.MOVES)
    @rule(old=VALID, new=VALID, deleted=st.booleans(), lost=st.booleans())
    def let_go_of_a_flow(self, old: tuple[str, ...], new: tuple[str, ...], deleted: bool, lost: bool) -> None:
        """A flow moves to another document; the event of the one that lets go of it comes late, or is lost."""
        self.calm()
        for place, names in zip(HERE, (old, new), strict=True):
            self.drop_document(place, wishes_of(names))
            self.go_on("settle")
        if deleted:
            self.delete_document(HERE[0], late=True)
        else:
            self.drop_document(HERE[0], (Wish("others"),), late=True)
        if lost:
            self.lose_event(self.pending[-1])
        else:
            self.handle_event(self.pending[-1], again=False)
        self.go_on("settle")

    @during(Theme.HOLDS)
    @rule(
        place=EITHER,
        names=VALID,
        kind=st.sampled_from(["crash before", "crash after"]),
        skip=st.integers(0, 7),
    )
    def crash_during_a_release(self, place: Place, names: tuple[str, ...], kind: str, skip: int) -> None:
        """What a pause held is being released when intake or apply is killed."""
        self.calm()
        self.pause_flows(["*"], late=False)
        self.drop_document(place, wishes_of(names))
        self.go_on("settle")
        self.resume_flows(late=False)
        self.world.calls.faults = Strike("*", kind, skip, 1, self.ledger.struck)
        self.go_on("settle")
        self.calm()

    def _fail(self, operation: str, kind: str) -> None:
        self.world.calls.faults = Strike(operation, kind, 0, 1000, self.ledger.struck)
