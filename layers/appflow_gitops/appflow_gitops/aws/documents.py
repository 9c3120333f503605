"""The documents bucket: the ports ``DocumentStore`` and ``DocumentCatalog`` implemented with boto3.

Only the command writes and deletes documents; the functions have no permission to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from appflow_gitops.aws.errors import translated
from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.ports import StoredDocument

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

GONE = frozenset({"NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed"})
METADATA_PREFIX = "git-"


@dataclass(frozen=True, slots=True)
class S3Documents:
    """Documents and their versions."""

    client: "S3Client"

    def read(self, version: DocumentVersion) -> StoredDocument | None:
        """Read this version, or the latest where ``versionId`` is ``None``; ``None`` when it does not exist."""
        pinned: dict[str, Any] = {"VersionId": version.versionId} if version.versionId else {}
        with translated():
            try:
                answer = self.client.get_object(Bucket=version.bucket, Key=version.key, **pinned)
                content = answer["Body"].read(MAX_BYTES + 1)
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in GONE:
                    return None
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

    def put(self, bucket: str, key: str, content: bytes, origin: Provenance) -> DocumentVersion:
        """Store a new version with its provenance as ``git-*`` metadata, which must be printable ASCII."""
        with translated():
            answer = self.client.put_object(Bucket=bucket, Key=key, Body=content, Metadata=metadata(origin))
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
            pages = self.client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key)
            entries = [entry for page in pages for entry in _entries(page, key)]
        if all(entry["VersionId"] != latest for entry in entries):
            raise TransientError("MalformedAnswer", "S3 lists versions without the one that it just returned")
        entries.sort(key=lambda entry: entry["LastModified"], reverse=True)
        for entry in entries:
            if "Size" not in entry:
                return
            if entry["VersionId"] != latest:
                yield entry["VersionId"]


def _entries(page: Any, key: str) -> Iterator[dict[str, Any]]:
    """Versions and delete markers of exactly this key; a delete marker has no size."""
    for entry in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
        if entry["Key"] == key:
            yield entry


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
