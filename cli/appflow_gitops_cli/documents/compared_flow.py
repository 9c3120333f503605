"""A flow of a document, compared with the live flow. Shared by plan and push."""

from dataclasses import dataclass

from appflow_gitops.findings import Finding
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.plan import Plan

_UNWRITTEN = (Action.UNCHANGED, Action.REFUSE)
_CONFIGURED = (Action.CREATE, Action.UPDATE)


@dataclass(frozen=True, slots=True)
class ComparedFlow:
    """A declared flow, and what apply would do to the live flow.

    ``creation`` is the policy's objection to creating it.
    """

    desired: FlowDocument
    live: LiveFlow | None
    planned: Plan
    creation: Finding | None = None

    def is_written(self, document: str | None) -> bool:
        """Whether applying the document with this S3 URI (``None``: unknown) writes anything, if only its owner."""
        owner = self.live.owner.document if self.live else None
        return self.planned.action not in _UNWRITTEN or document not in (None, owner)

    @property
    def is_configured(self) -> bool:
        """Whether applying it sends its configuration, with all profiles, buckets and roles that it names."""
        return self.live is None or self.planned.action in _CONFIGURED
