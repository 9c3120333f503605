"""Access to AWS for the commands."""

from collections.abc import Callable
from typing import Any

import pytest

from appflow_gitops.aws.clients import PATIENT
from appflow_gitops_cli import cloud


@pytest.mark.parametrize(
    "connect",
    [
        cloud.flow_service,
        cloud.documents,
        lambda: cloud.requests_to("flows"),
        lambda: cloud.status_log("log"),
        lambda: cloud.apply_log("log"),
    ],
    ids=["flows", "documents", "requests", "status log", "log of apply"],
)
def test_every_client_of_the_commands_slows_down_when_aws_throttles(
    monkeypatch: pytest.MonkeyPatch, connect: Callable[[], Any]
) -> None:
    for name, value in (
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
    ):
        monkeypatch.setenv(name, value)
    config = connect().client.meta.config
    assert config.retries == PATIENT.retries
    assert config.max_pool_connections == PATIENT.max_pool_connections
