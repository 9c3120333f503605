"""The result of ``push`` as text: what was done, the outcomes, the findings and errors, and a summary."""

from collections.abc import Iterator, Sequence

from appflow_gitops.status.events import StatusEvent
from appflow_gitops_cli.change_text import INDENT, wrapped
from appflow_gitops_cli.documents.finding_text import finding_lines
from appflow_gitops_cli.hold_text import describe_held
from appflow_gitops_cli.push.report import EXIT_HELD, PushedDocument, PushReport
from appflow_gitops_cli.push.steps import Step
from appflow_gitops_cli.push.tracking import is_held
from appflow_gitops_cli.screen import Screen

_DONE = {Step.UPLOAD: "uploaded", Step.REAPPLY: "re-queued"}
_COLOURS = {0: "green", EXIT_HELD: "yellow"}
_PLANNED = {Step.UPLOAD: "would upload", Step.REAPPLY: "would re-queue"}


def render(report: PushReport, screen: Screen, *, outcomes_printed: bool = False) -> Iterator[str]:
    """The lines to print. ``outcomes_printed``: each outcome was printed already, when it arrived."""
    done = [] if outcomes_printed or report.blocked else list(_done_lines(report, screen))
    problems = [line for pushed in report.documents for line in _problem_lines(pushed, screen)]
    yield from done
    if problems and (done or outcomes_printed):
        yield ""
    yield from problems
    for first in report.first_runs:
        yield from first.lines(screen)
    for note in report.notes:
        yield from note_lines(note, screen)
    yield screen.style(f"Push: {report.summary}", _COLOURS.get(report.exit_status, "red"), bold=True)


def note_lines(note: str, screen: Screen) -> Iterator[str]:
    """A note for the reader."""
    return wrapped("", f"note: {note}", 0, screen)


def outcome_lines(event: StatusEvent, file: str, screen: Screen) -> Iterator[str]:
    """The outcome of a document or of one of its flows on one line, and its error on the next."""
    outcome = screen.style(event.data.outcome.value, event.data.outcome.colour)
    described = (
        describe_held(event.data.reason, event.data.heldUntil) if is_held(event) else event.data.reason
    )
    reason = f": {described}" if described else ""
    name = f"{event.data.flowName} " if event.data.flowName else ""
    yield f"{outcome} {screen.printable(f'{name}({file}){reason}')}"
    if error := event.data.error:
        yield from wrapped("", f"{error.code}: {error.message}", INDENT, screen)


def bucket_lines(
    environment: Sequence[str], pruned: Sequence[str], screen: Screen, *, dry_run: bool = False
) -> Iterator[str]:
    """What was done with policy and variables, and with documents that the folder lacks."""
    for key in environment:
        yield f"{'would upload' if dry_run else 'uploaded'} {screen.printable(key)}"
    for key in pruned:
        yield f"{'would delete' if dry_run else 'deleted'} {screen.printable(key)}"


def _done_lines(report: PushReport, screen: Screen) -> Iterator[str]:
    yield from bucket_lines(report.environment, report.pruned, screen, dry_run=report.dry_run)
    for pushed in report.documents:
        if pushed.events:
            for event in pushed.events:
                yield from outcome_lines(event, pushed.document.file, screen)
        elif not (pushed.events or pushed.is_pending) and pushed.step in _DONE:
            words = (_PLANNED if report.dry_run else _DONE)[pushed.step]
            yield f"{words} {screen.printable(pushed.document.file)}"


def _problem_lines(pushed: PushedDocument, screen: Screen) -> Iterator[str]:
    """The findings as ``validate`` prints them, and the flows without a status."""
    file = screen.printable(pushed.document.file)
    yield from finding_lines(pushed.to_document_report(), screen)
    for problem in pushed.problems:
        first, *more = wrapped("", f"{pushed.document.file}: error: {problem}", 0, screen)
        yield first.replace(": error:", f": {screen.style('error:', 'red', bold=True)}", 1)
        yield from (*more, "")
    for event in pushed.events:
        if event.data.findingsTruncated:
            yield f"{file}: more findings not shown; run 'appflow-gitops validate' to see all"
            yield ""
    if pushed.is_pending:
        reported = {event.data.flowName for event in pushed.events}
        names = ", ".join(name for name in pushed.document.flows if name not in reported)
        yield f"{file}: no status yet{screen.printable(f' for {names}') if names else ''}"
