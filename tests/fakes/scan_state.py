"""The scan state of detect_drift, in memory."""

from dataclasses import dataclass, field

from fakes.calls import Calls


@dataclass(slots=True)
class FakeScanState:
    """Implements ``ScanStateStore``."""

    calls: Calls = field(default_factory=Calls)
    content: bytes | None = None

    def read(self) -> bytes | None:
        return self.calls("GetObject", "drift/memory.json", lambda: self.content)

    def write(self, content: bytes) -> None:
        def keep() -> None:
            self.content = content

        self.calls("PutObject", "drift/memory.json", keep)
