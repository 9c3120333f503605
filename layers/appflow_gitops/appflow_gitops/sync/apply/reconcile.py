"""Make one live flow match its desired state: plan, calls, check, tags. Or only plan it, in plan mode.

``Applier`` calls it once it is certain that the change counts and that its document owns the flow.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import replace

from appflow_gitops.flows.canonical import (
    creation_token,
    declared_digest,
    generated_digest,
    live_digest,
    update_token,
)
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.ownership import STATUS, Ownership
from appflow_gitops.quoting import quoted
from appflow_gitops.service import service
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.apply.desired import Desired
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.errors import PermanentError, SyncError, TransientError, unexpected
from appflow_gitops.sync.outcome import ChangeResult, Outcome
from appflow_gitops.sync.ownership import (
    claim_tags,
    obsolete,
    outdated,
    record_tags,
    recorded_tags,
    updated_tag,
    without_ours,
)
from appflow_gitops.sync.plan import Plan, difference, effects, plan, status_action
from appflow_gitops.sync.ports import FlowService

CONFLICT = "ConflictException"
_DONE = {Action.CREATE: "created, but ", Action.UPDATE: "updated, but "}


@service
class Reconciler:
    """Carries out plans. ``clock`` returns epoch seconds; ``may_create`` allows it to create flows."""

    flows: FlowService
    clock: Callable[[], float]
    may_create: bool = False

    def reconcile(
        self, delivery: Delivery, desired: Desired, live: LiveFlow | None, owner: Ownership
    ) -> ChangeResult:
        """Bring the live flow, which has this ``owner``, to its desired state.

        The owner is recorded before an update, so that AppFlow refuses our tags, if at all, before the flow is changed.
        Version and digest follow after it: only they say that the change was applied.

        Raises ``TransientError`` when it has to be retried and ``PermanentError`` when AppFlow refuses; both carry what
        was done before, and name the step. Every step may be repeated: after a crash between any two of them, the next
        delivery completes the change.
        """
        made = plan(
            desired.flow,
            live,
            now=self.clock(),
            may_create=self.may_create,
            may_restart=not delivery.change.is_repair,
        )
        if made.refusal:
            return _planned(Outcome.FAILED, desired, made, live)
        digest = declared_digest(desired.flow)
        wanted = without_ours(desired.flow.tags or {})
        triggers = {desired.flow.triggerConfig.triggerType, live.trigger_type if live else None}
        # The status of an earlier version must not start a flow that is left in Draft.
        clears_status = made.status is None and "OnDemand" in triggers and owner.status is not None
        owned = claim_tags(delivery, made.status, clears_status=clears_status)
        tags = {**wanted, **owned, **recorded_tags(wanted), **record_tags(delivery, owner, digest)}
        result = _nothing_done(desired, made, live, digest)
        if live and made.action is Action.UPDATE:
            with _step("not updated, because it could not be tagged", result):
                self._tag(
                    live, {**wanted, **_claim(owned, live), **recorded_tags(owner.tags | wanted.keys())}
                )
        token, after = self._sent(delivery.change, desired, made, live, tags)
        if token:
            # The write may have changed the status, which is unknown until the flow is read back.
            result = replace(
                result,
                client_token=token,
                changes=made.changes,
                adjustments=made.adjustments,
                flow_status=None,
            )
        if after is None:
            with _step("could not be read back", result):
                after = self._read_back(desired, live)
        return self._completed(
            replace(result, outcome=_outcome(delivery, made, live)), desired, made, after, tags
        )

    def planned(self, desired: Desired, live: LiveFlow | None, *, may_restart: bool = True) -> ChangeResult:
        """What ``reconcile`` would do now. Writes nothing, not even a tag."""
        made = plan(desired.flow, live, now=self.clock(), may_create=self.may_create, may_restart=may_restart)
        return _planned(Outcome.PLANNED, desired, made, live)

    def _tag(self, live: LiveFlow, tags: Mapping[str, str]) -> None:
        if missing := outdated(live.tags, tags):
            self.flows.tag(live.arn, missing)

    def _retag(self, live: LiveFlow, tags: Mapping[str, str]) -> None:
        if removed := obsolete(live.tags, live.owner, tags):
            self.flows.untag(live.arn, removed)
        self._tag(live, tags)

    def _sent(
        self, change: Change, desired: Desired, made: Plan, live: LiveFlow | None, tags: Mapping[str, str]
    ) -> tuple[str | None, LiveFlow | None]:
        """The token that was sent (``None``: nothing to send) and the flow, ``None`` where it has to be read back.

        When the answer was lost, or another attempt came first, the flow itself shows whether the request arrived.
        """
        if made.request is None:
            return None, live
        name, kms_arn = desired.flow.flowName, desired.flow.kmsArn
        if live:
            token = update_token(made.request, live)
        else:
            token = creation_token(made.request, kms_arn=kms_arn, tags=tags, change_id=change.id)
        try:
            if live:
                self.flows.update(made.request, token)
            else:
                self.flows.create(made.request, token, kms_arn=kms_arn, tags=tags)
        except TransientError as error:
            after = self.flows.describe(name) if error.unanswered or error.code == CONFLICT else None
            if after is None or difference(desired.flow, after):
                raise
            return token, after
        return token, None

    def _read_back(self, desired: Desired, live: LiveFlow | None) -> LiveFlow:
        name = desired.flow.flowName
        after = self.flows.describe(name)
        if after is None:
            raise TransientError("FlowVanished", f"flow {quoted(name)} disappeared after it was written")
        if live and _is_unchanged(after, live):
            raise TransientError(
                "NoEffect", f"AppFlow accepted the update of flow {quoted(name)}, without effect"
            )
        return after

    def _completed(
        self, result: ChangeResult, desired: Desired, made: Plan, after: LiveFlow, tags: Mapping[str, str]
    ) -> ChangeResult:
        """Set the flowStatus and the tags of a flow that has its configuration.

        A flow that cannot be started or stopped is tagged all the same: its configuration was applied.
        """
        differences = difference(desired.flow, after) if result.client_token else ()
        result = replace(result, arn=after.arn, flow_status=after.status, differences=differences)
        try:
            result = replace(result, flow_status=self._settled_status(made, after, result))
        except PermanentError:
            with _step("could not be tagged", result):
                self._retag(after, tags)
            raise
        if not differences:
            generated = generated_digest(desired.flow.request, after)
            tags = {**tags, **updated_tag(after.last_updated_at, generated)}
        with _step("could not be tagged", result):
            self._retag(after, tags)
        return replace(result, changes=(*result.changes, *made.tags))

    def _settled_status(self, made: Plan, after: LiveFlow, result: ChangeResult) -> str:
        """The flowStatus at the end, after starting or stopping the flow where that is needed."""
        match status_action(made.status, after):
            case Action.ACTIVATE:
                with _step("could not be activated", result):
                    self.flows.start(after.name)
                return "Active"
            case Action.SUSPEND:
                with _step("could not be suspended", result):
                    self.flows.stop(after.name)
                return "Suspended"
        return after.status


@contextmanager
def _step(failure: str, result: ChangeResult) -> Iterator[None]:
    """Add to an error, also to an unexpected one, which step failed, and the result of the steps before."""
    try:
        yield
    except Exception as error:
        done = _DONE.get(result.action, "") if result.action and result.client_token else ""
        described = copy(error) if isinstance(error, SyncError) else unexpected(error)
        described.message = f"{done}{failure}: {described.message}"
        may_be_done = isinstance(described, TransientError) and described.unanswered
        status = None if may_be_done else result.flow_status
        described.result = replace(result, outcome=Outcome.FAILED, flow_status=status)
        raise described from error


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
        content_digest=declared_digest(desired.flow),
        flow_status=made.status or (live.status if live else None) if is_plan else None,
        changes=effects(made, live),
        adjustments=made.adjustments,
        findings=desired.findings,
        error=made.refusal,
    )


def _claim(owned: Mapping[str, str], live: LiveFlow) -> dict[str, str]:
    """The tags to write before an update.

    A flow in Draft has no status that the update could lose. If the update fails, no later version may start the flow.
    """
    keeps_status = live.status == "Draft" and owned.get(STATUS)
    return {name: value for name, value in owned.items() if not (keeps_status and name == STATUS)}


def _nothing_done(desired: Desired, made: Plan, live: LiveFlow | None, digest: str) -> ChangeResult:
    """The result before the first step."""
    return ChangeResult(
        Outcome.FAILED,
        flow_name=desired.flow.flowName,
        arn=live.arn if live else None,
        action=made.action,
        content_digest=digest,
        flow_status=live.status if live else None,
        findings=desired.findings,
    )


def _outcome(delivery: Delivery, made: Plan, live: LiveFlow | None) -> Outcome:
    """Unchanged only when nothing was done: an earlier attempt that got as far as the update counts as Applied."""
    if made.action is not Action.UNCHANGED:
        return Outcome.APPLIED
    if delivery.attempt > 1 and live and live.last_updated_at is not None:
        return Outcome.APPLIED if live.last_updated_at >= delivery.requested_at else Outcome.UNCHANGED
    return Outcome.UNCHANGED
