"""Health records: the port ``HealthRecords`` implemented with one small object per flow in the documents bucket.

One object each, because events of hundreds of flows arrive at the same moment: none overwrites what another wrote.
"""

from typing import TYPE_CHECKING

from appflow_gitops.aws.errors import translated
from appflow_gitops.aws.state_object import S3StateObject
from appflow_gitops.service import service
from appflow_gitops.sync.health.record import HealthRecord

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PREFIX = "health/"
"""Outside of flows/, where documents are."""

_SUFFIX = ".json"


@service
class S3HealthRecords:
    """The objects under ``PREFIX`` of one bucket."""

    client: "S3Client"
    bucket: str

    def read(self, flow_name: str) -> HealthRecord | None:
        """The record of a flow; ``None`` where there is none, or none that can be parsed."""
        return self._object(flow_name).read_as(HealthRecord)

    def write(self, flow_name: str, record: HealthRecord) -> None:
        """Replace it."""
        self._object(flow_name).write(record.model_dump_json(exclude_none=True).encode())

    def names(self) -> frozenset[str]:
        """ListObjects, as often as needed."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=PREFIX)
        with translated():
            keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        return frozenset(
            key.removeprefix(PREFIX).removesuffix(_SUFFIX) for key in keys if key.endswith(_SUFFIX)
        )

    def delete(self, flow_name: str) -> None:
        """DeleteObject."""
        self._object(flow_name).delete()

    def _object(self, flow_name: str) -> S3StateObject:
        return S3StateObject(self.client, self.bucket, f"{PREFIX}{flow_name}{_SUFFIX}")
