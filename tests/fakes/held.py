"""Held changes and their timers in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from appflow_gitops.sync.held import LONGEST_DELAY, HeldChange, ReleaseCheck
from fakes.calls import Calls
from fakes.clock import FakeClock


@dataclass(slots=True)
class FakeHeldChanges:
    """Implements ``HeldChanges``."""

    calls: Calls = field(default_factory=Calls)
    kept: dict[str, HeldChange] = field(default_factory=dict)

    def keep(self, held: HeldChange) -> None:
        self.calls("PutObject", held.change.flowName, lambda: self.kept.update({held.key: held}))

    def flows(self) -> list[str]:
        return self.calls(
            "ListObjects", "", lambda: sorted({held.change.flowName for held in self.kept.values()})
        )

    def of_flow(self, flow_name: str) -> list[HeldChange]:
        def listed() -> list[HeldChange]:
            return [
                self.kept[key] for key in sorted(self.kept) if self.kept[key].change.flowName == flow_name
            ]

        return self.calls("ListObjects", flow_name, listed)

    def remove(self, held: HeldChange) -> None:
        self.calls("DeleteObject", held.change.flowName, lambda: self.kept.pop(held.key, None))


@dataclass(slots=True)
class FakeReleaseTimer:
    """Implements ``ReleaseTimer``: a standard queue with delays. ``due`` takes the messages that are due."""

    clock: FakeClock
    calls: Calls = field(default_factory=Calls)
    waiting: list[tuple[float, ReleaseCheck]] = field(default_factory=list)

    def schedule(self, checks: Sequence[ReleaseCheck], delay: int) -> None:
        assert 0 <= delay <= LONGEST_DELAY
        at = self.clock.now + delay
        self.calls("SendMessageBatch", "", lambda: self.waiting.extend((at, check) for check in checks))

    def due(self) -> list[ReleaseCheck]:
        """The messages that are due."""
        return [check for at, check in self.waiting if at <= self.clock.now]

    def delete(self, check: ReleaseCheck) -> None:
        """Remove the first message with this check."""
        first = next(entry for entry in self.waiting if entry[1] == check)
        self.waiting.remove(first)

    def next_due(self) -> float | None:
        """When the next message is due; ``None`` when there is none."""
        return min((at for at, _ in self.waiting), default=None)
