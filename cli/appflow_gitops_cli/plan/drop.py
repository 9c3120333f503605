"""What dropping documents into the bucket would do to each flow, as ``apply`` would decide it. Nothing is written.

``command`` calls it, ``report`` holds the answer.
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
from appflow_gitops_cli.documents.report import DocumentReport, report_of, unreadable
from appflow_gitops_cli.documents.selection import Selection
from appflow_gitops_cli.documents.sources import Source
from appflow_gitops_cli.plan.report import FlowPlan, PlanReport

NOT_LOOKED_AT = "whether flows belong to other documents was not looked at"

Key = Callable[[str], str | None]
"""The key that a file would have in the bucket; ``None`` where that cannot be told."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A flow of a valid document. ``key`` is the document's in the bucket, where that is known."""

    file: str
    key: str | None
    flow: ValidatedFlow
    document: FlowDocument


@dataclass(frozen=True, slots=True)
class Drop:
    """The place where documents would be dropped. Without ``bucket`` nothing is known of owners.

    ``stage`` judges a document by its key; one whose key is not known is judged by ``keyless``. ``clock`` gives epoch
    seconds.
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

        Raises ``TransientError`` when AppFlow does not answer, however patiently asked: half a plan is none.
        """
        declared: list[Declared] = []
        invalid: list[DocumentReport] = []
        for source in sources:
            read = self.read(source)
            if isinstance(read, DocumentReport):
                invalid.append(read)
            else:
                declared += read
        flows = tuple(each(self.plan, declared, "Planning"))
        return PlanReport(flows, tuple(invalid), tuple(self._notes(declared)))

    def read(self, source: Source) -> list[Declared] | DocumentReport:
        """The flows that a document declares; what there is to say about it where it is invalid."""
        content = source.read()
        if isinstance(content, Finding):
            return unreadable(source, content)
        key = self.key(source.name)
        checked = validate(content, source.name, self.environment if key else self.keyless, key)
        if not checked.valid:
            return report_of(source, content, checked, Selection())
        return [Declared(source.name, key, flow, flow.document) for flow in checked.flows if flow.document]

    def plan(self, declared: Declared) -> FlowPlan:
        """The plan for one flow. What AppFlow refuses to tell, it would refuse ``apply`` too."""
        desired = declared.document
        told = FlowPlan(desired.flowName, declared.file, Action.REFUSE, dict(desired.request))
        try:
            live = self.flows.describe(desired.flowName)
            objection = self._objection(declared, live)
        except PermanentError as error:
            live, objection = None, ErrorDetail(error.code, error.message)
        if objection:
            return replace(told, refusal=objection)
        made = plan(desired, live, now=self.clock(), may_create=self.may_create)
        return replace(
            told,
            action=made.action,
            changes=effects(made, live),
            adjustments=made.adjustments,
            refusal=made.refusal,
        )

    def _objection(self, declared: Declared, live: LiveFlow | None) -> ErrorDetail | None:
        """Why the flow is not this document's to create or to change."""
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
            f"The flow belongs to {owner}. Remove the flow from that document first.",
        )

    def _notes(self, declared: Iterable[Declared]) -> Iterable[str]:
        if self.bucket is None:
            yield f"The documents bucket is not known: {NOT_LOOKED_AT}."
            return
        files = {flow.file for flow in declared if flow.key is None}
        if files:
            yield f"The keys of {len(files):,} documents are not known (see --prefix): {NOT_LOOKED_AT} there."
