"""The scan state of detect_drift, through boto3."""

import pytest

from appflow_gitops.aws import clients
from appflow_gitops.aws.state_object import S3StateObject
from appflow_gitops.sync.errors import PermanentError

BUCKET = "documents"


@pytest.fixture
def memory(aws: None) -> S3StateObject:  # noqa: ARG001 - the account has to be there
    client = clients.s3()
    client.create_bucket(Bucket=BUCKET)
    return S3StateObject(client, BUCKET)


def test_the_last_state_that_was_written_is_read(memory: S3StateObject) -> None:
    assert memory.read() is None
    memory.write(b"first")
    memory.write(b"second")
    assert memory.read() == b"second"


def test_a_missing_bucket_is_an_error(aws: None) -> None:  # noqa: ARG001
    with pytest.raises(PermanentError, match="NoSuchBucket"):
        S3StateObject(clients.s3(), "elsewhere").read()
