"""Access to AWS for the commands."""

import io
import os
import socket
from collections.abc import Callable
from typing import Any, cast

import pytest

from appflow_gitops.aws.clients import PATIENT
from appflow_gitops.aws.stack import Stack
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops_cli import cloud
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.stack_limits import StackLimits
from fakes.bucket import FakeBucket


@pytest.mark.parametrize(
    "connect",
    [
        cloud.flow_service,
        cloud.documents,
        lambda: cloud.requests_to("flows"),
        lambda: cloud.status_log("log"),
        lambda: cloud.apply_log("log"),
        lambda: cast("Any", cloud.field_checker()).connectors,
        cloud.run_service,
        lambda: cloud.health_records("documents"),
        lambda: cloud.held_changes("documents"),
    ],
    ids=[
        "flows",
        "documents",
        "requests",
        "status log",
        "log of apply",
        "fields",
        "runs",
        "health",
        "held changes",
    ],
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


@pytest.mark.parametrize(
    "code", ["NoSuchStack", "NoSuchBucket", "AccessDenied", "AccessDeniedException", "Throttling"]
)
def test_an_error_that_the_wrong_account_explains_names_the_account(
    monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(cloud.clients, "describe_account", lambda: "us-east-1, account 1")
    text = cloud.format_error(PermanentError(code, "no."), hint="try")
    assert text == f"no{'' if code == 'Throttling' else ' in us-east-1, account 1'} (try)"


@pytest.mark.parametrize(
    ("code", "message", "text"),
    [
        ("Throttling", "Rate exceeded.", "Throttling: Rate exceeded"),
        ("Throttling", "Throttling: too much", "Throttling: too much"),
        ("ExpiredToken", "It expired.", "It expired (sign in again)"),
        ("Odd", "two\nlines\x1b", "Odd: two\ufffdlines\ufffd"),
    ],
)
def test_an_error_is_named_by_its_code_unless_the_message_or_a_hint_says_it(
    code: str, message: str, text: str
) -> None:
    assert cloud.format_error(PermanentError(code, message)) == text


class Connections:
    """Records the addresses that are connected to, and refuses those with an error."""

    def __init__(self, error: OSError | None = None) -> None:
        self.error = error
        self.addresses: list[object] = []

    def __call__(self, address: object, timeout: float) -> socket.socket:
        assert timeout > 0
        self.addresses.append(address)
        if self.error:
            raise self.error
        return cast("socket.socket", io.BytesIO())


@pytest.fixture
def without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.usefixtures("without_proxy")
@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://localhost:5000", ("localhost", 5000)),
        ("http://localhost", ("localhost", 80)),
        ("https://localhost", ("localhost", 443)),
        ("http://localhost:99999", None),
    ],
)
def test_an_endpoint_is_connected_to_before_the_clients_retry_for_long(
    monkeypatch: pytest.MonkeyPatch, url: str, address: tuple[str, int] | None
) -> None:
    connections = Connections(OSError("refused"))
    monkeypatch.setattr(cloud.socket, "create_connection", connections)
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    with pytest.raises(CommandError) as raised, cloud.translate_aws_errors():
        pass
    assert raised.value.message == (
        f"nothing answers at {url} (start it with 'appflow-gitops local up', or unset AWS_ENDPOINT_URL)"
    )
    assert connections.addresses == ([address] if address else [])


@pytest.mark.usefixtures("without_proxy")
@pytest.mark.parametrize(
    ("url", "proxy", "connects"),
    [("", None, False), ("http://example.com", "http://proxy", False), ("http://example.com", None, True)],
)
def test_only_an_endpoint_without_a_proxy_is_connected_to(
    monkeypatch: pytest.MonkeyPatch, url: str, proxy: str | None, connects: bool
) -> None:
    connections = Connections()
    monkeypatch.setattr(cloud.socket, "create_connection", connections)
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    if proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
    with cloud.translate_aws_errors():
        pass
    assert bool(connections.addresses) is connects


def test_a_region_that_is_empty_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "")
    with cloud.translate_aws_errors():
        pass
    assert {"AWS_REGION", "AWS_DEFAULT_REGION"}.isdisjoint(os.environ)


def deployed(monkeypatch: pytest.MonkeyPatch, outputs: dict[str, str], **parameters: str) -> cloud.Deployment:
    monkeypatch.setattr(cloud.clients, "cloudformation", lambda _: None)
    monkeypatch.setattr(cloud, "read_stack", lambda _client, _name: Stack(parameters, outputs))
    return cloud.read_deployment("mine")


def test_a_stack_is_read_from_its_outputs_and_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = {
        "DocumentsBucketName": "documents",
        "EventBusName": "bus",
        "StatusLogGroupName": "status",
        "HistoryLogGroupName": "history",
        "ApplyLogGroupName": "apply",
    }
    parameters = {
        "Stage": "prod",
        "CreateMissingFlows": "true",
        "CheckFields": "refuse",
        "FormerBuckets": "one, two",
        "RequirePolicy": "true",
        "Paused": "true",
        "FlowNamePrefix": "prod-",
    }
    assert deployed(monkeypatch, outputs, **parameters) == cloud.Deployment(
        "documents",
        "prod",
        creates_flows=True,
        refuses_fields=True,
        bus="bus",
        status_log="status",
        history_log="history",
        apply_log="apply",
        limits=StackLimits(flow_name_prefix="prod-"),
        former_buckets=frozenset({"one", "two"}),
        requires_policy=True,
        is_paused=True,
    )


def test_a_stack_of_an_older_version_lacks_outputs_and_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    of_old = deployed(monkeypatch, {"DocumentsBucketName": "documents"}, CheckFields="warn", Paused="false")
    assert of_old == cloud.Deployment("documents", "")


def test_a_stack_without_documents_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError) as raised:
        deployed(monkeypatch, {})
    assert raised.value.message == (
        "stack 'mine' has no output DocumentsBucketName; select a stack of appflow-gitops with --stack"
    )


def test_the_environment_of_a_stack_is_that_of_its_stage_unless_another_is_selected() -> None:
    deployment = cloud.Deployment("documents", "prod", requires_policy=True, is_paused=True)
    bucket = FakeBucket()
    for stage, name in ((None, "prod"), ("dev", "dev")):
        stored = deployment.environment(bucket, stage)
        found = (stored.documents, stored.bucket, stored.name, stored.requires_policy, stored.is_paused)
        assert found == (bucket, "documents", name, True, True)


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, True), (b"other", True), (b"same", False)],
    ids=["missing", "other", "same"],
)
def test_an_object_differs_if_it_is_missing_or_has_other_content(
    content: bytes | None, expected: bool
) -> None:
    bucket = FakeBucket()
    if content is not None:
        bucket.put("policy.yaml", content)
    assert cloud.differs(bucket, bucket.name, "policy.yaml", b"same") is expected


def test_throttling_of_appflow_is_reported_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(cloud.sys.stderr, "isatty", lambda: True)
    client: Any = cloud.flow_service().client
    throttled = (None, {"Error": {"Code": "ThrottlingException"}})
    client.meta.events.emit(
        "needs-retry.appflow.DescribeFlow",
        response=throttled,
        attempts=1,
        operation=None,
        caught_exception=None,
        request_dict={"context": {}},
    )
    assert "AppFlow is throttling the calls" in capsys.readouterr().err
