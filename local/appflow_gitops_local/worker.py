"""The process in which one function lives: ``python -m appflow_gitops_local.worker intake.handler.handler``.

``runtime`` starts it with the function's environment and talks to it in JSON lines: one line in per
invocation, one line out per answer, and one line out before all others when the handler is imported (or could
not be). Whatever the handler prints goes to standard error, which is the function's log.
"""

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO

Handler = Callable[[Any, "LambdaContext"], Any]


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """What Lambda hands to a handler beside the event."""

    aws_request_id: str
    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: int
    deadline: float
    function_version: str = "$LATEST"
    log_group_name: str = ""
    log_stream_name: str = ""
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until this invocation is stopped, never below zero."""
        return max(0, int((self.deadline - time.time()) * 1000))


def load(handler: str) -> Handler:
    """The callable that ``handler`` names the way Lambda names it: ``package.module.function``."""
    module, _, function = handler.replace("/", ".").rpartition(".")
    loaded: Handler = getattr(importlib.import_module(module), function)
    return loaded


def failure(error: BaseException) -> dict[str, Any]:
    """An exception as Lambda reports it."""
    return {
        "errorType": type(error).__name__,
        "errorMessage": str(error),
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


def serve(handler: Handler, requests: TextIO, answers: TextIO) -> None:
    """Answer each line of ``requests`` with one line, until the input ends."""
    for line in requests:
        request = json.loads(line)
        context = LambdaContext(
            aws_request_id=request["requestId"],
            function_name=os.environ["AWS_LAMBDA_FUNCTION_NAME"],
            invoked_function_arn=request["arn"],
            memory_limit_in_mb=int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]),
            deadline=request["deadline"],
            log_group_name=os.environ["AWS_LAMBDA_LOG_GROUP_NAME"],
            log_stream_name=os.environ["AWS_LAMBDA_LOG_STREAM_NAME"],
        )
        say(answers, answer(handler, request["event"], context))


def answer(handler: Handler, event: Any, context: LambdaContext) -> dict[str, Any]:
    """What the handler returned, or what it raised."""
    try:
        result = handler(event, context)
        json.dumps(result)
    except Exception as error:  # noqa: BLE001 - a handler may raise anything; it is the invocation's answer
        traceback.print_exc()
        return {"error": failure(error)}
    return {"result": result}


def say(answers: TextIO, message: dict[str, Any]) -> None:
    """Write one line of the protocol."""
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def private_streams() -> tuple[TextIO, TextIO]:
    """Standard input and output taken for the protocol; the handler gets nothing to read, and prints to the
    log.
    """
    requests = os.fdopen(os.dup(0))
    answers = os.fdopen(os.dup(1), "w")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def main(handler: str) -> None:
    """Import the handler, report it, serve."""
    requests, answers = private_streams()
    try:
        loaded = load(handler)
    except Exception as error:  # noqa: BLE001 - importing runs anything; Lambda reports an init error
        traceback.print_exc()
        say(answers, {"error": failure(error)})
        return
    say(answers, {"ready": True})
    serve(loaded, requests, answers)


if __name__ == "__main__":
    main(sys.argv[1])
