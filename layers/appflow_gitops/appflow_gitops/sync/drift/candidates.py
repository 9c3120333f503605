"""Candidates: the flows that may drift, as far as documents and ListFlows show. Pure; ``detector`` inspects them."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from appflow_gitops.flows.canonical import declared_digest
from appflow_gitops.flows.ownership import PREFIX
from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.sync.declaration import Declaration
from appflow_gitops.sync.inventory import claims
from appflow_gitops.sync.plan import tag_difference


@dataclass(frozen=True, slots=True)
class Candidate:
    """A flow that is not known to be in sync: its live state and its declaration, ``None`` where it has none.

    ``owner`` is what the document declares that owns the flow by its tags.
    """

    name: str
    live: FlowSummary | None
    declaration: Declaration | None
    owner: Declaration | None = None

    def key(self, bucket: str) -> str | None:
        """The key of the document that declares the flow, else of the one that owns it."""
        if self.declaration:
            return self.declaration.version.key
        return self.live.owner.key_in(bucket) if self.live else None

    @property
    def subject(self) -> str:
        """A digest of what is compared, without our tags, which a failed repair may change."""
        live = self.live and (self.live.last_updated_at, self.live.status)
        parts = (live, _fingerprint_of_document(self.name, self.declaration))
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def has_other_owner(self) -> bool:
        """Whether the flow belongs to another document than the one that declares it."""
        if self.live is None or self.declaration is None:
            return False
        return self.live.owner.document not in (None, self.declaration.version.uri)

    @property
    def fingerprint(self) -> str:
        """A digest of everything that the result of an inspection depends on."""
        parts: tuple[object, ...] = (
            _fingerprint_of_flow(self.live),
            _fingerprint_of_document(self.name, self.declaration),
            *self._changed_tags(),
        )
        if self.has_other_owner:
            parts += (_fingerprint_of_owner(self.name, self.owner),)
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def _changed_tags(self) -> Iterator[object]:
        if self.live and self.declaration:
            items = tag_difference(self.declaration.flows[self.name], self.live)
            yield from ((item.op, item.pointer, item.live, item.desired) for item in items)


def _fingerprint_of_flow(live: FlowSummary | None) -> object:
    if live is None:
        return None
    ours = sorted((key, value) for key, value in live.tags.items() if key.startswith(PREFIX))
    return live.last_updated_at, live.status, ours


def _fingerprint_of_document(name: str, declaration: Declaration | None) -> object:
    if declaration is None:
        return None
    desired = declaration.flows[name]
    version = declaration.version
    parts = version.uri, version.label, declared_digest(desired), desired.flowStatus, desired.kmsArn
    return (*parts, "observed") if declaration.is_observed else parts


def _fingerprint_of_owner(name: str, owner: Declaration | None) -> object:
    return owner and (owner.version.label, owner.may_declare(name))


def candidates(
    declared: Sequence[Declaration], summaries: Sequence[FlowSummary], bucket: str
) -> Iterator[Candidate]:
    """Every flow with a document in the bucket that is not settled.

    What an undetermined document declares is unknown; intake has reported that it is invalid.
    """
    unknown = {declaration.version.key for declaration in declared if declaration.is_undetermined}
    claimed = {claim.live.name: claim for claim in claims(declared, summaries)}
    for live in summaries:
        claim, key = claimed.get(live.name), live.owner.key_in(bucket)
        if claim is None and key is not None and key not in unknown:
            yield Candidate(live.name, live, None)
        elif claim and not claim.is_settled:
            yield Candidate(live.name, live, claim.declaration, claim.owner)
    missing: dict[str, Declaration] = {}
    for declaration in declared:
        for name in declaration.flows:
            if name not in claimed:
                missing.setdefault(name, declaration)
    yield from (Candidate(name, None, declaration) for name, declaration in missing.items())


def undetermined_flows(
    declared: Sequence[Declaration], summaries: Sequence[FlowSummary], bucket: str
) -> Iterator[str]:
    """The names of the flows that belong to an undetermined document. What is known of them still holds."""
    unknown = {declaration.version.key for declaration in declared if declaration.is_undetermined}
    return (live.name for live in summaries if live.owner.key_in(bucket) in unknown)
