"""What the use cases need from outside: ``aws`` and ``status`` implement these protocols, ``tests/fakes`` in memory.

Every method raises ``PermanentError`` or ``TransientError`` (``sync.errors``) and nothing else on purpose.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.change import Change
from appflow_gitops.validation.validate import validate

if TYPE_CHECKING:
    from appflow_gitops.flows.live import LiveFlow
    from appflow_gitops.flows.runs import Run
    from appflow_gitops.flows.summary import FlowSummary
    from appflow_gitops.sync.outcome import OutcomeReport
    from appflow_gitops.validation.environment import Environment
    from appflow_gitops.validation.fields.entity import Entity, EntityKey
    from appflow_gitops.validation.result import ValidatedDocument

Request = Mapping[str, Any]
"""An UpdateFlow request in its wire form, without the clientToken."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """The bytes of one version of a document and the provenance stored with it."""

    version: DocumentVersion
    content: bytes
    provenance: Provenance
    _validated: list[tuple["Environment", "ValidatedDocument"]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )

    def validated(self, environment: "Environment") -> "ValidatedDocument":
        """Validate the document. The result is kept, because a version never changes, until the environment does."""
        if not self._validated or self._validated[0][0] != environment:
            key = self.version.key
            self._validated[:] = [(environment, validate(self.content, key, environment, key))]
        return self._validated[0][1]


@dataclass(frozen=True, slots=True)
class TopLevel:
    """The top level of the documents bucket: its objects with their ETags, and its folders with their final ``/``."""

    objects: Mapping[str, str]
    folders: frozenset[str]

    def may_contain(self, key: str) -> bool:
        """Whether the object exists, or may exist in a folder."""
        return key in self.objects or key[: key.find("/") + 1] in self.folders


class FlowService(Protocol):
    """AppFlow, as far as a change needs it."""

    def describe(self, name: str) -> "LiveFlow | None":
        """The live flow; ``None`` when it does not exist."""
        ...

    def update(self, request: Request, token: str) -> None:
        """Replace the flow's configuration. A repeated token is carried out once."""
        ...

    def create(self, request: Request, token: str, *, kms_arn: str | None, tags: Mapping[str, str]) -> None:
        """Create a flow."""
        ...

    def start(self, name: str) -> None:
        """Activate a scheduled or event-triggered flow."""
        ...

    def start_run(self, name: str, token: str) -> str | None:
        """Start a run of an on-demand flow, and return its id. A repeated token is carried out once."""
        ...

    def stop(self, name: str) -> None:
        """Suspend a scheduled or event-triggered flow."""
        ...

    def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        """Set these tags; others stay unchanged."""
        ...

    def untag(self, arn: str, keys: Sequence[str]) -> None:
        """Remove these tags; keys that the flow does not have are ignored."""
        ...


class FlowCatalog(Protocol):
    """All flows of the account and region, read-only."""

    def summaries(self) -> Iterator["FlowSummary"]:
        """Every flow, page by page."""
        ...

    def describe(self, name: str) -> "LiveFlow | None":
        """The live flow; ``None`` when it does not exist."""
        ...


class ConnectorEntities(Protocol):
    """The objects of connectors and their fields, as AppFlow describes them. AppFlow caches both for an hour."""

    def describe(self, key: "EntityKey") -> "Entity | None":
        """The object; ``None`` when AppFlow does not find it, or its connector profile."""
        ...

    def names(self, key: "EntityKey") -> tuple[str, ...] | None:
        """The names of all objects beside this one; ``None`` where some are nested and were not listed."""
        ...

    def reset(self, key: "EntityKey") -> None:
        """Remove the object, and the names of all objects, from AppFlow's cache."""
        ...


class RunCatalog(Protocol):
    """The runs of all flows of the account and region, read-only."""

    def latest(self, name: str) -> tuple["Run", ...]:
        """The latest runs of a flow, newest first."""
        ...


class DocumentStore(Protocol):
    """The documents bucket."""

    def read(self, version: DocumentVersion) -> StoredDocument | None:
        """Read this version, or the latest where ``versionId`` is ``None``; ``None`` when it does not exist.

        The ETag of the latest, where it is known, may save the call.
        """
        ...

    def top_level(self, bucket: str) -> TopLevel:
        """List the top level of the bucket."""
        ...

    def history(self, bucket: str, key: str) -> Iterator[StoredDocument]:
        """The versions, newest first, each read on demand; ends where the document was deleted."""
        ...


class DocumentCatalog(Protocol):
    """All documents of the bucket, read-only."""

    def keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """The keys of all objects with this prefix, documents or not, page by page."""
        ...

    def history(self, bucket: str, key: str) -> Iterator[StoredDocument]:
        """See ``DocumentStore``."""
        ...


class ChangeQueue(Protocol):
    """The FIFO queue between intake and apply."""

    def send(self, changes: Sequence[Change]) -> None:
        """Queue all of them; a change that was sent before is not queued twice."""
        ...

    def postpone(self, receipt: str, seconds: int) -> None:
        """Have a received message delivered again after ``seconds``."""
        ...

    def is_empty(self) -> bool:
        """Whether no change is waiting or in progress, by SQS's approximate counts."""
        ...


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that is not processed any more; ``group`` is its message group, ``id`` its deduplication id."""

    body: str
    group: str
    id: str


class DeadLetters(Protocol):
    """The dead-letter queue of the FIFO queue."""

    def keep(self, letter: DeadLetter) -> None:
        """Store a letter; one with the same id is not stored twice within five minutes."""
        ...


class FailedChanges(Protocol):
    """The changes in the dead-letter queue."""

    def failed(self) -> Iterator[tuple[Change, str]]:
        """Every change whose attempts were exhausted, with the receipt of its message."""
        ...

    def remove(self, receipt: str) -> None:
        """Remove a message."""
        ...


class OutcomeReporter(Protocol):
    """Where the outcome of every change is reported."""

    def report(self, report: "OutcomeReport") -> None:
        """Report one outcome.

        Raises ``TransientError`` whenever that fails, even for a permanent reason: every change produces a status
        event, so the change is retried and in the end kept in the dead-letter queue.
        """
        ...
