"""Takeovers in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from appflow_gitops.sync.takeover import Takeover
from fakes.calls import Calls


@dataclass(slots=True)
class FakeTakeovers:
    """Implements ``TakeoverStore``."""

    calls: Calls = field(default_factory=Calls)
    kept: dict[tuple[str, str], Takeover] = field(default_factory=dict)

    def record(self, takeover: Takeover) -> None:
        def keep() -> None:
            self.kept[takeover.owner, takeover.flowName] = takeover

        self.calls("PutObject", takeover.flowName, keep)

    def waiting(self, owner: str) -> Iterator[Takeover]:
        found = [takeover for (known, _), takeover in self.kept.items() if known == owner]
        return iter(self.calls("ListObjects", owner, lambda: found))

    def remove(self, takeover: Takeover) -> None:
        self.calls(
            "DeleteObject",
            takeover.flowName,
            lambda: self.kept.pop((takeover.owner, takeover.flowName), None),
        )
