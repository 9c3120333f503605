"""Takeovers: the port ``TakeoverStore`` implemented with one small object each in the documents bucket."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import ValidationError

from appflow_gitops.aws.documents import GONE
from appflow_gitops.aws.errors import translated
from appflow_gitops.sync.takeover import Takeover, folder_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class S3Takeovers:
    """The objects in the folders of one bucket that ``folder_of`` names."""

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
                Bucket=self.bucket, Prefix=folder_of(owner)
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


def _key(takeover: Takeover) -> str:
    return folder_of(takeover.owner) + takeover.flowName
