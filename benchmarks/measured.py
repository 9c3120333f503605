"""The measured process: our handlers and their baseline. ``processes`` starts it, one role per process.

Each handler returns ``seconds``, its processor time, and ``peak``, the maximum memory of the process in KiB. Ours also
return their ``calls`` to AWS, so that the baseline can repeat them.
"""

import json
import resource
import time
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

import boto3
import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

Spent = dict[str, Any]
Call = Sequence[Any]
"""Service, operation and parameters."""

_calls: list[Call] = []


def intake(event: Any, context: Any) -> Spent:
    """Our intake on one event."""
    return _of_ours("intake.handler", event, context)


def apply(event: Any, context: Any) -> Spent:
    """Our apply on one batch."""
    return _of_ours("apply.handler", event, context)


def bare(event: Any, context: Any) -> Spent:  # noqa: ARG001 - Lambda's signature
    """Nothing but the calls; where the event brings a document, it is parsed and validated before."""
    clients = {service: _client(service) for service, _, _ in event["calls"]}
    shape = _update_flow()
    started = time.process_time()
    if "document" in event:
        ParamValidator().validate(json.loads(event["document"]), shape).has_errors()
    for service, operation, parameters in event["calls"]:
        _make(clients[service], operation, parameters)
    return _spent(started)


def _of_ours(module: str, event: Any, context: Any) -> Spent:
    handler = _watched(module)
    _calls.clear()
    started = time.process_time()
    answer = handler(event, context)
    return {**_spent(started), "answer": answer, "calls": list(_calls)}


@cache
def _watched(module: str) -> Callable[[Any, Any], Any]:
    """The handler; every call that it makes from now on is noted."""
    session = boto3.Session()
    session.events.register("before-parameter-build", _note)
    boto3.DEFAULT_SESSION = session  # that which boto3.client, and so our code, goes by
    handler: Callable[[Any, Any], Any] = import_module(module).handler
    return handler


def _note(params: dict[str, Any], model: Any, **_: Any) -> None:
    _calls.append((model.service_model.service_name, model.name, dict(params)))


def _make(client: Any, operation: str, parameters: dict[str, Any]) -> None:
    try:
        answer = getattr(client, xform_name(operation))(**parameters)
    except ClientError:
        return  # ours gets the same error: the policy is missing
    if "Body" in answer:
        answer["Body"].read()


@cache
def _client(service: str) -> Any:
    create: Any = boto3.client
    return create(service)


@cache
def _update_flow() -> Any:
    service = botocore.session.get_session().get_service_model("appflow")
    return service.operation_model("UpdateFlow").input_shape


def _spent(started: float) -> Spent:
    return {
        "seconds": time.process_time() - started,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }
