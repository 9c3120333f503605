"""Idempotency by client token: a repeated request gets the first response and has no further effect.

Only successful requests are kept, per operation. What happened to the flow in between does not matter: when
content A, then B, then A again is sent under the first token of A, the third request has no effect and the
flow keeps B.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .behaviour import Behaviour
from .exceptions import ConflictException, ValidationException

_MISMATCH = "The clientToken was already used with other parameters."  # our wording, AWS's is unknown


@dataclass(frozen=True, slots=True)
class _Completed:
    request: dict[str, Any]
    response: dict[str, Any]
    expires: datetime


class TokenCache:
    """The completed requests per operation and client token."""

    def __init__(self) -> None:
        self._completed: dict[tuple[str, str], _Completed] = {}

    def once(
        self,
        operation: str,
        request: dict[str, Any],
        behaviour: Behaviour,
        perform: Callable[[], dict[str, Any]],
    ) -> dict[str, Any]:
        """Return the response of ``perform``, or the earlier one if the request repeats its token.

        Raises the error that the behaviour names when the token was used with other parameters.
        """
        token = request.get("clientToken")
        if token is None:
            return perform()
        now = behaviour.now()
        self._expire(now)
        completed = self._completed.get((operation, token))
        if completed is None:
            response = perform()
            expires = now + timedelta(hours=behaviour.token_hours)
            self._completed[operation, token] = _Completed(request, response, expires)
            return response
        if completed.request != request:
            raise _mismatch(behaviour)
        return completed.response

    def _expire(self, now: datetime) -> None:
        self._completed = {key: entry for key, entry in self._completed.items() if entry.expires > now}


def _mismatch(behaviour: Behaviour) -> ConflictException | ValidationException:
    if behaviour.on_reused_parameters == "ConflictException":
        return ConflictException(_MISMATCH)
    return ValidationException(_MISMATCH)
