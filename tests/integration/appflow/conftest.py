"""A new AppFlow for every test, and a clock that the test moves."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws
from moto.core.base_backend import BackendDict

from appflow_gitops_local.appflow import Behaviour, appflow_backends, register
from integration.appflow.requests import ACCOUNT, REGION, Clock

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient

    from appflow_gitops_local.appflow.models import AppFlowBackend


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    register()
    return boto3.Session("AKIAIOSFODNN7EXAMPLE", "secret", region_name=REGION)


@pytest.fixture(scope="session")
def one_client(session: boto3.Session) -> "AppflowClient":
    # Some tests send what boto3's own validation would hold back; none wants its retries.
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    return session.client("appflow", config=config)


@pytest.fixture(scope="module")
def mock(session: boto3.Session) -> Iterator[None]:  # noqa: ARG001 - AppFlow is registered first
    # Starting moto's mock costs more than most tests here; they share it and reset what it holds.
    with mock_aws():
        yield


@pytest.fixture
def appflow(mock: None, one_client: "AppflowClient") -> "AppflowClient":  # noqa: ARG001
    BackendDict.reset()
    return one_client


@pytest.fixture
def backend(appflow: "AppflowClient") -> "AppFlowBackend":  # noqa: ARG001 - only inside the mock
    return appflow_backends[ACCOUNT][REGION]


@pytest.fixture
def behave(backend: "AppFlowBackend") -> Callable[..., None]:
    """Changes switches of the behaviour."""

    def change(**switches: Any) -> None:
        backend.behaviour = replace(backend.behaviour, **switches)

    return change


@pytest.fixture
def clock(backend: "AppFlowBackend") -> Clock:
    clock = Clock()
    backend.behaviour = Behaviour(clock=clock)
    return clock
