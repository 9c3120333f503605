"""The use case of ``apply``: one change carried out and reported (design section 6).

The handler calls it for each message; only ``TransientError`` comes out, and means that the message has to come back.
"""

from collections.abc import Callable
from dataclasses import dataclass

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.origin import Mode
from appflow_gitops.status.events import (
    Outcome,
    StatusData,
    StatusError,
    StatusEvent,
    StatusFinding,
    StatusMetadata,
    timestamp,
)
from appflow_gitops.sync.apply.delivery import Delivery
from appflow_gitops.sync.apply.desired import Desired, Forbidden, Superseded, desired_now, other_owner
from appflow_gitops.sync.apply.reconcile import Reconciled, Reconciler
from appflow_gitops.sync.errors import RETRIES_EXHAUSTED, PermanentError, TransientError
from appflow_gitops.sync.ownership import Ownership
from appflow_gitops.sync.plan import Action
from appflow_gitops.sync.ports import DocumentStore, StatusBus
from appflow_gitops.sync.report import report
from appflow_gitops.validation.environment import Environment


@dataclass(frozen=True, slots=True)
class Applier:
    """Carries out changes with the ports it is given; ``stage`` reads the stage of now."""

    reconciler: Reconciler
    documents: DocumentStore
    bus: StatusBus
    environment: Callable[[], Environment]

    def apply(self, delivery: Delivery) -> StatusEvent:
        """Carry out one change, send its status event and return it.

        Raises ``TransientError`` when the change has to be tried again, also when the status event cannot be sent:
        a change is never done without a word. A permanent error ends as ``Failed``.
        """
        try:
            reconciled = self._carried_out(delivery)
        except PermanentError as error:
            reconciled = Reconciled(failed(delivery, error.code, error.message), None)
        return self._reported(delivery, reconciled)

    def give_up(self, delivery: Delivery) -> StatusEvent:
        """Report that the attempts are used up. Nothing is tried; the message goes on to the dead letters."""
        return self._reported(delivery, _gave_up(delivery, "the last attempt ended without an answer"))

    def fail(self, delivery: Delivery, error: TransientError) -> StatusEvent:
        """Report the error that the last attempt ended with; the message goes on to the dead letters."""
        return self._reported(delivery, _gave_up(delivery, str(error)))

    def _carried_out(self, delivery: Delivery) -> Reconciled:
        desired = desired_now(delivery.change, self.documents, self.environment())
        if isinstance(desired, Superseded):
            return Reconciled(superseded(delivery, desired.reason), None)
        if isinstance(desired, Forbidden):
            return Reconciled(rejected(delivery, desired.findings), None)
        live = self.reconciler.flows.describe(delivery.change.flowName)
        if live and (objection := self._objection(delivery, desired, live)):
            return Reconciled(_told_as_asked(delivery, objection), live.arn)
        if live is None and desired.creation:
            objection = rejected(delivery, (*desired.findings, *desired.creation))
            return Reconciled(_told_as_asked(delivery, objection), None)
        if delivery.change.mode is Mode.PLAN:
            return self.reconciler.planned(delivery, desired, live)
        return self.reconciler.reconcile(delivery, desired, live)

    def _objection(self, delivery: Delivery, desired: Desired, live: LiveFlow) -> StatusData | None:
        """What is reported when the flow is not this change's to make: newer already, or owned by another."""
        owner = Ownership.of(live.tags)
        if delivery.change.document:
            return self._objection_to_document(delivery, desired, owner)
        if owner.version != delivery.version and owner.order and owner.order > delivery.order:
            return superseded(delivery, "a later change is live already")
        if owner.document and not delivery.change.force:
            return owned_elsewhere(
                delivery, owner.document, 'Change the document, or say "force": true in the request.'
            )
        return None

    def _objection_to_document(
        self, delivery: Delivery, desired: Desired, owner: Ownership
    ) -> StatusData | None:
        """Refused while the owner still declares the flow, or cannot be read because it is in another bucket.

        A newer version of the document may be live and not be valid any more, because the policy or the variables have
        changed since: then too no earlier version is applied after it.
        """
        document = delivery.change.document
        if document is None:
            return None
        if owner.document == document.uri:
            newer = owner.version in desired.passed_over
            return superseded(delivery, "a later version of the document is live already") if newer else None
        other = other_owner(owner, document, delivery.change.flowName, self.documents, self.environment())
        if other is None:
            return None
        return owned_elsewhere(
            delivery, other, "Remove the flow from that document, then drop this one again."
        )

    def _reported(self, delivery: Delivery, reconciled: Reconciled) -> StatusEvent:
        metadata = StatusMetadata(
            id=delivery.change.id,
            time=timestamp(self.reconciler.clock()),
            correlationId=delivery.change.correlationId,
            attempt=delivery.attempt,
        )
        resources = (reconciled.arn,) if reconciled.arn else ()
        return report(StatusEvent(metadata=metadata, data=reconciled.data, resources=resources), self.bus)


def _gave_up(delivery: Delivery, cause: str) -> Reconciled:
    message = (
        f"Gave up after {delivery.attempt} deliveries: {cause}. The change waits in the dead-letter queue: "
        "redrive it when the cause is mended, or drop the document again."
    )
    return Reconciled(failed(delivery, RETRIES_EXHAUSTED, message), None)


def _told_as_asked(delivery: Delivery, objection: StatusData) -> StatusData:
    """Who only asked for the plan is told that it would be refused, not that it was."""
    if delivery.change.mode is not Mode.PLAN or objection.outcome is not Outcome.REJECTED:
        return objection
    return objection.model_copy(update={"outcome": Outcome.PLANNED, "action": Action.REFUSE.value})


def superseded(delivery: Delivery, reason: str) -> StatusData:
    """The change no longer counts."""
    return _ended(delivery, Outcome.SUPERSEDED, reason=reason)


def rejected(delivery: Delivery, findings: tuple[StatusFinding, ...]) -> StatusData:
    """The change may not be made."""
    return _ended(delivery, Outcome.REJECTED, findings=findings)


def failed(delivery: Delivery, code: str, message: str) -> StatusData:
    """The change cannot be carried out."""
    return _ended(delivery, Outcome.FAILED, error=StatusError(code=code, message=message))


def owned_elsewhere(delivery: Delivery, owner: str, way_out: str) -> StatusData:
    """The flow belongs to a document, and the change does not come from it."""
    error = StatusError(code="OwnedByAnotherDocument", message=f"The flow belongs to {owner}. {way_out}")
    return _ended(delivery, Outcome.REJECTED, error=error)


def _ended(
    delivery: Delivery,
    outcome: Outcome,
    *,
    reason: str | None = None,
    error: StatusError | None = None,
    findings: tuple[StatusFinding, ...] = (),
) -> StatusData:
    return StatusData(
        flowName=delivery.change.flowName,
        outcome=outcome,
        reason=reason,
        document=delivery.change.document,
        provenance=delivery.change.provenance,
        findings=findings,
        error=error,
    )
