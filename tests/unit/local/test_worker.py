"""The process of a function: its protocol of lines, its context, and how errors are answered."""

import io
import json
import time
from typing import Any

import pytest

from appflow_gitops_local.worker import LambdaContext, answer, load, serve

ENVIRONMENT = {
    "AWS_LAMBDA_FUNCTION_NAME": "intake",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/intake",
    "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
}


def context(deadline: float = 0.0) -> LambdaContext:
    return LambdaContext("request", "intake", "arn:intake", 512, deadline)


def test_every_line_is_answered_with_one_line_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    seen: list[LambdaContext] = []

    def handler(event: Any, context: LambdaContext) -> Any:
        seen.append(context)
        if event == "raise":
            raise ValueError("as ordered")
        return {"echo": event}

    requests = [
        {"requestId": f"request-{event}", "arn": "arn:intake", "deadline": 5.0, "event": event}
        for event in ("a", "raise", "b")
    ]
    answers = io.StringIO()
    serve(handler, io.StringIO("".join(f"{json.dumps(request)}\n" for request in requests)), answers)
    first, second, third = map(json.loads, answers.getvalue().splitlines())
    assert (first, third) == ({"result": {"echo": "a"}}, {"result": {"echo": "b"}})
    assert (second["error"]["errorType"], second["error"]["errorMessage"]) == ("ValueError", "as ordered")
    assert [each.aws_request_id for each in seen] == ["request-a", "request-raise", "request-b"]
    assert seen[0] == LambdaContext(
        "request-a",
        "intake",
        "arn:intake",
        512,
        5.0,
        log_group_name="/aws/lambda/intake",
        log_stream_name="stream",
    )


def test_a_result_that_is_not_json_is_an_error_of_the_invocation() -> None:
    assert answer(lambda *_: {1, 2}, None, context())["error"]["errorType"] == "TypeError"


def test_an_error_has_its_stack_trace_and_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    def raising(*_: Any) -> None:
        raise KeyError("missing")

    described = answer(raising, None, context())["error"]
    assert (described["errorType"], described["errorMessage"]) == ("KeyError", "'missing'")
    assert "test_worker" in described["stackTrace"][-1]
    assert capsys.readouterr().err.splitlines()[-1] == "KeyError: 'missing'"


@pytest.mark.parametrize("handler", ["json.dumps", "json/dumps", "os.path.join"])
def test_a_handler_is_named_as_lambda_names_it(handler: str) -> None:
    assert callable(load(handler))


def test_the_remaining_time_is_in_milliseconds_and_never_negative() -> None:
    assert context(time.time() - 5).get_remaining_time_in_millis() == 0
    assert 59_000 < context(time.time() + 60).get_remaining_time_in_millis() <= 60_000
