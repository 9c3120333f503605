"""The origin of a change: the version of its document, and its provenance.

Queue messages, tags on flows and status events carry these.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Wire(BaseModel):
    """The base of every message and event: frozen, without unknown members, members named as on the wire."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Provenance(Wire):
    """What Git and the sender state about a document; all of it is optional, none of it is trusted.

    Further members are passed through unchanged; they must be strings.
    """

    model_config = ConfigDict(extra="allow", strict=True)
    __pydantic_extra__: dict[str, str] = Field(init=False)

    commit: str | None = None
    repository: str | None = None
    actor: str | None = None


class Mode(StrEnum):
    """What a request asks for: to apply the change, or only to report what it would do."""

    APPLY = "apply"
    PLAN = "plan"


class DocumentVersion(Wire):
    """One version of one object in the documents bucket.

    ``versionId`` is ``None`` in a bucket without versioning; ``eTag`` then distinguishes the versions.
    """

    bucket: str
    key: str
    versionId: str | None = None
    eTag: str | None = None

    @property
    def uri(self) -> str:
        """The document, without its version, as an S3 URI."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def label(self) -> str:
        """The name of this version: its id, or its ETag in a bucket without versioning."""
        return self.versionId or self.eTag or ""

    def is_same_version(self, other: "DocumentVersion") -> bool:
        """Whether both are one version of one object; by ETag where either has no version id."""
        if self.uri != other.uri:
            return False
        if self.versionId and other.versionId:
            return self.versionId == other.versionId
        return self.eTag == other.eTag
