"""A new AppFlow for every test, and a clock that only the test moves.

The tests use AppFlow over HTTP alone, so that they also run against moto's server (``TEST_SERVER_MODE=true``).
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from integration.appflow.controls import ENDPOINT, Clock, control, reset
from integration.appflow.requests import REGION

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    return boto3.Session("AKIAIOSFODNN7EXAMPLE", "secret", region_name=REGION)


@pytest.fixture(scope="session")
def client_of(session: boto3.Session) -> Callable[[str], Any]:
    """Makes clients that send what boto3's own validation would reject, and that do not retry."""
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    make: Callable[..., Any] = session.client
    return lambda service: make(service, config=config, endpoint_url=ENDPOINT)


@pytest.fixture(scope="session")
def one_client(client_of: Callable[[str], Any]) -> "AppflowClient":
    client: AppflowClient = client_of("appflow")
    return client


@pytest.fixture(scope="module")
def mock() -> Iterator[None]:
    # Starting moto's mock takes longer than most tests here; they share it and reset its state.
    with mock_aws():
        yield


@pytest.fixture
def appflow(mock: None, one_client: "AppflowClient") -> "AppflowClient":  # noqa: ARG001
    reset()
    return one_client


@pytest.fixture
def behave(appflow: "AppflowClient") -> Callable[..., None]:  # noqa: ARG001 - only inside the mock
    """Changes switches, by their camelCase names."""

    def change(**switches: Any) -> None:
        status, answer = control("POST", "behaviour", switches)
        assert status == 200, answer

    return change


@pytest.fixture
def clock(behave: Callable[..., None]) -> Clock:
    return Clock(behave)
