"""Why a change that push sends would be rejected, or fail. Shared by plan and push."""

from dataclasses import dataclass

from appflow_gitops.findings import Finding
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.errors import ErrorDetail
from appflow_gitops.sync.ownership import key_objection
from appflow_gitops.sync.plan import Plan
from appflow_gitops_cli.documents.pushed_bucket import PushedBucket
from appflow_gitops_cli.stack_limits import StackLimits


@dataclass(frozen=True, slots=True)
class RefusalFinder:
    """Finds refusals, for the bucket as it is after the push and the stack with these limits."""

    after: PushedBucket
    limits: StackLimits

    def find(
        self,
        key: str | None,
        desired: FlowDocument,
        live: LiveFlow | None,
        planned: Plan,
        *,
        creation: Finding | None = None,
    ) -> ErrorDetail | None:
        """Why the document with this key may not create or change the flow; ``None`` if it may.

        ``creation`` is the policy's objection to creating it.
        """
        if key and (objection := key_objection(DocumentVersion(bucket=self.after.name, key=key))):
            return objection
        if live is None:
            return self._creation(desired, creation) or planned.refusal
        return (self._ownership(key, live) if key else None) or planned.refusal

    def _creation(self, desired: FlowDocument, creation: Finding | None) -> ErrorDetail | None:
        if creation:
            return ErrorDetail(creation.rule, creation.message)
        violations = "; ".join(self.limits.violations(desired, creates=True))
        return ErrorDetail("AccessDeniedException", violations) if violations else None

    def _ownership(self, key: str, live: LiveFlow) -> ErrorDetail | None:
        owner = self.after.other_owner(live.owner, key, live.name)
        if owner is None:
            return None
        is_extra = live.owner.key_in(self.after.name) in self.after.extra
        hint = ", or delete that document with --prune" if is_extra else ""
        return ErrorDetail(
            "OwnedByAnotherDocument",
            f"the flow belongs to {owner}; remove it from that document first{hint}",
        )
