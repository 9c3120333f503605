"""A plan as text for a terminal: each flow with its changes, then flows that lose their document, then a summary."""

from collections.abc import Iterator

from appflow_gitops.sync.action import Action
from appflow_gitops_cli.change_text import INDENT, change_lines, sign_text, wrapped
from appflow_gitops_cli.documents.finding_text import finding_lines
from appflow_gitops_cli.hold_text import describe_hold
from appflow_gitops_cli.plan.report import FlowPlan, PlanReport, adjustment_text, released_text
from appflow_gitops_cli.screen import Screen

_ACTION_TEXT = {
    Action.CREATE: ("+", "will be created"),
    Action.UPDATE: ("~", "will be updated"),
    Action.ACTIVATE: ("~", "will be activated"),
    Action.SUSPEND: ("~", "will be suspended"),
    Action.TAG: ("~", "will be tagged"),
    Action.REFUSE: ("!", "will be refused"),
    Action.UNCHANGED: ("~", "will move"),
}


def render(report: PlanReport, screen: Screen) -> Iterator[str]:
    """The lines to print. Flows that are in sync are only counted."""
    for document in (*report.invalid, *report.fields, *report.warned):
        yield from finding_lines(document, screen)
    for flow in report.actionable():
        yield from _flow(flow, screen)
        yield ""
    for released in report.released:
        yield from wrapped("~" if released.heirs else "-", released_text(released), 0, screen)
    for key in report.deleted:
        yield from wrapped("-", f"{key} will be deleted from the bucket", 0, screen)
    if report.released or report.deleted:
        yield ""
    for note in report.notes:
        yield from wrapped("", f"note: {note}", 0, screen)
    colour = ("green", "red", "yellow")[report.exit_status]
    yield screen.style(f"Plan: {report.summary}", colour, bold=True)


def _flow(flow: FlowPlan, screen: Screen) -> Iterator[str]:
    sign, words = _ACTION_TEXT[flow.action]
    if flow.is_observed:
        words = f"{words.replace('will', 'would', 1)}, but is only observed"
    name = screen.style(screen.printable(flow.name), bold=True)
    draft = ", in Draft" if flow.in_draft else ""
    yield f"{sign_text(sign, screen)} {name} {words}{draft} ({screen.printable(flow.file)})"
    if flow.moved_from:
        yield from wrapped("", f"moved from {flow.moved_from}", INDENT, screen)
    if flow.in_draft:
        yield from wrapped("", "it will not run; set flowStatus: Active to start it", INDENT, screen)
    if flow.hold and not flow.is_observed:
        yield from wrapped("", f"it will be held: {describe_hold(flow.hold)}", INDENT, screen)
    if flow.refusal:
        yield from wrapped("", f"{flow.refusal.code}: {flow.refusal.message}", INDENT, screen)
    for item in flow.changes:
        yield from change_lines(item, screen)
    for adjustment in flow.adjustments:
        yield from wrapped("", adjustment_text(adjustment), INDENT + 2, screen)
