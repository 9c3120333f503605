"""The work done: documents into the bucket, requests onto the bus. ``command`` calls it, ``work`` says what."""

from dataclasses import dataclass, field
from typing import Protocol

from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.change import drop_identity
from appflow_gitops.sync.inventory import Each
from appflow_gitops_cli.main import CannotRun
from appflow_gitops_cli.push.decision import Step
from appflow_gitops_cli.push.folder import LocalDocument
from appflow_gitops_cli.push.follow import Awaited
from appflow_gitops_cli.push.work import PushPlan


class Bucket(Protocol):
    """The documents bucket, to write."""

    def put(self, bucket: str, key: str, content: bytes, origin: Provenance) -> DocumentVersion:
        """Store a new version, and where it comes from."""
        ...

    def remove(self, bucket: str, key: str) -> None:
        """Delete the document."""
        ...


class Requests(Protocol):
    """The event bus, as far as requests go over it."""

    def request(self, document: DocumentVersion) -> str:
        """Ask for the latest version of the document once more; the request's identity."""
        ...


@dataclass(frozen=True, slots=True)
class Uploader:
    """Sends to one stack. ``provenance`` is stored with everything that is uploaded."""

    shelf: Bucket
    requests: Requests
    bucket: str
    provenance: Provenance
    each: Each = field(repr=False)

    def send(self, work: PushPlan, *, prune: bool) -> list[Awaited]:
        """Do the work, and tell what to wait for. Raises ``SyncError``; doing it again does no harm.

        The stage goes first, because documents are judged by it. Then go documents that are gone or give flows up: one
        that takes a flow over is refused as long as another declares it.
        """
        for key, content in work.environment:
            self.shelf.put(self.bucket, key, content, self.provenance)
        if prune:
            list(self.each(self._remove, work.gone, "Deleting"))
        awaited: list[Awaited] = []
        for first in (True, False):
            awaited += self.each(self._upload, work.to(Step.UPLOAD, first=first), "Uploading")
        return [*awaited, *self.each(self._ask, work.to(Step.REAPPLY), "Asking again")]

    def _upload(self, document: LocalDocument) -> Awaited:
        version = self.shelf.put(self.bucket, document.key, document.content, self.provenance)
        if version.versionId is None:
            raise CannotRun(
                f"the bucket {self.bucket} keeps no versions; turn versioning on, as the stack has it"
            )
        return Awaited(document, drop_identity(version))

    def _ask(self, document: LocalDocument) -> Awaited:
        identity = self.requests.request(DocumentVersion(bucket=self.bucket, key=document.key))
        return Awaited(document, identity)

    def _remove(self, key: str) -> None:
        """Its flows are left alone."""
        self.shelf.remove(self.bucket, key)
