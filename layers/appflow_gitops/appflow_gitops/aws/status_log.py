"""The status log: status events as EventBridge copies them into a log group.

``appflow-gitops push`` follows them there.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from appflow_gitops.aws.errors import translated
from appflow_gitops.status.events import StatusEvent


class LogReader(Protocol):
    """A boto3 client of CloudWatch Logs, as far as it is needed here."""

    def filter_log_events(self, **members: Any) -> Any:
        """FilterLogEvents."""
        ...


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """A status event and the time that the log keeps it under, in epoch seconds."""

    at: float
    event: StatusEvent


@dataclass(frozen=True, slots=True)
class CloudWatchStatusLog:
    """The status events in one log group."""

    client: LogReader
    group: str

    def since(self, start: float) -> Iterator[LoggedEvent]:
        """The status events that are logged with a time from ``start`` on (epoch seconds), in no order.

        One may be found later than another of a later time. Entries that are no status event are passed over.
        """
        following: dict[str, str] = {}
        while True:
            with translated():
                page = self.client.filter_log_events(
                    logGroupName=self.group, startTime=int(start * 1000), **following
                )
            for entry in page.get("events", []):
                if event := status_event(entry["message"]):
                    yield LoggedEvent(entry["timestamp"] / 1000, event)
            if not page.get("nextToken"):
                return
            following = {"nextToken": page["nextToken"]}


def status_event(message: str) -> StatusEvent | None:
    """The status event in an EventBridge event; ``None`` for anything else, a kind that a later version sends included.

    Members that we do not know are passed over: the stack may be newer than the command.
    """
    try:
        told = json.loads(message)
        value = {**told["detail"], "resources": told.get("resources", [])}
        return StatusEvent.model_validate(value, extra="ignore")
    except (ValueError, KeyError, TypeError):
        return None
