"""Declarations: what the documents in the bucket declare, each by its latest valid version.

``apply`` asks who declares a flow, the inventory and the drift scan compare all declarations with the live flows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from appflow_gitops.documents.suffixes import DOCUMENT_SUFFIXES
from appflow_gitops.findings import Severity
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.ownership import TAG_VALUE_LIMIT, owner_tag
from appflow_gitops.sync.ports import DocumentCatalog, StoredDocument
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.result import ValidatedDocument

if TYPE_CHECKING:
    from appflow_gitops.flows.document import FlowDocument

OLDER_VERSIONS = 10
"""How many versions behind the latest one are considered.

The lifecycle rule in template.yaml always keeps as many (``NewerNoncurrentVersions``). Older ones may be gone, and each
costs a call and a validation.
"""


class History(Protocol):
    """The versions of documents, as ``DocumentStore`` and ``DocumentCatalog`` have them."""

    def history(self, bucket: str, key: str) -> Iterator[StoredDocument]:
        """See ``DocumentStore``."""
        ...


@dataclass(frozen=True, slots=True)
class Declaration:
    """The flows that one document declares, by its latest valid version, which is ``version``.

    ``is_latest`` is false where a newer version is invalid; ``error`` is then its first error, and ``passed_over`` are
    the labels of the newer versions. ``denied`` are flows of invalid versions that the policy does not allow the
    document to change; ``unreadable`` is the code of S3's error for a version that cannot be read. ``is_observed``:
    changes are only reported.
    """

    version: DocumentVersion
    flows: Mapping[str, "FlowDocument"]
    provenance: Provenance = field(default_factory=Provenance)
    is_latest: bool = True
    error: str | None = None
    passed_over: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    unreadable: str | None = None
    is_observed: bool = False

    @property
    def is_undetermined(self) -> bool:
        """Whether it is unknown what the document declares. It keeps the flows that it owns.

        None of its newest versions is valid, one cannot be read, or the policy or the variables are invalid.
        """
        return self.error is not None and not self.flows

    def may_declare(self, flow_name: str) -> bool:
        """Whether the document declares the flow, or may declare it and is not denied it by the policy."""
        return flow_name in self.flows or (self.is_undetermined and flow_name not in self.denied)


def document_keys(documents: DocumentCatalog, bucket: str, prefix: str) -> list[str]:
    """The keys of all documents; other objects with the prefix are left out. Raises ``SyncError``."""
    return [key for key in documents.keys(bucket, prefix) if is_document(bucket, key)]


def is_document(bucket: str, key: str) -> bool:
    """Whether the object can be a document: by its suffix, and because its key fits into the tag of its flows."""
    owner = owner_tag(DocumentVersion(bucket=bucket, key=key))
    return key.endswith(DOCUMENT_SUFFIXES) and len(owner) <= TAG_VALUE_LIMIT


def newest_versions(documents: History, bucket: str, key: str) -> Iterator[StoredDocument]:
    """The latest version of a document and up to ``OLDER_VERSIONS`` before it, newest first, each read on demand."""
    return islice(documents.history(bucket, key), 1 + OLDER_VERSIONS)


def read_declaration(
    bucket: str, key: str, *, documents: History, environment: Environment
) -> Declaration | None:
    """What the document declares; ``None`` when it was deleted.

    Older versions are read while newer ones are invalid, but not behind a version that cannot be read or in a broken
    environment: what the document declares is then undetermined. Raises ``TransientError``.
    """
    latest: DocumentVersion | None = None
    error: str | None = None
    passed_over: set[str] = set()
    denied: frozenset[str] = frozenset()
    unreadable: str | None = None
    is_observed = environment.observes(key)
    try:
        for stored in newest_versions(documents, bucket, key):
            validated = stored.validated(environment)
            if validated.valid:
                flows = {flow.document.flowName: flow.document for flow in validated.flows if flow.document}
                return Declaration(
                    stored.version,
                    flows,
                    stored.provenance,
                    latest is None,
                    error,
                    frozenset(passed_over),
                    is_observed=is_observed,
                )
            passed_over.add(stored.version.label)
            latest = latest or stored.version
            error = error or _first_error(validated)
            denied |= _denied(validated)
            if environment.is_broken:
                break
    except PermanentError as refused:
        # One object that S3 does not return to us must not hide all others.
        latest = latest or DocumentVersion(bucket=bucket, key=key)
        unreadable = refused.code
        error = error or f"cannot read the object: {refused}"
    if latest is None:
        return None
    return Declaration(latest, {}, is_latest=False, error=error, denied=denied, unreadable=unreadable)


def _denied(validated: ValidatedDocument) -> frozenset[str]:
    from appflow_gitops.validation.policy.rules import FLOW_NOT_ALLOWED  # noqa: PLC0415 - for invalid documents only

    return frozenset(
        flow.name
        for flow in validated.flows
        if flow.name and any(finding.rule == FLOW_NOT_ALLOWED.id for finding in flow.findings)
    )


def _first_error(validated: ValidatedDocument) -> str:
    errors = (finding.message for finding in validated.findings if finding.severity is Severity.ERROR)
    return next(errors, "the document declares no flow")
