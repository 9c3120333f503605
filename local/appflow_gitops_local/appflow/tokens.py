"""The memory of client tokens: a request that comes again under its token is answered, not carried out again.

The backend keeps one; CreateFlow, UpdateFlow, StartFlow and CreateConnectorProfile ask it. Only what
succeeded is remembered. What happened to the flow in between does not matter: that is how content A, then B,
then A again under A's first token is answered as done and stays at B.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .behaviour import Behaviour
from .exceptions import ConflictException, ValidationException

_MISMATCH = "The clientToken was already used with other parameters."  # our own wording, AWS's is unknown


@dataclass(frozen=True, slots=True)
class _Done:
    request: dict[str, Any]
    answer: dict[str, Any]
    until: datetime


class TokenMemory:
    """What was done under which token, per operation."""

    def __init__(self) -> None:
        self._done: dict[tuple[str, str], _Done] = {}

    def once(
        self,
        operation: str,
        request: dict[str, Any],
        behaviour: Behaviour,
        act: Callable[[], dict[str, Any]],
    ) -> dict[str, Any]:
        """The answer of ``act``, or the earlier one if the same request was done under its token.

        Raises what the behaviour says when the token was used with other parameters.
        """
        token = request.get("clientToken")
        if token is None:
            return act()
        now = behaviour.now()
        self._forget(now)
        done = self._done.get((operation, token))
        if done is None:
            answer = act()
            until = now + timedelta(hours=behaviour.token_hours)
            self._done[operation, token] = _Done(request, answer, until)
            return answer
        if done.request != request:
            raise _mismatch(behaviour)
        return done.answer

    def _forget(self, now: datetime) -> None:
        self._done = {key: done for key, done in self._done.items() if done.until > now}


def _mismatch(behaviour: Behaviour) -> ConflictException | ValidationException:
    if behaviour.on_reused_parameters == "ConflictException":
        return ConflictException(_MISMATCH)
    return ValidationException(_MISMATCH)
