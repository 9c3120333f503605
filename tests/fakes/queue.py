"""A FIFO queue with a dead-letter queue, on a virtual clock, as SQS keeps them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from appflow_gitops.sync.change import Change
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.ports import DeadLetter
from fakes.calls import Calls
from fakes.clock import FakeClock

DEDUPLICATION = 300.0
VISIBILITY = 1800.0


@dataclass(slots=True)
class Message:
    """A message, how often it was received, and when it can be seen again."""

    body: str
    group: str
    sequence: int
    received: int = 0
    visible_at: float = 0.0
    moved_at: float | None = None
    """When the redrive policy moved it to the dead letters."""

    @property
    def receipt(self) -> str:
        return str(self.sequence)

    def delivery(self) -> Delivery:
        return Delivery(Change.model_validate_json(self.body), self.received, str(self.sequence))


@dataclass(slots=True)
class FakeQueue:
    """Implements ``ChangeQueue`` and ``DeadLetters``; ``receive``, ``delete`` and ``redrive`` are what others do."""

    clock: FakeClock
    calls: Calls = field(default_factory=Calls)
    max_receive_count: int = 6
    messages: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    seen: dict[str, float] = field(default_factory=dict)
    sent: int = 0
    others: int = 0
    """Messages about other flows, which are in the queue whenever it is asked."""

    def send(self, changes: Sequence[Change]) -> None:
        self.calls("SendMessageBatch", "", lambda: self._accept_all(changes))

    def postpone(self, receipt: str, seconds: int) -> None:
        self.calls("ChangeMessageVisibility", "", lambda: self._make_visible(receipt, seconds))

    def keep(self, letter: DeadLetter) -> None:
        self.calls("SendMessage", "", lambda: self._bury(letter))

    def failed(self) -> Iterator[tuple[Change, str]]:
        letters = self.calls("ReceiveMessage", "", lambda: list(self.dead))
        for letter in letters:
            change = Change.model_validate_json(letter.body)
            yield change if letter.moved_at is None else change.failed(letter.moved_at), letter.body

    def remove(self, receipt: str) -> None:
        def take() -> None:
            self.dead[:] = [letter for letter in self.dead if letter.body != receipt]

        self.calls("DeleteMessage", "", take)

    def is_empty(self) -> bool:
        return self.calls("GetQueueAttributes", "", lambda: not self.messages and not self.others)

    def receive(self, limit: int = 10) -> list[Message]:
        """The next messages: of each group the oldest, unless one of its messages is being worked on."""
        batch: list[Message] = []
        for message in list(self._available()):
            if len(batch) == limit:
                break
            message.received += 1
            if message.received > self.max_receive_count:
                self.messages.remove(message)
                message.moved_at = self.clock.now
                self.dead.append(message)
                continue
            message.visible_at = self.clock.now + VISIBILITY
            batch.append(message)
        return batch

    def delete(self, message: Message) -> None:
        if message in self.messages:
            self.messages.remove(message)

    def redrive(self) -> None:
        """Send every dead letter on its way again."""
        for message in self.dead:
            self.sent += 1
            self.messages.append(Message(message.body, message.group, self.sent))
        self.dead.clear()

    def next_visible(self) -> float | None:
        """When the next message can be received; ``None`` when there is none.

        A message that is being worked on, or waits, holds up its whole group.
        """
        groups: dict[str, float] = {}
        for message in self.messages:
            groups[message.group] = max(message.visible_at, groups.get(message.group, 0.0))
        return min(groups.values(), default=None)

    def _accept_all(self, changes: Sequence[Change]) -> None:
        for change in changes:
            self._accept(change)

    def _accept(self, change: Change) -> None:
        if self.clock.now - self.seen.get(change.deduplication_id, -DEDUPLICATION) < DEDUPLICATION:
            return
        self.seen[change.deduplication_id] = self.clock.now
        self.sent += 1
        self.messages.append(Message(change.model_dump_json(exclude_none=True), change.group, self.sent))

    def _bury(self, letter: DeadLetter) -> None:
        if self.clock.now - self.seen.get(letter.id, -DEDUPLICATION) >= DEDUPLICATION:
            self.seen[letter.id] = self.clock.now
            self.dead.append(Message(letter.body, letter.group, self.sent))

    def _make_visible(self, receipt: str, seconds: int) -> None:
        for message in self.messages:
            if message.receipt == receipt:
                message.visible_at = self.clock.now + seconds

    def _available(self) -> Iterator[Message]:
        locked = {
            message.group
            for message in self.messages
            if message.received and message.visible_at > self.clock.now
        }
        return (message for message in self.messages if message.group not in locked)
