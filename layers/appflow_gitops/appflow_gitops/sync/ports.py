"""What plan, apply, inventory and drift need from the world. ``aws`` serves it with boto3, ``tests/fakes`` from memory.

Every method raises ``PermanentError`` or ``TransientError`` (``sync.errors``) and nothing else on purpose.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.change import Change

if TYPE_CHECKING:
    from appflow_gitops.flows.summary import FlowSummary

Request = Mapping[str, Any]
"""An UpdateFlow request in its wire form, without the clientToken."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """The bytes of one version of a document and the provenance that was stored with it."""

    version: DocumentVersion
    content: bytes
    provenance: Provenance


class FlowService(Protocol):
    """AppFlow, as far as a change needs it."""

    def describe(self, name: str) -> LiveFlow | None:
        """The live flow; ``None`` when there is none of that name."""
        ...

    def update(self, request: Request, token: str) -> None:
        """Replace the flow's configuration. The same token twice is carried out once."""
        ...

    def create(self, request: Request, token: str, *, kms_arn: str | None, tags: Mapping[str, str]) -> None:
        """Make a flow that does not exist yet."""
        ...

    def start(self, name: str) -> None:
        """Activate a scheduled or event-triggered flow."""
        ...

    def stop(self, name: str) -> None:
        """Suspend a scheduled or event-triggered flow."""
        ...

    def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        """Set these tags; others stay as they are."""
        ...


class FlowCatalog(Protocol):
    """All flows of the account and region, to look at."""

    def summaries(self) -> Iterator["FlowSummary"]:
        """Every flow, page by page."""
        ...

    def describe(self, name: str) -> LiveFlow | None:
        """The live flow; ``None`` when there is none of that name."""
        ...


class DocumentStore(Protocol):
    """The documents bucket."""

    def read(self, version: DocumentVersion) -> StoredDocument | None:
        """Read this version, or the latest where ``versionId`` is ``None``; ``None`` when it is gone."""
        ...

    def history(self, bucket: str, key: str) -> Iterator[StoredDocument]:
        """The versions, newest first, each read only when asked for; ends where the document was deleted."""
        ...


class DocumentCatalog(Protocol):
    """All documents of the bucket, to look at."""

    def keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """The keys of every object whose key starts so, documents or not, page by page."""
        ...

    def history(self, bucket: str, key: str) -> Iterator[StoredDocument]:
        """As ``DocumentStore`` has it."""
        ...


class ChangeQueue(Protocol):
    """The FIFO queue between intake and apply."""

    def send(self, changes: Sequence[Change]) -> None:
        """Queue all of them; a change that was sent before is not queued twice."""
        ...

    def postpone(self, receipt: str, seconds: int) -> None:
        """Have a message that was received delivered again after so many seconds."""
        ...

    def is_empty(self) -> bool:
        """Whether no change waits or is being carried out, as far as SQS can tell at once."""
        ...


class BusEvent(Protocol):
    """What the bus is sent: a status event, or one about drift."""

    @property
    def detail_type(self) -> str:
        """The EventBridge detail-type."""
        ...

    @property
    def resources(self) -> tuple[str, ...]:
        """The ARN of the flow, where there is one."""
        ...

    def detail(self) -> str:
        """The detail as JSON, small enough for one event."""
        ...


class StatusBus(Protocol):
    """Where status events go."""

    def publish(self, events: Sequence[BusEvent]) -> None:
        """Send all of them; those that the bus refuses are tried again before this raises."""
        ...


class ScanStateStore(Protocol):
    """What the last look for drift found, as bytes that ``sync.memory`` reads and writes."""

    def read(self) -> bytes | None:
        """What was kept last; ``None`` when nothing was."""
        ...

    def write(self, content: bytes) -> None:
        """Keep this instead."""
        ...
