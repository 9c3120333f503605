"""What ``push`` has to tell, as data, and as JSON. ``text`` shows it to people."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from appflow_gitops.status.events import StatusEvent, StatusFinding
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_cli.documents.report import DocumentReport, counted, lines_of
from appflow_gitops_cli.push.decision import Step
from appflow_gitops_cli.push.folder import LocalDocument
from appflow_gitops_cli.push.follow import Awaited, Following
from appflow_gitops_cli.push.work import PushPlan, Task

FAILURES = (Outcome.REJECTED, Outcome.FAILED)
_DONE = {
    Step.UPLOAD: "uploaded",
    Step.REAPPLY: "asked again",
    Step.UNCHANGED: "unchanged",
    Step.INVALID: "invalid",
}
_TO_DO = {**_DONE, Step.UPLOAD: "to upload", Step.REAPPLY: "to ask again"}


@dataclass(frozen=True, slots=True)
class PushedDocument:
    """One document, what was done with it, and the status events that it ended in.

    ``is_open``: some that were waited for did not come in time.
    """

    document: LocalDocument
    step: Step
    events: tuple[StatusEvent, ...] = ()
    is_open: bool = False

    @property
    def failed(self) -> bool:
        """Whether there is something to look after."""
        ended_badly = any(event.data.outcome in FAILURES for event in self.events)
        return ended_badly or self.is_open or self.is_known_invalid

    @property
    def is_known_invalid(self) -> bool:
        """Whether the desk alone says that it is invalid. Where the stack has spoken, that counts."""
        return not self.events and not self.document.checked.valid

    @property
    def findings(self) -> tuple[StatusFinding, ...]:
        """Why it was rejected, or will be, each finding once."""
        if self.is_known_invalid:
            return tuple(StatusFinding.of(finding) for finding in self.document.checked.findings)
        rejected = (event for event in self.events if event.data.outcome is Outcome.REJECTED)
        return tuple(dict.fromkeys(finding for event in rejected for finding in event.data.findings))

    def as_validated(self) -> DocumentReport:
        """The findings as ``validate`` has them."""
        findings = tuple(finding.to_finding() for finding in self.findings)
        lines = lines_of(self.document.content, findings)
        return DocumentReport(self.document.file, self.document.flows, findings, lines)


@dataclass(frozen=True, slots=True)
class PushReport:
    """Every document in the order of the folder, and what else was done in the bucket.

    ``stage`` are the keys of the policy and the variables that were uploaded, ``pruned`` those of deleted documents.
    ``dry``: nothing of all this was done.
    """

    documents: tuple[PushedDocument, ...]
    environment: tuple[str, ...] = ()
    pruned: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    dry: bool = False

    @property
    def exit_status(self) -> int:
        """0 good, 1 something was rejected, failed, or did not end in time."""
        return 1 if any(pushed.failed for pushed in self.documents) else 0

    @property
    def summary(self) -> str:
        """The whole in one line: what was done, and what came of it."""
        done = [*self._steps(), *self._others()]
        return (
            "; ".join(", ".join(part) for part in (done, list(self._outcomes())) if part) or "nothing to do"
        )

    def _steps(self) -> Iterator[str]:
        words = _TO_DO if self.dry else _DONE
        for step in Step:
            if number := sum(pushed.step is step for pushed in self.documents):
                yield f"{number:,} {words[step]}"

    def _others(self) -> Iterator[str]:
        if self.pruned:
            yield f"{len(self.pruned):,} {'to delete' if self.dry else 'deleted'}"

    def _outcomes(self) -> Iterator[str]:
        ended = [event.data.outcome for pushed in self.documents for event in pushed.events]
        for outcome in Outcome:
            if number := ended.count(outcome):
                yield f"{number:,} {outcome.value}"
        if number := sum(pushed.is_open for pushed in self.documents):
            yield f"{number:,} without a status"


def report_on(  # noqa: PLR0913 - what was done, and how it was asked for
    work: PushPlan, following: Following, folder: str, *, waited: bool, prune: bool, dry: bool
) -> PushReport:
    """The report on work that was done, or with ``dry`` only found."""
    awaited = {sent.document.key: sent for sent in following.awaited}
    return PushReport(
        documents=tuple(
            _pushed(task, awaited.get(task.document.key), following, waited=waited) for task in work.tasks
        ),
        environment=tuple(key for key, _ in work.environment),
        pruned=work.gone if prune else (),
        notes=tuple(_notes(work, following, folder, waited=waited, prune=prune)),
        dry=dry,
    )


def _pushed(task: Task, sent: Awaited | None, following: Following, *, waited: bool) -> PushedDocument:
    if sent is None:
        return PushedDocument(task.document, task.step)
    is_open = waited and not following.is_settled(sent)
    return PushedDocument(task.document, task.step, following.events_of(sent), is_open)


def _notes(work: PushPlan, following: Following, folder: str, *, waited: bool, prune: bool) -> Iterator[str]:
    if work.gone and not prune:
        yield f"The bucket has {counted(len(work.gone), 'document')} more than {folder}; --prune deletes what is gone."
    if following.open and waited:
        yield "What has no status yet goes on all the same: see flow-changes-waiting in docs/operations.md."
    if following.open and not waited:
        yield "`appflow-gitops status` tells what became of them; with --wait, push does."


def as_json(report: PushReport) -> str:
    """One JSON object."""
    value = {
        "good": report.exit_status == 0,
        "dryRun": report.dry,
        "documents": [_document(pushed) for pushed in report.documents],
        "stage": list(report.environment),
        "deleted": list(report.pruned),
        "notes": list(report.notes),
    }
    return json.dumps(value, indent=2)


def _document(pushed: PushedDocument) -> dict[str, Any]:
    return {
        "file": pushed.document.file,
        "key": pushed.document.key,
        "step": pushed.step.value,
        "settled": not pushed.is_open,
        "flows": [_flow(event) for event in pushed.events],
        "findings": [finding.model_dump() for finding in pushed.findings],
    }


def _flow(event: StatusEvent) -> dict[str, Any]:
    data = event.data
    return {
        "flowName": data.flowName,
        "outcome": data.outcome.value,
        "action": data.action,
        "reason": data.reason,
        "error": data.error.model_dump() if data.error else None,
        "statusId": event.metadata.id,
    }
