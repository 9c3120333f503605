"""What ``push`` writes to, in memory: the bucket of a ``World`` and the requests on its bus."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.rules.check import check
from appflow_gitops.rules.stage import BARE, Stage
from appflow_gitops.sync.intake import Arrival
from appflow_gitops_cli.push.folder import LocalDocument
from fakes.world import World


def one_by_one(work: Callable[[Any], Any], items: Sequence[Any], doing: str) -> Iterable[Any]:  # noqa: ARG001
    """Each item after the other, at once."""
    return [work(item) for item in items]


def local(key: str, content: str, stage: Stage = BARE) -> LocalDocument:
    """A document of the folder; its file has the same name as its key."""
    return LocalDocument(key, key, content.encode(), check(content.encode(), key, stage, key))


@dataclass(slots=True)
class FakeStack:
    """Implements ``Shelf`` and ``Requests``; ``done`` is what it was told, ``arrivals`` what intake gets of it."""

    world: World
    arrivals: list[Arrival] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def put(self, bucket: str, key: str, content: bytes, origin: Provenance) -> DocumentVersion:  # noqa: ARG002
        self.done.append(f"put {key}")
        version = self.world.bucket.put(key, content, **origin.model_dump(exclude_none=True))
        self.arrivals.append(self.world.event_of(version))
        return version

    def remove(self, bucket: str, key: str) -> None:  # noqa: ARG002
        self.done.append(f"remove {key}")
        self.world.bucket.delete(key)

    def request(self, document: DocumentVersion) -> str:
        self.done.append(f"request {document.key}")
        self.arrivals.append(self.world.requested(document))
        return self.arrivals[-1].identity

    def settle(self) -> None:
        """Let intake and apply do all that there is to do."""
        for arrival in self.arrivals:
            self.world.intake.take(arrival)
        self.arrivals.clear()
        self.world.settle()
