"""The status log: the log group that EventBridge copies status events to. ``appflow-gitops push`` follows it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from appflow_gitops.aws.log_entries import LogReader, log_entries
from appflow_gitops.status.events import StatusEvent

_LONGEST_PATTERN = 1000
"""Characters. CloudWatch Logs accepts 1024 in a filter pattern."""


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

    def since(self, start: float, flows: tuple[str, ...] = ()) -> Iterator[LoggedEvent]:
        """The status events logged since ``start`` (epoch seconds), unordered; other entries are skipped.

        With ``flows``, those about flows with these names, and possibly others. An event may appear after others with a
        later time.
        """
        pattern = _pattern(flows)
        for entry in log_entries(
            self.client, self.group, start, **({"filterPattern": pattern} if pattern else {})
        ):
            if event := status_event(entry["message"]):
                yield LoggedEvent(entry["timestamp"] / 1000, event)


def _pattern(flows: tuple[str, ...]) -> str:
    """The filter pattern for events on these flows; none if CloudWatch does not accept one of that length."""
    pattern = " || ".join(f'($.detail.data.flowName = "{flow}")' for flow in flows)
    return f"{{ {pattern} }}" if flows and len(pattern) < _LONGEST_PATTERN else ""


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
