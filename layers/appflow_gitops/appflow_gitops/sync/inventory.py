"""The inventory: every flow beside its document, what differs, and what has no counterpart.

``appflow-gitops status`` shows it; ``sync.drift`` goes by its terms. Looking costs one GetObject per document, one
ListFlows per hundred flows, and one DescribeFlow per flow that ListFlows does not settle.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Protocol, TypeVar

from appflow_gitops.documents.suffixes import DOCUMENT_SUFFIXES
from appflow_gitops.findings import Severity
from appflow_gitops.flows.canonical import content_digest
from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.ownership import COMMIT, DIGEST, Ownership
from appflow_gitops.sync.plan import Action, Plan, effects, plan
from appflow_gitops.sync.ports import DocumentCatalog, FlowCatalog
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.result import ValidatedDocument
from appflow_gitops.validation.validate import validate

T = TypeVar("T")
R = TypeVar("R")


class State(StrEnum):
    """How a live flow stands to its document."""

    IN_SYNC = "in sync"
    DRIFTED = "drifted"
    """The version that was applied last says otherwise: somebody changed the flow."""
    PENDING = "pending"
    """What was applied last is not this document's latest valid version: a change is under way, or it failed."""
    ORPHANED = "orphaned"
    """The document that the flow belongs to is gone, or declares it no more."""
    ELSEWHERE = "elsewhere"
    """The flow belongs to a document in another bucket, which is not looked at."""
    UNMANAGED = "unmanaged"
    """No document declares the flow."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What one document declares: the flows of its latest valid version, which is ``version``.

    ``is_latest`` is false where a newer version is invalid; ``error`` then says how.
    """

    version: DocumentVersion
    flows: Mapping[str, FlowDocument]
    provenance: Provenance = field(default_factory=Provenance)
    is_latest: bool = True
    error: str | None = None

    @property
    def has_no_valid_version(self) -> bool:
        """Whether no version of it is valid, by a broken policy say, so that nobody can tell what it declares."""
        return self.error is not None and not self.flows


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """One live flow. ``document`` is its document's key (an S3 URI in another bucket), ``version`` and ``commit`` what
    its tags say was applied last; ``changes`` is what the document would change, ``note`` why it did not.
    """

    live: FlowSummary
    state: State
    document: str | None = None
    version: str | None = None
    commit: str | None = None
    changes: tuple[DiffItem, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class MissingFlow:
    """A flow that a document declares and AppFlow does not have."""

    name: str
    document: str
    commit: str | None


@dataclass(frozen=True, slots=True)
class InvalidDocument:
    """A document whose latest version is invalid; ``error`` is the first thing that is wrong with it."""

    document: str
    error: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything there is, each part by name. ``flows`` have a document, or had one."""

    flows: tuple[SyncStatus, ...]
    unmanaged: tuple[SyncStatus, ...]
    missing: tuple[MissingFlow, ...]
    invalid: tuple[InvalidDocument, ...]

    @property
    def in_order(self) -> bool:
        """Whether there is nothing to look after. Flows that nobody manages here are in order."""
        fine = (State.IN_SYNC, State.ELSEWHERE)
        return not (self.missing or self.invalid) and all(flow.state in fine for flow in self.flows)


class Each(Protocol):
    """Does the same to many things, one by one or many at a time; ``doing`` says what, for a progress bar."""

    def __call__(self, work: Callable[[T], R], items: Sequence[T], doing: str) -> Iterable[R]:
        """The results, in the order of ``items``."""
        ...


def take_inventory(  # noqa: PLR0913 - two catalogues, where in them to look, by which environment, when and how
    flows: FlowCatalog,
    documents: DocumentCatalog,
    *,
    bucket: str,
    prefix: str,
    environment: Environment,
    now: float,
    each: Each,
) -> Inventory:
    """Look at everything, documents judged by ``stage``. ``now`` in epoch seconds. Raises ``SyncError``."""
    keys = document_keys(documents, bucket, prefix)
    declare = partial(read_declaration, bucket, documents=documents, environment=environment)
    declared = [found for found in each(declare, keys, "Reading documents") if found]
    summaries = list(flows.summaries())
    unsettled = [claim.live.name for claim in claims(declared, summaries) if not claim.is_settled]
    described = dict(zip(unsettled, each(flows.describe, unsettled, "Comparing flows"), strict=True))
    return compare(declared, summaries, described, bucket=bucket, now=now)


def document_keys(documents: DocumentCatalog, bucket: str, prefix: str) -> list[str]:
    """The keys of all documents; other objects may lie beside them. Raises ``SyncError``."""
    return [key for key in documents.keys(bucket, prefix) if key.endswith(DOCUMENT_SUFFIXES)]


def read_declaration(
    bucket: str, key: str, *, documents: DocumentCatalog, environment: Environment
) -> Declaration | None:
    """What the document declares; ``None`` when it is gone. Older versions are read only while newer are invalid."""
    latest: DocumentVersion | None = None
    error: str | None = None
    for stored in documents.history(bucket, key):
        checked = validate(stored.content, key, environment, key)
        if checked.valid:
            flows = {flow.document.flowName: flow.document for flow in checked.flows if flow.document}
            return Declaration(stored.version, flows, stored.provenance, latest is None, error)
        latest = latest or stored.version
        error = error or _first_error(checked)
    return Declaration(latest, {}, is_latest=False, error=error) if latest else None


def _first_error(checked: ValidatedDocument) -> str:
    errors = (finding.message for finding in checked.findings if finding.severity is Severity.ERROR)
    return next(errors, "it declares no flow")


@dataclass(frozen=True, slots=True)
class Claim:
    """A live flow and the document that declares it."""

    live: FlowSummary
    declaration: Declaration

    @property
    def desired(self) -> FlowDocument:
        """What the document says about the flow."""
        return self.declaration.flows[self.live.name]

    @property
    def is_applied(self) -> bool:
        """Whether this version of the document was applied to the flow, with the values its variables have now."""
        owner = Ownership.of(self.live.tags)
        version = self.declaration.version
        return (
            owner.document == version.uri
            and owner.version == version.label.strip('"')
            and self.live.tags.get(DIGEST) == content_digest(self.desired.request())
        )

    @property
    def is_settled(self) -> bool:
        """Whether the flow is in sync for certain, so that nobody has to look.

        The tags say that the flow was found to be so, and nobody has updated it since.
        """
        owner = Ownership.of(self.live.tags)
        return (
            self.is_applied
            and (self.desired.flowStatus or owner.status) in (None, self.live.status)
            and owner.updated_at is not None
            and owner.updated_at == self.live.last_updated_at
        )


def claims(declared: Iterable[Declaration], summaries: Iterable[FlowSummary]) -> Iterator[Claim]:
    """Each live flow with the document that declares it: where several do, the one that owns it, else the first."""
    declaring: dict[str, list[Declaration]] = {}
    for declaration in declared:
        for name in declaration.flows:
            declaring.setdefault(name, []).append(declaration)
    for live in summaries:
        if candidates := declaring.get(live.name):
            owner = Ownership.of(live.tags).document
            owning = (candidate for candidate in candidates if candidate.version.uri == owner)
            yield Claim(live, next(owning, candidates[0]))


def compare(
    declared: Sequence[Declaration],
    summaries: Sequence[FlowSummary],
    described: Mapping[str, LiveFlow | None],
    *,
    bucket: str,
    now: float,
) -> Inventory:
    """The inventory. ``described`` has every flow that is declared and not settled; ``None`` where it went meanwhile.

    ``now`` in epoch seconds.
    """
    vanished = {name for name, live in described.items() if live is None}
    live_flows = [live for live in summaries if live.name not in vanished]
    claimed = {claim.live.name: claim for claim in claims(declared, live_flows)}
    silent = {found.version.key for found in declared if found.has_no_valid_version}
    statuses = sorted(
        (
            sync_status(claimed[live.name], described.get(live.name), now)
            if live.name in claimed
            else _unclaimed(live, bucket, silent)
            for live in live_flows
        ),
        key=lambda standing: standing.live.name,
    )
    missing = {
        name: MissingFlow(name, declaration.version.key, declaration.provenance.commit)
        for declaration in declared
        for name in declaration.flows
        if name not in claimed
    }
    return Inventory(
        flows=tuple(standing for standing in statuses if standing.state is not State.UNMANAGED),
        unmanaged=tuple(standing for standing in statuses if standing.state is State.UNMANAGED),
        missing=tuple(missing[name] for name in sorted(missing)),
        invalid=tuple(InvalidDocument(found.version.key, found.error) for found in declared if found.error),
    )


def sync_status(claim: Claim, live: LiveFlow | None, now: float) -> SyncStatus:
    """How a live flow stands to the document that declares it; without ``live`` it counts as settled."""
    made = plan(claim.desired, live, now=now, may_create=False) if live else Plan(Action.UNCHANGED)
    return _sync_status(
        claim.live,
        _state(claim, made),
        document=claim.declaration.version.key,
        changes=effects(made, claim.live),
        note=_blocked_reason(claim, made),
    )


def _state(claim: Claim, made: Plan) -> State:
    if made.action is Action.UNCHANGED:
        return State.IN_SYNC
    return State.DRIFTED if claim.is_applied else State.PENDING


def _blocked_reason(claim: Claim, made: Plan) -> str | None:
    """What keeps the flow from getting what its document says, where that can be told."""
    if made.refusal:
        return made.refusal.message
    owner = Ownership.of(claim.live.tags).document
    return f"The flow belongs to {owner}." if owner not in (None, claim.declaration.version.uri) else None


def _unclaimed(live: FlowSummary, bucket: str, silent: Collection[str]) -> SyncStatus:
    """How a live flow stands that no document declares; ``silent`` are the keys of those that declare nothing now."""
    owner = Ownership.of(live.tags)
    if owner.document is None:
        return _sync_status(live, State.UNMANAGED)
    key = owner.key_in(bucket)
    if key is None:
        return _sync_status(live, State.ELSEWHERE, document=owner.document)
    if key in silent:
        note = "No version of its document is valid as the stage is now."
        return _sync_status(live, State.PENDING, document=key, note=note)
    return _sync_status(live, State.ORPHANED, document=key)


def _sync_status(
    live: FlowSummary,
    state: State,
    *,
    document: str | None = None,
    changes: tuple[DiffItem, ...] = (),
    note: str | None = None,
) -> SyncStatus:
    version, commit = Ownership.of(live.tags).version, live.tags.get(COMMIT)
    return SyncStatus(live, state, document, version, commit, changes, note)
