"""Takeovers: flows that a document declares, but that still belong to another document.

``apply`` rejects such a change and records it. When the owner lets go of the flow, in whatever order the two files are
written, ``intake`` queues the recorded document again, so that a flow follows when it moves between files.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Protocol

from appflow_gitops.origin import DocumentVersion, Provenance, Wire
from appflow_gitops.service import service
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.declaration import History, read_declaration
from appflow_gitops.sync.ports import TopLevel
from appflow_gitops.validation.environment import Environment

FOLDER_PREFIX = "claims-"
"""The beginning of each folder, outside of flows/, where documents are."""


def folder_of(owner: str) -> str:
    """The folder of the takeovers that wait for ``owner``, an S3 URI, at the top level of the documents bucket.

    ``intake``, which lists the top level for each document, sees there whether any takeover waits. The name is a
    digest, because a document's key may be as long as S3 allows.
    """
    return f"{FOLDER_PREFIX}{sha256(owner.encode()).hexdigest()[:32]}/"


class Takeover(Wire):
    """``document`` declares ``flowName``, which belongs to ``owner``, an S3 URI."""

    flowName: str
    owner: str
    document: DocumentVersion
    provenance: Provenance


class TakeoverStore(Protocol):
    """Where takeovers wait. Methods raise ``SyncError``."""

    def record(self, takeover: Takeover) -> None:
        """Keep it in place of an earlier one of the same flow and owner."""
        ...

    def waiting(self, owner: str) -> Iterator[Takeover]:
        """Those that wait for the document ``owner``."""
        ...

    def remove(self, takeover: Takeover) -> None:
        """Remove it; it may have been removed before."""
        ...


@service
class Takeovers:
    """Finds the takeovers that a change of their owner makes possible."""

    store: TakeoverStore
    documents: History
    environment: Callable[[], Environment]

    def released_by(self, owner: DocumentVersion, top: TopLevel | None = None) -> list[Takeover]:
        """The takeovers of flows that the document no longer declares. Raises ``SyncError``.

        ``top``, if the bucket was listed since the document was stored, shows whether any takeover waits.
        """
        if top and folder_of(owner.uri) not in top.folders:
            return []
        waiting = list(self.store.waiting(owner.uri))
        if not waiting:
            return []
        declaration = read_declaration(
            owner.bucket, owner.key, documents=self.documents, environment=self.environment()
        )
        return [each for each in waiting if not (declaration and declaration.may_declare(each.flowName))]


def takeover_change(takeover: Takeover, *, identity: str, event_id: str, requested_at: str) -> Change:
    """The change that applies the waiting document. ``identity`` and the others are those of the owner's event."""
    document = takeover.document
    return Change(
        identity=f"takeover by {document.uri}@{document.label} after {identity}",
        flowName=takeover.flowName,
        correlationId=event_id,
        requestedAt=requested_at,
        document=document,
        provenance=takeover.provenance,
    )
