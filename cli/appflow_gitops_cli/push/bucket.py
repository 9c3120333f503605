"""The documents in the bucket, each read once: for its bytes, which ``decision`` compares, and for the inventory."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from appflow_gitops.sync.ports import DocumentCatalog, StoredDocument


@dataclass(frozen=True, slots=True)
class ReadOnce:
    """Serves ``DocumentCatalog`` and keeps the bytes of the latest version of all that it was asked for, by key."""

    documents: DocumentCatalog
    latest: dict[str, bytes] = field(default_factory=dict)

    def keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """As ``DocumentCatalog`` has it."""
        return self.documents.keys(bucket, prefix)

    def history(self, bucket: str, key: str) -> Iterator[StoredDocument]:
        """As ``DocumentCatalog`` has it."""
        for stored in self.documents.history(bucket, key):
            self.latest.setdefault(key, stored.content)
            yield stored
