"""The documents bucket: the ports ``DocumentStore`` and ``DocumentCatalog`` implemented with boto3.

Only the command writes and deletes documents; the functions have no permission to.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from appflow_gitops.aws.errors import translated
from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.service import service
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.ports import StoredDocument, TopLevel

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

GONE = frozenset({"NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed"})
NOT_MODIFIED = "304"
CONFLICTS = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"})
"""Codes of a conditional write that found another version: replaced, being replaced, or deleted."""
METADATA_PREFIX = "git-"


@dataclass(slots=True)
class VersionCache:
    """The versions that were read last, up to ``limit`` bytes. A version never changes, so it is downloaded once.

    A validated document takes about twenty times the memory of its text, and stays with its version. A latest version
    is dropped when a newer one replaces it, so that memory grows with the documents, not with their changes.
    """

    limit: int = 4 << 20
    _versions: dict[DocumentVersion, StoredDocument] = field(default_factory=dict)
    _latest: dict[tuple[str, str], DocumentVersion] = field(default_factory=dict)

    def get(self, version: DocumentVersion) -> StoredDocument | None:
        """The version with this id, if it is kept."""
        found = self._versions.pop(_pinned(version), None)
        if found:
            self._versions[_pinned(version)] = found  # at the end, as the one that was used last
        return found

    def latest(self, bucket: str, key: str) -> StoredDocument | None:
        """The version that was the latest when it was read, if it is kept."""
        known = self._latest.get((bucket, key))
        return self.get(known) if known else None

    def keep(self, stored: StoredDocument, *, latest: bool) -> None:
        """Keep a version. Drop the latest one that it replaces, and those that were not used for the longest time."""
        version = stored.version
        if version.versionId is None:
            return
        if latest:
            replaced = self._latest.get((version.bucket, version.key))
            if replaced:
                self._versions.pop(replaced, None)
            self._latest[version.bucket, version.key] = _pinned(version)
        self._versions[_pinned(version)] = stored
        while sum(len(kept.content) for kept in self._versions.values()) > self.limit:
            dropped = next(iter(self._versions))
            del self._versions[dropped]
            if self._latest.get((dropped.bucket, dropped.key)) == dropped:
                del self._latest[dropped.bucket, dropped.key]


@dataclass(frozen=True, slots=True)
class ListedVersion:
    """A version of an object as S3 lists it, stored ``at`` (epoch seconds); or, with ``deleted``, its deletion."""

    version: DocumentVersion
    at: float
    deleted: bool = False


class NotModifiedError(Exception):
    """The object has the ETag that is known. Not every answer names its version: ``version_id`` may be ``None``."""

    def __init__(self, answer: ClientError) -> None:
        super().__init__(str(answer))
        headers = answer.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        self.version_id = version_id(headers.get("x-amz-version-id"))


def _code(error: ClientError) -> str | None:
    return error.response.get("Error", {}).get("Code")


def _pinned(version: DocumentVersion) -> DocumentVersion:
    return version.model_copy(update={"eTag": None})


@service
class S3Documents:
    """Documents and their versions. Without a ``cache`` every read downloads the version."""

    client: "S3Client"
    cache: VersionCache | None = None

    def read(self, version: DocumentVersion) -> StoredDocument | None:
        """Read this version, or the latest where ``versionId`` is ``None``; ``None`` when it does not exist.

        A known version is returned without a call if its ETag is the one that the caller names for the latest.
        """
        if self.cache is None:
            return self._download(version)
        if version.versionId:
            stored = self.cache.get(version) or self._download(version)
        else:
            stored = self._latest(version, self.cache.latest(version.bucket, version.key))
        if stored:
            self.cache.keep(stored, latest=version.versionId is None)
        return stored

    def _latest(self, version: DocumentVersion, known: StoredDocument | None) -> StoredDocument | None:
        """The latest version, which is not downloaded if it is the known one.

        The ETag alone does not identify a version: the same content stored again has the same.
        """
        if known and version.eTag == known.version.eTag:
            return known
        try:
            return self._download(version, unless=known.version.eTag if known else None)
        except NotModifiedError as unchanged:
            current = unchanged.version_id or self._latest_id(version)
            if known and current == known.version.versionId:
                return known
        return self._download(version)

    def _latest_id(self, version: DocumentVersion) -> str | None:
        with translated():
            try:
                answer = self.client.head_object(Bucket=version.bucket, Key=version.key)
            except ClientError as error:
                if _code(error) in GONE:
                    return None
                raise
        return version_id(answer.get("VersionId"))

    def _download(self, version: DocumentVersion, *, unless: str | None = None) -> StoredDocument | None:
        """GetObject; ``None`` when it does not exist. Raises ``NotModifiedError`` if its ETag is ``unless``."""
        members: dict[str, Any] = {"VersionId": version.versionId} if version.versionId else {}
        if unless:
            members["IfNoneMatch"] = f'"{unless}"'
        with translated():
            try:
                answer = self.client.get_object(Bucket=version.bucket, Key=version.key, **members)
                content = answer["Body"].read(MAX_BYTES + 1)
            except ClientError as error:
                if _code(error) in GONE:
                    return None
                if _code(error) == NOT_MODIFIED:
                    raise NotModifiedError(error) from error
                raise
        if "ETag" not in answer:
            raise TransientError("MalformedAnswer", "S3 answered without an ETag")
        return StoredDocument(
            version=DocumentVersion(
                bucket=version.bucket,
                key=version.key,
                versionId=version_id(answer.get("VersionId")),
                eTag=etag(answer.get("ETag")),
            ),
            content=content,
            provenance=provenance(answer.get("Metadata", {})),
        )

    def keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """The keys of all objects with this prefix, documents or not, page by page."""
        with translated():
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            for page in pages:
                for entry in page.get("Contents", []):
                    yield entry["Key"]

    def etags(self, bucket: str, prefix: str) -> dict[str, str]:
        """The ETags of all objects with this prefix, by key."""
        with translated():
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            return {
                entry["Key"]: entry["ETag"].strip('"') for page in pages for entry in page.get("Contents", [])
            }

    def top_level(self, bucket: str) -> TopLevel:
        """List the top level of the bucket with one ListObjectsV2 per thousand objects and folders."""
        objects: dict[str, str] = {}
        folders: set[str] = set()
        with translated():
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Delimiter="/")
            for page in pages:
                objects.update((entry["Key"], entry["ETag"].strip('"')) for entry in page.get("Contents", []))
                folders.update(entry["Prefix"] for entry in page.get("CommonPrefixes", []))
        return TopLevel(objects, frozenset(folders))

    def history(self, bucket: str, key: str) -> Iterator[StoredDocument]:
        """The versions, newest first, each read on demand; ends where the document was deleted."""
        latest = self.read(DocumentVersion(bucket=bucket, key=key))
        if latest is None:
            return
        yield latest
        for entry in self._older(bucket, key, latest.version.versionId):
            stored = self.read(DocumentVersion(bucket=bucket, key=key, versionId=entry))
            if stored is None:
                return
            yield stored

    def versions(self, bucket: str, key: str) -> list[ListedVersion]:
        """Every version and deletion of an object, newest first, also from before a deletion."""
        entries: list[dict[str, Any]] = []
        with translated():
            for page in self.client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key):
                entries += _entries(page, key)
                if page.get("NextKeyMarker") != key:  # the keys that follow only start with it
                    break
        return [
            ListedVersion(
                DocumentVersion(
                    bucket=bucket, key=key, versionId=entry["VersionId"], eTag=etag(entry.get("ETag"))
                ),
                entry["LastModified"].timestamp(),
                deleted="Size" not in entry,
            )
            for entry in _newest_first(entries)
        ]

    def put(
        self, bucket: str, key: str, content: bytes, origin: Provenance, *, replaces: str | None = None
    ) -> DocumentVersion:
        """Store a new version with its provenance as ``git-*`` metadata, which must be printable ASCII.

        ``replaces`` is the ETag of the version that it follows, "" if the object must not exist, ``None`` for any. If
        there is another, nothing is stored: raises ``SyncError`` with a code in ``CONFLICTS``.
        """
        condition: dict[str, Any] = {}
        if replaces is not None:
            condition = {"IfMatch": f'"{replaces}"'} if replaces else {"IfNoneMatch": "*"}
        with translated():
            answer = self.client.put_object(
                Bucket=bucket, Key=key, Body=content, Metadata=metadata(origin), **condition
            )
        return DocumentVersion(
            bucket=bucket,
            key=key,
            versionId=version_id(answer.get("VersionId")),
            eTag=etag(answer.get("ETag")),
        )

    def remove(self, bucket: str, key: str) -> None:
        """Delete the document; its versions stay."""
        with translated():
            self.client.delete_object(Bucket=bucket, Key=key)

    def _older(self, bucket: str, key: str, latest: str | None) -> Iterator[str]:
        """The ids of the versions before ``latest``, newest first, up to the last deletion."""
        if latest is None:
            return
        with translated():
            # The first page is enough: the key sorts before all that start with it, and its versions newest first.
            entries = list(_entries(self.client.list_object_versions(Bucket=bucket, Prefix=key), key))
        if all(entry["VersionId"] != latest for entry in entries):
            raise TransientError("MalformedAnswer", "S3 lists versions without the one that it just returned")
        for entry in _newest_first(entries):
            if "Size" not in entry:
                return
            if entry["VersionId"] != latest:
                yield entry["VersionId"]


def _entries(page: Any, key: str) -> Iterator[dict[str, Any]]:
    """Versions and delete markers of exactly this key; a delete marker has no size."""
    for entry in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
        if entry["Key"] == key:
            yield entry


def _newest_first(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Versions and delete markers of one key.

    S3 shows whole seconds. Of the same second, a deletion counts as the latest, and versions keep S3's order.
    """
    return sorted(entries, key=lambda entry: (entry["LastModified"], "Size" not in entry), reverse=True)


def version_id(text: str | None) -> str | None:
    """A version id from S3 or its events; ``None`` in a bucket without versioning."""
    return None if text in (None, "", "null") else text


def etag(text: str | None) -> str | None:
    """An ETag without the quotes that some answers include."""
    return text.strip('"') if text else None


def provenance(metadata: dict[str, str]) -> Provenance:
    """The provenance in the object's ``git-*`` metadata."""
    return Provenance(
        **{
            name.removeprefix(METADATA_PREFIX): value
            for name, value in metadata.items()
            if name.startswith(METADATA_PREFIX)
        }
    )


def metadata(origin: Provenance) -> dict[str, str]:
    """The object metadata that ``provenance`` reads."""
    return {f"{METADATA_PREFIX}{name}": value for name, value in origin.model_dump(exclude_none=True).items()}
