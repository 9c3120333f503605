"""Executes a push plan: uploads documents to the bucket and sends requests to the event bus."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from appflow_gitops.aws.documents import CONFLICTS
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.quoting import quoted
from appflow_gitops.sync.change import drop_identity
from appflow_gitops.sync.errors import SyncError
from appflow_gitops.sync.inventory import Each
from appflow_gitops.sync.ports import StoredDocument
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.push.local_documents import LocalDocument
from appflow_gitops_cli.push.planner import PushPlan
from appflow_gitops_cli.push.steps import Step
from appflow_gitops_cli.push.tracking import SentDocument


class Bucket(Protocol):
    """The documents bucket, for writing."""

    def put(
        self, bucket: str, key: str, content: bytes, origin: Provenance, *, replaces: str | None = None
    ) -> DocumentVersion:
        """Store a new version with its provenance, if it ``replaces`` this ETag; see ``aws.documents``."""
        ...

    def read(self, version: DocumentVersion) -> StoredDocument | None:
        """The latest version; ``None`` when the object does not exist."""
        ...

    def remove(self, bucket: str, key: str) -> None:
        """Delete the document."""
        ...


class ConflictError(CommandError):
    """An object was replaced after it was compared."""

    exit_code = 1


class Requests(Protocol):
    """The event bus, for sending requests."""

    def request(self, document: DocumentVersion) -> str:
        """Request that the latest version of the document is applied again; returns the identity of the request."""
        ...


@dataclass(frozen=True, slots=True)
class Uploader:
    """Writes to one stack. ``provenance`` is stored with every object that is uploaded."""

    store: Bucket
    requests: Requests
    bucket: str
    provenance: Provenance
    each: Each

    def execute(self, plan: PushPlan, *, prune: bool) -> list[SentDocument]:
        """Execute the plan, and return the documents to wait for. Raises ``SyncError``; repeating it is safe.

        Order: policy and variables, because documents are validated against them; deletions and documents that release
        flows, because a document that takes a flow over is rejected while another declares it; all other documents.
        """
        put = partial(self._put, plan.etags)
        for key, content in plan.environment:
            put(key, content)
        if prune:
            list(self.each(self._remove, plan.extra_keys, "Deleting"))
        sent: list[SentDocument] = []
        for first in (True, False):
            sent += self.each(
                partial(self._upload, put), plan.documents(Step.UPLOAD, first=first), "Uploading"
            )
        return [*sent, *self.each(self._reapply, plan.documents(Step.REAPPLY), "Re-queueing")]

    def send_again(self, documents: Sequence[SentDocument]) -> dict[str, SentDocument]:
        """Request that uploaded documents are applied; returns them by key. Raises ``SyncError``."""
        again = self.each(self._reapply, [sent.document for sent in documents], "Re-queueing")
        return {sent.document.key: sent for sent in again}

    def _put(self, etags: Mapping[str, str | None], key: str, content: bytes) -> DocumentVersion:
        """Store the object, unless another version than the compared one is the latest. Raises ConflictError then."""
        try:
            return self.store.put(self.bucket, key, content, self.provenance, replaces=etags.get(key, ""))
        except SyncError as error:
            if error.code not in CONFLICTS:
                raise
        stored = self.store.read(DocumentVersion(bucket=self.bucket, key=key))
        if stored and (stored.content, stored.provenance) == (content, self.provenance):
            return stored.version  # the first answer was lost, and the call repeated
        raise ConflictError(f"{quoted(key)} changed in the bucket since it was compared; plan and push again")

    def _upload(self, put: Callable[[str, bytes], DocumentVersion], document: LocalDocument) -> SentDocument:
        version = put(document.key, document.content)
        if version.versionId is None:
            raise CommandError(f"versioning of bucket {quoted(self.bucket)} is off; deploy the stack again")
        return SentDocument(document, drop_identity(version))

    def _reapply(self, document: LocalDocument) -> SentDocument:
        identity = self.requests.request(DocumentVersion(bucket=self.bucket, key=document.key))
        return SentDocument(document, identity)

    def _remove(self, key: str) -> None:
        """Delete a document; its flows are left unchanged."""
        self.store.remove(self.bucket, key)
