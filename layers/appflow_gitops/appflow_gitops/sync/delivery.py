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
        """The position of this change among the changes of its flow.

        Within a second, intake's clock decides, then the queue. A message that is redriven gets a new sequence number
        and keeps its time; a change that was held keeps both.
        """
        milliseconds, sequence = round(self.received_at * 1000), self.change.released or self.sequence
        return Order(int(self.requested_at), f"{milliseconds:013}{sequence.zfill(20)}")

    @property
    def requested_at(self) -> float:
        """The time of the change's event, in epoch seconds; never later than intake received it.

        A sender whose clock is ahead must not overtake later requests. Its own time counts otherwise: an event that
        arrives again after a later one stays the older.
        """
        return min(_epoch(self.change.requestedAt), self.received_at)

    @property
    def received_at(self) -> float:
        """When intake received the event, in epoch seconds; the event's own time in messages of older versions."""
        return _epoch(self.change.receivedAt or self.change.requestedAt)

    @property
    def version(self) -> str:
        """The change's name in the flow's tags: the document's version, or the request's event id."""
        change = self.change
        return (change.document.label if change.document else change.identity).strip('"')


def _epoch(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
