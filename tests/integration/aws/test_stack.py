"""The deployed stack through boto3."""

import json
import os

import boto3
import pytest

from appflow_gitops.aws import clients
from appflow_gitops.aws.stack import DOCUMENTS_BUCKET, STAGE, read_stack
from appflow_gitops.sync.errors import PermanentError, SyncError

TEMPLATE = {
    "Parameters": {STAGE: {"Type": "String", "Default": "test"}},
    "Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "documents"}}},
    "Outputs": {DOCUMENTS_BUCKET: {"Value": {"Ref": "Bucket"}}},
}


@pytest.mark.usefixtures("aws")
def test_a_stack_has_its_stage_and_its_documents_bucket() -> None:
    boto3.client("cloudformation").create_stack(StackName="flows", TemplateBody=json.dumps(TEMPLATE))
    stack = read_stack(clients.cloudformation(), "flows")
    assert (stack.parameters, stack.outputs) == ({STAGE: "test"}, {DOCUMENTS_BUCKET: "documents"})


@pytest.mark.usefixtures("aws")
def test_a_missing_stack_is_named() -> None:
    with pytest.raises(PermanentError, match="stack 'flows' does not exist"):
        read_stack(clients.cloudformation(), "flows")


def test_a_missing_region_is_a_sync_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(SyncError) as raised:
        clients.appflow()
    assert raised.value.code == "NoRegionError"
