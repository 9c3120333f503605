"""Health records: the port ``HealthRecords`` implemented with one small object per flow in the documents bucket.

One object each, because events of hundreds of flows arrive at the same moment: none overwrites what another wrote.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import ValidationError

from appflow_gitops.aws.documents import GONE
from appflow_gitops.aws.errors import translated
from appflow_gitops.sync.health.record import HealthRecord

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PREFIX = "health/"
"""Outside of flows/, where documents are."""


@dataclass(frozen=True, slots=True)
class S3HealthRecords:
    """The objects under ``PREFIX`` of one bucket."""

    client: "S3Client"
    bucket: str

    def read(self, flow_name: str) -> HealthRecord | None:
        """The record of a flow; ``None`` where there is none, or none that can be parsed."""
        with translated():
            try:
                content = self.client.get_object(Bucket=self.bucket, Key=_key(flow_name))["Body"].read()
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in GONE:
                    return None
                raise
        try:
            return HealthRecord.model_validate_json(content)
        except ValidationError:
            return None

    def write(self, flow_name: str, record: HealthRecord) -> None:
        """Replace it."""
        body = record.model_dump_json(exclude_none=True).encode()
        with translated():
            self.client.put_object(
                Bucket=self.bucket, Key=_key(flow_name), Body=body, ContentType="application/json"
            )


def _key(flow_name: str) -> str:
    return f"{PREFIX}{flow_name}.json"
