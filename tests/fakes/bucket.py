"""A documents bucket in memory, with versions or without."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.errors import SyncError
from appflow_gitops.sync.ports import StoredDocument
from fakes.calls import Calls

BUCKET = "documents"


@dataclass(slots=True)
class FakeBucket:
    """Implements ``DocumentStore`` and ``DocumentCatalog``; ``put`` and ``delete`` are what users do."""

    calls: Calls = field(default_factory=Calls)
    versioned: bool = True
    objects: dict[str, list[StoredDocument | None]] = field(default_factory=dict)
    stored: int = 0
    unreadable: dict[str, SyncError] = field(default_factory=dict)
    """Keys of objects that S3 does not return, and its error: archived, or encrypted with a key of another."""

    def put(self, key: str, content: str | bytes, **provenance: str) -> DocumentVersion:
        """Store a new version; return it as S3's event names it."""
        data = content.encode() if isinstance(content, str) else content
        self.stored += 1
        versions = self.objects.setdefault(key, [])
        version = DocumentVersion(
            bucket=BUCKET,
            key=key,
            versionId=f"v{len(versions) + 1}" if self.versioned else None,
            eTag=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        )
        stored = StoredDocument(version, data, Provenance(**provenance))
        if self.versioned:
            versions.append(stored)
        else:
            versions[:] = [stored]
        return version

    def delete(self, key: str) -> None:
        """Delete the document: a delete marker where there are versions."""
        if self.versioned:
            self.objects[key].append(None)
        else:
            del self.objects[key]

    def read(self, version: DocumentVersion) -> StoredDocument | None:
        return self.calls("GetObject", version.key, lambda: self._find(version))

    def keys(self, bucket: str, prefix: str) -> Iterator[str]:  # noqa: ARG002 - there is one bucket
        there = [key for key, versions in self.objects.items() if versions[-1] and key.startswith(prefix)]
        return iter(self.calls("ListObjects", prefix, lambda: there))

    def history(self, bucket: str, key: str) -> Iterator[StoredDocument]:
        latest = self.read(DocumentVersion(bucket=bucket, key=key))
        if latest is None:
            return
        yield latest
        if not self.versioned:
            return
        older = self.calls("ListObjectVersions", key, lambda: list(reversed(self.objects[key]))[1:])
        for entry in older:
            stored = self.read(entry.version) if entry else None
            if stored is None:
                return
            yield stored

    def _find(self, version: DocumentVersion) -> StoredDocument | None:
        if version.key in self.unreadable:
            raise self.unreadable[version.key]
        versions = self.objects.get(version.key, [])
        if version.versionId is None:
            return versions[-1] if versions else None
        found = (entry for entry in versions if entry and entry.version.versionId == version.versionId)
        return next(found, None)
