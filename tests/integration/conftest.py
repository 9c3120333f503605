"""What tests against moto share: one account in memory, no network, no credentials of anybody's."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from appflow_gitops_local.appflow.register import register

REGION = "us-east-1"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS in memory, AppFlow included."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    register()
    with mock_aws():
        yield
