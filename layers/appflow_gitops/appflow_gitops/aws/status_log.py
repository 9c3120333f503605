"""The status log: the log group that EventBridge copies status events to. ``appflow-gitops push`` follows it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from appflow_gitops.aws.errors import translated
from appflow_gitops.status.events import StatusEvent


class LogReader(Protocol):
    """The part of boto3's CloudWatch Logs client that is used here."""

    def filter_log_events(self, **members: Any) -> Any:
        """FilterLogEvents."""
        ...


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """A status event and its time in the log, in epoch seconds."""

    at: float
    event: StatusEvent


@dataclass(frozen=True, slots=True)
class CloudWatchStatusLog:
    """The status events in one log group."""

    client: LogReader
    group: str

    def since(self, start: float) -> Iterator[LoggedEvent]:
        """The status events logged since ``start`` (epoch seconds), unordered; other entries are skipped.

        An event may appear after others with a later time.
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
    """The status event in an EventBridge event; ``None`` for anything else, such as an outcome of a later version.

    Unknown members are ignored: the stack may be newer than the command.
    """
    try:
        event = json.loads(message)
        value = {**event["detail"], "resources": event.get("resources", [])}
        return StatusEvent.model_validate(value, extra="ignore")
    except (ValueError, KeyError, TypeError):
        return None
