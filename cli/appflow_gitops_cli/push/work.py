"""All that a push has to do, found by looking at folder, bucket and flows. Nothing is changed here.

``command`` calls it, ``send`` does the work.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Protocol

from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.inventory import Each, take_inventory
from appflow_gitops.sync.ports import DocumentCatalog, DocumentStore, FlowCatalog
from appflow_gitops.sync.stored_environment import (
    POLICY_KEY,
    VARIABLES_PREFIX,
    VARIABLES_SUFFIX,
    StoredEnvironment,
)
from appflow_gitops.validation.environment import Environment
from appflow_gitops_cli.environment import LocalEnvironment
from appflow_gitops_cli.main import CannotRun
from appflow_gitops_cli.push.bucket import ReadOnce
from appflow_gitops_cli.push.decision import Step, Synced, decide, gives_up_flows, gone, synced
from appflow_gitops_cli.push.folder import LocalDocument, documents_in


class Bucket(DocumentStore, DocumentCatalog, Protocol):
    """The documents bucket, to read."""


@dataclass(frozen=True, slots=True)
class Task:
    """One document and what is to be done with it. ``goes_first``: another one waits for a flow that it gives up."""

    document: LocalDocument
    step: Step
    goes_first: bool = False


@dataclass(frozen=True, slots=True)
class PushPlan:
    """Every document of the folder, the keys of those that only the bucket has, and the files of the environment
    (key and content) that the bucket has otherwise.

    ``replaces_all``: the bucket has documents, and none of the folder's. It may be another folder than was meant.
    """

    tasks: tuple[Task, ...]
    gone: tuple[str, ...] = ()
    environment: tuple[tuple[str, bytes], ...] = ()
    replaces_all: bool = False

    def to(self, step: Step, *, first: bool = False) -> list[LocalDocument]:
        """The documents that this is to be done with: those that go first, or the others."""
        return [task.document for task in self.tasks if task.step is step and task.goes_first is first]


@dataclass(frozen=True, slots=True)
class Planner:
    """Looks at one stack. An empty ``stage_name`` is that of one without variables; ``clock`` gives epoch seconds."""

    flows: FlowCatalog
    documents: Bucket
    bucket: str
    stage_name: str
    clock: Callable[[], float]
    each: Each = field(repr=False)

    def work(self, folder: str, prefix: str, desk: LocalEnvironment) -> PushPlan:
        """What is to be done so that the bucket has under ``prefix`` what the folder has, and flows follow.

        Raises ``SyncError``, and CannotRun for what cannot be pushed.
        """
        files = tuple(_environment_files(desk, self.stage_name))
        environment = desk.over(StoredEnvironment(self.documents, self.bucket, self.stage_name).read)
        without = {Path(file.name).resolve() for file in desk.files}
        local = documents_in(folder, prefix, environment, without)
        store = ReadOnce(self.documents)
        inventory = take_inventory(
            self.flows,
            store,
            bucket=self.bucket,
            prefix=prefix,
            environment=environment,
            now=self.clock(),
            each=self.each,
        )
        in_sync, only_there = synced(inventory), gone(store.latest, local)
        return PushPlan(
            tasks=tuple(_task(document, store, environment, in_sync) for document in local),
            gone=only_there,
            environment=tuple((key, content) for key, content in files if self._differs(key, content)),
            replaces_all=0 < len(only_there) == len(store.latest),
        )

    def _differs(self, key: str, content: bytes) -> bool:
        stored = self.documents.read(DocumentVersion(bucket=self.bucket, key=key))
        return stored is None or stored.content != content


def _task(document: LocalDocument, store: ReadOnce, environment: Environment, in_sync: Synced) -> Task:
    stored = store.latest.get(document.key)
    step = decide(document, stored, in_sync)
    return Task(document, step, step is Step.UPLOAD and gives_up_flows(document, stored, environment))


def _environment_files(desk: LocalEnvironment, stage: str) -> Iterator[tuple[str, bytes]]:
    """The files that the desk gives, by the keys that the stack reads them under."""
    contents = iter(desk.files)
    if desk.has_policy:
        yield POLICY_KEY, next(contents).content
    if desk.has_variables:
        file = next(contents)
        wanted = f"{stage}{VARIABLES_SUFFIX}"
        if not stage:
            raise CannotRun(
                f"--vars {file.name}: the stack has no stage, so it reads no variables; deploy it with Stage=NAME"
            )
        if PurePath(file.name).name != wanted:
            raise CannotRun(
                f"--vars {file.name}: the stack's stage is {stage}, so it reads only {VARIABLES_PREFIX}{wanted}"
            )
        yield f"{VARIABLES_PREFIX}{wanted}", file.content
