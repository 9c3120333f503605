"""What all our events share: their source, their metadata, and their size."""

import json
from typing import Any, Literal, Protocol, Self

from appflow_gitops.origin import Wire

SOURCE = "appflow-gitops"
SIZE_LIMIT = 200 * 1024
"""Bytes of one event's detail. EventBridge allows 256 KiB for the whole entry; the rest is room for its envelope."""


class StatusMetadata(Wire):
    """The change that the event is about; ``id`` is the same for every repeat of it."""

    id: str
    schemaVersion: Literal["1"] = "1"
    time: str
    correlationId: str
    attempt: int = 1


class EventData(Protocol):
    """The ``data`` of any of our events."""

    def shorter(self) -> Self | None:
        """The same with its lists cut in half and marked as truncated; ``None`` when they are empty."""
        ...

    def model_dump(self, *, mode: str) -> dict[str, Any]:
        """See pydantic."""
        ...


def render_detail(metadata: StatusMetadata, data: EventData) -> str:
    """The detail of an event as JSON of at most ``SIZE_LIMIT`` bytes, truncated and marked as such where needed."""
    text = _rendered(metadata, data)
    while len(text.encode()) > SIZE_LIMIT and (shorter := data.shorter()):
        data = shorter
        text = _rendered(metadata, data)
    return text


def _rendered(metadata: StatusMetadata, data: EventData) -> str:
    detail = {"metadata": metadata.model_dump(), "data": data.model_dump(mode="json")}
    if provenance := detail["data"].get("provenance"):
        # Only its known members.
        detail["data"]["provenance"] = {
            name: value for name, value in provenance.items() if value is not None
        }
    return json.dumps(detail, ensure_ascii=False, separators=(",", ":"))
