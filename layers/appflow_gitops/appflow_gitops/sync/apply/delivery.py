"""Delivery: a change as the queue hands it over. The apply handler makes them from SQS records."""

from dataclasses import dataclass
from datetime import datetime

from appflow_gitops.sync.change import Change


@dataclass(frozen=True, slots=True, order=True)
class Order:
    """When a change was requested, in whole epoch seconds of its event's time, then its place in the queue.

    Orders the requests for one flow. Document changes do not need it: the bucket knows which version is the latest.
    Whole seconds, because some events tell no more; the queue's order decides within one.
    """

    requested_at: int
    sequence: str

    def __str__(self) -> str:
        return f"{self.requested_at}/{self.sequence}"


def parse_order(text: str) -> Order:
    """The inverse of ``str(order)``."""
    requested_at, _, sequence = text.partition("/")
    return Order(int(requested_at), sequence)


@dataclass(frozen=True, slots=True)
class Delivery:
    """``attempt`` counts the deliveries of this message, from 1; ``sequence`` is its SQS sequence number."""

    change: Change
    attempt: int
    sequence: str

    @property
    def order(self) -> Order:
        """Where this change stands among the changes of its flow."""
        return Order(int(self.requested_at), self.sequence.zfill(20))

    @property
    def requested_at(self) -> float:
        """The time of the change's event, in epoch seconds."""
        return datetime.fromisoformat(self.change.requestedAt).timestamp()

    @property
    def version(self) -> str:
        """What this change is called in the flow's version tag: the document's version, or the request's event id."""
        change = self.change
        return (change.document.label if change.document else change.identity).strip('"')
