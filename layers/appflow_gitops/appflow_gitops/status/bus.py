"""The event bus as ``status`` needs it. ``aws`` implements it with boto3."""

from typing import Protocol


class BusEvent(Protocol):
    """An event that can be sent: the outcome of a change, or drift."""

    @property
    def detail_type(self) -> str:
        """The EventBridge detail-type."""
        ...

    @property
    def resources(self) -> tuple[str, ...]:
        """The ARN of the flow, where it has one."""
        ...

    def detail(self) -> str:
        """The detail as JSON, small enough for one event."""
        ...


class EventBus(Protocol):
    """Where our events are sent."""

    def publish(self, event: BusEvent) -> None:
        """Send the event; one that the bus refuses is retried before this raises ``SyncError``."""
        ...
