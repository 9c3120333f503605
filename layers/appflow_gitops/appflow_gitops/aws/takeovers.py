"""Takeovers: the port ``TakeoverStore`` implemented with one small object each in the documents bucket."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import ValidationError

from appflow_gitops.aws.documents import GONE
from appflow_gitops.aws.errors import translated
from appflow_gitops.sync.takeover import Takeover

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PREFIX = "drift/claims/"
"""Outside of flows/, where documents are."""


@dataclass(frozen=True, slots=True)
class S3Takeovers:
    """The objects under ``PREFIX`` of one bucket."""

    client: "S3Client"
    bucket: str

    def record(self, takeover: Takeover) -> None:
        """Keep it in place of an earlier one of the same flow and owner."""
        body = takeover.model_dump_json(exclude_none=True).encode()
        with translated():
            self.client.put_object(
                Bucket=self.bucket, Key=_key(takeover), Body=body, ContentType="application/json"
            )

    def waiting(self, owner: str) -> Iterator[Takeover]:
        """Those that wait for the document ``owner``."""
        with translated():
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=_folder(owner)
            )
            keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        for key in keys:
            if (found := self._read(key)) and found.owner == owner:
                yield found

    def remove(self, takeover: Takeover) -> None:
        """Remove it; it may have been removed before."""
        with translated():
            self.client.delete_object(Bucket=self.bucket, Key=_key(takeover))

    def _read(self, key: str) -> Takeover | None:
        """The takeover; ``None`` where it was removed or cannot be parsed."""
        with translated():
            try:
                content = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in GONE:
                    return None
                raise
        try:
            return Takeover.model_validate_json(content)
        except ValidationError:
            return None


def _folder(owner: str) -> str:
    """A digest, because a document's key may be as long as S3 allows."""
    return f"{PREFIX}{sha256(owner.encode()).hexdigest()[:32]}/"


def _key(takeover: Takeover) -> str:
    return _folder(takeover.owner) + takeover.flowName
