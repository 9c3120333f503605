"""The inventory: every flow beside its document, what differs, and what has no counterpart.

``appflow-gitops status`` prints it; ``sync.drift`` uses its terms. It costs one GetObject per document, one ListFlows
per hundred flows, and one DescribeFlow per flow that ListFlows does not settle.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Protocol, TypeVar

from appflow_gitops.flows.canonical import declared_digest
from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.quoting import quoted
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.declaration import Declaration, document_keys, read_declaration
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops.sync.plan import Plan, effects, plan, tag_difference
from appflow_gitops.sync.ports import DocumentCatalog, FlowCatalog
from appflow_gitops.validation.environment import Environment

T = TypeVar("T")
R = TypeVar("R")


OBSERVED = "observed: the policy has mode observe for the folder of the document, so nothing is written"
_NOT_RUNNING = frozenset({"Draft", "Errored", "Deprecated"})


class State(StrEnum):
    """How a live flow compares with its document."""

    IN_SYNC = "in sync"
    DRIFTED = "drifted"
    """The flow differs from the version that was applied last: by an edit, or by a forced request."""
    PENDING = "pending"
    """The document's latest valid version was not applied: a change is in progress, or it failed."""
    ORPHANED = "orphaned"
    """The owning document was deleted, or no longer declares the flow."""
    ELSEWHERE = "elsewhere"
    """The owning document is in another bucket, which is not read."""
    UNMANAGED = "unmanaged"
    """No document declares the flow."""


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """The status of one live flow.

    ``document`` is its document's key (an S3 URI in another bucket); ``version`` and ``commit`` are what was applied
    last, by its tags. ``declared`` is the document's version that declares it. ``changes`` is what the document would
    change, ``note`` why that was not done. ``outcome`` is how the change ended or would end, where that is known.
    """

    live: FlowSummary
    state: State
    document: str | None = None
    changes: tuple[DiffItem, ...] = ()
    note: str | None = None
    declared: DocumentVersion | None = None
    outcome: Outcome | None = None
    is_observed: bool = False
    """Whether the policy observes the document's folder: its changes are only reported."""

    @property
    def can_run(self) -> bool:
        """Whether the flow can run. One that waits for a schedule or an event in Draft never does, in sync or not."""
        return self.live.status not in _NOT_RUNNING or self.live.trigger_type == "OnDemand"

    @property
    def version(self) -> str | None:
        """The version that was applied last."""
        return self.live.owner.version

    @property
    def commit(self) -> str | None:
        """The commit that was applied last."""
        return self.live.owner.commit


@dataclass(frozen=True, slots=True)
class MissingFlow:
    """A flow that a document declares and that does not exist; ``note`` says why, where that is known."""

    name: str
    document: str
    commit: str | None
    declared: DocumentVersion | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class InvalidDocument:
    """A document whose latest version is invalid; ``error`` is its first error."""

    document: str
    error: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """All flows and documents, each part sorted by name. ``flows`` have a document, or had one."""

    flows: tuple[SyncStatus, ...]
    unmanaged: tuple[SyncStatus, ...]
    missing: tuple[MissingFlow, ...]
    invalid: tuple[InvalidDocument, ...]

    @property
    def in_order(self) -> bool:
        """Whether nothing needs attention. Unmanaged flows need none."""
        fine = (State.IN_SYNC, State.ELSEWHERE)
        return not (self.missing or self.invalid) and all(flow.state in fine for flow in self.flows)


class Each(Protocol):
    """Applies a function to many items, one by one or concurrently; ``doing`` is the label of a progress bar."""

    def __call__(self, work: Callable[[T], R], items: Sequence[T], doing: str) -> Iterable[R]:
        """The results, in the order of ``items``."""
        ...


def take_inventory(  # noqa: PLR0913 - two catalogues, where to read in them, the environment, the time and the mode
    flows: FlowCatalog,
    documents: DocumentCatalog,
    *,
    bucket: str,
    prefix: str,
    environment: Environment,
    now: float,
    each: Each,
) -> Inventory:
    """Read everything and compare it; documents are validated in ``environment``.

    ``now`` in epoch seconds. Raises ``SyncError``.
    """
    keys = document_keys(documents, bucket, prefix)
    declare = partial(read_declaration, bucket, documents=documents, environment=environment)
    declared = [found for found in each(declare, keys, "Reading documents") if found]
    summaries = list(flows.summaries())
    unsettled = [claim.live.name for claim in claims(declared, summaries) if not claim.is_settled]
    described = dict(zip(unsettled, each(flows.describe, unsettled, "Comparing flows"), strict=True))
    return compare(declared, summaries, described, bucket=bucket, now=now)


@dataclass(frozen=True, slots=True)
class Claim:
    """A live flow and the document that declares it.

    ``owner`` is the declaration of the other document that owns the flow by its tags; ``None`` if that one was
    deleted, or if the declaring document owns the flow itself.
    """

    live: FlowSummary
    declaration: Declaration
    owner: Declaration | None = None

    @property
    def desired(self) -> FlowDocument:
        """The flow as the document declares it."""
        return self.declaration.flows[self.live.name]

    @property
    def is_applied(self) -> bool:
        """Whether this version of the document was applied to the flow, with the current values of its variables."""
        owner, version = self.live.owner, self.declaration.version
        return (
            owner.document == version.uri
            and owner.version == version.label.strip('"')
            and owner.digest == declared_digest(self.desired)
        )

    @property
    def overriding_request(self) -> str | None:
        """The id of the forced request that was applied after this version of the document."""
        owner, version = self.live.owner, self.declaration.version
        is_live = owner.document == version.uri and owner.version == version.label.strip('"')
        return owner.request if is_live else None

    @property
    def is_later_version_live(self) -> bool:
        """Whether a later version of the document is live, which is invalid by now; see ``apply.applier``."""
        owner, declaration = self.live.owner, self.declaration
        return owner.document == declaration.version.uri and owner.version in declaration.passed_over

    @property
    def blocking_owner(self) -> str | None:
        """The other document that keeps this one from changing the flow, as an S3 URI; see ``apply.desired``."""
        document, version = self.live.owner.document, self.declaration.version
        if document == version.uri:
            return None
        if self.live.owner.key_in(version.bucket) is None:
            return document
        return document if self.owner and self.owner.may_declare(self.live.name) else None

    @property
    def is_settled(self) -> bool:
        """Whether the flow is certainly in sync, without DescribeFlow.

        Its tags say that it was in sync, and it was not updated since.
        """
        owner = self.live.owner
        return (
            self.is_applied
            and (self.desired.wanted_status or owner.status) in (None, self.live.status)
            and owner.updated_at is not None
            and owner.updated_at == self.live.last_updated_at
            and not tag_difference(self.desired, self.live)
        )


def claims(declared: Iterable[Declaration], summaries: Iterable[FlowSummary]) -> Iterator[Claim]:
    """Each live flow with the document that declares it: of several the one that owns it, else the first."""
    declaring: dict[str, list[Declaration]] = {}
    by_document: dict[str, Declaration] = {}
    for declaration in declared:
        by_document[declaration.version.uri] = declaration
        for name in declaration.flows:
            declaring.setdefault(name, []).append(declaration)
    for live in summaries:
        if candidates := declaring.get(live.name):
            owner = by_document.get(live.owner.document or "")
            owns = owner is not None and live.name in owner.flows
            yield Claim(live, owner if owner and owns else candidates[0], owner)


def compare(
    declared: Sequence[Declaration],
    summaries: Sequence[FlowSummary],
    described: Mapping[str, LiveFlow | None],
    *,
    bucket: str,
    now: float,
) -> Inventory:
    """The inventory. ``described`` has every declared flow that is not settled; ``None`` where it was just deleted.

    ``now`` in epoch seconds.
    """
    vanished = {name for name, live in described.items() if live is None}
    live_flows = [live for live in summaries if live.name not in vanished]
    claimed = {claim.live.name: claim for claim in claims(declared, live_flows)}
    unknown = {found.version.key for found in declared if found.is_undetermined}
    statuses = sorted(
        (
            sync_status(claimed[live.name], described.get(live.name), now)
            if live.name in claimed
            else _unclaimed(live, bucket, unknown)
            for live in live_flows
        ),
        key=lambda status: status.live.name,
    )
    missing = {
        name: MissingFlow(name, declaration.version.key, declaration.provenance.commit, declaration.version)
        for declaration in declared
        for name in declaration.flows
        if name not in claimed
    }
    return Inventory(
        flows=tuple(status for status in statuses if status.state is not State.UNMANAGED),
        unmanaged=tuple(status for status in statuses if status.state is State.UNMANAGED),
        missing=tuple(missing[name] for name in sorted(missing)),
        invalid=tuple(InvalidDocument(found.version.key, found.error) for found in declared if found.error),
    )


def sync_status(claim: Claim, live: LiveFlow | None, now: float) -> SyncStatus:
    """The status of a live flow with the document that declares it; without ``live`` it counts as settled."""
    made = plan(claim.desired, live, now=now, may_create=False) if live else Plan(Action.UNCHANGED)
    return SyncStatus(
        claim.live,
        _state(claim, made),
        document=claim.declaration.version.key,
        changes=effects(made, claim.live),
        note=_blocked_reason(claim, made, live),
        declared=claim.declaration.version,
        outcome=_expected_outcome(claim, made),
        is_observed=claim.declaration.is_observed,
    )


def _expected_outcome(claim: Claim, made: Plan) -> Outcome | None:
    """How apply ends the change, where that is a failure for certain."""
    if made.refusal:
        return Outcome.FAILED
    return Outcome.REJECTED if claim.blocking_owner else None


def _state(claim: Claim, made: Plan) -> State:
    if made.action is Action.UNCHANGED:
        return State.IN_SYNC
    return State.DRIFTED if claim.is_applied or claim.overriding_request else State.PENDING


def _blocked_reason(claim: Claim, made: Plan, live: LiveFlow | None) -> str | None:
    """Why the document is not applied to the flow by a repair, where that is known."""
    if made.refusal:
        return f"{made.refusal.code}: {made.refusal.message}"
    if claim.blocking_owner:
        return f"the flow belongs to {claim.blocking_owner}"
    return None if made.action is Action.UNCHANGED else _reason_against_repair(claim, made, live)


def _reason_against_repair(claim: Claim, made: Plan, live: LiveFlow | None) -> str | None:
    if claim.is_later_version_live:
        return f"a later version of the document is live already, and is invalid by now: {claim.declaration.error}"
    if claim.declaration.is_observed:
        return OBSERVED
    if claim.overriding_request:
        return f"changed by forced request {quoted(claim.overriding_request)}; drop or push the document to replace it"
    if live and live.may_be_deactivated and made.action is Action.ACTIVATE:
        because = f": {live.status_message}" if live.status_message else " because its runs failed"
        return f"AppFlow deactivated the flow{because}; fix the cause, then drop or push the document to start it"
    return None


def _unclaimed(live: FlowSummary, bucket: str, unknown: Collection[str]) -> SyncStatus:
    """The status of a live flow that no document declares; ``unknown`` are the keys of undetermined documents."""
    if live.owner.document is None:
        return SyncStatus(live, State.UNMANAGED)
    key = live.owner.key_in(bucket)
    if key is None:
        return SyncStatus(live, State.ELSEWHERE, document=live.owner.document)
    if key in unknown:
        note = "what its document declares cannot be determined; the document is listed as invalid"
        return SyncStatus(live, State.PENDING, document=key, note=note)
    return SyncStatus(live, State.ORPHANED, document=key)
