"""The use case of ``intake``: what arrives becomes changes on the queue, or one rejection that says why.

``functions/intake/arrivals.py`` makes arrivals from events; the handler calls ``Intake.take`` for each.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from appflow_gitops.documents.suffixes import DOCUMENT_SUFFIXES
from appflow_gitops.findings import has_errors
from appflow_gitops.origin import DocumentVersion, Mode, Provenance
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
from appflow_gitops.sync.stored_environment import is_environment_file, validate_environment_file
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.result import ValidatedDocument
from appflow_gitops.validation.validate import validate, validate_value


@dataclass(frozen=True, slots=True)
class IntakeRequest:
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
class IntakeResult:
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
    environment: Callable[[], Environment]

    def take(self, arrival: IntakeRequest) -> IntakeResult:
        """Check one arrival and queue its changes, or send the status event that ends it.

        Raises ``TransientError``, and nothing else, when the event has to come again; repeating it does no harm.
        """
        with surprises_as_transient():
            try:
                return self._taken(arrival)
            except PermanentError as error:
                told = StatusError(code=error.code, message=error.message)
                return self._ended(arrival, Outcome.FAILED, error=told)

    def _taken(self, arrival: IntakeRequest) -> IntakeResult:
        document = arrival.document
        if isinstance(document, DocumentVersion):
            return self._stored(arrival, document)
        if isinstance(document, StatusError):
            return self._ended(arrival, Outcome.REJECTED, error=document)
        if isinstance(document, str):
            return self._checked(arrival, validate(document.encode(), "-", self.environment()))
        return self._checked(arrival, validate_value(document, self.environment()))

    def _stored(self, arrival: IntakeRequest, version: DocumentVersion) -> IntakeResult:
        if not (arrival.requested or version.key.endswith(DOCUMENT_SUFFIXES)):
            return IntakeResult()
        if version.bucket == self.bucket and is_environment_file(version.key) and not arrival.requested:
            return self._handle_environment_file(arrival, version)
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
        return self._checked(found, validate(stored.content, version.key, self.environment(), version.key))

    def _handle_environment_file(self, arrival: IntakeRequest, version: DocumentVersion) -> IntakeResult:
        """A policy or a file of variables changes no flow; what is wrong with it is told at once."""
        stored = self.documents.read(version)
        findings = validate_environment_file(version.key, stored.content) if stored else ()
        if not findings:
            return IntakeResult()
        return self._ended(arrival, Outcome.REJECTED, checked=ValidatedDocument((), findings))

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

    def _checked(self, arrival: IntakeRequest, checked: ValidatedDocument) -> IntakeResult:
        if has_errors(checked.findings):
            return self._ended(arrival, Outcome.REJECTED, checked=checked)
        changes = tuple(_changes(arrival, checked))
        self.queue.send(changes)
        return IntakeResult(changes=changes)

    def _ended(
        self,
        arrival: IntakeRequest,
        outcome: Outcome,
        *,
        checked: ValidatedDocument | None = None,
        error: StatusError | None = None,
        reason: str | None = None,
    ) -> IntakeResult:
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
        return IntakeResult(ended=report(event, self.bus))


def _changes(arrival: IntakeRequest, checked: ValidatedDocument) -> list[Change]:
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
