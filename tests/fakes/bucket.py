"""A documents bucket in memory, with versions or without."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.errors import PermanentError, SyncError
from appflow_gitops.sync.ports import StoredDocument, TopLevel
from fakes.calls import Calls

BUCKET = "documents"
VERSION_ID = re.compile(r"v[0-9]+")


@dataclass(slots=True)
class FakeBucket:
    """Implements ``DocumentStore`` and ``DocumentCatalog``; ``put`` and ``delete`` are what users do."""

    calls: Calls = field(default_factory=Calls)
    versioned: bool = True
    objects: dict[str, list[StoredDocument | None]] = field(default_factory=dict)
    stored: int = 0
    unreadable: dict[str, SyncError] = field(default_factory=dict)
    """Keys of objects that S3 does not return, and its error: archived, or encrypted with a key of another."""
    name: str = BUCKET
    folders: set[str] = field(default_factory=set)
    """Folders of objects that are kept elsewhere."""
    has_unique_ids: bool = False
    """Whether no two keys have versions with the same id, as in S3; otherwise the ids of each key are v1, v2, ..."""

    def put(self, key: str, content: str | bytes, **provenance: str) -> DocumentVersion:
        """Store a new version; return it as S3's event names it."""
        data = content.encode() if isinstance(content, str) else content
        self.unreadable.pop(key, None)
        self.stored += 1
        versions = self.objects.setdefault(key, [])
        version = DocumentVersion(
            bucket=self.name,
            key=key,
            versionId=self._next_id(key) if self.versioned else None,
            eTag=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        )
        stored = StoredDocument(version, data, Provenance(**provenance))
        if self.versioned:
            versions.append(stored)
        else:
            versions[:] = [stored]
        return version

    def delete(self, key: str) -> DocumentVersion:
        """Delete the document: a delete marker where there are versions. Return it as S3's event names it."""
        self.unreadable.pop(key, None)
        self.stored += 1
        if not self.versioned:
            del self.objects[key]
            return DocumentVersion(bucket=self.name, key=key)
        version = DocumentVersion(bucket=self.name, key=key, versionId=self._next_id(key))
        self.objects[key].append(None)
        return version

    def _next_id(self, key: str) -> str:
        return f"v{self.stored if self.has_unique_ids else len(self.objects[key]) + 1}"

    def read(self, version: DocumentVersion) -> StoredDocument | None:
        return self.calls("GetObject", version.key, lambda: self._find(version))

    def keys(self, bucket: str, prefix: str) -> Iterator[str]:
        self._allow(bucket)
        there = [key for key, versions in self.objects.items() if versions[-1] and key.startswith(prefix)]
        return iter(self.calls("ListObjects", prefix, lambda: sorted(there)))

    def top_level(self, bucket: str) -> TopLevel:
        self._allow(bucket)

        def listed() -> TopLevel:
            there = {key: versions[-1] for key, versions in self.objects.items() if versions[-1]}
            top = {key: stored.version.eTag or "" for key, stored in there.items() if "/" not in key}
            folders = {key[: key.index("/") + 1] for key in there if "/" in key}
            return TopLevel(top, frozenset(folders | self.folders))

        return self.calls("ListObjects", "", listed)

    def history(self, bucket: str, key: str) -> Iterator[StoredDocument]:
        latest = self.read(DocumentVersion(bucket=bucket, key=key))
        if latest is None:
            return
        yield latest
        if not self.versioned:
            return
        self._allow(bucket)
        older = self.calls("ListObjectVersions", key, lambda: list(reversed(self.objects[key]))[1:])
        for entry in older:
            stored = self.read(entry.version) if entry else None
            if stored is None:
                return
            yield stored

    def _find(self, version: DocumentVersion) -> StoredDocument | None:
        self._allow(version.bucket)
        if version.key in self.unreadable:
            raise self.unreadable[version.key]
        if version.versionId and not VERSION_ID.fullmatch(version.versionId):
            raise PermanentError("InvalidArgument", "Invalid version id specified")
        versions = self.objects.get(version.key, [])
        if version.versionId is None:
            return versions[-1] if versions else None
        found = (entry for entry in versions if entry and entry.version.versionId == version.versionId)
        return next(found, None)

    def _allow(self, bucket: str) -> None:
        """The functions may read one bucket."""
        if bucket != self.name:
            raise PermanentError("AccessDenied", "Access Denied")
