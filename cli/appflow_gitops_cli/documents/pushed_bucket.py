"""The documents bucket as it would be after a push: which document declares which flow then."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from appflow_gitops.flows.ownership import Ownership
from appflow_gitops.sync.declaration import Declaration, read_declaration
from appflow_gitops.sync.inventory import Each
from appflow_gitops.sync.ports import DocumentStore
from appflow_gitops.validation.environment import Environment
from appflow_gitops_cli.documents.keys import Keys


@dataclass(frozen=True)
class PushedBucket:
    """The bucket after a push.

    ``declared`` has the flows of each local document by key, ``None`` for an invalid one. ``stored`` are the keys in
    the bucket. With ``prune``, stored documents that the pushed folders lack are deleted. ``each`` reads many of them.
    """

    documents: DocumentStore
    name: str
    environment: Environment
    keys: Keys
    declared: Mapping[str, frozenset[str] | None]
    stored: frozenset[str]
    prune: bool
    each: Each

    @cached_property
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
        """Whether the document may declare the flow after the push, so that no other document can take it over."""
        flows = self._flows_after(key)
        if flows is not None:
            return flow in flows
        stored = self._stored(key)
        return stored is not None and stored.may_declare(flow)

    def will_keep(self, key: str, flow: str) -> bool:
        """Whether the flow still belongs to the document after the push.

        It does if the document declares it, or if it is unknown what the document declares, as status says it too.
        """
        flows = self._flows_after(key)
        return flow in flows if flows is not None else self.keeps(key, flow)

    def keeps(self, key: str, flow: str) -> bool:
        """Whether the flow belongs to the stored document now."""
        stored = self._stored(key)
        return stored is not None and (flow in stored.flows or stored.is_undetermined)

    @cached_property
    def also_declared(self) -> dict[str, tuple[str, ...]]:
        """The stored documents that are not local, stay, and are applied, by the flows that they declare.

        Reads all of them, so ask only where it matters. Raises ``TransientError``.
        """
        pruned = self.extra if self.prune else ()
        keys = sorted(key for key in self.stored if key not in self.declared and key not in pruned)
        declaring: dict[str, tuple[str, ...]] = {}
        for key, declaration in zip(keys, self.each(self._stored, keys, "Reading documents"), strict=True):
            for flow in declaration.flows if declaration and not declaration.is_observed else ():
                declaring[flow] = (*declaring.get(flow, ()), key)
        return declaring

    def _flows_after(self, key: str) -> frozenset[str] | None:
        """The flows of a local document, none of a deleted one; ``None`` if the stored document counts."""
        if self.prune and key in self.extra:
            return frozenset()
        return self.declared.get(key)

    def _stored(self, key: str) -> Declaration | None:
        return read_declaration(self.name, key, documents=self.documents, environment=self.environment)

    @cached_property
    def flows(self) -> frozenset[str]:
        """The flows that the local documents declare."""
        return frozenset().union(*(flows for flows in self.declared.values() if flows))
