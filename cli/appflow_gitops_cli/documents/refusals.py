"""Why a change that push sends would be rejected, or fail. Shared by plan and push."""

from dataclasses import dataclass

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.errors import ErrorDetail
from appflow_gitops.sync.ownership import key_objection
from appflow_gitops_cli.documents.compared_flow import ComparedFlow
from appflow_gitops_cli.documents.pushed_bucket import PushedBucket
from appflow_gitops_cli.stack_limits import StackLimits


@dataclass(frozen=True, slots=True)
class RefusalFinder:
    """Finds refusals, for the bucket as it is after the push and the stack with these limits."""

    after: PushedBucket
    limits: StackLimits

    def find(self, key: str | None, flow: ComparedFlow) -> ErrorDetail | None:
        """Why the document with this key may not create or change the flow; ``None`` if it may."""
        if key and (objection := key_objection(DocumentVersion(bucket=self.after.name, key=key))):
            return objection
        if flow.live is None:
            return self._creation(flow) or flow.planned.refusal
        return (self._ownership(key, flow.live) if key else None) or flow.planned.refusal

    def _creation(self, flow: ComparedFlow) -> ErrorDetail | None:
        if flow.creation:
            return ErrorDetail(flow.creation.rule, flow.creation.message)
        violations = "; ".join(self.limits.violations(flow.desired, creates=True))
        return ErrorDetail("AccessDeniedException", violations) if violations else None

    def _ownership(self, key: str, live: LiveFlow) -> ErrorDetail | None:
        owner = self.after.other_owner(live.owner, key, live.name)
        if owner is None:
            return self._rival(key, live)
        is_extra = live.owner.key_in(self.after.name) in self.after.extra
        hint = ", or delete that document with --prune" if is_extra else ""
        return ErrorDetail(
            "OwnedByAnotherDocument",
            f"the flow belongs to {owner}; remove it from that document first{hint}",
        )

    def _rival(self, key: str, live: LiveFlow) -> ErrorDetail | None:
        """Refuse to take over a flow that a stored document declares too: it may have waited for the flow longer."""
        if live.owner.document in (None, f"s3://{self.after.name}/{key}"):
            return None
        rivals = self.after.also_declared.get(live.name)
        if not rivals:
            return None
        return ErrorDetail(
            "OwnedByAnotherDocument",
            f"the flow is also declared by {' and '.join(rivals)} in the bucket, and would move there first; remove it "
            "there, or delete what only the bucket has with --prune",
        )
