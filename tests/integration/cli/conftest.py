"""An account with a documents bucket, and a runner of the command."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result

from appflow_gitops_cli.main import cli

Run = Callable[..., Result]
BUCKET = "acme-documents"
BUS = "acme-flows"
STATUS_LOG = "/aws/events/acme-flows/status"
HISTORY_LOG = "/aws/events/acme-flows/history"


class Account:
    """What users do in AppFlow and in the bucket."""

    def __init__(self) -> None:
        self.appflow = boto3.client("appflow")
        self.s3 = boto3.client("s3")
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

    def create(self, flow: dict[str, Any], **tags: str) -> None:
        self.appflow.create_flow(**flow, tags=tags)

    def deploy(
        self, stack: str, *, stage: str = "", status_log: bool = True, bucket: str = BUCKET, **parameters: str
    ) -> None:
        """A stack as the command reads it; stacks of older versions have no status log."""
        outputs = {"DocumentsBucketName": bucket, "EventBusName": BUS}
        if status_log:
            outputs |= {"StatusLogGroupName": STATUS_LOG, "HistoryLogGroupName": HISTORY_LOG}
        template = {
            "Parameters": {
                name: {"Type": "String", "Default": value}
                for name, value in {"Stage": stage, **parameters}.items()
            },
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
            "Outputs": {name: {"Value": value} for name, value in outputs.items()},
        }
        boto3.client("cloudformation").create_stack(StackName=stack, TemplateBody=json.dumps(template))

    def put(self, key: str, content: str, **metadata: str) -> str:
        stored = self.s3.put_object(Bucket=BUCKET, Key=key, Body=content.encode(), Metadata=metadata)
        return str(stored["VersionId"])


@pytest.fixture
def account(aws: None) -> Account:  # noqa: ARG001 - the account must exist
    return Account()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command with these arguments, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments, prog_name="appflow-gitops")

    return run
