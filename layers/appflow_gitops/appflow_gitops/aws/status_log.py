"""The log groups that EventBridge copies status events to: ``push`` follows one, ``history`` reads the other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from appflow_gitops.aws.log_entries import LogReader, log_entries
from appflow_gitops.service import service
from appflow_gitops.status.events import StatusEvent
from appflow_gitops.status.health import HEALTH_CHANGED, HealthEvent

_LONGEST_PATTERN = 1000
"""Characters. CloudWatch Logs accepts 1024 in a filter pattern."""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """A status event and its time in the log, in epoch seconds."""

    at: float
    event: StatusEvent


@dataclass(frozen=True, slots=True)
class LoggedHealth:
    """An event about the health of a flow and its time in the log, in epoch seconds."""

    at: float
    event: HealthEvent


@service
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

    def about(self, flow: str, key: str, start: float) -> Iterator[LoggedEvent | LoggedHealth]:
        """The events on a flow, and on its document ``key`` as a whole, logged since ``start``, unordered.

        A document that is rejected as a whole may have no readable name of a flow.
        """
        pattern = f'{{ ($.detail.data.flowName = "{flow}") || ($.detail.data.document.key = "{key}") }}'
        fits = len(pattern) < _LONGEST_PATTERN and not {'"', "\\"} & set(key)
        for entry in log_entries(
            self.client, self.group, start, **({"filterPattern": pattern} if fits else {})
        ):
            at = entry["timestamp"] / 1000
            if (event := status_event(entry["message"])) and _is_about(event, flow, key):
                yield LoggedEvent(at, event)
            elif (health := health_event(entry["message"])) and health.data.flowName == flow:
                yield LoggedHealth(at, health)


def _is_about(event: StatusEvent, flow: str, key: str) -> bool:
    document = event.data.document
    of_document = event.data.flowName is None and document is not None and document.key == key
    return event.data.flowName == flow or of_document


def _pattern(flows: tuple[str, ...]) -> str:
    """The filter pattern for events on these flows; none if CloudWatch does not accept one of that length."""
    pattern = " || ".join(f'($.detail.data.flowName = "{flow}")' for flow in flows)
    return f"{{ {pattern} }}" if flows and len(pattern) < _LONGEST_PATTERN else ""


def status_event(message: str) -> StatusEvent | None:
    """The status event in an EventBridge event; ``None`` for anything else, such as an outcome of a later version.

    Unknown members are ignored: the stack may be newer than the command.
    """
    try:
        return StatusEvent.model_validate(_members(json.loads(message)), extra="ignore")
    except (ValueError, KeyError, TypeError):
        return None


def health_event(message: str) -> HealthEvent | None:
    """The event about a flow's health in an EventBridge event; ``None`` for anything else."""
    try:
        event = json.loads(message)
        is_health = event["detail-type"] == HEALTH_CHANGED
        return HealthEvent.model_validate(_members(event), extra="ignore") if is_health else None
    except (ValueError, KeyError, TypeError):
        return None


def _members(event: Any) -> dict[str, Any]:
    return {**event["detail"], "resources": event.get("resources", [])}
