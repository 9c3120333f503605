"""A state that is kept in one object in S3: implements the ports ``ScanStateStore`` and ``SchemaStateStore``."""

from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError
from pydantic import BaseModel, ValidationError

from appflow_gitops.aws.documents import GONE
from appflow_gitops.aws.errors import translated
from appflow_gitops.service import service

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Model = TypeVar("Model", bound=BaseModel)

SCAN_KEY = "drift/memory.json"
"""The scan state, outside of flows/, where documents are."""
SCHEMA_KEY = "drift/schema.json"
"""The schema state."""


@service
class S3StateObject:
    """The object ``key`` of one bucket."""

    client: "S3Client"
    bucket: str
    key: str = SCAN_KEY

    def read(self) -> bytes | None:
        """What was written last; ``None`` where there is none."""
        with translated():
            try:
                return self.client.get_object(Bucket=self.bucket, Key=self.key)["Body"].read()
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in GONE:
                    return None
                raise

    def read_as(self, model: type[Model]) -> Model | None:
        """What was written last; ``None`` where there is none, or none that can be parsed."""
        content = self.read()
        try:
            return None if content is None else model.model_validate_json(content)
        except ValidationError:
            return None

    def delete(self) -> None:
        """Delete it, if it exists."""
        with translated():
            self.client.delete_object(Bucket=self.bucket, Key=self.key)

    def write(self, content: bytes) -> None:
        """Replace it."""
        with translated():
            self.client.put_object(
                Bucket=self.bucket, Key=self.key, Body=content, ContentType="application/json"
            )
