"""The documents in the bucket, each read once: ``steps`` compares their bytes, the inventory validates them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from appflow_gitops.origin import Provenance
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.ports import DocumentCatalog, StoredDocument


@dataclass(frozen=True, slots=True)
class DocumentCache:
    """A ``DocumentCatalog`` that keeps the latest content, ETag and provenance of every document that was read, by key.

    The content of an object that S3 does not return is ``None``.
    """

    documents: DocumentCatalog
    latest: dict[str, bytes | None] = field(default_factory=dict)
    etags: dict[str, str | None] = field(default_factory=dict)
    origins: dict[str, Provenance] = field(default_factory=dict)

    def keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """See ``DocumentCatalog``."""
        return self.documents.keys(bucket, prefix)

    def history(self, bucket: str, key: str) -> Iterator[StoredDocument]:
        """See ``DocumentCatalog``."""
        try:
            for stored in self.documents.history(bucket, key):
                self.latest.setdefault(key, stored.content)
                self.etags.setdefault(key, stored.version.eTag)
                self.origins.setdefault(key, stored.provenance)
                yield stored
        except PermanentError:
            self.latest.setdefault(key, None)
            raise
