"""``push`` for people: what was done, what became of it, what is wrong and where, then the whole in one line."""

from collections.abc import Iterator

from appflow_gitops.status.events import StatusEvent
from appflow_gitops_cli.push.decision import Step
from appflow_gitops_cli.push.report import PushedDocument, PushReport
from appflow_gitops_cli.screen import Screen
from appflow_gitops_cli.validate.formats.as_text import findings

_DONE = {Step.UPLOAD: "uploaded", Step.REAPPLY: "asked again for"}
_TO_DO = {Step.UPLOAD: "would upload", Step.REAPPLY: "would ask again for"}


def render(report: PushReport, screen: Screen, *, is_told: bool = False) -> Iterator[str]:
    """The lines to show. ``is_told``: what became of each document was shown while it was waited for."""
    done = [*_in_the_bucket(report, screen), *_with_documents(report, screen, is_told=is_told)]
    trouble = [line for pushed in report.documents for line in _trouble(pushed, screen)]
    yield from done
    if trouble and (done or is_told):
        yield ""
    yield from trouble
    for note in report.notes:
        yield f"Note: {screen.shown(note)}"
    yield screen.style(f"Push: {report.summary}.", "red" if report.exit_status else "green", bold=True)


def outcome(event: StatusEvent, file: str, screen: Screen) -> str:
    """What became of a document, or of one flow of it, on one line."""
    told = event.data.outcome
    word = screen.style(told.value, told.colour)
    reason = f": {event.data.reason}" if event.data.reason else ""
    name = f"{event.data.flowName} " if event.data.flowName else ""
    return f"{word} {screen.shown(f'{name}({file}){reason}')}"


def _in_the_bucket(report: PushReport, screen: Screen) -> Iterator[str]:
    for key in report.environment:
        yield f"{'would upload' if report.dry else 'uploaded'} {screen.shown(key)}"
    for key in report.pruned:
        yield f"{'would delete' if report.dry else 'deleted'} {screen.shown(key)}"


def _with_documents(report: PushReport, screen: Screen, *, is_told: bool) -> Iterator[str]:
    for pushed in report.documents:
        if pushed.events and not is_told:
            yield from (outcome(event, pushed.document.file, screen) for event in pushed.events)
        elif not (pushed.events or pushed.is_open) and pushed.step in _DONE:
            words = (_TO_DO if report.dry else _DONE)[pushed.step]
            yield f"{words} {screen.shown(pushed.document.file)}"


def _trouble(pushed: PushedDocument, screen: Screen) -> Iterator[str]:
    """The findings as ``validate`` shows them, the errors, and what did not end."""
    yield from findings(pushed.as_validated(), screen)
    for event in pushed.events:
        data = event.data
        if data.error:
            yield outcome(event, pushed.document.file, screen)
            yield f"    {screen.shown(f'{data.error.code}: {data.error.message}')}"
            yield ""
        if data.findingsTruncated:
            yield f"{screen.shown(pushed.document.file)}: there is more; `appflow-gitops validate` shows all of it."
            yield ""
    if pushed.is_open:
        told = {event.data.flowName for event in pushed.events}
        names = ", ".join(name for name in pushed.document.flows if name not in told)
        yield f"{screen.shown(pushed.document.file)}: no status yet{screen.shown(f' of {names}') if names else ''}"
