"""The result of ``push``, as data and as JSON. ``text`` renders it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from appflow_gitops.quoting import quoted
from appflow_gitops.status.events import StatusEvent, StatusFinding
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_cli.documents.report import DocumentReport, counted, lines_of, pronoun
from appflow_gitops_cli.push.first_runs import FirstRun
from appflow_gitops_cli.push.local_documents import LocalDocument
from appflow_gitops_cli.push.planner import PushPlan, PushStep
from appflow_gitops_cli.push.steps import Step
from appflow_gitops_cli.push.tracking import SentDocument, StatusTracker, is_held

EXIT_HELD = 3
"""Exit status if nothing failed and a change is held."""
FAILURES = (Outcome.REJECTED, Outcome.FAILED)
_DONE = {
    Step.UPLOAD: "uploaded",
    Step.REAPPLY: "re-queued",
    Step.UNCHANGED: "unchanged",
    Step.REFUSED: "refused",
    Step.INVALID: "invalid",
}
_BLOCKED = "nothing was sent; fix the invalid documents, or push the others with --force"
_PLANNED = {**_DONE, Step.UPLOAD: "to upload", Step.REAPPLY: "to re-queue"}


@dataclass(frozen=True, slots=True)
class PushedDocument:
    """One document, its step, and its status events. ``is_pending``: some did not arrive before the timeout.

    ``problems`` are the reasons why the stack would reject a document that is valid by itself, or some of its flows.
    """

    document: LocalDocument
    step: Step
    events: tuple[StatusEvent, ...] = ()
    is_pending: bool = False
    problems: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the document is invalid, failed or has no status."""
        failures = any(event.data.outcome in FAILURES for event in self.events)
        return failures or self.is_pending or self.is_invalid_locally or bool(self.problems)

    @property
    def is_invalid_locally(self) -> bool:
        """Whether only the local validation says that it is invalid. Status events take precedence."""
        return not self.events and not self.document.checked.valid

    @property
    def findings(self) -> tuple[StatusFinding, ...]:
        """Why it was or will be rejected, each finding once."""
        if self.is_invalid_locally:
            return tuple(StatusFinding.of(finding) for finding in self.document.checked.findings)
        rejected = (event for event in self.events if event.data.outcome is Outcome.REJECTED)
        return tuple(dict.fromkeys(finding for event in rejected for finding in event.data.findings))

    def to_document_report(self) -> DocumentReport:
        """The findings in the form that ``validate`` prints."""
        findings = tuple(finding.to_finding() for finding in self.findings)
        lines = lines_of(self.document.content, findings)
        return DocumentReport(self.document.file, self.document.flows, findings, lines)


@dataclass(frozen=True, slots=True)
class PushReport:
    """Every document in the order of the folder, and the other changes in the bucket.

    ``environment`` are the keys of the uploaded policy and variables, ``pruned`` those of deleted documents.
    ``first_runs`` are the runs after the change, with --healthy.
    ``dry_run``: nothing of this was done. ``blocked``: nothing was done because a document is invalid.
    """

    documents: tuple[PushedDocument, ...]
    environment: tuple[str, ...] = ()
    pruned: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    dry_run: bool = False
    blocked: bool = False
    first_runs: tuple[FirstRun, ...] = ()

    @property
    def changed_flows(self) -> tuple[str, ...]:
        """The names of the flows that were changed."""
        changed = (event.data.flowName for event in self._events if event.data.outcome is Outcome.APPLIED)
        return tuple(name for name in changed if name)

    @property
    def exit_status(self) -> int:
        """0 success, 1 a document is invalid, rejected, failed, or has no status, or a flow moved no data, 3 held."""
        unhealthy = any(first.problem for first in self.first_runs)
        if unhealthy or any(pushed.failed for pushed in self.documents):
            return 1
        return EXIT_HELD if any(map(is_held, self._events)) else 0

    @property
    def _events(self) -> Iterator[StatusEvent]:
        return (event for pushed in self.documents for event in pushed.events)

    @property
    def summary(self) -> str:
        """The counts on one line: what was done, then the outcomes."""
        if self.blocked:
            invalid = sum(pushed.step is Step.INVALID for pushed in self.documents)
            return f"nothing sent, {counted(invalid, 'invalid document')}"
        done = [*self._steps(), *self._deletions()]
        return (
            "; ".join(", ".join(part) for part in (done, list(self._outcomes())) if part) or "nothing to do"
        )

    def _steps(self) -> Iterator[str]:
        words = _PLANNED if self.dry_run else _DONE
        for step in Step:
            if number := sum(pushed.step is step for pushed in self.documents):
                yield f"{number:,} {words[step]}"

    def _deletions(self) -> Iterator[str]:
        if self.pruned:
            yield f"{len(self.pruned):,} {'to delete' if self.dry_run else 'deleted'}"

    def _outcomes(self) -> Iterator[str]:
        outcomes = [event.data.outcome for event in self._events]
        for outcome in Outcome:
            if number := outcomes.count(outcome):
                yield f"{number:,} {outcome.value}"
        if number := sum(pushed.is_pending for pushed in self.documents):
            yield f"{number:,} without a status"
        if number := sum(bool(first.problem) for first in self.first_runs):
            yield f"{number:,} not healthy"


def push_report(  # noqa: PLR0913 - the plan, what was sent, and the options
    plan: PushPlan,
    tracker: StatusTracker,
    folder: str,
    *,
    waited: bool,
    prune: bool,
    dry_run: bool,
    blocked: bool = False,
    confirmed: bool = False,
    notes: Sequence[str] = (),
) -> PushReport:
    """The report on an executed plan, or on a plan only if ``dry_run`` or ``blocked``.

    ``confirmed``: a mass change needs no further confirmation.
    """
    needs_yes = dry_run and plan.share.is_mass_change and not confirmed
    sent = {each.document.key: each for each in tracker.sent}
    return PushReport(
        documents=tuple(
            _pushed(step, sent.get(step.document.key), tracker, waited=waited) for step in plan.steps
        ),
        environment=tuple(key for key, _ in plan.environment),
        pruned=plan.extra_keys if prune else (),
        notes=(
            *notes,
            *((_BLOCKED,) if blocked else ()),
            *((f"{plan.share}; it needs --yes",) if needs_yes else ()),
            *_notes(plan, tracker, folder, waited=waited, prune=prune),
        ),
        dry_run=dry_run or blocked,
        blocked=blocked,
    )


def _pushed(
    step: PushStep, sent: SentDocument | None, tracker: StatusTracker, *, waited: bool
) -> PushedDocument:
    if sent is None:
        return PushedDocument(step.document, step.step, problems=step.problems)
    is_pending = waited and not tracker.is_complete(sent)
    problems = () if waited else step.problems  # otherwise the events say it
    return PushedDocument(step.document, step.step, tracker.events_of(sent), is_pending, problems)


def _notes(
    plan: PushPlan, tracker: StatusTracker, folder: str, *, waited: bool, prune: bool
) -> Iterator[str]:
    for flow in plan.orphans:
        if heirs := plan.heirs.get(flow.live.name):
            yield f"the flow {quoted(flow.live.name)} moves to {' or '.join(heirs)}, which declares it too"
        elif prune or flow.document not in plan.extra_keys:
            yield f"no document declares the flow {quoted(flow.live.name)} any more; it stays {flow.live.status}"
    if refused := sum(each.step is Step.REFUSED for each in plan.steps):
        yield (
            f"{counted(refused, 'document')} not sent, because all changes would be refused; "
            f"--force sends {pronoun(refused)}"
        )
    if plan.extra_keys and not prune:
        number = len(plan.extra_keys)
        yield f"the bucket has {counted(number, 'document')} that {folder} lacks; --prune deletes {pronoun(number)}"
    if tracker.pending and waited:
        yield "documents without a status are still being processed; see flow-changes-waiting in docs/operations.md"
    if tracker.pending and not waited:
        yield "outcomes not awaited; see 'appflow-gitops status', or push with --wait"


def as_json(report: PushReport) -> str:
    """One JSON object."""
    value = {
        "good": report.exit_status == 0,
        "dryRun": report.dry_run,
        "documents": [_document(pushed) for pushed in report.documents],
        "stage": list(report.environment),
        "deleted": list(report.pruned),
        "notes": list(report.notes),
        "runs": [first.to_json() for first in report.first_runs],
    }
    return json.dumps(value, indent=2)


def _document(pushed: PushedDocument) -> dict[str, Any]:
    return {
        "file": pushed.document.file,
        "key": pushed.document.key,
        "step": pushed.step.value,
        "settled": not pushed.is_pending,
        "flows": [_flow(event) for event in pushed.events],
        "findings": [finding.model_dump() for finding in pushed.findings],
        "problems": list(pushed.problems),
    }


def _flow(event: StatusEvent) -> dict[str, Any]:
    data = event.data
    return {
        "flowName": data.flowName,
        "outcome": data.outcome.value,
        "action": data.action,
        "reason": data.reason,
        "heldUntil": data.heldUntil,
        "error": data.error.model_dump() if data.error else None,
        "statusId": event.metadata.id,
    }
