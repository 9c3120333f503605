"""Workers: how many there are, when they are started and replaced, and which environment they get."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from appflow_gitops_local.runtime import (
    Credentials,
    Function,
    FunctionError,
    LineReader,
    Workers,
    lambda_environment,
)

FUNCTION = Function(
    "intake",
    "arn:intake",
    "intake.handler",
    60,
    512,
    (Path("code"), Path("layer")),
    {"STAGE": "test", "AWS_ENDPOINT_URL": ""},
    Credentials("key", "secret"),
)
BROKEN = FunctionError("Runtime.ImportModuleError", "no module named intake")


@dataclass(eq=False)
class FakeWorker:
    """Answers with its number; ``raise`` and ``die`` are events."""

    number: int
    is_alive: bool = True
    closed: int = 0

    def invoke(self, event: Any, request_id: str) -> Any:
        assert request_id
        if event == "die":
            self.is_alive = False
        if event in ("raise", "die"):
            raise FunctionError("ValueError", "as ordered")
        return self.number

    def alive(self) -> bool:
        return self.is_alive

    def close(self) -> None:
        self.closed += 1


@dataclass
class FakeRuntime:
    """Starts workers; the first ``broken`` starts fail."""

    broken: int = 0
    started: list[FakeWorker] = field(default_factory=list)

    def start(self, function: Function) -> FakeWorker:  # noqa: ARG002
        if self.broken:
            self.broken -= 1
            raise BROKEN
        self.started.append(FakeWorker(len(self.started) + 1))
        return self.started[-1]


def test_a_worker_is_kept_warm_and_used_again() -> None:
    runtime = FakeRuntime()
    workers = Workers(FUNCTION, runtime, 2)
    workers.warm()
    assert [workers.invoke("event") for _ in range(3)] == [1, 1, 1]


def test_a_worker_survives_an_error_and_is_replaced_and_closed_when_it_died() -> None:
    runtime = FakeRuntime()
    workers = Workers(FUNCTION, runtime, 1)
    for event, number in (("raise", 1), ("die", 2)):
        with pytest.raises(FunctionError):
            workers.invoke(event)
        assert workers.invoke("event") == number
    assert [worker.closed for worker in runtime.started] == [1, 0]
    workers.close()
    assert [worker.closed for worker in runtime.started] == [1, 1]


def test_a_function_that_cannot_be_imported_fails_its_invocation_and_frees_its_slot() -> None:
    workers = Workers(FUNCTION, FakeRuntime(broken=2), 1)
    workers.warm()
    with pytest.raises(FunctionError, match="no module named intake"):
        workers.invoke("event")
    assert workers.invoke("event") == 1


def test_closing_ends_every_worker_once() -> None:
    runtime = FakeRuntime()
    workers = Workers(FUNCTION, runtime, 2)
    workers.invoke("event")
    workers.close()
    workers.close()
    assert [worker.closed for worker in runtime.started] == [1]


def test_a_worker_gets_the_functions_environment_and_nothing_of_the_users_configuration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("HOME", "/home/me")
    environment = lambda_environment(FUNCTION, "http://localhost:5000", "eu-west-1")
    assert environment.pop("AWS_LAMBDA_LOG_STREAM_NAME")
    assert environment.pop("PATH")
    assert environment == {
        "STAGE": "test",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPATH": os.pathsep.join(("code", "layer")),
        "PYTHONUNBUFFERED": "1",
        "AWS_ENDPOINT_URL": "http://localhost:5000",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        # The user's files and the metadata service of a cloud machine hold credentials for AWS.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": "intake",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/intake",
        "POWERTOOLS_TRACE_DISABLED": "1",
    }


def test_a_session_token_is_passed_on() -> None:
    function = Function("f", "arn", "f.handler", 1, 1, (), {}, Credentials("key", "secret", "token"))
    assert lambda_environment(function, "http://localhost:5000", "eu-west-1")["AWS_SESSION_TOKEN"] == "token"


def test_lines_are_read_one_by_one_however_they_arrive() -> None:
    reading, writing = os.pipe()
    reader = LineReader(os.fdopen(reading, "rb", buffering=0))
    os.write(writing, b"one\ntwo\nth")
    assert (reader.read(1), reader.read(1)) == (b"one", b"two")
    os.write(writing, b"ree\n")
    assert reader.read(1) == b"three"
    with pytest.raises(TimeoutError):
        reader.read(0)
    os.close(writing)
    assert reader.read(1) is None
    reader.close()
