"""A process that runs the real handlers, and dies on demand right after a given call to AWS.

``python worker.py`` reads orders from standard input, one JSON object a line: ``{"function": "apply", "event": {...},
"dieAfter": 3}``. Each order is carried out by a fork of its own, so that everything is imported once and yet every
death is that of a process. It answers with a line ``{"died": true}`` or ``{"answer": ..., "calls": [...]}``.
"""

import gc
import json
import os
import sys
from typing import Any

import boto3

from appflow_gitops.sync.change import Change
from appflow_gitops.validation.validate import validate_value
from apply import handler as apply_handler
from apply.wiring import attempts
from fakes.flow_documents import orders
from intake import handler as intake_handler
from intake.wiring import intake
from integration.functions.conftest import Context

DIED = 9
HANDLERS: dict[str, Any] = {"intake": intake_handler.handler, "apply": apply_handler.handler}

calls: list[str] = []
order: dict[str, Any] = {}


def after_call(event_name: str, **_: Any) -> None:
    """A call to AWS is over, answered or not."""
    calls.append(event_name.rsplit(".", 1)[1])
    if len(calls) == order.get("dieAfter"):
        os._exit(DIED)


def serve() -> None:
    boto3.setup_default_session()
    events = boto3._get_default_session().events
    for moment in ("after-call", "after-call-error"):
        events.register(moment, after_call)
    warm_up()
    gc.freeze()  # a collection in a fork would copy everything that was imported
    for line in sys.stdin:
        order.clear()
        order.update(json.loads(line))
        sys.stdout.write(carried_out() + "\n")
        sys.stdout.flush()


def warm_up() -> None:
    """Make clients and models, which are otherwise made on first use, once and not in each fork."""
    intake()
    attempts()
    desired = orders()
    validate_value(desired)
    change = Change(identity="-", flowName="-", correlationId="-", requestedAt="-", desired=desired)
    Change.model_validate_json(change.model_dump_json())


def carried_out() -> str:
    """The result of the order, as JSON."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(2, 1)  # what the handlers log is not an answer
        answer = HANDLERS[order["function"]](order["event"], Context())
        os.write(writing, json.dumps({"answer": answer, "calls": calls}).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answers:
        text = answers.read()
    _, status = os.waitpid(child, 0)
    return json.dumps({"died": True}) if os.waitstatus_to_exitcode(status) == DIED else text


if __name__ == "__main__":
    serve()
