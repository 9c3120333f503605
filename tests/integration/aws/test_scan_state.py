"""What detect_drift remembers, through boto3."""

import pytest

from appflow_gitops.aws import clients
from appflow_gitops.aws.scan_state import S3ScanState
from appflow_gitops.sync.errors import PermanentError

BUCKET = "documents"


@pytest.fixture
def memory(aws: None) -> S3ScanState:  # noqa: ARG001 - the account has to be there
    client = clients.s3()
    client.create_bucket(Bucket=BUCKET)
    return S3ScanState(client, BUCKET)


def test_what_was_kept_last_is_remembered(memory: S3ScanState) -> None:
    assert memory.read() is None
    memory.write(b"first")
    memory.write(b"second")
    assert memory.read() == b"second"


def test_a_bucket_that_is_not_there_is_no_empty_memory(aws: None) -> None:  # noqa: ARG001
    with pytest.raises(PermanentError, match="NoSuchBucket"):
        S3ScanState(clients.s3(), "elsewhere").read()
