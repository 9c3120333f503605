"""Make one live flow match its desired state: plan, calls, check, tags. Or only plan it, in plan mode.

``Applier`` calls it once it is certain that the change counts and that its document owns the flow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from appflow_gitops.flows.canonical import client_token, content_digest, live_digest
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.ownership import STATUS
from appflow_gitops.quoting import quoted
from appflow_gitops.sync.apply.desired import Desired
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.outcome import ChangeResult, Outcome
from appflow_gitops.sync.ownership import outdated, ownership_tags, updated_tag, without_ours
from appflow_gitops.sync.plan import Action, Plan, difference, effects, plan, status_action
from appflow_gitops.sync.ports import FlowService

CONFLICT = "ConflictException"


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Carries out plans. ``clock`` returns epoch seconds; ``may_create`` allows it to create flows."""

    flows: FlowService
    clock: Callable[[], float]
    may_create: bool = False

    def reconcile(self, delivery: Delivery, desired: Desired, live: LiveFlow | None) -> ChangeResult:
        """Bring the live flow to its desired state.

        Raises ``TransientError`` when it has to be retried and ``PermanentError`` when AppFlow refuses. Every step may
        be repeated: after a crash between any two of them, the next delivery completes the change.
        """
        made = plan(desired.flow, live, now=self.clock(), may_create=self.may_create)
        if made.refusal:
            return _planned(Outcome.FAILED, desired, made, live)
        self._record_status(made, live)
        digest = content_digest(desired.flow.request)
        tags = {
            **without_ours(desired.flow.tags or {}),
            **ownership_tags(delivery, live.owner if live else None, digest=digest, status=made.status),
        }
        token, after = self._sent(desired, made, live, tags)
        status = self._settled_status(made, after)
        differences = difference(desired.flow, after) if token else ()
        if not differences:
            tags.update(updated_tag(after.last_updated_at))
        if missing := outdated(after.tags, tags):
            self.flows.tag(after.arn, missing)
        return ChangeResult(
            _outcome(delivery, made, live),
            flow_name=after.name,
            arn=after.arn,
            action=made.action,
            client_token=token,
            content_digest=digest,
            flow_status=status,
            changes=made.changes,
            adjustments=made.adjustments,
            differences=differences,
            findings=desired.findings,
        )

    def planned(self, desired: Desired, live: LiveFlow | None) -> ChangeResult:
        """What ``reconcile`` would do now. Writes nothing, not even a tag."""
        made = plan(desired.flow, live, now=self.clock(), may_create=self.may_create)
        return _planned(Outcome.PLANNED, desired, made, live)

    def _record_status(self, made: Plan, live: LiveFlow | None) -> None:
        """Record the wanted status on the flow before an update that may leave it in Draft.

        Without it, a crash between UpdateFlow and StartFlow would lose the fact that the flow was active.
        """
        if made.action is Action.UPDATE and made.status and live and live.owner.status != made.status:
            self.flows.tag(live.arn, {STATUS: made.status})

    def _sent(
        self, desired: Desired, made: Plan, live: LiveFlow | None, tags: Mapping[str, str]
    ) -> tuple[str | None, LiveFlow]:
        """The token that was sent (``None``: nothing to send) and the live flow afterwards.

        When the answer was lost, or another attempt came first, the flow itself shows whether the request arrived.
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
            raise TransientError("FlowVanished", f"flow {quoted(name)} disappeared after it was written")
        if live and _is_unchanged(after, live):
            raise TransientError(
                "NoEffect", f"AppFlow accepted the update of flow {quoted(name)}, without effect"
            )
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


def _is_unchanged(after: LiveFlow, before: LiveFlow) -> bool:
    """Whether nothing was updated. The digests, which cost more, are compared only when the times are equal."""
    return after.last_updated_at == before.last_updated_at and live_digest(after) == live_digest(before)


def _planned(outcome: Outcome, desired: Desired, made: Plan, live: LiveFlow | None) -> ChangeResult:
    """The result of a plan that is not carried out: a refused one, or one that was only requested."""
    is_plan = outcome is Outcome.PLANNED
    return ChangeResult(
        outcome,
        flow_name=desired.flow.flowName,
        arn=live.arn if live else None,
        action=made.action,
        content_digest=content_digest(desired.flow.request),
        flow_status=made.status or (live.status if live else None) if is_plan else None,
        changes=effects(made, live),
        adjustments=made.adjustments,
        findings=desired.findings,
        error=made.refusal,
    )


def _outcome(delivery: Delivery, made: Plan, live: LiveFlow | None) -> Outcome:
    """Unchanged only when nothing was done: an earlier attempt that got as far as the update counts as Applied."""
    if made.action is not Action.UNCHANGED:
        return Outcome.APPLIED
    if delivery.attempt > 1 and live and live.last_updated_at is not None:
        return Outcome.APPLIED if live.last_updated_at >= delivery.requested_at else Outcome.UNCHANGED
    return Outcome.UNCHANGED
