"""The history of a flow as text: one line for each version, and what it changed below."""

from collections.abc import Callable, Iterator

from appflow_gitops.origin import Provenance
from appflow_gitops.status.events import StatusData
from appflow_gitops.sync.change import timestamp
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_cli.change_text import INDENT, SIGNS, wrapped
from appflow_gitops_cli.history.report import FlowHistory, HistoryEntry
from appflow_gitops_cli.screen import Screen

_MOST_CHANGES = 5
"""Changes that are printed for a version; diff prints all."""
_WIDTH = max(map(len, Outcome))


def render(history: FlowHistory, short: Callable[[str], str], screen: Screen) -> Iterator[str]:
    """The lines to print. ``short`` shortens the id of a version."""
    yield screen.printable(f"{history.flow_name}: versions of {history.document}, newest first")
    for entry in history.entries:
        yield from _lines(entry, short, screen)
    if history.older:
        yield f"{history.older:,} older versions not shown; see --limit"


def _lines(entry: HistoryEntry, short: Callable[[str], str], screen: Screen) -> Iterator[str]:
    version, last = entry.version, entry.last
    if version and version.listed.deleted:
        outcome = f"{'Deleted':<{_WIDTH}}"
    elif last:
        outcome = screen.style(f"{last.outcome.value:<{_WIDTH}}", last.outcome.colour)
    else:
        outcome = f"{'unknown':<{_WIDTH}}"
    name = short(version.id) if version else "request"
    notes = [
        *(["live"] if entry.is_live else []),
        *([f"same content as {short(entry.same_as)}"] if entry.same_as else []),
    ]
    note = f" ({', '.join(notes)})" if notes else ""
    yield f"{timestamp(entry.at)[:19]}Z  {outcome}  " + screen.printable(f"{name}{_by(entry.origin)}{note}")
    yield from _reason_lines(last, screen)
    yield from _change_lines(entry, screen)
    if entry.healths:
        health = entry.healths[-1]
        text = f"{health.event.data.health.value} since {timestamp(health.at)[:19]}Z"
        yield from wrapped("", f"health: {text}", INDENT, screen)


def _by(origin: Provenance | None) -> str:
    commit = f"  commit {origin.commit[:8]}" if origin and origin.commit else ""
    return commit + (f"  by {origin.actor}" if origin and origin.actor else "")


def _reason_lines(last: StatusData | None, screen: Screen) -> Iterator[str]:
    """Why the change was not made: the error, the reason, or the first finding."""
    if last is None or last.outcome in (Outcome.APPLIED, Outcome.UNCHANGED):
        return
    if last.error:
        yield from wrapped("", f"{last.error.code}: {last.error.message}", INDENT, screen)
    elif last.reason:
        yield from wrapped("", last.reason, INDENT, screen)
    elif last.findings:
        first, *more = last.findings
        rest = f" (and {len(more)} more)" if more else ""
        yield from wrapped("", f"{first.rule}: {first.message}{rest}", INDENT, screen)


def _change_lines(entry: HistoryEntry, screen: Screen) -> Iterator[str]:
    changes = entry.changes or ()
    for item in changes[:_MOST_CHANGES]:
        yield from wrapped(SIGNS[item.op], item.pointer, INDENT, screen, breaks_paths=True)
    if len(changes) > _MOST_CHANGES:
        yield f"{' ' * INDENT}and {len(changes) - _MOST_CHANGES} more changes"
