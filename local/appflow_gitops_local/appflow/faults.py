"""Faults: calls that fail, lose their response or take long, for tests and demonstrations.

``responses`` applies the fault that matches a call; ``control_api`` sets faults over HTTP.
"""

from dataclasses import dataclass
from typing import Any, Literal

from .exceptions import STATUS_CODES
from .json_values import read_record
from .scripts import Script

EVERY_OPERATION = "*"


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of failure, the calls it applies to and how often. The fields have the names of the JSON form."""

    operation: str
    """UpdateFlow and so on; ``*`` for every operation."""
    error: str | None = None
    """The error type; an empty one responds with the status alone."""
    status: int | None = None
    """The HTTP status; by default that of the error, 400 for an unknown error."""
    times: int | None = 1
    """The number of calls it applies to; null: until the faults are cleared."""
    when: Literal["before", "after"] = "before"
    """``before``: the call has no effect. ``after``: the call has its effect, then the connection drops."""
    flowName: str | None = None
    """Only calls about this flow."""
    delaySeconds: float = 0.0
    """The duration of the call; without error and status, the only effect."""

    @property
    def response_status(self) -> int | None:
        """The HTTP status of the response; None if the call is only slow."""
        if self.status is not None:
            return self.status
        return STATUS_CODES.get(self.error, 400) if self.error else None

    def matches(self, operation: str, flow_name: str | None) -> bool:
        """Return whether the fault applies to such a call."""
        return self.operation in {operation, EVERY_OPERATION} and self.flowName in {None, flow_name}


def fault_from_json(members: Any) -> Fault:
    """Read a fault. Raises ValueError."""
    return read_record(Fault, members)


class Faults(Script[Fault]):
    """The faults that are set."""

    def due(self, operation: str, flow_name: str | None) -> Fault | None:
        """Return the fault that applies to this call, counted down."""
        return self.next(lambda fault: fault.matches(operation, flow_name))
