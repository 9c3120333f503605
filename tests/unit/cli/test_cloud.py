"""Access to AWS for the commands."""

from collections.abc import Callable
from typing import Any

import pytest

from appflow_gitops.aws.clients import PATIENT
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops_cli import cloud
from appflow_gitops_cli.main import CommandError


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


HINTS = {
    "NoRegionError": "AWS_DEFAULT_REGION",
    "NoCredentialsError": "AWS_PROFILE",
    "ExpiredToken": "sign in again",
    "ExpiredTokenException": "sign in again",
    "NoSuchStack": "--stack",
    "NoSuchBucket": "--bucket",
}


def test_every_code_with_a_hint_has_a_case() -> None:
    assert set(HINTS) == set(cloud._HINTS)


@pytest.mark.parametrize(("code", "hint"), HINTS.items())
def test_an_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch, code: str, hint: str) -> None:
    monkeypatch.setattr(cloud.clients, "describe_account", lambda: "us-east-1")
    text = cloud.format_error(PermanentError(code, "as AWS says."))
    assert text.startswith("as AWS says")
    assert hint in text


@pytest.mark.parametrize("url", ["127.0.0.1:5000", "localhost", "http://", "ftp://localhost"])
def test_an_endpoint_that_is_not_a_url_is_reported(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    with pytest.raises(CommandError, match="invalid AWS_ENDPOINT_URL"), cloud.translate_aws_errors():
        pass


def test_a_missing_stack_leads_to_the_stages_of_the_project_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud.clients, "describe_account", lambda: "us-east-1")
    monkeypatch.setattr(cloud, "select_stage_hint", lambda: "select a stage with --stage: 'dev'")
    text = cloud.format_error(PermanentError("NoSuchStack", "no stack."), hint="another hint")
    assert text == "no stack in us-east-1 (select a stage with --stage: 'dev')"
