"""Faults on order: calls that fail, get lost or take long, for tests and demonstrations.

``responses`` takes the fault that is due for a call; ``control_api`` lets them be set over HTTP.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from .exceptions import STATUS_CODES

EVERY_OPERATION = "*"


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, for which calls and how often. The names are those of the JSON form."""

    operation: str
    """UpdateFlow and so on; ``*`` for every operation."""
    error: str | None = None
    """The error type; empty answers the bare status, without a type."""
    status: int | None = None
    """The HTTP status; by default the error's own, 400 for one that AppFlow does not have."""
    times: int | None = 1
    """How many calls are struck; null until the faults are cleared."""
    when: Literal["before", "after"] = "before"
    """``before``: the call has no effect. ``after``: it is carried out, and the connection drops."""
    flowName: str | None = None
    """Only calls about this flow."""
    delaySeconds: float = 0.0
    """How long the call takes; with neither error nor status that is all that happens."""

    @property
    def answered_status(self) -> int | None:
        """The HTTP status to answer with; None if the call is only slow."""
        if self.status is not None:
            return self.status
        return STATUS_CODES.get(self.error, 400) if self.error else None

    def strikes(self, operation: str, flow_name: str | None) -> bool:
        """Whether it is meant for such a call."""
        return self.operation in {operation, EVERY_OPERATION} and self.flowName in {None, flow_name}


def fault_from_json(members: Mapping[str, Any]) -> Fault:
    """The fault in a JSON object. Raises ValueError where it makes none."""
    unknown = sorted(set(members) - set(Fault.__slots__))
    if unknown:
        raise ValueError(f"No such member: {', '.join(unknown)}. There are: {', '.join(Fault.__slots__)}")
    try:
        return TypeAdapter(Fault).validate_json(json.dumps(members), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


class Faults:
    """The faults that are due, in the order they were set. Threads may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._due: list[tuple[Fault, int | None]] = []

    def add(self, fault: Fault) -> None:
        """Strike the next calls that it is meant for."""
        with self._lock:
            self._due.append((fault, fault.times))

    def clear(self) -> None:
        """Strike no more."""
        with self._lock:
            self._due.clear()

    def due(self) -> list[tuple[Fault, int | None]]:
        """The faults that are left, each with how many times."""
        with self._lock:
            return list(self._due)

    def take(self, operation: str, flow_name: str | None) -> Fault | None:
        """The fault that strikes this call, counted down; the one that was set first."""
        with self._lock:
            for place, (fault, left) in enumerate(self._due):
                if fault.strikes(operation, flow_name):
                    self._count_down(place, fault, left)
                    return fault
        return None

    def _count_down(self, place: int, fault: Fault, left: int | None) -> None:
        if left == 1:
            del self._due[place]
        elif left is not None:
            self._due[place] = (fault, left - 1)
