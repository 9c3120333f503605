"""Change: one flow of one document version, or of one request, on its way to AppFlow.

``intake`` makes changes, the FIFO queue carries them as JSON, ``apply`` carries them out. ``appflow-gitops push`` uses
their ids to find the status events it waits for.
"""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PlainSerializer, PlainValidator

from appflow_gitops.findings import Finding, Position, Severity, parse_pointer
from appflow_gitops.origin import DocumentVersion, Mode, Provenance, Wire

MESSAGE_BYTES = 1 << 20
"""SQS's limit for a message, and for all messages of one call."""
CHANGE_BYTES = MESSAGE_BYTES - 1024
"""The limit for a change; the rest is room for what its dead letter has in addition."""
REPAIR = "drift:"
"""What the identity of a change begins with that a scan for drift queued. Other identities are URIs or event ids."""
GROUP_ID_LIMIT = 128
"""SQS allows this many characters in a message group id, all of them printable ASCII."""


class FindingMessage(Wire):
    """A finding as queue messages, status events and the command's JSON carry it."""

    rule: str
    severity: str
    pointer: str
    line: int | None = None
    column: int | None = None
    message: str
    hint: str | None = None

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """Render a finding."""
        return cls(
            rule=finding.rule,
            severity=finding.severity.value,
            pointer=finding.pointer,
            line=finding.position.line if finding.position else None,
            column=finding.position.column if finding.position else None,
            message=finding.message,
            hint=finding.hint,
        )

    def to_finding(self) -> Finding:
        """Parse the finding back. Raises ValueError for an unknown severity."""
        return Finding(
            rule=self.rule,
            severity=Severity(self.severity),
            path=parse_pointer(self.pointer),
            message=self.message,
            hint=self.hint,
            position=None if self.line is None or self.column is None else Position(self.line, self.column),
        )


def _parse_finding(value: object) -> Finding:
    return value if isinstance(value, Finding) else FindingMessage.model_validate(value).to_finding()


def _render_finding(finding: Finding) -> dict[str, Any]:
    return FindingMessage.of(finding).model_dump(exclude_none=True)


QueuedFinding = Annotated[Finding, PlainValidator(_parse_finding), PlainSerializer(_render_finding)]


class Change(Wire):
    """The message on the queue.

    Either ``document`` names the version to read, or ``desired`` is the flow that a request brought with it, and
    ``findings`` what validating it found. ``identity`` is the event's own (bucket, key and version, or the EventBridge
    event id), never the content: the same event twice is the same change. ``run`` marks a request to run the flow,
    which changes nothing and has neither of both. ``receivedAt`` is intake's time. ``failedAt``
    and ``failures`` are set on a dead letter: when its attempts were last exhausted, and how many times that has
    happened. ``released`` is set on a change that was held: the sequence number of the message that was.
    """

    schemaVersion: Literal["1"] = "1"
    identity: str
    flowName: str
    correlationId: str
    requestedAt: str
    document: DocumentVersion | None = None
    desired: dict[str, Any] | None = None
    findings: tuple[QueuedFinding, ...] = ()
    provenance: Provenance = Field(default_factory=Provenance)
    force: bool = False
    mode: Mode = Mode.APPLY
    run: bool | None = None
    receivedAt: str | None = None
    failedAt: str | None = None
    failures: int | None = None
    released: str | None = None

    @property
    def id(self) -> str:
        """The same for every repeat of this change: the deduplication id and the status events' ``metadata.id``."""
        return change_id(self.identity, self.flowName)

    @property
    def deduplication_id(self) -> str:
        """The change's id; another one after it was held, because SQS may still know that of the message before."""
        return f"{self.id}.{self.released}" if self.released else self.id

    @property
    def is_repair(self) -> bool:
        """Whether a scan for drift queued the change, not a user or a program."""
        return self.identity.startswith(REPAIR)

    @property
    def group(self) -> str:
        """The message group: changes of one flow are carried out one after the other."""
        name = self.flowName
        if name.isascii() and len(name) <= GROUP_ID_LIMIT:
            return name
        return sha256(name.encode()).hexdigest()

    def failed(self, at: float) -> Self:
        """The change as its dead letter has it, after one more failure; ``at`` in epoch seconds."""
        return self.model_copy(update={"failedAt": timestamp(at), "failures": (self.failures or 0) + 1})


def drop_identity(version: DocumentVersion, sequencer: str | None = None) -> str:
    """The identity of the event about this version; a repeated event has the same.

    In a bucket without versions, equal content dropped again has the same ETag; the event's sequencer distinguishes
    the two drops.
    """
    return f"{version.uri}@{version.versionId or f'{version.eTag}#{sequencer}'}"


def change_id(identity: str, flow_name: str | None) -> str:
    """A deterministic id: 64 hex digits from an event's identity and the flow it is about (``None``: the whole)."""
    return sha256(f"{identity}\n{flow_name or ''}".encode()).hexdigest()


def timestamp(now: float) -> str:
    """Epoch seconds as ISO 8601 in UTC, to the millisecond: the form of every time in messages and events."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
