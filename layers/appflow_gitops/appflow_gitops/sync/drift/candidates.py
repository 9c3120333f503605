"""Suspects: the flows that may drift, as far as documents and ListFlows tell. Pure; ``drift`` looks at them closer."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from appflow_gitops.flows.canonical import content_digest
from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.sync.inventory import Declaration, claims
from appflow_gitops.sync.ownership import PREFIX, Ownership


@dataclass(frozen=True, slots=True)
class Candidate:
    """A flow that is not known to be in sync: what is live and what its document says, ``None`` where there is none."""

    name: str
    live: FlowSummary | None
    declaration: Declaration | None

    def key(self, bucket: str) -> str | None:
        """The key of the document that declares the flow, or else of the one that it belongs to."""
        if self.declaration:
            return self.declaration.version.key
        return Ownership.of(self.live.tags).key_in(bucket) if self.live else None

    @property
    def fingerprint(self) -> str:
        """Stands for all that the finding depends on: equal glances, equal findings."""
        parts = (_fingerprint_of_flow(self.live), _fingerprint_of_document(self.name, self.declaration))
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


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
    return version.uri, version.label, content_digest(desired.request()), desired.flowStatus, desired.kmsArn


def candidates(
    declared: Sequence[Declaration], summaries: Sequence[FlowSummary], bucket: str
) -> Iterator[Candidate]:
    """Every flow that has to do with a document of the bucket and is not in sync for certain.

    Of a document without a valid version nobody can tell what it declares: intake told that it is invalid.
    """
    silent = {declaration.version.key for declaration in declared if declaration.has_no_valid_version}
    claimed = {claim.live.name: claim for claim in claims(declared, summaries)}
    for live in summaries:
        claim, key = claimed.get(live.name), Ownership.of(live.tags).key_in(bucket)
        if claim is None and key is not None and key not in silent:
            yield Candidate(live.name, live, None)
        elif claim and not claim.is_settled:
            yield Candidate(live.name, live, claim.declaration)
    gone: dict[str, Declaration] = {}
    for declaration in declared:
        for name in declaration.flows:
            if name not in claimed:
                gone.setdefault(name, declaration)
    yield from (Candidate(name, None, declaration) for name, declaration in gone.items())
