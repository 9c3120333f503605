"""Plans a push: compares the folder with the bucket and the flows. Nothing is written.

``command`` calls it; ``uploader`` executes the plan.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Protocol

from appflow_gitops.origin import DocumentVersion
from appflow_gitops.quoting import quoted
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
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.push.document_cache import DocumentCache
from appflow_gitops_cli.push.local_documents import LocalDocument, read_documents
from appflow_gitops_cli.push.steps import InSync, Step, choose_step, extra_keys, flows_in_sync, releases_flows


class Bucket(DocumentStore, DocumentCatalog, Protocol):
    """The documents bucket, read-only."""


@dataclass(frozen=True, slots=True)
class PushStep:
    """One document and its step. ``goes_first``: it releases a flow that another document may take over."""

    document: LocalDocument
    step: Step
    goes_first: bool = False


@dataclass(frozen=True, slots=True)
class PushPlan:
    """The step of every document in the folder, and what else differs in the bucket.

    ``extra_keys`` are the documents that only the bucket has; ``environment`` the keys and contents of the policy and
    variables to upload. ``replaces_all``: the bucket has documents, but none of the folder's, so the folder may be the
    wrong one.
    """

    steps: tuple[PushStep, ...]
    extra_keys: tuple[str, ...] = ()
    environment: tuple[tuple[str, bytes], ...] = ()
    replaces_all: bool = False

    def documents(self, step: Step, *, first: bool = False) -> list[LocalDocument]:
        """The documents with this step: those that go first, or the others."""
        return [each.document for each in self.steps if each.step is step and each.goes_first is first]


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans pushes to one stack. ``stage`` is empty for a stack without variables; ``clock`` returns epoch seconds."""

    flows: FlowCatalog
    documents: Bucket
    bucket: str
    stage: str
    clock: Callable[[], float]
    each: Each = field(repr=False)

    def plan(self, folder: str, prefix: str, local: LocalEnvironment) -> PushPlan:
        """The plan that makes the bucket under ``prefix`` equal to the folder, and brings its flows in sync.

        Raises ``SyncError``, and CommandError for files that cannot be pushed.
        """
        files = tuple(_environment_files(local, self.stage))
        environment = local.over(StoredEnvironment(self.documents, self.bucket, self.stage).read)
        without = {Path(file.name).resolve() for file in local.files}
        documents = read_documents(folder, prefix, environment, without)
        cache = DocumentCache(self.documents)
        inventory = take_inventory(
            self.flows,
            cache,
            bucket=self.bucket,
            prefix=prefix,
            environment=environment,
            now=self.clock(),
            each=self.each,
        )
        in_sync, extra = flows_in_sync(inventory), extra_keys(cache.latest, documents)
        return PushPlan(
            steps=tuple(_push_step(document, cache, environment, in_sync) for document in documents),
            extra_keys=extra,
            environment=tuple((key, content) for key, content in files if self._differs(key, content)),
            replaces_all=0 < len(extra) == len(cache.latest),
        )

    def _differs(self, key: str, content: bytes) -> bool:
        stored = self.documents.read(DocumentVersion(bucket=self.bucket, key=key))
        return stored is None or stored.content != content


def _push_step(
    document: LocalDocument, cache: DocumentCache, environment: Environment, in_sync: InSync
) -> PushStep:
    stored = cache.latest.get(document.key)
    step = choose_step(document, stored, in_sync)
    return PushStep(document, step, step is Step.UPLOAD and releases_flows(document, stored, environment))


def _environment_files(local: LocalEnvironment, stage: str) -> Iterator[tuple[str, bytes]]:
    """The keys that the stack reads policy and variables from, and the contents of the local files."""
    files = iter(local.files)
    if local.has_policy:
        yield POLICY_KEY, next(files).content
    if local.has_variables:
        file = next(files)
        expected = f"{stage}{VARIABLES_SUFFIX}"
        if not stage:
            raise CommandError(
                f"--vars {file.name}: the stack has no stage and reads no variables; deploy it with Stage=NAME"
            )
        if PurePath(file.name).name != expected:
            raise CommandError(
                f"--vars {file.name}: expected a file named {expected}, because the stage of the stack is "
                f"{quoted(stage)}"
            )
        yield f"{VARIABLES_PREFIX}{expected}", file.content
