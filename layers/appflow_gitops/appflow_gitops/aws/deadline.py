"""A deadline for calls to AWS: none begins so late that it could outlast the invocation."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError

Client = TypeVar("Client", bound=BaseClient)

RESERVE = 200.0
"""Seconds that must be left to begin a call: as long as the longest call, the report and the postponing take together.

``clients.CONFIG`` limits a call to 59 seconds. The report repeats a call that was answered at most twice.
"""


class OutOfTime(BotoCoreError):  # noqa: N818 - the name is the error's code in logs and events
    """Not enough time is left of the invocation; the change is retried."""

    fmt = "the call was not made: not enough time left in this invocation"


@dataclass(slots=True)
class Deadline:
    """Refuses calls of the guarded clients; ``remaining`` returns the seconds left of the invocation."""

    remaining: Callable[[], float] = lambda: math.inf

    def guard(self, client: Client) -> Client:
        """Check the time before each call of the client, and return it."""
        client.meta.events.register("before-call", self._check)
        return client

    def _check(self, **_: object) -> None:
        if self.remaining() < RESERVE:
            raise OutOfTime
