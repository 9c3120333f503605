"""The scan state of ``detect_drift``: the port ``ScanStateStore`` implemented with one object in S3."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from appflow_gitops.aws.documents import GONE
from appflow_gitops.aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEY = "drift/memory.json"
"""Outside of flows/, where documents are."""


@dataclass(frozen=True, slots=True)
class S3ScanState:
    """The object ``KEY`` of one bucket."""

    client: "S3Client"
    bucket: str

    def read(self) -> bytes | None:
        """What was written last; ``None`` before the first scan."""
        with translated():
            try:
                return self.client.get_object(Bucket=self.bucket, Key=KEY)["Body"].read()
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in GONE:
                    return None
                raise

    def write(self, content: bytes) -> None:
        """Replace it."""
        with translated():
            self.client.put_object(Bucket=self.bucket, Key=KEY, Body=content, ContentType="application/json")
