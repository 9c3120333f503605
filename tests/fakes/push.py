"""What ``push`` writes to, in memory: the bucket of a ``World`` and the requests on its bus."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.errors import SyncError, TransientError
from appflow_gitops.sync.intake.intake import IntakeRequest
from appflow_gitops.sync.ports import StoredDocument
from appflow_gitops.validation.environment import NO_ENVIRONMENT, Environment
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.push.local_documents import LocalDocument
from fakes.world import World

T = TypeVar("T")


def one_by_one(work: Callable[[Any], Any], items: Sequence[Any], doing: str) -> Iterable[Any]:  # noqa: ARG001
    """Each item after the other, at once."""
    return [work(item) for item in items]


class InlineCalls(Executor):
    """Makes each call when it is submitted."""

    def submit(self, call: Callable[..., T], /, *arguments: Any, **named: Any) -> Future[T]:
        made: Future[T] = Future()
        try:
            made.set_result(call(*arguments, **named))
        except SyncError as error:
            made.set_exception(error)
        return made


def local(key: str, content: str, environment: Environment = NO_ENVIRONMENT) -> LocalDocument:
    """A document of the folder; its file has the same name as its key."""
    return LocalDocument(key, key, content.encode(), validate(content.encode(), key, environment, key))


@dataclass(slots=True)
class FakeStack:
    """Implements ``Bucket`` and ``Requests``; ``done`` lists its calls, ``requests`` what reaches intake."""

    world: World
    requests: list[IntakeRequest] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def put(
        self, bucket: str, key: str, content: bytes, origin: Provenance, *, replaces: str | None = None
    ) -> DocumentVersion:
        stored = self.read(DocumentVersion(bucket=bucket, key=key))
        if replaces is not None and replaces != (stored.version.eTag if stored else ""):
            raise TransientError("PreconditionFailed", "the object is another one")
        self.done.append(f"put {key}")
        version = self.world.bucket.put(key, content, **origin.model_dump(exclude_none=True))
        self.requests.append(self.world.event_of(version))
        return version

    def read(self, version: DocumentVersion) -> StoredDocument | None:
        return self.world.bucket.read(version)

    def remove(self, bucket: str, key: str) -> None:  # noqa: ARG002
        self.done.append(f"remove {key}")
        self.world.bucket.delete(key)

    def request(self, document: DocumentVersion) -> str:
        self.done.append(f"request {document.key}")
        self.requests.append(self.world.requested(document))
        return self.requests[-1].identity

    def settle(self) -> None:
        """Let intake and apply handle everything that waits."""
        for request in self.requests:
            self.world.intake.handle(request)
        self.requests.clear()
        self.world.settle()
