"""The functions' logs, stored in CloudWatch Logs as on AWS and echoed with ``local up --verbose``."""

import threading
import time
from collections.abc import Callable, Mapping

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.logs.models import logs_backends

_STREAM = "local"


class FunctionLogs:
    """Stores the lines that functions print. ``groups`` maps functions to log groups other than Lambda's default."""

    def __init__(
        self, state: threading.Condition, region: str, groups: Mapping[str, str], echo: Callable[[str], None]
    ) -> None:
        self._state = state
        self._backend = logs_backends[DEFAULT_ACCOUNT_ID][region]
        self._groups = groups
        self._echo = echo
        self._streams: set[str] = set()

    def write(self, function: str, line: str) -> None:
        """Store one line of a function's log."""
        self._echo(f"{function}: {line}")
        group = self._groups.get(function, f"/aws/lambda/{function}")
        with self._state:
            if group not in self._streams:
                self._open(group)
            event = {"timestamp": int(time.time() * 1000), "message": line}
            self._backend.put_log_events(group, _STREAM, [event])

    def _open(self, group: str) -> None:
        if group not in self._backend.groups:
            self._backend.create_log_group(group, {})
        self._backend.create_log_stream(group, _STREAM)
        self._streams.add(group)
