"""What must hold at the end: once everything is delivered, no fault is left, and enough scans have run."""

from collections.abc import Iterator
from dataclasses import dataclass

from appflow_gitops.flows.ownership import Ownership
from appflow_gitops.status.events import StatusEvent
from appflow_gitops.sync.change import change_id
from appflow_gitops.sync.drift.report import Drift
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_local.appflow.definition import Definition
from appflow_gitops_local.appflow.flows import Flow
from simulation.environments import Environment
from simulation.ledger import (
    CONSOLE,
    DONE,
    EXHAUSTED,
    Drop,
    FlowAccount,
    Ledger,
    SentRequest,
    has_status,
    has_too_many_tags,
    in_sync,
    matches,
)
from simulation.wishes import FLOWS, Wish


@dataclass(frozen=True, slots=True)
class Convergence:
    """Holds the end of a history to its promises.

    ``healed`` if the last scans repaired drift, ``redriven`` if an operator redrove the dead letters and repeated the
    events that intake failed on.
    """

    ledger: Ledger
    healed: bool
    redriven: bool

    def verify(self) -> None:
        """Raise the first promise that is broken."""
        self.ledger.verify()
        self._everything_delivered()
        for name, account in self.ledger.flows.items():
            self._kept(name, account)
        for uri in self.ledger.drops:
            if drop := self.ledger.latest_valid(uri):
                self._matched(drop)
        for name in FLOWS:
            self._converged(name)

    # P3, P8

    def _everything_delivered(self) -> None:
        for world in self.ledger.worlds:
            assert not world.queue.messages
            assert not world.queue.dead or not self.redriven
            assert not world.held.kept, "P14: a held change was not released"
        for versions in self.ledger.drops.values():
            for drop in versions:
                if drop:
                    self._everything_reported(drop)
        for sent in self.ledger.requests:
            self._answered(sent)

    # P1

    def _converged(self, name: str) -> None:
        """The flow matches the document that owns it, or every document that declares it is blocked."""
        declaring = dict(self._declaring(name))
        flow, account = self.ledger.live.get(name), self.ledger.flows.get(name)
        if flow is None or account is None:
            assert all(self._may_be_missing(uri, name) for uri in declaring), f"P1: {name} was not created"
            return
        if account.owner in declaring:
            declaring = {account.owner: declaring[account.owner]}
        elif account.owner:
            here = self.ledger.world_of(account.owner)
            undetermined = self.ledger.may_declare(account.owner, name, here=here.name)
            declaring = {
                uri: wish
                for uri, wish in declaring.items()
                if self.ledger.world_of(uri) is here and not undetermined
            }
        for uri, wish in declaring.items():
            if any(
                other < uri and self.ledger.world_of(other) is self.ledger.world_of(uri)
                for other in declaring
            ):
                continue  # of several documents that may have the flow, only the first one's turn has come
            kept = in_sync(self.ledger.environment_of(uri), wish, flow) or self._is_blocked(
                uri, wish, flow, account
            )
            assert kept, f"P1: {name} does not match {uri}"

    def _declaring(self, name: str) -> Iterator[tuple[str, Wish]]:
        for uri in self.ledger.drops:
            if wish := self.ledger.wish(uri, name):
                yield uri, wish

    def _is_blocked(self, uri: str, wish: Wish, flow: Flow, account: FlowAccount) -> bool:
        """Whether there is a reason, which is still true, why the flow does not match."""
        if self._is_observed(uri):
            return True
        if flow.definition.source.object != Definition.of_request(wish.request()).source.object:
            return True  # AppFlow cannot change it in place
        if has_too_many_tags(wish, flow) or wish.may_be_over(self.ledger.calls.clock.now):
            return True
        if self._was_forced(flow, account):
            return True
        if self.ledger.is_later_live(self.ledger.latest_valid(uri), wish.flow):
            return True
        return not self.healed and self._waits_for_an_operator(uri, wish, account)

    def _is_observed(self, uri: str) -> bool:
        latest = self.ledger.latest_valid(uri)
        return bool(latest and self.ledger.environment_of(uri).observes(latest.document.key))

    def _waits_for_an_operator(self, uri: str, wish: Wish, account: FlowAccount) -> bool:
        """Whether the latest version was handled, and what went wrong then or changed since is only reported."""
        at, last = self._last_event(uri, wish.flow)
        if self.ledger.environment_changed >= at:
            return True
        if last is None:
            return self._is_left(uri, wish.flow)
        if account.writer == CONSOLE and account.touched >= at:
            return True
        if last.data.outcome is Outcome.REJECTED:
            return bool(last.data.findings)
        return last.data.outcome not in {*DONE, Outcome.SUPERSEDED} and (
            self._is_left(uri, wish.flow) or self._was_refused(uri, wish.flow)
        )

    def _is_left(self, uri: str, flow: str) -> bool:
        """Whether SQS or Lambda itself moved the event to the dead letters: it could not be handled or reported."""
        latest = self.ledger.latest_valid(uri)
        assert latest
        identity = latest.request.identity
        last = self.ledger.last_outcome(identity, None)
        lost = last is not None and last[1].data.error is not None and last[1].data.error.code == EXHAUSTED
        return lost or change_id(identity, flow) in self._left_to_an_operator()

    def _left_to_an_operator(self) -> set[str]:
        """The changes that SQS itself moved to the dead letters, because apply could neither do that nor report it."""
        letters = (letter for world in self.ledger.worlds for letter in world.queue.dead)
        changes = (letter.delivery().change for letter in letters)
        return {change.id for change in changes if change.failedAt is None}

    def _was_forced(self, flow: Flow, account: FlowAccount) -> bool:
        """Whether a forced request was carried out after the document: it stays until the document is dropped again.

        An edit after the request does not end it.
        """
        change = self.ledger.queued.get(account.writer)
        by_request = change is not None and change.document is None
        return by_request or Ownership.of(flow.tags).request is not None

    def _was_refused(self, uri: str, flow: str) -> bool:
        """Whether the last outcome of the document was a permanent failure."""
        _, last = self._last_event(uri, flow)
        error = last.data.error if last and last.data.outcome is Outcome.FAILED else None
        return error is not None and error.code != EXHAUSTED

    def _last_event(self, uri: str, flow: str) -> tuple[int, StatusEvent | None]:
        """The last outcome of the latest valid version of a document, and when it was reported.

        In a bucket without versioning, earlier drops of the same content are of the same version.
        """
        latest = self.ledger.latest_valid(uri)
        assert latest
        own = change_id(latest.request.identity, None)
        events = (
            (at, event)
            for reported in self.ledger.reported.values()
            for at, event in reported
            if (event.data.flowName == flow or (event.data.flowName is None and event.metadata.id == own))
            and event.data.document
            and event.data.document.is_same_version(latest.document)
        )
        return max(events, key=lambda entry: entry[0], default=(latest.at, None))

    def _may_be_missing(self, uri: str, name: str) -> bool:
        """Whether it is reported that the flow does not exist, and the document was not dropped again since."""
        if self._is_observed(uri):
            return True
        at, last = self._last_event(uri, name)
        since = max(self.ledger.deleted_flows.get(name, 0), self.ledger.environment_changed)
        allowed = since >= at or bool(last and last.data.findings) or self._was_refused(uri, name)
        reported = (event.data for _, event in self.ledger.drifts if event.data.drift is Drift.MISSING)
        return (allowed or self._is_left(uri, name)) and name in {data.flowName for data in reported}

    def _matched(self, drop: Drop) -> None:
        """What was reported as done for the latest valid version of a document that is still there."""
        for wish in self.ledger.wishes(drop) or ():
            last = self.ledger.last_outcome(drop.request.identity, wish.flow)
            if last is None:
                continue  # refused before it was a change: reported under the document's own id
            outcome = last[1].data.outcome
            since = max(self.ledger.environment_changed, self.ledger.deleted_flows.get(wish.flow, 0))
            allowed = since >= last[0] or self.ledger.is_later_live(drop, wish.flow)
            assert allowed or outcome is not Outcome.SUPERSEDED, "P1: the latest version was passed over"
            account = self.ledger.flows.get(wish.flow)
            if outcome in DONE and account and account.since < last[0]:
                assert account.owner, "P1: the flow has no owner"
                taken = self.ledger.world_of(account.owner).name == self.ledger.world_of(drop.uri).name
                assert taken, "P10: the flow has an owner in another stack"
                self._still_live(drop.request.identity, wish, self.ledger.environment_of(drop.uri))

    def _still_live(self, identity: str, wish: Wish, environment: Environment) -> None:
        """A change that was reported as done is live, unless the flow or the environment was changed after that."""
        last = self.ledger.last_outcome(identity, wish.flow)
        account, flow = self.ledger.flows.get(wish.flow), self.ledger.live.get(wish.flow)
        if last is None or last[1].data.outcome not in DONE or account is None or flow is None:
            return
        if max(account.touched, self.ledger.environment_changed) >= last[0]:
            return
        assert matches(environment, wish, flow), f"P1: {wish.flow} does not match what was reported as done"
        assert has_status(wish, flow), "the requested status"

    # P3, P6, P9

    def _everything_reported(self, drop: Drop) -> None:
        identity = drop.request.identity
        if self.ledger.last_outcome(identity, None):
            return
        assert drop.wishes is not None, f"P3: nothing was reported about {identity}"
        flows = {change.flowName for change in self.ledger.queued.values() if change.identity == identity}
        assert len(flows) >= len(drop.wishes), f"P3: nothing was reported about a flow of {identity}"
        for flow in flows:
            self._ended(identity, flow)

    def _answered(self, sent: SentRequest) -> None:
        identity = sent.request.identity
        if self.ledger.last_outcome(identity, None):
            return
        flows = [change.flowName for change in self.ledger.queued.values() if change.identity == identity]
        assert flows, f"P3: nothing was reported about {identity}"
        for flow in flows:
            self._ended(identity, flow)
            if sent.wishes is not None:
                wish = next(wish for wish in sent.wishes if wish.flow == flow)
                self._still_live(identity, wish, self.ledger.environment)

    def _ended(self, identity: str, flow: str) -> None:
        last = self.ledger.last_outcome(identity, flow)
        if last is None and change_id(identity, flow) in self._left_to_an_operator():
            return
        assert last, f"P3: nothing was reported about {flow} in {identity}"
        assert last[1].data.outcome is not Outcome.HELD, (
            f"P14: {flow} in {identity} was held and has no outcome"
        )
        error = last[1].data.error
        retried = not error or error.code != EXHAUSTED or not self.redriven
        assert retried, "P8: not retried when redriven"

    def _kept(self, name: str, account: FlowAccount) -> None:
        flow = self.ledger.live[name]
        assert flow.created_at == account.created, f"P6: {name} was created again"
        assert all(run.scheduled for run in flow.runs), f"P9: {name} was run"
        reported = self.ledger.reported.get(account.writer, [])
        done = bool(reported) and reported[-1][1].data.outcome in DONE
        if done and account.meant == "Active":
            assert flow.status == "Active", f"{name} was left {flow.status}"
