"""The use case of ``intake``: what arrives becomes changes on the queue, or one rejection that says why.

``functions/intake/arrivals.py`` makes arrivals from events; the handler calls ``Intake.take`` for each.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from appflow_gitops.findings import has_errors
from appflow_gitops.origin import DocumentVersion, Mode, Provenance
from appflow_gitops.rules.check import CheckedDocument, check, check_value
from appflow_gitops.rules.stage import Stage
from appflow_gitops.status.events import (
    Outcome,
    StatusData,
    StatusError,
    StatusEvent,
    StatusMetadata,
    timestamp,
    wire_findings,
)
from appflow_gitops.sync.change import Change, change_id
from appflow_gitops.sync.errors import PermanentError, surprises_as_transient
from appflow_gitops.sync.ownership import TAG_VALUE_LIMIT, owner_tag
from appflow_gitops.sync.ports import ChangeQueue, DocumentStore, StatusBus
from appflow_gitops.sync.report import report
from appflow_gitops.sync.stage import findings_in, is_of_stage

DOCUMENT_SUFFIXES = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One thing that arrived: which event it was, and the document it names or brings.

    ``document`` is a version in the bucket, the text of a document, a flow (or a list of them) as a value, or the
    error of a request that could not be understood. ``identity`` is the same whenever the same event comes again;
    ``requested`` tells a request, which is always answered, from an object that happens to lie beside the documents.
    """

    identity: str
    event_id: str
    time: str
    document: DocumentVersion | str | dict[str, Any] | list[Any] | StatusError
    requested: bool = False
    provenance: Provenance = field(default_factory=Provenance)
    force: bool = False
    mode: Mode = Mode.APPLY


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an arrival: the changes that were queued, or the status event that ended it.

    Neither for an object that is no document.
    """

    changes: tuple[Change, ...] = ()
    ended: StatusEvent | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes arrivals in.

    ``bucket`` and ``prefix`` say where documents live; ``clock`` gives epoch seconds; ``stage`` reads the stage of now.
    """

    documents: DocumentStore
    queue: ChangeQueue
    bus: StatusBus
    clock: Callable[[], float]
    bucket: str
    prefix: str
    stage: Callable[[], Stage]

    def take(self, arrival: Arrival) -> Taken:
        """Check one arrival and queue its changes, or send the status event that ends it.

        Raises ``TransientError``, and nothing else, when the event has to come again; repeating it does no harm.
        """
        with surprises_as_transient():
            try:
                return self._taken(arrival)
            except PermanentError as error:
                told = StatusError(code=error.code, message=error.message)
                return self._ended(arrival, Outcome.FAILED, error=told)

    def _taken(self, arrival: Arrival) -> Taken:
        document = arrival.document
        if isinstance(document, DocumentVersion):
            return self._stored(arrival, document)
        if isinstance(document, StatusError):
            return self._ended(arrival, Outcome.REJECTED, error=document)
        if isinstance(document, str):
            return self._checked(arrival, check(document.encode(), "-", self.stage()))
        return self._checked(arrival, check_value(document, self.stage()))

    def _stored(self, arrival: Arrival, version: DocumentVersion) -> Taken:
        if not (arrival.requested or version.key.endswith(DOCUMENT_SUFFIXES)):
            return Taken()
        if version.bucket == self.bucket and is_of_stage(version.key) and not arrival.requested:
            return self._of_stage(arrival, version)
        if objection := self._objection(version):
            return self._ended(arrival, Outcome.REJECTED, error=objection)
        stored = self.documents.read(version)
        if stored is None:
            return self._ended(arrival, Outcome.SUPERSEDED, reason="the document is gone")
        if version.label and not stored.version.is_same_version(version):
            # Only in a bucket without versions: the event's version is overwritten, and the next has its own event.
            reason = f"version {stored.version.label} of the document is newer"
            return self._ended(arrival, Outcome.SUPERSEDED, reason=reason)
        provenance = _merged(stored.provenance, arrival.provenance)
        found = replace(arrival, document=stored.version, provenance=provenance)
        return self._checked(found, check(stored.content, version.key, self.stage(), version.key))

    def _of_stage(self, arrival: Arrival, version: DocumentVersion) -> Taken:
        """A policy or a file of variables changes no flow; what is wrong with it is told at once."""
        stored = self.documents.read(version)
        findings = findings_in(version.key, stored.content) if stored else ()
        if not findings:
            return Taken()
        return self._ended(arrival, Outcome.REJECTED, checked=CheckedDocument((), findings))

    def _objection(self, version: DocumentVersion) -> StatusError | None:
        """Why this object can be no document of ours."""
        if version.bucket != self.bucket or not version.key.startswith(self.prefix):
            message = f"Documents are read from s3://{self.bucket}/{self.prefix} only."
            return StatusError(code="NotADocument", message=message)
        if not version.key.endswith(DOCUMENT_SUFFIXES):
            message = f"A document's name ends in {', '.join(DOCUMENT_SUFFIXES)}."
            return StatusError(code="NotADocument", message=message)
        if len(owner_tag(version)) > TAG_VALUE_LIMIT:
            message = (
                f"The key is too long: with its bucket it has to fit a tag of {TAG_VALUE_LIMIT} characters."
            )
            return StatusError(code="KeyTooLong", message=message)
        return None

    def _checked(self, arrival: Arrival, checked: CheckedDocument) -> Taken:
        if has_errors(checked.findings):
            return self._ended(arrival, Outcome.REJECTED, checked=checked)
        changes = tuple(_changes(arrival, checked))
        self.queue.send(changes)
        return Taken(changes=changes)

    def _ended(
        self,
        arrival: Arrival,
        outcome: Outcome,
        *,
        checked: CheckedDocument | None = None,
        error: StatusError | None = None,
        reason: str | None = None,
    ) -> Taken:
        names = [flow.name for flow in checked.flows if flow.name] if checked else []
        event = StatusEvent(
            metadata=StatusMetadata(
                id=change_id(arrival.identity, None),
                time=timestamp(self.clock()),
                correlationId=arrival.event_id,
            ),
            data=StatusData(
                flowName=names[0] if len(names) == 1 else None,
                outcome=outcome,
                reason=reason,
                document=arrival.document if isinstance(arrival.document, DocumentVersion) else None,
                provenance=arrival.provenance,
                findings=wire_findings(checked.findings) if checked else (),
                error=error,
            ),
        )
        return Taken(ended=report(event, self.bus))


def _changes(arrival: Arrival, checked: CheckedDocument) -> list[Change]:
    """One change per flow. A document in the bucket is read again by apply; a request's flow travels along."""
    stored = arrival.document if isinstance(arrival.document, DocumentVersion) else None
    return [
        Change(
            identity=arrival.identity,
            flowName=flow.document.flowName,
            correlationId=arrival.event_id,
            requestedAt=arrival.time,
            document=stored,
            desired=None if stored else flow.document.to_wire(),
            findings=() if stored else wire_findings(flow.findings),
            provenance=arrival.provenance,
            force=arrival.force,
            mode=arrival.mode,
        )
        for flow in checked.flows
        if flow.document is not None
    ]


def _merged(stored: Provenance, sent: Provenance) -> Provenance:
    """What a request says about where it comes from goes before what is stored with the object."""
    return Provenance(**{**stored.model_dump(exclude_none=True), **sent.model_dump(exclude_none=True)})
