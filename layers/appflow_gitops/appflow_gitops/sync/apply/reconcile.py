"""Makes one live flow match its desired state: plan, calls, second look, tags (design section 6, steps 4 to 8).

Or only tells the plan, where no more is asked for.

``apply`` calls it once it is settled that the change counts and the flow is this document's to change.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from appflow_gitops.flows.canonical import client_token, content_digest, live_digest
from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.status.events import Outcome, StatusChange, StatusData, StatusError
from appflow_gitops.sync.apply.delivery import Delivery
from appflow_gitops.sync.apply.desired import Desired
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.ownership import (
    STATUS,
    Ownership,
    outdated,
    ownership_tags,
    updated_tag,
    without_ours,
)
from appflow_gitops.sync.plan import Action, Plan, difference, effects, plan, status_action
from appflow_gitops.sync.ports import FlowService

CONFLICT = "ConflictException"


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What became of the flow, and its ARN where it has one."""

    data: StatusData
    arn: str | None


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Carries out plans. ``clock`` gives epoch seconds; ``may_create`` allows flows to be made."""

    flows: FlowService
    clock: Callable[[], float]
    may_create: bool = False

    def reconcile(self, delivery: Delivery, desired: Desired, live: LiveFlow | None) -> Reconciled:
        """Bring the live flow to its desired state.

        Raises ``TransientError`` when it has to be tried again and ``PermanentError`` when AppFlow refuses; every
        step may be repeated, so a crash between any two of them is mended by the next delivery.
        """
        made = plan(desired.flow, live, now=self.clock(), may_create=self.may_create)
        if made.refusal:
            return Reconciled(refused(delivery, desired, made), live.arn if live else None)
        self._remember_status(made, live)
        digest = content_digest(desired.flow.request())
        before = Ownership.of(live.tags) if live else None
        tags = {
            **without_ours(desired.flow.tags or {}),
            **ownership_tags(delivery, before, digest=digest, status=made.status),
        }
        token, after = self._sent(desired, made, live, tags)
        status = self._settled_status(made, after)
        differences = difference(desired.flow, after) if token else ()
        if not differences:
            tags.update(updated_tag(after.last_updated_at))
        if missing := outdated(after.tags, tags):
            self.flows.tag(after.arn, missing)
        data = StatusData(
            flowName=after.name,
            outcome=_outcome(delivery, made, live),
            action=made.action.value,
            document=delivery.change.document,
            provenance=delivery.change.provenance,
            clientToken=token,
            contentDigest=digest,
            flowStatus=status,
            changes=_wire(made.changes),
            adjustments=made.adjustments,
            differences=_wire(differences),
            findings=desired.findings,
        )
        return Reconciled(data, after.arn)

    def planned(self, delivery: Delivery, desired: Desired, live: LiveFlow | None) -> Reconciled:
        """What ``reconcile`` would do now. Nothing is written, not even a tag."""
        made = plan(desired.flow, live, now=self.clock(), may_create=self.may_create)
        refusal = made.refusal
        data = StatusData(
            flowName=delivery.change.flowName,
            outcome=Outcome.PLANNED,
            action=made.action.value,
            document=delivery.change.document,
            provenance=delivery.change.provenance,
            contentDigest=content_digest(desired.flow.request()),
            flowStatus=made.status or (live.status if live else None),
            changes=_wire(effects(made, live)),
            adjustments=made.adjustments,
            findings=desired.findings,
            error=StatusError(code=refusal.code, message=refusal.message) if refusal else None,
        )
        return Reconciled(data, live.arn if live else None)

    def _remember_status(self, made: Plan, live: LiveFlow | None) -> None:
        """Note the wanted status on the flow before an update that may leave it in Draft.

        Without it, a crash between UpdateFlow and StartFlow would leave nothing that says the flow was active.
        """
        if (
            made.action is Action.UPDATE
            and made.status
            and live
            and Ownership.of(live.tags).status != made.status
        ):
            self.flows.tag(live.arn, {STATUS: made.status})

    def _sent(
        self, desired: Desired, made: Plan, live: LiveFlow | None, tags: Mapping[str, str]
    ) -> tuple[str | None, LiveFlow]:
        """The token that was sent (``None``: nothing to send) and the live flow afterwards.

        When the answer was lost, or another attempt came first, the flow itself tells whether the request arrived.
        """
        if made.request is None:
            assert live  # noqa: S101 - a plan without a request has a live flow
            return None, live
        name, token = desired.flow.flowName, client_token(made.request, live)
        try:
            if live:
                self.flows.update(made.request, token)
            else:
                self.flows.create(made.request, token, kms_arn=desired.flow.kmsArn, tags=tags)
        except TransientError as error:
            after = self.flows.describe(name) if error.unanswered or error.code == CONFLICT else None
            if after is None or difference(desired.flow, after):
                raise
            return token, after
        after = self.flows.describe(name)
        if after is None:
            raise TransientError("FlowVanished", f"The flow '{name}' was there a moment ago and is not now.")
        if live and _is_as_it_was(after, live):
            raise TransientError("NoEffect", f"AppFlow says that '{name}' was updated, but it is as it was.")
        return token, after

    def _settled_status(self, made: Plan, after: LiveFlow) -> str:
        """The flowStatus at the end, after starting or stopping the flow where that is needed."""
        match status_action(made.status, after):
            case Action.ACTIVATE:
                self.flows.start(after.name)
                return "Active"
            case Action.SUSPEND:
                self.flows.stop(after.name)
                return "Suspended"
        return after.status


def _is_as_it_was(after: LiveFlow, before: LiveFlow) -> bool:
    """Whether nothing was updated. The digests, which cost more, are seldom looked at: an update has its own time."""
    return after.last_updated_at == before.last_updated_at and live_digest(after) == live_digest(before)


def refused(delivery: Delivery, desired: Desired, made: Plan) -> StatusData:
    """What is reported of a plan that cannot be carried out; no call was made."""
    assert made.refusal  # noqa: S101 - the caller's condition
    return StatusData(
        flowName=delivery.change.flowName,
        outcome=Outcome.FAILED,
        action=made.action.value,
        document=delivery.change.document,
        provenance=delivery.change.provenance,
        contentDigest=content_digest(desired.flow.request()),
        changes=_wire(made.changes),
        findings=desired.findings,
        error=StatusError(code=made.refusal.code, message=made.refusal.message),
    )


def _outcome(delivery: Delivery, made: Plan, live: LiveFlow | None) -> Outcome:
    """Unchanged only when nothing was done: an earlier attempt that got as far as the update counts as Applied."""
    if made.action is not Action.UNCHANGED:
        return Outcome.APPLIED
    if delivery.attempt > 1 and live and live.last_updated_at is not None:
        return Outcome.APPLIED if live.last_updated_at >= delivery.requested_at else Outcome.UNCHANGED
    return Outcome.UNCHANGED


def _wire(items: tuple[DiffItem, ...]) -> tuple[StatusChange, ...]:
    return tuple(StatusChange.of(item) for item in items)
