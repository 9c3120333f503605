"""Takeovers: the port ``TakeoverStore`` implemented with one small object each in the documents bucket."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from appflow_gitops.aws.errors import translated
from appflow_gitops.aws.state_object import S3StateObject
from appflow_gitops.service import service
from appflow_gitops.sync.takeover import Takeover, folder_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@service
class S3Takeovers:
    """The objects in the folders of one bucket that ``folder_of`` names."""

    client: "S3Client"
    bucket: str

    def record(self, takeover: Takeover) -> None:
        """Keep it in place of an earlier one of the same flow and owner."""
        self._object(_key(takeover)).write(takeover.model_dump_json(exclude_none=True).encode())

    def waiting(self, owner: str) -> Iterator[Takeover]:
        """Those that wait for the document ``owner``."""
        with translated():
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=folder_of(owner)
            )
            keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        for key in keys:
            if (found := self._object(key).read_as(Takeover)) and found.owner == owner:
                yield found

    def remove(self, takeover: Takeover) -> None:
        """Remove it; it may have been removed before."""
        self._object(_key(takeover)).delete()

    def _object(self, key: str) -> S3StateObject:
        return S3StateObject(self.client, self.bucket, key)


def _key(takeover: Takeover) -> str:
    return folder_of(takeover.owner) + takeover.flowName
