"""Takeovers in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from appflow_gitops.sync.takeover import Takeover, folder_of
from fakes.calls import Calls


@dataclass(slots=True)
class FakeTakeovers:
    """Implements ``TakeoverStore``."""

    calls: Calls = field(default_factory=Calls)
    kept: dict[tuple[str, str], Takeover] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    """The folders of the bucket in which takeovers are."""

    def record(self, takeover: Takeover) -> None:
        def keep() -> None:
            self.kept[takeover.owner, takeover.flowName] = takeover
            self.folders.add(folder_of(takeover.owner))

        self.calls("PutObject", takeover.flowName, keep)

    def waiting(self, owner: str) -> Iterator[Takeover]:
        found = [takeover for (known, _), takeover in self.kept.items() if known == owner]
        return iter(self.calls("ListObjects", owner, lambda: found))

    def remove(self, takeover: Takeover) -> None:
        def drop() -> None:
            self.kept.pop((takeover.owner, takeover.flowName), None)
            if all(owner != takeover.owner for owner, _ in self.kept):
                self.folders.discard(folder_of(takeover.owner))

        self.calls("DeleteObject", takeover.flowName, drop)
