"""Plans what ``apply`` would do with each flow if the documents were uploaded. Nothing is written.

``command`` calls it; ``report`` defines the result.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from appflow_gitops.findings import Finding
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.apply.desired import other_owner
from appflow_gitops.sync.errors import ErrorDetail, PermanentError
from appflow_gitops.sync.inventory import Each
from appflow_gitops.sync.plan import Action, effects, plan
from appflow_gitops.sync.ports import DocumentStore, FlowCatalog
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.result import ValidatedFlow
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.documents.report import DocumentReport, counted, document_report, unreadable_report
from appflow_gitops_cli.documents.selection import Selection
from appflow_gitops_cli.documents.sources import Source
from appflow_gitops_cli.plan.report import FlowPlan, PlanReport

OWNERS_NOT_CHECKED = "not checked whether flows belong to other documents"

Key = Callable[[str], str | None]
"""The key that a file would have in the bucket; ``None`` if it is unknown."""


@dataclass(frozen=True, slots=True)
class DeclaredFlow:
    """A flow of a valid document. ``key`` is the key of the document in the bucket, ``None`` if it is unknown."""

    file: str
    key: str | None
    flow: ValidatedFlow
    document: FlowDocument


@dataclass(frozen=True, slots=True)
class FlowPlanner:
    """Plans flows for one documents bucket. Without ``bucket``, owners of flows are not checked.

    ``environment`` applies to documents with a known key, ``keyless`` to the others. ``clock`` returns epoch seconds.
    """

    flows: FlowCatalog
    documents: DocumentStore
    key: Key
    environment: Environment
    bucket: str | None = None
    may_create: bool = False
    keyless: Environment = field(default_factory=Environment)
    clock: Callable[[], float] = time.time

    def plan_all(self, sources: Iterable[Source], each: Each) -> PlanReport:
        """The plan for every flow that the documents declare.

        Raises ``TransientError`` when AppFlow does not answer after all retries: a partial plan is not returned.
        """
        declared: list[DeclaredFlow] = []
        invalid: list[DocumentReport] = []
        for source in sources:
            read = self.read(source)
            if isinstance(read, DocumentReport):
                invalid.append(read)
            else:
                declared += read
        flows = tuple(each(self.plan, declared, "Planning"))
        return PlanReport(flows, tuple(invalid), tuple(self._notes(declared)))

    def read(self, source: Source) -> list[DeclaredFlow] | DocumentReport:
        """The flows that a document declares, or the report on an invalid document."""
        content = source.read()
        if isinstance(content, Finding):
            return unreadable_report(source, content)
        key = self.key(source.name)
        checked = validate(content, source.name, self.environment if key else self.keyless, key)
        if not checked.valid:
            return document_report(source, content, checked, Selection())
        return [
            DeclaredFlow(source.name, key, flow, flow.document) for flow in checked.flows if flow.document
        ]

    def plan(self, declared: DeclaredFlow) -> FlowPlan:
        """The plan for one flow. A permanent error of AppFlow is a refusal: ``apply`` would get the same error."""
        desired = declared.document
        refused = FlowPlan(desired.flowName, declared.file, Action.REFUSE, dict(desired.request))
        try:
            live = self.flows.describe(desired.flowName)
            refusal = self._refusal(declared, live)
        except PermanentError as error:
            live, refusal = None, ErrorDetail(error.code, error.message)
        if refusal:
            return replace(refused, refusal=refusal)
        planned = plan(desired, live, now=self.clock(), may_create=self.may_create)
        return replace(
            refused,
            action=planned.action,
            changes=effects(planned, live),
            adjustments=planned.adjustments,
            refusal=planned.refusal,
        )

    def _refusal(self, declared: DeclaredFlow, live: LiveFlow | None) -> ErrorDetail | None:
        """Why this document may not create or change the flow; ``None`` if it may."""
        if live is None:
            creation = declared.flow.creation
            return ErrorDetail(creation.rule, creation.message) if creation else None
        if self.bucket is None or declared.key is None:
            return None
        document = DocumentVersion(bucket=self.bucket, key=declared.key)
        owner = other_owner(live.owner, document, live.name, self.documents, self.environment)
        if owner is None:
            return None
        return ErrorDetail(
            "OwnedByAnotherDocument",
            f"the flow belongs to {owner}; remove it from that document first",
        )

    def _notes(self, declared: Iterable[DeclaredFlow]) -> Iterable[str]:
        if self.bucket is None:
            yield f"{OWNERS_NOT_CHECKED}: unknown documents bucket (set --stack or --bucket)"
            return
        files = {flow.file for flow in declared if flow.key is None}
        if files:
            yield f"{OWNERS_NOT_CHECKED}: unknown key of {counted(len(files), 'document')} (see --prefix)"
