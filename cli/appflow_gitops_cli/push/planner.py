"""Plans a push: compares the folder with the bucket and the flows. Nothing is written.

``command`` calls it; ``uploader`` executes the plan.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from appflow_gitops.findings import Finding
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.quoting import quoted
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.declaration import document_keys
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.inventory import Each, Inventory, State, SyncStatus, take_inventory
from appflow_gitops.sync.plan import plan
from appflow_gitops.sync.ports import DocumentCatalog, DocumentStore, FlowCatalog, StoredDocument
from appflow_gitops.sync.stored_environment import VARIABLES_PREFIX, StoredEnvironment
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.cloud import DOCUMENTS_PREFIX
from appflow_gitops_cli.documents.compared_flow import ComparedFlow
from appflow_gitops_cli.documents.keys import Keys
from appflow_gitops_cli.documents.problems import ProblemFinder
from appflow_gitops_cli.documents.pushed_bucket import PushedBucket
from appflow_gitops_cli.documents.refusals import RefusalFinder
from appflow_gitops_cli.environment import LocalEnvironment, environment_files
from appflow_gitops_cli.push.document_cache import DocumentCache
from appflow_gitops_cli.push.local_documents import LocalDocument, read_documents
from appflow_gitops_cli.push.mass_change import NO_FLOWS, ChangedShare, share_by_variables
from appflow_gitops_cli.push.steps import (
    InSync,
    Step,
    choose_step,
    extra_keys,
    flows_in_sync,
    releases_flows,
)
from appflow_gitops_cli.stack_limits import StackLimits

_CHANGES = (Action.UPDATE, Action.ACTIVATE, Action.SUSPEND)
"""The actions that change how an existing flow runs."""

Compared = Mapping[str, Sequence[ComparedFlow]]
"""The flows of documents, by key."""


class Bucket(DocumentStore, DocumentCatalog, Protocol):
    """The documents bucket, read-only."""


@dataclass(frozen=True, slots=True)
class PushStep:
    """One document and its step. ``goes_first``: it releases a flow that another document may take over.

    ``problems`` are the reasons why the stack would reject a document that is valid by itself, or some of its flows.
    """

    document: LocalDocument
    step: Step
    goes_first: bool = False
    problems: tuple[str, ...] = ()
    existing: tuple[str, ...] = ()
    """The flows of the document that exist; of an invalid one also those that it owns."""
    changed: tuple[str, ...] = ()
    """Those of them that the push changes."""


@dataclass(frozen=True, slots=True)
class PushPlan:
    """The step of every document in the folder, and what else differs in the bucket.

    ``extra_keys`` are the documents that only the bucket has; ``environment`` the keys and contents of the policy and
    variables to upload. ``replaces_all``: the bucket has documents, but none of the folder's, so the folder may be the
    wrong one. ``etags`` are the ETags of the stored objects that were compared, by key, ``None`` where it is unknown.
    ``replaced`` are the origins of the documents that would be uploaded over, ``deleted`` those that --prune
    would delete.
    """

    steps: tuple[PushStep, ...]
    extra_keys: tuple[str, ...] = ()
    environment: tuple[tuple[str, bytes], ...] = ()
    replaces_all: bool = False
    etags: Mapping[str, str | None] = field(default_factory=dict)
    replaced: tuple[Provenance, ...] = ()
    deleted: tuple[Provenance, ...] = ()
    orphans: tuple[SyncStatus, ...] = ()
    """The flows that no document of the folder declares, but that belong to one of it or to one of ``extra_keys``."""
    heirs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The other documents in the bucket, by the flows that they declare: they take over these ``orphans``."""

    in_sync: tuple[FlowSummary, ...] = ()
    """The flows of the folder's documents that were in sync before the push."""
    beside: ChangedShare = NO_FLOWS
    """The flows of other documents in the bucket, of which some change because the push changes variables."""

    @property
    def invalid(self) -> int:
        """The number of documents that are not sent because they are invalid."""
        return sum(each.step is Step.INVALID for each in self.steps)

    @property
    def share(self) -> ChangedShare:
        """How many of the existing flows change."""
        pushed = ChangedShare(
            sum(len(each.changed) for each in self.steps),
            sum(len(each.existing) for each in self.steps if each.step is not Step.INVALID),
            sum(len(each.existing) for each in self.steps if each.step is Step.INVALID),
        )
        return pushed + self.beside

    def documents(self, step: Step, *, first: bool = False) -> list[LocalDocument]:
        """The documents with this step: those that go first, or the others."""
        return [each.document for each in self.steps if each.step is step and each.goes_first is first]


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans pushes to one stack. ``stored`` is the environment in its bucket; ``clock`` returns epoch seconds.

    ``may_create``: the stack creates missing flows. ``prune``: the push deletes documents that the folder lacks.
    ``force``: changes are sent even if they would be refused.
    """

    flows: FlowCatalog
    documents: Bucket
    bucket: str
    stored: StoredEnvironment
    clock: Callable[[], float]
    each: Each
    limits: StackLimits = field(default_factory=StackLimits)
    may_create: bool = False
    prune: bool = False
    force: bool = False

    def plan(self, folder: str, prefix: str, local: LocalEnvironment) -> PushPlan:
        """The plan that makes the bucket under ``prefix`` equal to the folder, and brings its flows in sync.

        Raises ``SyncError``, and CommandError for files that cannot be pushed.
        """
        files = tuple(environment_files(local, self.stored.name))
        environment = local.over(self.stored.read)
        documents = read_documents(folder, prefix, environment, local)
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
        keys = {document.key for document in documents}
        steps = tuple(
            self._step(document, cache.latest.get(document.key), environment, in_sync)
            for document in documents
        )
        compared = self._compare(steps)
        steps = tuple(self._with_problems(steps, compared))
        stored = frozenset(cache.latest)
        if prefix != DOCUMENTS_PREFIX:  # the inventory listed the prefix only
            stored = frozenset(document_keys(self.documents, self.bucket, DOCUMENTS_PREFIX))
        after = self._bucket_after(steps, (prefix,), stored, environment)
        steps = tuple(_with_existing(self._with_changes(steps, compared, after), inventory))
        orphans = tuple(_orphans(inventory, documents))
        before = {key: self._stored(key) for key, _ in files}
        uploads = tuple(
            (key, content) for key, content in files if (old := before[key]) is None or old.content != content
        )
        others = stored - {document.key for document in documents} - set(extra if self.prune else ())
        uploaded = {step.document.key for step in steps if step.step is Step.UPLOAD}
        return PushPlan(
            steps=steps,
            extra_keys=extra,
            environment=uploads,
            etags={**dict.fromkeys(cache.latest), **cache.etags, **_etags(before)},
            replaces_all=0 < len(extra) == len(cache.latest),
            orphans=orphans,
            heirs=dict(self._heirs(orphans, after)),
            replaced=tuple(origin for key, origin in cache.origins.items() if key in uploaded),
            deleted=tuple(origin for key, origin in cache.origins.items() if key in extra),
            in_sync=tuple(
                flow.live
                for flow in inventory.flows
                if (flow.document, flow.live.name) in in_sync and flow.document in keys
            ),
            beside=self._changed_beside(others, uploads, environment, inventory),
        )

    def _changed_beside(
        self,
        keys: Iterable[str],
        uploads: Iterable[tuple[str, bytes]],
        environment: Environment,
        inventory: Inventory,
    ) -> ChangedShare:
        """The flows of documents that are not pushed, if variables are."""
        if not any(key.startswith(VARIABLES_PREFIX) for key, _ in uploads):
            return NO_FLOWS
        found = self.each(self._readable, sorted(keys), "Reading other documents")
        live = {flow.live.name for flow in (*inventory.flows, *inventory.unmanaged)}
        return share_by_variables(filter(None, found), self.stored.read(), environment, live)

    def _readable(self, key: str) -> StoredDocument | None:
        """The stored document; ``None`` where S3 does not return it."""
        try:
            return self._stored(key)
        except PermanentError:
            return None

    def plan_document(self, key: str, content: bytes) -> PushPlan:
        """The plan that stores this content under one key. Raises ``SyncError``."""
        environment, before = self.stored.read(), self._stored(key)
        document = LocalDocument(key, key, content, validate(content, key, environment, key))
        step = self._step(document, before.content if before else None, environment, frozenset())
        steps: tuple[PushStep, ...] = (step,)
        compared = self._compare(steps)
        steps = tuple(self._with_problems(steps, compared))
        stored = frozenset(document_keys(self.documents, self.bucket, DOCUMENTS_PREFIX))
        after = self._bucket_after(steps, (), stored, environment)
        return PushPlan(tuple(self._with_changes(steps, compared, after)), etags=_etags({key: before}))

    def _stored(self, key: str) -> StoredDocument | None:
        return self.documents.read(DocumentVersion(bucket=self.bucket, key=key))

    def _heirs(
        self, orphans: Iterable[SyncStatus], after: PushedBucket
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The other stored documents that declare an orphan, unless its own document stays and declares it."""
        for flow in orphans:
            heirs = after.also_declared.get(flow.live.name, ())
            if heirs and flow.live.owner.key_in(self.bucket) not in heirs:
                yield flow.live.name, heirs

    def _step(
        self, document: LocalDocument, stored: bytes | None, environment: Environment, in_sync: InSync
    ) -> PushStep:
        step = choose_step(document, stored, in_sync)
        return PushStep(document, step, step is Step.UPLOAD and releases_flows(document, stored, environment))

    def _compare(self, steps: Sequence[PushStep]) -> Compared:
        """The flows of the documents that differ from the bucket or from their flows."""
        sent = [each.document for each in steps if each.step in (Step.UPLOAD, Step.REAPPLY)]
        names = list(dict.fromkeys(name for document in sent for name in document.flows))
        live = dict(zip(names, self.each(self.flows.describe, names, "Comparing flows"), strict=True))
        return {
            document.key: tuple(
                self._compared(flow.document, live[flow.document.flowName], flow.creation)
                for flow in document.checked.flows
                if flow.document
            )
            for document in sent
        }

    def _compared(
        self, desired: FlowDocument, live: LiveFlow | None, creation: Finding | None
    ) -> ComparedFlow:
        planned = plan(desired, live, now=self.clock(), may_create=self.may_create)
        return ComparedFlow(desired, live, planned, creation)

    def _with_problems(self, steps: Iterable[PushStep], compared: Compared) -> Iterator[PushStep]:
        """The steps; ``INVALID`` for a document that is valid by itself, but has a problem."""
        steps = tuple(steps)
        valid = ((each.document.file, each.document.flows) for each in steps if each.document.checked.valid)
        finder = ProblemFinder.of(valid, self.limits)
        for each in steps:
            flows = compared.get(each.document.key, ())
            problems = finder.find(each.document.file, self._uri(each.document), flows)
            yield PushStep(each.document, Step.INVALID, problems=problems) if problems else each

    def _bucket_after(
        self,
        steps: Sequence[PushStep],
        prefixes: tuple[str, ...],
        stored: frozenset[str],
        environment: Environment,
    ) -> PushedBucket:
        return PushedBucket(
            self.documents,
            self.bucket,
            environment,
            Keys({each.document.file: each.document.key for each in steps}, prefixes),
            declared={
                each.document.key: None if each.step is Step.INVALID else frozenset(each.document.flows)
                for each in steps
            },
            stored=stored,
            prune=self.prune,
            each=self.each,
        )

    def _with_changes(
        self, steps: Iterable[PushStep], compared: Compared, after: PushedBucket
    ) -> Iterator[PushStep]:
        """The steps with the flows that they change. Those whose changes would all be refused are ``REFUSED``."""
        finder = RefusalFinder(after, self.limits)
        for each in steps:
            if each.step in (Step.UPLOAD, Step.REAPPLY):
                yield self._with_refusals(each, compared[each.document.key], finder)
            else:
                yield replace(each, existing=each.document.flows) if each.step is Step.UNCHANGED else each

    def _with_refusals(
        self, step: PushStep, flows: Sequence[ComparedFlow], finder: RefusalFinder
    ) -> PushStep:
        """The step with the refusals of its flows; ``REFUSED`` if the document changes nothing else."""
        is_observed = finder.after.environment.observes(step.document.key)
        refusals, changed, has_effect = [], [], step.goes_first
        for flow in flows:
            name, refusal = flow.desired.flowName, finder.find(step.document.key, flow)
            if refusal and not self.force:
                refusals.append(f"flow {quoted(name)}: {refusal.code}: {refusal.message}")
            else:
                has_effect |= flow.is_written(self._uri(step.document))
                if flow.planned.action in _CHANGES and not is_observed:
                    changed.append(name)
        return replace(
            step,
            step=Step.REFUSED if refusals and not has_effect else step.step,
            problems=tuple(refusals),
            existing=tuple(flow.desired.flowName for flow in flows if flow.live),
            changed=tuple(changed),
        )

    def _uri(self, document: LocalDocument) -> str:
        return f"s3://{self.bucket}/{document.key}"


def _etags(stored: Mapping[str, StoredDocument | None]) -> dict[str, str | None]:
    """The ETags by key, "" for an object that does not exist."""
    return {key: found.version.eTag if found else "" for key, found in stored.items()}


def _with_existing(steps: Iterable[PushStep], inventory: Inventory) -> Iterator[PushStep]:
    """The steps with the existing flows of invalid documents too, or they would not count for a mass change.

    A document that cannot be read declares no flows, but owns those that an earlier version declared.
    """
    steps = tuple(steps)
    live = {flow.live.name for flow in (*inventory.flows, *inventory.unmanaged)}
    owned = {(flow.document, flow.live.name) for flow in inventory.flows if flow.state is not State.ELSEWHERE}
    counted = {name for each in steps for name in each.existing}
    for each in steps:
        if each.step is not Step.INVALID:
            yield each
            continue
        names = {name for key, name in owned if key == each.document.key}
        existing = (names | live.intersection(each.document.flows)) - counted
        counted |= existing
        yield replace(each, existing=tuple(sorted(existing)))


def _orphans(inventory: Inventory, documents: list[LocalDocument]) -> Iterator[SyncStatus]:
    declared = {flow for document in documents for flow in document.flows}
    invalid = {document.key for document in documents if not document.checked.valid}
    for flow in inventory.flows:
        is_ours = flow.state not in (State.ORPHANED, State.ELSEWHERE) and flow.document not in invalid
        if is_ours and flow.live.name not in declared:
            yield flow
