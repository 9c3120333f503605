"""Delivery: a change as the queue hands it over. The apply handler makes them from SQS records."""

from dataclasses import dataclass
from datetime import datetime

from appflow_gitops.flows.ownership import Order
from appflow_gitops.sync.change import Change


@dataclass(frozen=True, slots=True)
class Delivery:
    """``attempt`` counts the deliveries of this message, from 1; ``sequence`` is its SQS sequence number."""

    change: Change
    attempt: int
    sequence: str

    @property
    def order(self) -> Order:
        """The position of this change among the changes of its flow."""
        return Order(int(self.requested_at), self.sequence.zfill(20))

    @property
    def requested_at(self) -> float:
        """The time of the change's event, in epoch seconds."""
        return datetime.fromisoformat(self.change.requestedAt).timestamp()

    @property
    def version(self) -> str:
        """The change's name in the flow's version tag: the document's version, or the request's event id."""
        change = self.change
        return (change.document.label if change.document else change.identity).strip('"')
