"""The log of calls, for tests that count them: ``responses`` records, ``control_api`` shows."""

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

KEPT_CALLS = 1000


@dataclass(frozen=True, slots=True)
class Call:
    """One call and the status of its response."""

    at: datetime
    region: str
    operation: str
    flow_name: str | None
    client_token: str | None
    status: int | None
    """The HTTP status of the response; None if a fault dropped the response."""


class Calls:
    """The number of calls per operation, and the most recent calls. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[str] = Counter()
        self._recent: deque[Call] = deque(maxlen=KEPT_CALLS)

    def record(self, call: Call) -> None:
        """Add a call."""
        with self._lock:
            self._counts[call.operation] += 1
            self._recent.append(call)

    def counts(self) -> dict[str, int]:
        """Return the number of calls per operation."""
        with self._lock:
            return dict(self._counts)

    def recent(self) -> list[Call]:
        """Return the last 1,000 calls, oldest first."""
        with self._lock:
            return list(self._recent)

    def clear(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._counts.clear()
            self._recent.clear()
