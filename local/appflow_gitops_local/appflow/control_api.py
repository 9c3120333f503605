"""The control API below ``/moto-api/appflow``, in JSON: behaviour, faults, outcomes of runs, entities, calls.

It is part of moto's own control API: available on the server's endpoint, and at ``http://motoapi.amazonaws.com``
inside ``mock_aws()``. GET returns the state, POST adds to it or changes it, DELETE restores the initial one.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.request import Request

from .calls import Call
from .controls import controls
from .entities import entity_from_json
from .faults import fault_from_json
from .runs import outcome_from_json

Handler = Callable[[Request, str, object], TYPE_RESPONSE]


def _control(
    name: str,
    show: Callable[[], dict[str, Any]],
    clear: Callable[[], None],
    add: Callable[[Any], None] | None = None,
) -> Handler:
    """Return the handler of one resource. Every method responds with the state afterwards."""

    def respond(request: Request, _url: str, _headers: object) -> TYPE_RESPONSE:
        try:
            if request.method == "POST" and add is not None:
                add(json.loads(request.get_data()))
            elif request.method == "DELETE":
                clear()
            elif request.method != "GET":
                return _json(405, {"message": f"unsupported method '{request.method}'"})
        except ValueError as error:
            return _json(400, {"message": str(error)})
        return _json(200, show())

    respond.__name__ = name  # moto's server names its endpoints by their functions
    return respond


def _json(status: int, members: dict[str, Any]) -> TYPE_RESPONSE:
    return status, {"content-type": "application/json"}, json.dumps(members)


def _outcomes() -> dict[str, Any]:
    return {"runs": [{**asdict(outcome), "times": left} for outcome, left in controls.outcomes.remaining()]}


def _entities() -> dict[str, Any]:
    return {"entities": [asdict(entity) for entity in controls.entities.all()]}


def _behaviour() -> dict[str, Any]:
    return controls.behaviour.to_json()


def _change_behaviour(members: Any) -> None:
    controls.behaviour = controls.behaviour.changed(members)
    _catch_up()


def _catch_up() -> None:
    """Let flows run whose time has come, or whose outcome was set."""
    from .models import catch_up  # noqa: PLC0415 - moto reads these URLs before it loads a service

    catch_up()


def _add_outcome(members: Any) -> None:
    controls.outcomes.add(outcome_from_json(members))
    _catch_up()


def _restore_behaviour() -> None:
    controls.behaviour = controls.defaults


def _faults() -> dict[str, Any]:
    return {"faults": [{**asdict(fault), "times": left} for fault, left in controls.faults.remaining()]}


def _calls() -> dict[str, Any]:
    return {
        "counts": controls.calls.counts(),
        "calls": [_call_to_json(call) for call in controls.calls.recent()],
    }


def _call_to_json(call: Call) -> dict[str, Any]:
    return {
        "at": call.at.isoformat(),
        "region": call.region,
        "operation": call.operation,
        "flowName": call.flow_name,
        "clientToken": call.client_token,
        "status": call.status,
    }


url_paths = {
    "{0}/moto-api/appflow/behaviour": _control(
        "behaviour", _behaviour, _restore_behaviour, _change_behaviour
    ),
    "{0}/moto-api/appflow/faults": _control(
        "faults",
        _faults,
        controls.faults.clear,
        lambda members: controls.faults.add(fault_from_json(members)),
    ),
    "{0}/moto-api/appflow/runs": _control("runs", _outcomes, controls.outcomes.clear, _add_outcome),
    "{0}/moto-api/appflow/entities": _control(
        "entities",
        _entities,
        controls.entities.clear,
        lambda members: controls.entities.describe(entity_from_json(members)),
    ),
    "{0}/moto-api/appflow/calls": _control("calls", _calls, controls.calls.clear),
}
