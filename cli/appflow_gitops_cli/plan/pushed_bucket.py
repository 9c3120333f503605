"""The documents bucket as it would be after a push: which document declares which flow then."""

from collections.abc import Mapping
from dataclasses import dataclass

from appflow_gitops.flows.ownership import Ownership
from appflow_gitops.sync.declaration import read_declaration
from appflow_gitops.sync.ports import DocumentStore
from appflow_gitops.validation.environment import Environment
from appflow_gitops_cli.plan.keys import Keys


@dataclass(frozen=True, slots=True)
class PushedBucket:
    """The bucket after a push.

    ``declared`` has the flows of each local document by key, ``None`` for an invalid one. ``stored`` are the keys in
    the bucket. With ``prune``, stored documents that the pushed folders lack are deleted.
    """

    documents: DocumentStore
    name: str
    environment: Environment
    keys: Keys
    declared: Mapping[str, frozenset[str] | None]
    stored: frozenset[str]
    prune: bool

    @property
    def extra(self) -> list[str]:
        """The stored documents that the pushed folders lack."""
        return sorted(key for key in self.stored if self.keys.contain(key) and key not in self.declared)

    @property
    def is_replaced(self) -> bool:
        """Whether the bucket has documents of the pushed folders, and none of those in the folders."""
        return 0 < len(self.extra) == sum(self.keys.contain(key) for key in self.stored)

    def other_owner(self, owner: Ownership, key: str, flow: str) -> str | None:
        """The other document that owns the flow and will still declare it, as an S3 URI."""
        if owner.document in (None, f"s3://{self.name}/{key}"):
            return None
        owning = owner.key_in(self.name)
        if owning is not None and not self.will_declare(owning, flow):
            return None
        return owner.document

    def will_declare(self, key: str, flow: str) -> bool:
        """Whether the document will declare the flow after the push."""
        flows = self.declared.get(key)
        if flows is not None:
            return flow in flows
        return not (self.prune and key in self.extra) and self.declares(key, flow)

    def declares(self, key: str, flow: str) -> bool:
        """Whether the stored document may declare the flow now."""
        stored = read_declaration(self.name, key, documents=self.documents, environment=self.environment)
        return stored is not None and stored.may_declare(flow)

    def documents_of(self, flow: str) -> list[str]:
        """The keys of the local documents that declare the flow."""
        return sorted(key for key, flows in self.declared.items() if flows and flow in flows)
