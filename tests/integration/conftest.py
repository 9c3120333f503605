"""Shared fixtures of the tests against moto: one account in memory, no network, no real credentials."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws
from moto.core.models import MockAWS

from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.register import register
from fakes import moto_routes
from fakes.flows import LENIENT

REGION = "us-east-1"


@pytest.fixture(scope="session", autouse=True)
def registered() -> None:
    """Make AppFlow one of moto's services."""
    register()
    moto_routes.search_quickly()


@pytest.fixture(autouse=True)
def session_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 keeps one session, and in it the credentials of the test before: no test takes them over."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@pytest.fixture(scope="module")
def mock() -> Iterator[MockAWS]:
    # Starting moto's mock takes as long as a test: the tests of a file share it and reset its state.
    with mock_aws() as mock:
        yield mock


@pytest.fixture
def aws(mock: MockAWS, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS in memory, with an AppFlow that needs no connector profiles."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setattr(controls, "defaults", LENIENT)
    mock.reset()
    controls.reset()
