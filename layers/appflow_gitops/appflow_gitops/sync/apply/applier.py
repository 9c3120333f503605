"""The use case of ``apply``: carry out one change and report its outcome.

``Attempts`` calls it for each message. Only ``TransientError`` leaves it, and means that the message must be retried.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.ownership import Ownership
from appflow_gitops.origin import DocumentVersion, Mode
from appflow_gitops.service import service
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.apply.desired import Desired, desired_now, other_owner, superseded
from appflow_gitops.sync.apply.holder import Holder
from appflow_gitops.sync.apply.reconcile import Reconciler
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.errors import RETRIES_EXHAUSTED, ErrorDetail, PermanentError, TransientError
from appflow_gitops.sync.held import hold_of
from appflow_gitops.sync.outcome import ChangeResult, Outcome, OutcomeReport
from appflow_gitops.sync.ports import DocumentStore, OutcomeReporter
from appflow_gitops.sync.takeover import Takeover, TakeoverStore
from appflow_gitops.validation.environment import Environment

if TYPE_CHECKING:
    from appflow_gitops.sync.apply.field_gate import FieldGate


@service
class Applier:
    """Carries out changes; ``environment`` reads the current environment.

    An owner in one of the ``former_buckets``, which are documents buckets of deleted stacks, counts as none. ``fields``
    compares fields with their connectors.
    """

    reconciler: Reconciler
    documents: DocumentStore
    takeovers: TakeoverStore
    reporter: OutcomeReporter
    holder: Holder
    environment: Callable[[], Environment]
    former_buckets: frozenset[str] = frozenset()
    fields: "FieldGate | None" = None

    def apply(self, delivery: Delivery) -> OutcomeReport:
        """Carry out one change and report its outcome. A permanent error ends as ``Failed``.

        Raises ``TransientError`` when the change has to be retried, also when the outcome cannot be reported.
        """
        change = delivery.change
        try:
            result = self._run(change) if change.run else self._changed(delivery)
        except PermanentError as error:
            result = _failed(delivery, error.detail, error.result)
        if result.outcome is Outcome.HELD:
            self.holder.keep(delivery, result)
        return self._reported(delivery, result)

    def report_exhausted(self, delivery: Delivery, error: TransientError) -> OutcomeReport:
        """Report that no attempt is left. ``error`` is what the last attempt ended with."""
        message = (
            f"retries exhausted after {delivery.attempt} deliveries: {error}; the change is in the dead-letter queue: "
            "redrive it once the cause is fixed, or drop the document again"
        )
        detail = ErrorDetail(RETRIES_EXHAUSTED, message)
        return self._reported(delivery, _failed(delivery, detail, error.result))

    def _run(self, change: Change) -> ChangeResult:
        from appflow_gitops.sync.apply.requested_run import start_requested_run  # noqa: PLC0415 - rarely needed

        return start_requested_run(change, self.environment(), self.reconciler.flows, self.reconciler.clock)

    def _changed(self, delivery: Delivery) -> ChangeResult:
        """The result of the change; in observe mode that of its plan, reported under another name."""
        change, environment = delivery.change, self.environment()
        if self.fields:
            environment = replace(environment, checks_fields=True)
        key = change.document.key if change.document else None
        if change.mode is Mode.PLAN or not environment.observes(key, change.flowName):
            return self._result(delivery, environment)
        plan_only = replace(delivery, change=change.model_copy(update={"mode": Mode.PLAN}))
        result = self._result(plan_only, environment)
        return replace(result, outcome=Outcome.OBSERVED) if result.outcome is Outcome.PLANNED else result

    def _result(self, delivery: Delivery, environment: Environment) -> ChangeResult:
        change = delivery.change
        desired = desired_now(change, self.documents, environment)
        if isinstance(desired, ChangeResult):
            return desired
        live = self.reconciler.flows.describe(change.flowName)
        owner = live.owner if live else Ownership()
        owner = owner.trusted(self.reconciler.clock(), self.former_buckets)
        if live and (objection := self._objection(delivery, desired, owner, environment)):
            return replace(_as_requested(delivery, objection), arn=live.arn)
        if live is None and desired.creation:
            findings = (*desired.findings, *desired.creation)
            return _as_requested(delivery, ChangeResult(Outcome.REJECTED, change.flowName, findings=findings))
        if self.fields:
            checked = self.fields.checked(desired)
            if isinstance(checked, ChangeResult):
                return replace(_as_requested(delivery, checked), arn=live.arn if live else None)
            desired = checked
        if change.mode is Mode.PLAN:
            return self.reconciler.planned(desired, live)
        held = self._held(delivery, environment, desired, live)
        return held or self.reconciler.reconcile(delivery, desired, live, owner)

    def _held(
        self, delivery: Delivery, environment: Environment, desired: Desired, live: LiveFlow | None
    ) -> ChangeResult | None:
        """The outcome of a change that has to wait; ``None`` to go ahead.

        Also with what is refused anyway, and with a change whose configuration an earlier attempt has sent: the flow
        may still have to be started.
        """
        change = delivery.change
        hold = hold_of(change, environment, self.reconciler.clock())
        if hold is None:
            return None
        made = self.reconciler.planned(desired, live, may_restart=not change.is_repair)
        is_sent = made.action is not Action.UPDATE and _was_updated_since(live, delivery)
        if made.error or is_sent:
            return None
        return replace(
            made,
            outcome=Outcome.HELD,
            reason=hold.reason,
            held_until=hold.until,
            flow_status=live.status if live else None,
        )

    def _objection(
        self, delivery: Delivery, desired: Desired, owner: Ownership, environment: Environment
    ) -> ChangeResult | None:
        """The outcome when the flow is newer already, or owned by another document; ``None`` to go ahead."""
        change = delivery.change
        if change.document:
            return self._objection_to_document(delivery, change.document, desired, owner, environment)
        if owner.request != delivery.version and owner.order and owner.order > delivery.order:
            return superseded(change, "a later change is live already")
        if owner.document and not change.force:
            return _owned_by_another(
                delivery, owner.document, 'change that document, or set "force": true in the request'
            )
        return None

    def _objection_to_document(
        self,
        delivery: Delivery,
        document: DocumentVersion,
        desired: Desired,
        owner: Ownership,
        environment: Environment,
    ) -> ChangeResult | None:
        """Rejected while the owner still declares the flow, or cannot be read because it is in another bucket.

        A newer version of the document may be live and no longer be valid, because the policy or the variables have
        changed since. No earlier version is applied after it then.
        """
        if owner.document == document.uri:
            newer = owner.version in desired.passed_over
            reason = "a later version of the document is live already"
            return superseded(delivery.change, reason) if newer else None
        other = self._other_owner(delivery, document, owner, environment)
        if other and delivery.change.mode is Mode.APPLY and owner.key_in(document.bucket):
            change = delivery.change
            self.takeovers.record(
                Takeover(
                    flowName=change.flowName, owner=other, document=document, provenance=change.provenance
                )
            )
            # If the owner let go just before, its event did not find the takeover.
            other = self._other_owner(delivery, document, owner, environment)
        if other is None:
            return None
        return _owned_by_another(
            delivery, other, "remove the flow from that document; this one is then applied"
        )

    def _other_owner(
        self, delivery: Delivery, document: DocumentVersion, owner: Ownership, environment: Environment
    ) -> str | None:
        return other_owner(owner, document, delivery.change.flowName, self.documents, environment)

    def _reported(self, delivery: Delivery, result: ChangeResult) -> OutcomeReport:
        change = delivery.change
        report = OutcomeReport(
            change.id,
            change.correlationId,
            self.reconciler.clock(),
            result,
            document=change.document,
            provenance=change.provenance,
            attempt=delivery.attempt,
        )
        self.reporter.report(report)
        return report


def _was_updated_since(live: LiveFlow | None, delivery: Delivery) -> bool:
    """Whether the flow was updated after the change was requested, probably by an earlier attempt of it.

    An update that the tags record as that of another change was none.
    """
    updated_at = live.last_updated_at if live else None
    if live is None or updated_at is None or delivery.attempt == 1:
        return False
    is_recorded = updated_at == live.owner.updated_at
    is_ours = delivery.version in (live.owner.version, live.owner.request)
    return updated_at >= delivery.requested_at and (is_ours or not is_recorded)


def _failed(delivery: Delivery, error: ErrorDetail, done: ChangeResult | None) -> ChangeResult:
    """Failed, with what was ``done`` before the error."""
    return replace(done or ChangeResult(Outcome.FAILED, delivery.change.flowName), error=error)


def _as_requested(delivery: Delivery, objection: ChangeResult) -> ChangeResult:
    """In plan mode, a rejection is reported as a plan that would be refused."""
    if delivery.change.mode is not Mode.PLAN or objection.outcome is not Outcome.REJECTED:
        return objection
    return replace(objection, outcome=Outcome.PLANNED, action=Action.REFUSE)


def _owned_by_another(delivery: Delivery, owner: str, hint: str) -> ChangeResult:
    error = ErrorDetail("OwnedByAnotherDocument", f"the flow belongs to {owner}; {hint}")
    return ChangeResult(Outcome.REJECTED, delivery.change.flowName, error=error)
