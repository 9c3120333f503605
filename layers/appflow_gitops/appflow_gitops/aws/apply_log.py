"""The log of ``apply``, as far as the command needs it: the changes that are being retried, and why."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from appflow_gitops.aws.log_entries import LogReader, log_entries
from appflow_gitops.service import service

RETRYING = "retrying"
"""The message that ``observability`` logs for each attempt that failed."""


@dataclass(frozen=True, slots=True)
class Retry:
    """A failed attempt. ``change`` is the change's id, ``code`` the code of the error."""

    flow: str
    change: str
    code: str


@service
class ApplyLog:
    """The retries in one log group."""

    client: LogReader
    group: str

    def retries(self, start: float) -> Iterator[Retry]:
        """The retries since ``start`` (epoch seconds), oldest first in each log stream. Raises ``SyncError``."""
        for entry in log_entries(self.client, self.group, start, filterPattern=f'"{RETRYING}"'):
            if retry := parse_retry(entry["message"]):
                yield retry


def parse_retry(line: str) -> Retry | None:
    """The retry that a log line reports; ``None`` for any other line."""
    try:
        entry = json.loads(line)
        if entry["message"] != RETRYING:
            return None
        return Retry(str(entry["flow"]), str(entry["change"]), str(entry["code"]))
    except (ValueError, KeyError, TypeError):
        return None
