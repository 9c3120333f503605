"""Change: one flow of one document version, or of one request, on its way to AppFlow.

``intake`` makes them, the FIFO queue carries them as JSON, ``apply`` carries them out. ``appflow-gitops push`` knows by
their ids which status events to wait for.
"""

from hashlib import sha256
from typing import Any, Literal

from pydantic import Field

from appflow_gitops.origin import DocumentVersion, Mode, Provenance, Wire
from appflow_gitops.status.events import StatusFinding

GROUP_ID_LIMIT = 128
"""SQS takes at most this many characters as a message group id, all of them printable ASCII."""


class Change(Wire):
    """The message on the queue.

    Either ``document`` names the version to read, or ``desired`` is the flow that a request brought with it (then
    ``findings`` is what was understood on the way). ``identity`` is the event's own (bucket, key and version, or the
    EventBridge event id), never the content: the same event twice is the same change.
    """

    schemaVersion: Literal["1"] = "1"
    identity: str
    flowName: str
    correlationId: str
    requestedAt: str
    document: DocumentVersion | None = None
    desired: dict[str, Any] | None = None
    findings: tuple[StatusFinding, ...] = ()
    provenance: Provenance = Field(default_factory=Provenance)
    force: bool = False
    mode: Mode = Mode.APPLY

    @property
    def id(self) -> str:
        """The same for every repeat of this change: the deduplication id and the status events' ``metadata.id``."""
        return change_id(self.identity, self.flowName)

    @property
    def group(self) -> str:
        """The message group, so that changes of one flow are carried out one after the other."""
        name = self.flowName
        if name.isascii() and len(name) <= GROUP_ID_LIMIT:
            return name
        return sha256(name.encode()).hexdigest()


def drop_identity(version: DocumentVersion, sequencer: str | None = None) -> str:
    """The identity of the event that tells of this version: the same whenever that event comes again.

    Without versions, the same content dropped again has the same ETag; the event's sequencer tells the two drops apart.
    """
    return f"{version.uri}@{version.versionId or f'{version.eTag}#{sequencer}'}"


def change_id(identity: str, flow_name: str | None) -> str:
    """A deterministic id: 64 hex digits from an event's identity and the flow it is about (``None``: the whole)."""
    return sha256(f"{identity}\n{flow_name or ''}".encode()).hexdigest()
