"""The controls over HTTP, below ``/moto-api/appflow``: faults, calls and behaviour, in JSON.

``register`` hangs them into moto's own control API, so that they work wherever that does: on the server's
endpoint, and at ``http://motoapi.amazonaws.com`` inside ``mock_aws()``. Each has GET to show and DELETE to
start afresh.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.request import Request

from .behaviour import Behaviour
from .calls import Call
from .controls import controls
from .faults import fault_from_json


def faults(request: Request, _url: str, _headers: object) -> TYPE_RESPONSE:
    """POST adds a fault, GET lists those that are left (``times`` counted down), DELETE clears them."""

    def add(members: dict[str, Any]) -> None:
        controls.faults.add(fault_from_json(members))

    def show() -> dict[str, Any]:
        return {"faults": [{**asdict(fault), "times": left} for fault, left in controls.faults.due()]}

    return _answer(request, add=add, show=show, clear=controls.faults.clear)


def calls(request: Request, _url: str, _headers: object) -> TYPE_RESPONSE:
    """GET gives the count per operation and the recent calls, DELETE counts from zero."""

    def show() -> dict[str, Any]:
        return {
            "counts": controls.calls.counts(),
            "calls": [_call_to_json(call) for call in controls.calls.recent()],
        }

    return _answer(request, add=None, show=show, clear=controls.calls.clear)


def behaviour(request: Request, _url: str, _headers: object) -> TYPE_RESPONSE:
    """POST changes the switches that it names, GET shows them all, DELETE brings back the defaults."""

    def change(members: dict[str, Any]) -> None:
        controls.behaviour = controls.behaviour.changed(members)

    def show() -> dict[str, Any]:
        return controls.behaviour.to_json()

    def clear() -> None:
        controls.behaviour = Behaviour()

    return _answer(request, add=change, show=show, clear=clear)


def _answer(
    request: Request,
    *,
    add: Callable[[dict[str, Any]], None] | None,
    show: Callable[[], dict[str, Any]],
    clear: Callable[[], None],
) -> TYPE_RESPONSE:
    """Every method answers with what is shown afterwards; 400 for a body that makes no sense, 405 for the
    rest.
    """
    try:
        if request.method == "POST" and add is not None:
            add(_json_object(request.get_data()))
        elif request.method == "DELETE":
            clear()
        elif request.method != "GET":
            return _json(405, {"message": f"{request.method} is not supported here."})
    except ValueError as error:
        return _json(400, {"message": str(error)})
    return _json(200, show())


def _json_object(body: bytes) -> dict[str, Any]:
    members = json.loads(body)
    if not isinstance(members, dict):
        raise ValueError("The body must be a JSON object.")  # noqa: TRY004 - bad JSON is a ValueError too
    return members


def _json(status: int, members: dict[str, Any]) -> TYPE_RESPONSE:
    return status, {"content-type": "application/json"}, json.dumps(members)


def _call_to_json(call: Call) -> dict[str, Any]:
    names = {"flow_name": "flowName", "client_token": "clientToken"}
    members = {names.get(entry.name, entry.name): getattr(call, entry.name) for entry in fields(call)}
    return {**members, "at": call.at.isoformat()}


url_paths = {
    "{0}/moto-api/appflow/faults": faults,
    "{0}/moto-api/appflow/calls": calls,
    "{0}/moto-api/appflow/behaviour": behaviour,
}
