"""A clock that moves only when a test moves it."""

from dataclasses import dataclass
from datetime import UTC, datetime

START = datetime(2026, 1, 15, 12, tzinfo=UTC).timestamp()


@dataclass(slots=True)
class FakeClock:
    """Calling it gives epoch seconds."""

    now: float = START

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds

    def to_datetime(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)
