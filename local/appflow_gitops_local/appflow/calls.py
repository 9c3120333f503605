"""Which calls AppFlow got, for tests that count them: ``responses`` records, ``control_api`` shows."""

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Call:
    """One call that arrived, whatever became of it."""

    at: datetime
    region: str
    operation: str
    flow_name: str | None
    client_token: str | None
    status: int | None
    """The HTTP status of the answer; None where the answer was lost."""


class Calls:
    """How many calls there were of each operation, and the last of them. Threads may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[str] = Counter()
        self._recent: deque[Call] = deque(maxlen=_KEPT)

    def record(self, call: Call) -> None:
        """Count one more."""
        with self._lock:
            self._counts[call.operation] += 1
            self._recent.append(call)

    def counts(self) -> dict[str, int]:
        """Calls since the start, per operation."""
        with self._lock:
            return dict(self._counts)

    def recent(self) -> list[Call]:
        """The last thousand, oldest first."""
        with self._lock:
            return list(self._recent)

    def clear(self) -> None:
        """Count from zero."""
        with self._lock:
            self._counts.clear()
            self._recent.clear()
