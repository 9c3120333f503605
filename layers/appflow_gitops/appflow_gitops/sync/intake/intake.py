"""The use case of ``intake``: a dropped document or a request becomes changes on the queue, or one reported outcome.

``functions/intake/requests.py`` parses events into requests; the handler calls ``Intake.handle`` for each.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from appflow_gitops.documents.reading_rules import TOO_LARGE
from appflow_gitops.documents.suffixes import DOCUMENT_SUFFIXES
from appflow_gitops.findings import Finding, has_errors
from appflow_gitops.origin import DocumentVersion, Mode, Provenance
from appflow_gitops.quoting import quoted
from appflow_gitops.service import service
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.change import CHANGE_BYTES, Change, change_id, timestamp
from appflow_gitops.sync.errors import RETRIES_EXHAUSTED, ErrorDetail, PermanentError, unexpected_as_transient
from appflow_gitops.sync.intake.release import Releaser
from appflow_gitops.sync.intake.request import FlowRunRequest
from appflow_gitops.sync.outcome import ChangeResult, Outcome, OutcomeReport
from appflow_gitops.sync.ownership import key_objection
from appflow_gitops.sync.ports import ChangeQueue, DocumentStore, OutcomeReporter, TopLevel
from appflow_gitops.sync.stored_environment import (
    RELEASING_KEYS,
    EnvironmentReader,
    is_environment_file,
    validate_environment_file,
)
from appflow_gitops.sync.takeover import Takeovers, takeover_change
from appflow_gitops.validation.result import ValidatedDocument
from appflow_gitops.validation.validate import validate, validate_value


@dataclass(frozen=True, slots=True)
class IntakeRequest:
    """What one event asks for: the document it names or brings.

    ``document`` is a version in the bucket, the text of a document, a flow (or a list of them) as a value, a flow to
    run, or the error of a request that could not be parsed. ``identity`` is the same for every repeat of the event.
    ``requested`` marks a request, which always gets an outcome; an object that is stored beside the documents gets
    none. ``deleted`` marks the deletion of the object, which changes none of its flows.
    """

    identity: str
    event_id: str
    time: str
    document: DocumentVersion | str | dict[str, Any] | list[Any] | FlowRunRequest | ErrorDetail
    requested: bool = False
    deleted: bool = False
    provenance: Provenance = field(default_factory=Provenance)
    force: bool = False
    mode: Mode = Mode.APPLY

    @property
    def version(self) -> DocumentVersion | None:
        """The version in the bucket; ``None`` where the request brings its flows along."""
        return self.document if isinstance(self.document, DocumentVersion) else None


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """The changes that were queued, or the outcome that was reported; neither for an object that is not a document."""

    changes: tuple[Change, ...] = ()
    report: OutcomeReport | None = None


@service
class Intake:
    """Handles requests.

    Documents are stored in ``bucket`` under ``prefix``; ``environment`` reads the current environment; ``clock``
    returns epoch seconds.
    """

    documents: DocumentStore
    queue: ChangeQueue
    reporter: OutcomeReporter
    clock: Callable[[], float]
    takeovers: Takeovers
    bucket: str
    prefix: str
    environment: EnvironmentReader
    releaser: Releaser

    def handle(self, request: IntakeRequest) -> IntakeResult:
        """Validate the document of one request and queue its changes, or report why there are none.

        Raises ``TransientError``, and nothing else, when the event must be retried; repeating it does no harm.
        """
        with unexpected_as_transient():
            try:
                return self._handled(request)
            except PermanentError as error:
                return self._reported(request, ChangeResult(Outcome.FAILED, error=error.detail))

    def report_exhausted(self, request: IntakeRequest, cause: str) -> OutcomeReport | None:
        """Report that the event of a request is not retried any more; ``None`` if it asks for no change.

        Raises ``TransientError`` when it cannot be reported now.
        """
        version = request.version
        is_ignored = version and not request.requested and not version.key.endswith(DOCUMENT_SUFFIXES)
        if request.deleted or is_ignored:
            return None
        message = (
            f"retries exhausted: {cause}; the event is in the dead-letter queue of events: "
            "invoke intake with it once the cause is fixed, or drop the document again"
        )
        with unexpected_as_transient():
            error = ErrorDetail(RETRIES_EXHAUSTED, message)
            return self._reported(request, ChangeResult(Outcome.FAILED, error=error)).report

    def _handled(self, request: IntakeRequest) -> IntakeResult:
        match request.document:
            case DocumentVersion() as version if request.deleted:
                return self._handle_deleted(request, version)
            case DocumentVersion() as version:
                return self._handle_stored(request, version)
            case ErrorDetail() as error:
                return self._reported(request, ChangeResult(Outcome.REJECTED, error=error))
            case FlowRunRequest(flowName=flow_name):
                return self._queue_run(request, flow_name)
            case str() as text:
                return self._queue(request, validate(text.encode(), "-", self.environment()))
            case value:
                return self._queue(request, validate_value(value, self.environment()))

    def _handle_stored(self, request: IntakeRequest, version: DocumentVersion) -> IntakeResult:
        if not (request.requested or version.key.endswith(DOCUMENT_SUFFIXES)):
            return IntakeResult()
        if self._is_environment_file(request, version):
            return self._handle_environment_file(request, version)
        if error := self._objection(version):
            return self._reported(request, ChangeResult(Outcome.REJECTED, error=error))
        stored = self.documents.read(version)
        if stored is None:
            return self._superseded(request, "the document was deleted")
        if version.label and not stored.version.is_same_version(version):
            # Only in a bucket without versions: the event's version was overwritten, and the next has its own event.
            return self._superseded(request, f"version {stored.version.label} of the document is newer")
        provenance = _merged(stored.provenance, request.provenance)
        found = replace(request, document=stored.version, provenance=provenance)
        top = self.documents.top_level(self.bucket)
        result = self._queue(found, stored.validated(self.environment(top)))
        released = self._release(request, version, top) if result.changes else IntakeResult()
        return replace(result, changes=(*result.changes, *released.changes))

    def _handle_deleted(self, request: IntakeRequest, version: DocumentVersion) -> IntakeResult:
        if self._is_environment_file(request, version):
            return self._handle_environment_file(request, version)
        return IntakeResult() if self._objection(version) else self._release(request, version)

    def _release(
        self, request: IntakeRequest, version: DocumentVersion, top: TopLevel | None = None
    ) -> IntakeResult:
        """Queue the documents that wait for flows which this one no longer declares."""
        released = self.takeovers.released_by(version, top)
        changes = tuple(
            takeover_change(
                each, identity=request.identity, event_id=request.event_id, requested_at=request.time
            )
            for each in released
        )
        if changes:
            self.queue.send(changes)
        for each in released:
            self.takeovers.store.remove(each)
        return IntakeResult(changes=changes)

    def _handle_environment_file(self, request: IntakeRequest, version: DocumentVersion) -> IntakeResult:
        """An environment file changes no flow; an invalid one is reported at once.

        With another policy, or other pauses, changes that are held may be due.
        """
        if version.key in RELEASING_KEYS:
            self.releaser.check_all()
        stored = None if request.deleted else self.documents.read(version)
        findings = validate_environment_file(version.key, stored.content) if stored else ()
        return self._rejected(request, findings) if findings else IntakeResult()

    def _is_environment_file(self, request: IntakeRequest, version: DocumentVersion) -> bool:
        return version.bucket == self.bucket and is_environment_file(version.key) and not request.requested

    def _objection(self, version: DocumentVersion) -> ErrorDetail | None:
        """Why this object cannot be a document."""
        if version.bucket != self.bucket or not version.key.startswith(self.prefix):
            return ErrorDetail(
                "NotADocument", f"documents are read only from s3://{self.bucket}/{self.prefix}"
            )
        if not version.key.endswith(DOCUMENT_SUFFIXES):
            endings = ", ".join(DOCUMENT_SUFFIXES)
            return ErrorDetail("NotADocument", f"unknown file type; expected one of: {endings}")
        return key_objection(version)

    def _queue(self, request: IntakeRequest, validated: ValidatedDocument) -> IntakeResult:
        if has_errors(validated.findings):
            names = [flow.name for flow in validated.flows if flow.name]
            return self._rejected(request, validated.findings, names[0] if len(names) == 1 else None)
        changes = tuple(_changes(request, validated, self.clock()))
        if too_large := tuple(_too_large(changes, validated)):
            return self._rejected(request, (*validated.findings, *too_large))
        self.queue.send(changes)
        return IntakeResult(changes=changes)

    def _queue_run(self, request: IntakeRequest, flow_name: str) -> IntakeResult:
        """Queue the run behind the changes of the flow that are waiting."""
        from appflow_gitops.sync.run_grant import run_objection  # noqa: PLC0415 - rarely needed

        if error := run_objection(self.environment(), flow_name):
            result = ChangeResult(Outcome.REJECTED, flow_name, action=Action.RUN, error=error)
            return self._reported(request, result)
        change = Change(
            identity=request.identity,
            flowName=flow_name,
            correlationId=request.event_id,
            requestedAt=request.time,
            receivedAt=timestamp(self.clock()),
            provenance=request.provenance,
            run=True,
        )
        self.queue.send([change])
        return IntakeResult(changes=(change,))

    def _rejected(
        self, request: IntakeRequest, findings: tuple[Finding, ...], flow_name: str | None = None
    ) -> IntakeResult:
        return self._reported(request, ChangeResult(Outcome.REJECTED, flow_name, findings=findings))

    def _superseded(self, request: IntakeRequest, reason: str) -> IntakeResult:
        return self._reported(request, ChangeResult(Outcome.SUPERSEDED, reason=reason))

    def _reported(self, request: IntakeRequest, result: ChangeResult) -> IntakeResult:
        report = OutcomeReport(
            change_id(request.identity, None),
            request.event_id,
            self.clock(),
            result,
            document=request.version,
            provenance=request.provenance,
        )
        self.reporter.report(report)
        return IntakeResult(report=report)


def _changes(request: IntakeRequest, validated: ValidatedDocument, now: float) -> list[Change]:
    """One change per flow. apply reads a stored document again; a request's flow travels in its change."""
    stored = request.version
    return [
        Change(
            identity=request.identity,
            flowName=flow.document.flowName,
            correlationId=request.event_id,
            requestedAt=request.time,
            receivedAt=timestamp(now),
            document=stored,
            desired=None if stored else flow.document.to_wire(),
            findings=() if stored else flow.findings,
            provenance=request.provenance,
            force=request.force,
            mode=request.mode,
        )
        for flow in validated.flows
        if flow.document is not None
    ]


def _too_large(changes: tuple[Change, ...], validated: ValidatedDocument) -> Iterator[Finding]:
    """A finding for each change that does not fit into a message. One of a stored document always does."""
    paths = {flow.name: flow.path for flow in validated.flows}
    for change in changes:
        size = len(change.model_dump_json(exclude_none=True).encode()) if change.desired else 0
        if size > CHANGE_BYTES:
            message = (
                f"the change of flow {quoted(change.flowName)} has {size:,} bytes; at most {CHANGE_BYTES:,}"
            )
            hint = "drop the document into the bucket instead, or split the flow"
            yield Finding(TOO_LARGE.id, TOO_LARGE.severity, paths[change.flowName], message, hint)


def _merged(stored: Provenance, sent: Provenance) -> Provenance:
    """A request's provenance overrides what is stored with the object."""
    return Provenance(**{**stored.model_dump(exclude_none=True), **sent.model_dump(exclude_none=True)})
