"""An account in memory, served by the local AppFlow and moto's S3, and a laboratory in it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from moto.core.models import MockAWS

from appflow_gitops_local.appflow import appflow_backends
from appflow_gitops_local.appflow.controls import controls
from integration.verify_on_aws.local_account import ACCOUNT, PROFILE, REGION, Waits
from tools.verify_on_aws.laboratory import Clients, Laboratory, laboratory

if TYPE_CHECKING:
    from appflow_gitops_local.appflow.models import AppFlowBackend


@pytest.fixture
def aws(mock: MockAWS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS in memory, and a profile with credentials for it."""
    profiles = tmp_path / "credentials"
    profiles.write_text(f"[{PROFILE}]\naws_access_key_id = testing\naws_secret_access_key = testing\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(profiles))
    mock.reset()
    controls.reset()


@pytest.fixture
def clients(aws: None) -> Clients:  # noqa: ARG001 - only inside the mock
    session = boto3.Session("testing", "testing", region_name=REGION)
    once = Config(retries={"total_max_attempts": 1}, max_pool_connections=8)
    appflow = session.client("appflow", config=once)
    return Clients(appflow=appflow, unretried=appflow, s3=session.client("s3"))


@pytest.fixture
def backend(aws: None) -> "AppFlowBackend":  # noqa: ARG001 - only inside the mock
    return appflow_backends[ACCOUNT][REGION]


@pytest.fixture
def behave(backend: "AppFlowBackend") -> Callable[..., None]:
    """Changes switches of the local AppFlow."""

    def change(**switches: Any) -> None:
        backend.behaviour = replace(backend.behaviour, **switches)

    return change


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def opened(clients: Clients, waits: Waits, backend: "AppFlowBackend") -> Iterator[Laboratory]:
    now = int(backend.behaviour.now().timestamp())
    with laboratory(clients, ACCOUNT, wait=waits, now=now, report=pytest.fail) as made:
        yield made
