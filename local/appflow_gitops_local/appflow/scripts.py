"""Scripts: effects that the control API schedules for the next calls or runs."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, Protocol, TypeVar


class Effect(Protocol):
    """An effect that happens a number of times."""

    @property
    def times(self) -> int | None:
        """How often it happens; None: until the script is cleared."""
        ...


Scheduled = TypeVar("Scheduled", bound=Effect)


class Script(Generic[Scheduled]):
    """Effects in the order in which they were added. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._remaining: list[tuple[Scheduled, int | None]] = []

    def add(self, effect: Scheduled) -> None:
        """Append an effect. Raises ValueError if it never happens."""
        if effect.times is not None and effect.times < 1:
            raise ValueError("times: expected 1 or more, or null")
        with self._lock:
            self._remaining.append((effect, effect.times))

    def clear(self) -> None:
        """Remove all effects."""
        with self._lock:
            self._remaining.clear()

    def remaining(self) -> list[tuple[Scheduled, int | None]]:
        """Return the effects that are left, each with the number of times."""
        with self._lock:
            return list(self._remaining)

    def next(self, matches: Callable[[Scheduled], bool]) -> Scheduled | None:
        """Return the first effect that matches and count it down."""
        with self._lock:
            for position, (effect, left) in enumerate(self._remaining):
                if matches(effect):
                    self._count_down(position, effect, left)
                    return effect
        return None

    def _count_down(self, position: int, effect: Scheduled, left: int | None) -> None:
        if left == 1:
            del self._remaining[position]
        elif left is not None:
            self._remaining[position] = (effect, left - 1)
