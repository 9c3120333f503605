"""The status events: one terminal event per change, in the form that ``docs/status-events.md`` promises.

``sync`` makes them, ``aws`` puts them on the event bus, consumers match on detail-type and ``data``.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal, Protocol, Self

from pydantic import Field

from appflow_gitops.findings import Finding
from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.origin import DocumentVersion, Provenance, Wire

SOURCE = "appflow-gitops"
SIZE_LIMIT = 200 * 1024
"""Bytes of one event's detail. EventBridge takes 256 KiB for the whole entry; the rest is room for its envelope."""


class Outcome(StrEnum):
    """How a change ended."""

    APPLIED = "Applied"
    UNCHANGED = "Unchanged"
    REJECTED = "Rejected"
    FAILED = "Failed"
    SUPERSEDED = "Superseded"
    PLANNED = "Planned"

    @property
    def detail_type(self) -> str:
        """The EventBridge detail-type under which this outcome is sent."""
        return f"Flow Change {self.value}"


class StatusFinding(Wire):
    """A finding as status events and the command's JSON show it."""

    rule: str
    severity: str
    pointer: str
    line: int | None = None
    column: int | None = None
    message: str
    hint: str | None = None

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """The finding in its wire form."""
        return cls(
            rule=finding.rule,
            severity=finding.severity.value,
            pointer=finding.pointer,
            line=finding.position.line if finding.position else None,
            column=finding.position.column if finding.position else None,
            message=finding.message,
            hint=finding.hint,
        )


class StatusChange(Wire):
    """One difference between the live flow and its document."""

    op: Literal["add", "change", "remove"]
    pointer: str
    live: Any = None
    desired: Any = None

    @classmethod
    def of(cls, item: DiffItem) -> Self:
        """The difference in its wire form."""
        return cls(op=item.op, pointer=item.pointer, live=item.live, desired=item.desired)


class Adjustment(Wire):
    """A value that had to be sent otherwise than the document says, and why."""

    pointer: str
    desired: Any
    sent: Any
    reason: str


class StatusError(Wire):
    """Why a change did not happen."""

    code: str
    message: str


class StatusMetadata(Wire):
    """Which change this is about; ``id`` is the same for every repeat of it."""

    id: str
    schemaVersion: Literal["1"] = "1"
    time: str
    correlationId: str
    attempt: int = 1


class StatusData(Wire):
    """What became of the change."""

    flowName: str | None
    outcome: Outcome
    action: str | None = None
    reason: str | None = None
    document: DocumentVersion | None = None
    provenance: Provenance = Field(default_factory=Provenance)
    clientToken: str | None = None
    contentDigest: str | None = None
    flowStatus: str | None = None
    changes: tuple[StatusChange, ...] = ()
    changesTruncated: bool = False
    adjustments: tuple[Adjustment, ...] = ()
    differences: tuple[StatusChange, ...] = ()
    findings: tuple[StatusFinding, ...] = ()
    findingsTruncated: bool = False
    error: StatusError | None = None

    def shorter(self) -> Self | None:
        """The same with its lists cut in half and marked as cut; ``None`` when they are empty."""
        if not (self.changes or self.differences or self.findings):
            return None
        return self.model_copy(
            update={
                "changes": self.changes[: len(self.changes) // 2],
                "differences": self.differences[: len(self.differences) // 2],
                "findings": self.findings[: len(self.findings) // 2],
                "changesTruncated": bool(self.changes or self.differences) or self.changesTruncated,
                "findingsTruncated": bool(self.findings) or self.findingsTruncated,
            }
        )


class StatusEvent(Wire):
    """One event: its detail, and the ARN of the flow where there is one."""

    metadata: StatusMetadata
    data: StatusData
    resources: tuple[str, ...] = ()

    @property
    def detail_type(self) -> str:
        """The EventBridge detail-type."""
        return self.data.outcome.detail_type

    def detail(self) -> str:
        """The detail as JSON of at most ``SIZE_LIMIT`` bytes; what does not fit is cut and marked as cut."""
        return fitted(self.metadata, self.data)


class EventData(Protocol):
    """What an event is about, of whatever kind."""

    @property
    def provenance(self) -> Provenance:
        """What Git and the sender say; only what is known is told."""
        ...

    def shorter(self) -> Self | None:
        """The same with its lists cut in half and marked as cut; ``None`` when they are empty."""
        ...

    def model_dump(self, *, mode: str) -> dict[str, Any]:
        """As pydantic has it."""
        ...


def fitted(metadata: StatusMetadata, data: EventData) -> str:
    """The detail of an event as JSON of at most ``SIZE_LIMIT`` bytes; what does not fit is cut and marked as cut."""
    text = _rendered(metadata, data)
    while len(text.encode()) > SIZE_LIMIT and (shorter := data.shorter()):
        data = shorter
        text = _rendered(metadata, data)
    return text


def _rendered(metadata: StatusMetadata, data: EventData) -> str:
    detail = {"metadata": metadata.model_dump(), "data": data.model_dump(mode="json")}
    detail["data"]["provenance"] = data.provenance.model_dump(exclude_none=True)
    return json.dumps(detail, ensure_ascii=False, separators=(",", ":"))


def wire_findings(findings: Iterable[Finding]) -> tuple[StatusFinding, ...]:
    """All findings in their wire form."""
    return tuple(StatusFinding.of(finding) for finding in findings)


def timestamp(now: float) -> str:
    """Epoch seconds as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
