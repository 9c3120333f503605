"""The clients of the functions: which endpoint they call, and which answers they refuse."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from botocore.hooks import HierarchicalEmitter
from botocore.parsers import ResponseParserError

from appflow_gitops.aws import clients


@pytest.mark.parametrize(
    ("client", "host"),
    [
        (clients.appflow, "https://appflow.eu-west-1.amazonaws.com"),
        (clients.events, "https://events.eu-west-1.amazonaws.com"),
        (clients.s3, "https://s3.eu-west-1.amazonaws.com"),
        (clients.sqs, "https://sqs.eu-west-1.amazonaws.com"),
    ],
)
def test_an_empty_endpoint_url_means_the_endpoint_of_aws(
    monkeypatch: pytest.MonkeyPatch, client: Callable[[], object], host: str
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    assert client().meta.endpoint_url == host  # type: ignore[attr-defined]


@pytest.mark.parametrize("body", [b"<html>", b'{"flowName": "ord', b"[]", b"null", b'"ok"', b" "])
def test_p8_a_successful_answer_that_is_not_an_object_is_refused(body: bytes) -> None:
    with pytest.raises(ResponseParserError, match="not a JSON object"):
        clients.refuse_malformed({"status_code": 200, "body": body})


@pytest.mark.parametrize(
    ("status", "body"), [(200, b"{}"), (200, b""), (204, b""), (503, b"<html>"), (300, b"moved")]
)
def test_an_answer_without_a_body_and_an_error_in_any_form_are_parsed_by_botocore(
    status: int, body: bytes
) -> None:
    clients.refuse_malformed({"status_code": status, "body": body})


@pytest.mark.parametrize(
    ("make", "refuses"),
    [(clients.appflow, True), (clients.events, True), (clients.sqs, True), (clients.s3, False)],
)
def test_clients_with_json_answers_refuse_all_others(
    monkeypatch: pytest.MonkeyPatch, make: Any, refuses: bool
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    events, page = make().meta.events, {"status_code": 200, "body": b"<html>"}
    if refuses:
        with pytest.raises(ResponseParserError):
            events.emit("before-parse.x.Y", response_dict=page)
    else:
        events.emit("before-parse.x.Y", response_dict=page)


@pytest.mark.parametrize(
    ("code", "named"),
    [("429", "ThrottlingException"), ("400", "400"), ("ValidationException", "ValidationException")],
)
def test_only_a_bare_429_is_named_as_throttling(code: str, named: str) -> None:
    parsed = {"Error": {"Code": code}}
    clients.name_bare_429(response=(None, parsed))
    assert parsed["Error"]["Code"] == named


def test_a_call_without_any_answer_is_left_to_botocore() -> None:
    clients.name_bare_429(response=None)


THROTTLING = (
    "429",
    "RequestLimitExceeded",
    "SlowDown",
    "Throttling",
    "ThrottledException",
    "ThrottlingException",
    "TooManyRequestsException",
)


@pytest.mark.parametrize(
    ("response", "reports"),
    [
        *(((None, {"Error": {"Code": code}}), 1) for code in THROTTLING),
        ((None, {"Error": {"Code": "ValidationException"}}), 0),
        ((None, {"flowName": "orders"}), 0),
        (None, 0),
    ],
    ids=[*THROTTLING, "rejected", "answered", "not answered"],
)
def test_each_throttled_call_is_reported(response: Any, reports: int) -> None:
    client = SimpleNamespace(meta=SimpleNamespace(events=HierarchicalEmitter()))
    reported: list[str] = []
    clients.on_throttling(cast("Any", client), lambda: reported.append("throttled"))
    client.meta.events.emit("needs-retry.appflow.DescribeFlow", response=response)
    assert len(reported) == reports


@pytest.mark.parametrize(
    ("config", "mode", "attempts", "connect", "read"),
    [
        (clients.CONFIG, "standard", 4, 3, 10),
        (clients.ONCE, "standard", 1, 3, 10),
        (clients.PATIENT, "adaptive", 10, 5, 30),
    ],
    ids=["functions", "once", "command"],
)
def test_a_call_has_its_retries_and_time_outs(
    config: Any, mode: str, attempts: int, connect: int, read: int
) -> None:
    """A function's call takes 52 seconds and its retries at most: less than ``TIME_FOR_ONE_INSPECTION``."""
    assert config.retries == {"mode": mode, "total_max_attempts": attempts}
    assert (config.connect_timeout, config.read_timeout) == (connect, read)


def test_the_command_has_a_connection_for_each_of_its_calls_at_once() -> None:
    assert clients.PATIENT.max_pool_connections == clients.CALLS_AT_ONCE == 8


MAKERS = (clients.appflow, clients.cloudformation, clients.events, clients.logs, clients.s3)


@pytest.mark.parametrize(
    ("make", "config"),
    [
        *((make, config) for make in MAKERS for config in (clients.PATIENT, clients.ONCE, None)),
        (clients.sqs, None),
    ],
)
def test_a_client_uses_the_configuration_that_it_is_made_with(
    monkeypatch: pytest.MonkeyPatch, make: Any, config: Any
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    made = make(config) if config else make()
    expected = config or clients.CONFIG
    used = made.meta.config
    assert (used.connect_timeout, used.read_timeout) == (expected.connect_timeout, expected.read_timeout)
    assert used.retries["total_max_attempts"] == expected.retries["total_max_attempts"]


@pytest.mark.parametrize(
    ("region", "error", "expected"),
    [
        ("eu-west-1", None, "eu-west-1, account 123456789012"),
        (None, None, "no region, account 123456789012"),
        ("eu-west-1", NoCredentialsError(), "eu-west-1"),
        (None, ClientError({}, "GetCallerIdentity"), "no region"),
    ],
)
def test_an_account_is_described_as_far_as_it_is_known(
    monkeypatch: pytest.MonkeyPatch, region: str | None, error: Exception | None, expected: str
) -> None:
    def identity() -> dict[str, str]:
        if error:
            raise error
        return {"Account": "123456789012"}

    def client(service: str, config: object) -> object:
        assert (service, config) == ("sts", clients.CONFIG)
        return SimpleNamespace(get_caller_identity=identity)

    session = SimpleNamespace(region_name=region, client=client)
    monkeypatch.setattr(clients.boto3.session, "Session", lambda: session)
    assert clients.describe_account() == expected
