"""Plans what ``push`` would do to each flow, and which flows it would leave behind. Nothing is written.

``command`` calls it; ``report`` defines the result.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from typing import Protocol

from appflow_gitops.findings import Finding
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.origin import Provenance
from appflow_gitops.quoting import listed, quoted
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.declaration import document_keys
from appflow_gitops.sync.errors import ErrorDetail, PermanentError
from appflow_gitops.sync.field_check import FieldChecker
from appflow_gitops.sync.inventory import Each
from appflow_gitops.sync.plan import Plan, effects, plan
from appflow_gitops.sync.ports import DocumentCatalog, DocumentStore, FlowCatalog
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.result import ValidatedFlow
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.cloud import DOCUMENTS_PREFIX
from appflow_gitops_cli.documents.compared_flow import ComparedFlow
from appflow_gitops_cli.documents.field_findings import FIELDS_ONLY, unchecked_notes, with_field_findings
from appflow_gitops_cli.documents.keys import Keys
from appflow_gitops_cli.documents.problems import ProblemFinder
from appflow_gitops_cli.documents.pushed_bucket import PushedBucket
from appflow_gitops_cli.documents.refusals import RefusalFinder
from appflow_gitops_cli.documents.report import (
    DocumentReport,
    ReadSource,
    counted,
    document_report,
    pronoun,
    unreadable_report,
)
from appflow_gitops_cli.documents.selection import Selection
from appflow_gitops_cli.documents.sources import Source
from appflow_gitops_cli.plan.report import FlowPlan, OrphanedFlow, PlanReport
from appflow_gitops_cli.provenance import older_checkout
from appflow_gitops_cli.stack_limits import StackLimits

_WARNINGS = Selection(ignore=("AFG4", "AFG260"))
"""Without those about fields, and about flows that will be in Draft: the plan shows both anyway."""


class Bucket(DocumentStore, DocumentCatalog, Protocol):
    """The documents bucket, read-only."""


@dataclass(frozen=True, slots=True)
class LocalDocument:
    """A document of the command line: its flows if it is valid, else the report on it.

    ``key`` is its key in the bucket, ``None`` if it is unknown.
    """

    file: str
    key: str | None
    flows: tuple[ValidatedFlow, ...] = ()
    invalid: DocumentReport | None = None
    read: ReadSource | None = None
    """The document, if it is valid."""

    @property
    def names(self) -> frozenset[str] | None:
        """The names of the declared flows; ``None`` if the document is invalid."""
        return None if self.invalid else frozenset(flow.name for flow in self.flows if flow.name)


@dataclass(frozen=True, slots=True)
class DeclaredFlow:
    """A flow of a valid document."""

    file: str
    key: str | None
    document: FlowDocument
    creation: Finding | None = None
    """Why the policy does not allow the document to create the flow."""
    field_error: Finding | None = None
    """Why a stack with CheckFields=refuse rejects the change."""


ShowProgress = Callable[[Sequence[DeclaredFlow]], Iterable[DeclaredFlow]]
"""Iterates over the flows and shows how many are done."""

MissingCommits = Callable[[Iterable[Provenance]], frozenset[str]]
"""The commits of these documents that the working copy does not contain."""


@dataclass(frozen=True, slots=True)
class FlowPlanner:
    """Plans a push to one documents bucket.

    ``environment`` applies to documents with a known key, ``keyless`` to the others. ``prune``: push deletes documents
    that the folders lack. ``fields`` compares documents with their connectors; with ``refuses_fields``, the stack
    rejects changes with errors about fields. ``clock`` returns epoch seconds. Without ``missing_commits``, the plan
    does not say that the working copy is older than the bucket. ``actor`` is who would push.
    """

    flows: FlowCatalog
    documents: Bucket
    bucket: str
    keys: Keys
    environment: Environment
    limits: StackLimits = field(default_factory=StackLimits)
    may_create: bool = False
    prune: bool = False
    keyless: Environment = field(default_factory=Environment)
    fields: FieldChecker | None = None
    refuses_fields: bool = False
    clock: Callable[[], float] = time.time
    missing_commits: MissingCommits | None = None
    actor: str | None = None

    def plan_all(
        self, sources: Iterable[Source], calls: Executor, each: Each, show_progress: ShowProgress = iter
    ) -> PlanReport:
        """The plan for every flow that the documents declare, and for those that lose their document.

        Flows are described by ``calls`` while the documents are validated; ``each`` describes the objects whose fields
        they use. Raises ``SyncError`` when AWS does not answer, or refuses to: a partial plan is not returned.
        """
        stored = calls.submit(document_keys, self.documents, self.bucket, DOCUMENTS_PREFIX)
        summaries = calls.submit(lambda: list(self.flows.summaries()))
        read, described = self._describe_while_reading(sources, calls)
        documents = self._with_fields(read, each)
        declared = [flow for document in documents for flow in _declared(document)]
        compared = [
            (flow, self._compare(flow, described[flow.document.flowName].result()))
            for flow in show_progress(declared)
        ]
        problems = self._problems(documents, compared)
        after = PushedBucket(
            self.documents,
            self.bucket,
            self.environment,
            self.keys,
            declared={
                document.key: None if document.file in problems else document.names
                for document in documents
                if document.key
            },
            stored=frozenset(stored.result()),
            prune=self.prune,
            each=each,
        )
        fields = [document.read.report(FIELDS_ONLY) for document in documents if document.read]
        live = {name: flow.result() for name, flow in described.items()}
        planned = tuple(self._plan(after, *flow, problems.get(flow[0].file, ())) for flow in compared)
        orphans = find_orphans(after, summaries.result())
        also_declared = after.also_declared if _may_conflict(after, orphans, planned, live) else {}
        orphans = [
            replace(orphan, heirs=also_declared.get(orphan.name, ())) if orphan.by_push else orphan
            for orphan in orphans
        ]
        return PlanReport(
            planned,
            tuple(document.invalid for document in documents if document.invalid),
            (
                *self._older_checkout(after, documents, planned, live, each),
                *_notes(after, documents, orphans),
                *_observed(planned),
                *_duplicates(planned, also_declared),
                *unchecked_notes(_findings(fields)),
            ),
            fields=tuple(report for report in fields if report.has_warnings),
            warned=tuple(_warned(documents, planned)),
            orphans=tuple(orphan for orphan in orphans if orphan.by_push and not orphan.heirs),
            taken_over=tuple(orphan for orphan in orphans if orphan.heirs),
            deleted=tuple(after.extra) if self.prune else (),
            replaces_all=self.prune and after.is_replaced,
        )

    def _describe_while_reading(
        self, sources: Iterable[Source], calls: Executor
    ) -> tuple[list[LocalDocument], dict[str, Future[LiveFlow | None]]]:
        """Read the documents; the live flows, by name, are being described then."""
        documents: list[LocalDocument] = []
        described: dict[str, Future[LiveFlow | None]] = {}
        for source in sources:
            documents.append(document := self.read(source))
            for flow in document.flows:
                if flow.name and flow.name not in described:
                    described[flow.name] = calls.submit(self.flows.describe, flow.name)
        return documents, described

    def read(self, source: Source) -> LocalDocument:
        """Read and validate one document."""
        key = self.keys.of.get(source.name)
        content = source.read()
        if isinstance(content, Finding):
            return LocalDocument(source.name, key, invalid=unreadable_report(source, content))
        environment = self.environment if key else self.keyless
        if self.fields:
            environment = replace(environment, checks_fields=True)
        checked = validate(content, source.name, environment, key)
        if not checked.valid:
            report = document_report(source, content, checked, Selection())
            return LocalDocument(source.name, key, invalid=report)
        return LocalDocument(source.name, key, checked.flows, read=ReadSource(source, content, checked))

    def _older_checkout(
        self,
        after: PushedBucket,
        documents: Iterable[LocalDocument],
        planned: Iterable[FlowPlan],
        live: Mapping[str, LiveFlow | None],
        each: Each,
    ) -> Iterator[str]:
        """Whether push refuses to go back behind a commit in the bucket.

        Push compares the bytes of all documents. To read few of them, only those are read here that change a flow, or
        whose flows have a commit that the working copy does not contain.
        """
        if self.missing_commits is None:
            return
        applied = {
            document.file: [
                Provenance(commit=flow.owner.commit)
                for name in document.names or ()
                if (flow := live.get(name))
            ]
            for document in documents
        }
        missing = self.missing_commits(found for commits in applied.values() for found in commits)
        changed = {flow.file for flow in planned if flow.is_change}
        replaced = [
            (document.key, document.read.content)
            for document in documents
            if document.read and document.key in after.stored
            if document.file in changed or any(found.commit in missing for found in applied[document.file])
        ]
        deleted = [(key, None) for key in after.extra] if self.prune else []
        stored = each(self._replaced, [*replaced, *deleted], "Reading documents")
        if commits := self.missing_commits(filter(None, stored)):
            yield f"push will refuse this: {older_checkout(commits)}"

    def _replaced(self, document: tuple[str, bytes | None]) -> Provenance | None:
        """The provenance of the stored document, unless it has the same content."""
        key, content = document
        try:
            stored = next(iter(self.documents.history(self.bucket, key)), None)
        except PermanentError:
            return None
        return stored.provenance if stored and stored.content != content else None

    def _rejected(self, declared: DeclaredFlow) -> ErrorDetail | None:
        error = declared.field_error if self.refuses_fields else None
        return ErrorDetail(error.rule, error.message) if error else None

    def _with_fields(self, documents: Sequence[LocalDocument], each: Each) -> list[LocalDocument]:
        """The documents with the findings about their fields."""
        read = {document.file: document.read for document in documents if document.read}
        if not self.fields or not read:
            return list(documents)
        extended = with_field_findings([source.checked for source in read.values()], self.fields, each)
        checked = dict(zip(read, extended, strict=True))
        return [
            replace(
                document,
                flows=checked[document.file].flows,
                read=replace(document.read, checked=checked[document.file]),
            )
            if document.read
            else document
            for document in documents
        ]

    def _compare(self, declared: DeclaredFlow, live: LiveFlow | None) -> ComparedFlow:
        planned = plan(declared.document, live, now=self.clock(), may_create=self.may_create)
        return ComparedFlow(declared.document, live, planned, declared.creation)

    def _problems(
        self, documents: Iterable[LocalDocument], compared: Iterable[tuple[DeclaredFlow, ComparedFlow]]
    ) -> dict[str, tuple[str, ...]]:
        """Why push does not send documents, by file."""
        documents = tuple(documents)
        finder = ProblemFinder.of(((each.file, each.names or ()) for each in documents), self.limits)
        flows = defaultdict(list)
        for declared, flow in compared:
            flows[declared.file].append(flow)
        found = (
            (each.file, finder.find(each.file, self._uri(each.key), flows[each.file])) for each in documents
        )
        return {file: problems for file, problems in found if problems}

    def _uri(self, key: str | None) -> str | None:
        return f"s3://{self.bucket}/{key}" if key else None

    def _plan(
        self, after: PushedBucket, declared: DeclaredFlow, flow: ComparedFlow, problems: Sequence[str]
    ) -> FlowPlan:
        """The plan for one flow. ``problems`` are the reasons why push does not send its document."""
        desired, live, planned = flow.desired, flow.live, flow.planned
        refusal = (
            _not_sent(problems if flow.is_written(self._uri(declared.key)) else ())
            or self._rejected(declared)
            or RefusalFinder(after, self.limits).find(declared.key, flow)
        )
        found = FlowPlan(
            desired.flowName,
            declared.file,
            Action.REFUSE if refusal else planned.action,
            dict(desired.request),
            changes=() if refusal and not planned.refusal else effects(planned, live),
            adjustments=planned.adjustments,
            refusal=refusal,
            moved_from=None if refusal else _former_owner(after, declared, live),
            in_draft=_stays_in_draft(planned, desired),
            is_observed=self.environment.observes(declared.key, desired.flowName),
        )
        if refusal or not found.is_change:
            return found
        return replace(found, hold=self.environment.hold(desired.flowName, self.actor, self.clock()))


def _observed(flows: Iterable[FlowPlan]) -> Iterator[str]:
    if number := sum(flow.is_observed for flow in flows):
        yield f"{counted(number, 'flow')} observed: the policy has mode observe, so push changes nothing there"


def _warned(documents: Iterable[LocalDocument], planned: Iterable[FlowPlan]) -> Iterator[DocumentReport]:
    """The warnings of the documents of which a flow changes."""
    changed = {flow.file for flow in planned if flow.is_change}
    for document in documents:
        if document.read and document.file in changed:
            report = document.read.report(_WARNINGS).without_infos
            if report.findings:
                yield report


def _findings(documents: Iterable[DocumentReport]) -> Iterator[Finding]:
    return (finding for document in documents for finding in document.findings)


def _declared(document: LocalDocument) -> Iterator[DeclaredFlow]:
    for flow in document.flows:
        if flow.document:
            yield DeclaredFlow(
                document.file,
                document.key,
                flow.document,
                flow.creation,
                next(filter(FIELDS_ONLY.is_error, flow.findings), None),
            )


def _not_sent(problems: Sequence[str]) -> ErrorDetail | None:
    if not problems:
        return None
    return ErrorDetail("NotSent", f"push does not send the document: {'; '.join(problems)}")


def _former_owner(after: PushedBucket, declared: DeclaredFlow, live: LiveFlow | None) -> str | None:
    """The key of the document that the flow moves away from."""
    owning = live.owner.key_in(after.name) if live and declared.key else None
    return owning if owning != declared.key else None


def _stays_in_draft(planned: Plan, desired: FlowDocument) -> bool:
    """Whether the flow will be created without being started: it does not run until its status is set."""
    return (
        planned.action is Action.CREATE
        and desired.triggerConfig.triggerType != "OnDemand"
        and desired.flowStatus != "Active"
    )


def find_orphans(after: PushedBucket, summaries: Iterable[FlowSummary]) -> list[OrphanedFlow]:
    """The flows that will belong to no document after the push, or that belong to none already."""
    return [
        OrphanedFlow(live.name, key, live.status, by_push=after.keeps(key, live.name))
        for live in summaries
        if (key := live.owner.key_in(after.name))
        and after.keys.contain(key)
        and live.name not in after.flows
        and not after.will_keep(key, live.name)
    ]


def _may_conflict(
    after: PushedBucket,
    orphans: Iterable[OrphanedFlow],
    planned: Iterable[FlowPlan],
    live: Mapping[str, LiveFlow | None],
) -> bool:
    """Whether other stored documents matter: the folders lack some, or a flow gets or loses an owner."""
    owned = {name for name, flow in live.items() if flow and flow.owner.document}
    return (
        bool(after.extra)
        or any(orphan.by_push for orphan in orphans)
        or any(flow.name not in owned for flow in planned)
    )


def _duplicates(planned: Iterable[FlowPlan], also_declared: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The flows that a stored document declares too, and that the pushed document owns."""
    for flow in planned:
        is_applied = flow.action is not Action.REFUSE and not flow.is_observed
        if is_applied and (others := also_declared.get(flow.name)):
            yield (
                f"flow {quoted(flow.name)}: {listed(others)} in the bucket declares it too, and is rejected while "
                f"{flow.file} declares it"
            )


def _notes(
    after: PushedBucket, documents: Sequence[LocalDocument], orphans: Sequence[OrphanedFlow]
) -> Iterator[str]:
    if after.extra and not after.prune:
        yield (
            f"the bucket has {counted(len(after.extra), 'document')} that the folder lacks "
            f"({listed(after.extra)}); --prune deletes {pronoun(len(after.extra))} and keeps the flows"
        )
    if earlier := [quoted(orphan.name) for orphan in orphans if not orphan.by_push]:
        yield (
            f"{counted(len(earlier), 'flow')} orphaned earlier ({', '.join(earlier)}); see 'appflow-gitops status'"
        )
    if files := [document.file for document in documents if document.key is None]:
        yield (
            f"not checked whether flows belong to other documents: unknown key of {counted(len(files), 'document')} "
            "(see --prefix)"
        )
