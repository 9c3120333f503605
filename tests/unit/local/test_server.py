"""The endpoint without a socket: what is answered here, what reaches moto, and with which permissions."""

import errno
import io
import json
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends
from werkzeug.test import Client, TestResponse

from appflow_gitops_local import server
from appflow_gitops_local.appflow import register
from appflow_gitops_local.iam import Grant, Role
from appflow_gitops_local.runtime import FunctionError
from appflow_gitops_local.server import AddressError, Endpoint, account_of, bound, request_handler

REGION = "eu-west-1"
ACCOUNT = DEFAULT_ACCOUNT_ID


@dataclass
class FakeState:
    """The lock of moto's state: counts its uses; waiting moves the clock."""

    now: float = 100.0
    entered: int = 0
    notified: int = 0
    waits: list[float] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.entered += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def notify_all(self) -> None:
        self.notified += 1

    def monotonic(self) -> float:
        return self.now


@dataclass
class FakeInvoker:
    """The functions: one that answers, one that fails, no others."""

    later: list[tuple[str, Any]] = field(default_factory=list)

    def invoke(self, function: str, event: Any) -> Any:
        if function == "broken":
            raise FunctionError("ValueError", "as ordered")
        if function != "intake":
            raise KeyError(function)
        return {"got": event}

    def invoke_later(self, function: str, event: Any) -> None:
        if function != "intake":
            raise KeyError(function)
        self.later.append((function, event))


@pytest.fixture(autouse=True)
def moto() -> Iterator[None]:
    """AppFlow among the services, SQS and S3 without queues and buckets."""
    register()
    backends = sqs_backends[ACCOUNT][REGION], s3_backends[ACCOUNT]["aws"]
    for backend in backends:
        backend.reset()
    yield
    for backend in backends:
        backend.reset()


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def state(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> FakeState:
    fake: Any = FakeState()
    endpoint.state = fake
    monkeypatch.setattr(server, "time", fake)
    return fake


def signed(service: str, *, key: str = "local", region: str = REGION) -> dict[str, str]:
    scope = f"{key}/20260101/{region}/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=x"}


def call(
    endpoint: Endpoint,
    service: str,
    method: str = "POST",
    path: str = "/",
    data: bytes | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    **signature: str,
) -> TestResponse:
    sent = {**signed(service, **signature), **(headers or {})}
    return Client(endpoint).open(path, method=method, data=data, headers=sent)


def sqs(endpoint: Endpoint, operation: str, **members: Any) -> TestResponse:
    headers = {"X-Amz-Target": f"AmazonSQS.{operation}", "Content-Type": "application/x-amz-json-1.0"}
    return call(endpoint, "sqs", data=json.dumps(members).encode(), headers=headers)


def queue(endpoint: Endpoint, name: str = "work", **attributes: str) -> str:
    made = sqs(endpoint, "CreateQueue", QueueName=name, Attributes=attributes)
    return str(json.loads(made.data)["QueueUrl"])


@pytest.mark.parametrize(
    ("service", "region", "valid"),
    [
        ("s3", "mars-1", False),
        ("sqs", "mars-1", False),
        ("appflow", "eu-north-1", False),
        ("sqs", "eu-north-1", True),
    ],
)
def test_a_region_that_the_service_does_not_have_is_rejected(
    endpoint: Endpoint, service: str, region: str, *, valid: bool
) -> None:
    answer = call(endpoint, service, "GET", "/", region=region)
    assert ("InvalidSignatureException" in answer.text) is not valid
    assert (f"valid region, not '{region}'" in answer.text.replace("&apos;", "'")) is not valid


def s3_role(*actions: str) -> Role:
    return Role("arn:aws:sts::1:assumed-role/r/f", tuple(Grant("", action, ("*",)) for action in actions))


@pytest.mark.parametrize(
    ("actions", "key", "status"),
    [
        (("s3:GetObject",), "a", 200),
        (("s3:GetObject",), "missing", 403),
        (("s3:GetObject", "s3:ListBucket"), "a", 200),
        (("s3:GetObject", "s3:ListBucket"), "missing", 404),
        (("s3:ListBucket",), "a", 403),
    ],
)
def test_a_role_gets_what_it_may_and_sees_missing_objects_only_if_it_may_list(
    endpoint: Endpoint, actions: tuple[str, ...], key: str, status: int
) -> None:
    call(endpoint, "s3", "PUT", "/bucket", region="us-east-1")
    assert call(endpoint, "s3", "PUT", "/bucket/a", b"x").status_code == 200
    endpoint.roles = {"of-function": s3_role(*actions)}
    answer = call(endpoint, "s3", "GET", f"/bucket/{key}", key="of-function")
    assert answer.status_code == status
    assert ("<Code>AccessDenied</Code>" in answer.text) is (status == 403)
    assert call(endpoint, "s3", "GET", "/bucket/a", key="of-another").status_code == 200


def test_the_resource_of_a_denied_call_is_in_the_region_that_it_was_signed_for(endpoint: Endpoint) -> None:
    endpoint.roles = {"of-function": s3_role()}
    body = json.dumps({"flowName": "orders"}).encode()
    answer = call(endpoint, "appflow", path="/describe-flow", data=body, key="of-function")
    assert answer.status_code == 403
    assert f"arn:aws:appflow:{REGION}:{ACCOUNT}:flow/orders" in answer.text


@pytest.mark.parametrize(("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn")])
def test_an_account_is_in_the_partition_of_its_region(region: str, partition: str) -> None:
    account = account_of(region)
    assert (account.region, account.account, account.partition) == (region, ACCOUNT, partition)


INVOCATIONS = "/2015-03-31/functions/{}/invocations"


def invoke(
    endpoint: Endpoint, name: str, data: bytes = b"", *, method: str = "POST", kind: str = ""
) -> TestResponse:
    headers = {"X-Amz-Invocation-Type": kind} if kind else {}
    return call(endpoint, "lambda", method, INVOCATIONS.format(name), data, headers=headers)


def test_a_function_is_invoked_here_at_once_or_later(endpoint: Endpoint) -> None:
    endpoint.invoker = invoker = FakeInvoker()
    answer = invoke(endpoint, "intake", b'{"n": 1}')
    assert (answer.status_code, answer.json) == (200, {"got": {"n": 1}})
    assert answer.content_type == "application/json"
    assert invoke(endpoint, "intake").json == {"got": {}}
    assert invoker.later == []
    assert invoke(endpoint, "intake", b'{"n": 2}', kind="Event").status_code == 202
    assert invoker.later == [("intake", {"n": 2})]


def test_an_error_of_a_function_is_an_answer(endpoint: Endpoint) -> None:
    endpoint.invoker = FakeInvoker()
    answer = invoke(endpoint, "broken")
    assert (answer.status_code, answer.headers["X-Amz-Function-Error"]) == (200, "Unhandled")
    assert answer.get_json(force=True) == {
        "errorType": "ValueError",
        "errorMessage": "as ordered",
        "stackTrace": [],
    }


@pytest.mark.parametrize(
    ("name", "kind", "runs"), [("unknown", "", True), ("unknown", "Event", True), ("intake", "", False)]
)
def test_a_function_that_does_not_run_here_is_not_found(
    endpoint: Endpoint, name: str, kind: str, *, runs: bool
) -> None:
    endpoint.invoker = FakeInvoker() if runs else None
    assert invoke(endpoint, name, kind=kind).status_code == 404


def test_only_a_post_invokes(endpoint: Endpoint) -> None:
    endpoint.invoker = FakeInvoker()
    assert "got" not in invoke(endpoint, "intake", method="GET").text


def test_a_call_of_appflow_does_not_wait_for_the_lock_of_the_others(
    endpoint: Endpoint, state: FakeState
) -> None:
    call(endpoint, "appflow", path="/list-flows", data=b"{}")
    assert (state.entered, state.notified) == (0, 0)
    queue(endpoint)
    assert (state.entered, state.notified) == (1, 1)


@pytest.mark.parametrize(
    ("attributes", "asked", "seconds"),
    [
        ({}, {}, 0),
        ({"ReceiveMessageWaitTimeSeconds": "3"}, {}, 3),
        ({"ReceiveMessageWaitTimeSeconds": "3"}, {"WaitTimeSeconds": 0}, 0),
        ({}, {"WaitTimeSeconds": 1}, 1),
        ({}, {"WaitTimeSeconds": 30}, 20),
    ],
)
def test_a_receive_waits_for_a_message_as_long_as_it_may(
    endpoint: Endpoint,
    state: FakeState,
    monkeypatch: pytest.MonkeyPatch,
    *,
    attributes: dict[str, str],
    asked: dict[str, int],
    seconds: int,
) -> None:
    monkeypatch.setattr(server, "PULSE_SECONDS", 0.75)
    url = queue(endpoint, **attributes)
    answer = sqs(endpoint, "ReceiveMessage", QueueUrl=url, **asked)
    assert answer.status_code == 200
    assert "Messages" not in json.loads(answer.data)
    assert sum(state.waits) == pytest.approx(seconds)
    assert all(wait <= 0.75 for wait in state.waits)


def test_a_receive_ends_with_the_first_message(endpoint: Endpoint, state: FakeState) -> None:
    url = queue(endpoint)
    sqs(endpoint, "SendMessage", QueueUrl=url, MessageBody="one", DelaySeconds=0)
    before = state.notified
    answer = sqs(endpoint, "ReceiveMessage", QueueUrl=url, WaitTimeSeconds=20)
    assert [message["Body"] for message in json.loads(answer.data)["Messages"]] == ["one"]
    assert (state.waits, state.notified) == ([], before + 1)


def test_a_receive_from_a_missing_queue_fails_at_once(endpoint: Endpoint, state: FakeState) -> None:
    url = f"http://localhost/{ACCOUNT}/missing"
    answer = sqs(endpoint, "ReceiveMessage", QueueUrl=url, WaitTimeSeconds=20)
    assert (answer.status_code, state.waits) == (400, [])


def test_a_redrive_moves_the_messages_and_wakes_who_waits(endpoint: Endpoint, state: FakeState) -> None:
    dead = queue(endpoint, "dead")
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"
    work = queue(endpoint, RedrivePolicy=json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1}))
    sqs(endpoint, "SendMessage", QueueUrl=dead, MessageBody="one")
    before = state.notified
    answer = sqs(endpoint, "StartMessageMoveTask", SourceArn=arn)
    assert (answer.status_code, len(json.loads(answer.data)["TaskHandle"])) == (200, 32)
    assert answer.content_type == "application/x-amz-json-1.0"
    assert state.notified == before + 1
    received = sqs(endpoint, "ReceiveMessage", QueueUrl=work)
    assert [message["Body"] for message in json.loads(received.data)["Messages"]] == ["one"]


def test_a_redrive_of_a_missing_queue_is_an_error(endpoint: Endpoint) -> None:
    answer = sqs(endpoint, "StartMessageMoveTask", SourceArn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:none")
    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (400, "ResourceNotFoundException")


def test_what_sqs_rejects_is_rejected_before_moto(endpoint: Endpoint, state: FakeState) -> None:
    url = queue(endpoint)
    before = state.entered
    answer = sqs(endpoint, "SendMessage", QueueUrl=url, MessageBody="one", MessageDeduplicationId="a b")
    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (400, "InvalidParameterValue")
    assert state.entered == before


def test_a_body_in_chunks_arrives_as_a_whole(endpoint: Endpoint) -> None:
    call(endpoint, "s3", "PUT", "/bucket", region="us-east-1")
    body = {"Transfer-Encoding": "chunked"}
    environ = {"wsgi.input_terminated": True}
    sent = Client(endpoint).open(
        "/bucket/a",
        method="PUT",
        headers={**signed("s3"), **body},
        input_stream=io.BytesIO(b"in chunks"),
        environ_overrides=environ,
    )
    assert sent.status_code == 200
    assert call(endpoint, "s3", "GET", "/bucket/a").data == b"in chunks"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (socket.gaierror(-2, "Name or service not known"), "name or service not known"),
        (OSError(errno.EADDRINUSE, "in words of its own"), os.strerror(errno.EADDRINUSE).lower()),
    ],
)
def test_an_address_that_cannot_be_bound_is_reported_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, error: OSError, reason: str
) -> None:
    def create_server(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(server.socket, "create_server", create_server)
    with pytest.raises(AddressError, match=f"^cannot listen on here:5000: {reason}$"):
        bound("here", 5000)


def test_requests_and_warnings_are_logged_and_the_start_of_the_server_is_not() -> None:
    lines: list[str] = []
    handler = request_handler(lines.append).__new__(request_handler(lines.append))
    handler.command, handler.path = "POST", "/list-flows"
    handler.log("info", "Running on %s", "here")
    handler.log("error", "broken %s", "pipe")
    handler.log("warning", "100%")
    handler.log_request(200, 5)
    assert lines == ["broken pipe", "100%", "POST /list-flows 200 5"]


def test_an_answer_is_not_delayed_on_a_kept_alive_connection() -> None:
    handler = request_handler(print)
    assert (handler.disable_nagle_algorithm, handler.protocol_version) == (True, "HTTP/1.1")
