"""The result of ``plan``, as data and as JSON. ``text`` and ``markdown`` render it."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.status.events import StatusFinding
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.change import timestamp
from appflow_gitops.sync.errors import ErrorDetail
from appflow_gitops.sync.plan import Adjustment
from appflow_gitops.validation.policy.hold import Hold
from appflow_gitops_cli.documents.report import DocumentReport, counted

_COUNTED = {
    Action.CREATE: "to create",
    Action.UPDATE: "to update",
    Action.ACTIVATE: "to activate",
    Action.SUSPEND: "to suspend",
    Action.TAG: "to tag",
    Action.REFUSE: "refused",
    Action.UNCHANGED: "unchanged",
}


@dataclass(frozen=True, slots=True)
class FlowPlan:
    """What applying ``file`` would do to one flow. ``desired`` is the UpdateFlow request.

    ``moved_from`` is the key of the document that the flow belongs to now, if it is another one. ``in_draft``: the flow
    will be created in Draft and not run. ``is_observed``: the policy observes the folder of the document, so that the
    change is only reported. ``hold``: why the change would wait if it was pushed now.
    """

    name: str
    file: str
    action: Action
    desired: dict[str, Any]
    changes: tuple[DiffItem, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    refusal: ErrorDetail | None = None
    moved_from: str | None = None
    in_draft: bool = False
    is_observed: bool = False
    hold: Hold | None = None

    @property
    def is_change(self) -> bool:
        """Whether anything changes, or is refused."""
        return self.action is not Action.UNCHANGED or self.moved_from is not None


@dataclass(frozen=True, slots=True)
class OrphanedFlow:
    """A flow that belongs to the document ``key``, which will not declare it. It keeps its status and keeps running.

    ``by_push``: the push makes it an orphan; it is not one yet. ``heirs`` are the other documents in the bucket that
    declare the flow: one of them takes it over.
    """

    name: str
    key: str
    status: str
    by_push: bool = True
    heirs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanReport:
    """The plan of every flow in the order of the documents, the invalid documents, and notes for the reader.

    ``orphans`` are the flows that lose their document, ``taken_over`` those that another stored document takes over
    then, ``deleted`` the keys that --prune deletes from the bucket.
    ``fields`` are the valid documents with errors or warnings about fields, ``warned`` those with other warnings of
    which a flow changes.
    """

    flows: tuple[FlowPlan, ...]
    invalid: tuple[DocumentReport, ...] = ()
    notes: tuple[str, ...] = ()
    orphans: tuple[OrphanedFlow, ...] = ()
    taken_over: tuple[OrphanedFlow, ...] = ()
    deleted: tuple[str, ...] = ()
    fields: tuple[DocumentReport, ...] = ()
    warned: tuple[DocumentReport, ...] = ()
    replaces_all: bool = False
    """Whether --prune would delete every document: the folder may be the wrong one."""

    @property
    def exit_status(self) -> int:
        """0 in sync, 1 invalid documents, refused changes or errors about fields, 2 changes to apply."""
        if self.invalid or self._count(Action.REFUSE) or self._with_wrong_fields:
            return 1
        return 2 if any((*self.actionable(), *self.released, *self.deleted)) else 0

    @property
    def summary(self) -> str:
        """The counts on one line."""
        counts = [
            f"{self._count(action):,} {words}" for action, words in _COUNTED.items() if self._count(action)
        ]
        for number, words in (
            (sum(flow.moved_from is not None for flow in self.flows) + len(self.taken_over), "to move"),
            (len(self.orphans), "to orphan"),
        ):
            if number:
                counts.append(f"{number:,} {words}")
        if self.deleted:
            counts.append(f"{counted(len(self.deleted), 'document')} to delete")
        if self.invalid:
            counts.append(counted(len(self.invalid), "invalid document"))
        if self._with_wrong_fields:
            counts.append(f"{counted(self._with_wrong_fields, 'document')} with errors about fields")
        return ", ".join(counts) or "no flows"

    def actionable(self) -> Iterator[FlowPlan]:
        """The flows that would change, or whose change is refused."""
        return (flow for flow in self.flows if flow.is_change)

    @property
    def released(self) -> tuple[OrphanedFlow, ...]:
        """The flows whose document will no longer declare them."""
        return (*self.taken_over, *self.orphans)

    @property
    def _with_wrong_fields(self) -> int:
        return sum(not document.valid for document in self.fields)

    def _count(self, action: Action) -> int:
        moved = action is Action.UNCHANGED
        return sum(flow.action is action and not (moved and flow.is_change) for flow in self.flows)


def as_json(report: PlanReport) -> str:
    """One JSON object."""
    value = {
        "inSync": report.exit_status == 0,
        "flows": [_flow(flow) for flow in report.flows],
        "orphanedFlows": [
            {"flowName": orphan.name, "document": orphan.key, "flowStatus": orphan.status}
            for orphan in report.orphans
        ],
        "takenOverFlows": [
            {"flowName": flow.name, "document": flow.key, "by": list(flow.heirs)}
            for flow in report.taken_over
        ],
        "deletedDocuments": list(report.deleted),
        "invalidDocuments": [_findings(document) for document in report.invalid],
        "fieldFindings": [_findings(document) for document in report.fields],
        "warnings": [_findings(document) for document in report.warned],
        "notes": list(report.notes),
    }
    return json.dumps(value, indent=2)


def adjustment_text(adjustment: Adjustment) -> str:
    """The value that will be sent instead of the document's, and why."""
    return f"{adjustment.pointer} will be sent as {adjustment.sent}: {adjustment.reason}"


def released_text(orphan: OrphanedFlow) -> str:
    """What happens to a flow that loses its document."""
    if orphan.heirs:
        return (
            f"{orphan.name} will move from {orphan.key} to {' or '.join(orphan.heirs)}, which declares it too"
        )
    stays = f"stays {orphan.status}" if orphan.status else "is not deleted"
    return f"{orphan.name} will be orphaned: {orphan.key} will no longer declare it; the flow {stays}"


def _flow(flow: FlowPlan) -> dict[str, Any]:
    refusal, hold = flow.refusal, flow.hold
    return {
        "flowName": flow.name,
        "file": flow.file,
        "action": flow.action.value,
        "changes": [
            {"op": item.op, "pointer": item.pointer, "live": item.live, "desired": item.desired}
            for item in flow.changes
        ],
        "adjustments": [asdict(adjustment) for adjustment in flow.adjustments],
        "movedFrom": flow.moved_from,
        "inDraft": flow.in_draft,
        "observed": flow.is_observed,
        "held": {"reason": hold.reason, "until": hold.until and timestamp(hold.until)} if hold else None,
        "error": {"code": refusal.code, "message": refusal.message} if refusal else None,
    }


def _findings(document: DocumentReport) -> dict[str, Any]:
    findings = [StatusFinding.of(finding).model_dump() for finding in document.findings]
    return {"file": document.file, "findings": findings}
