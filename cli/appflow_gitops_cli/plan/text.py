"""A plan as text for a terminal: each flow with its changes, then a summary."""

from collections.abc import Iterator

from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.sync.plan import Action
from appflow_gitops_cli.colours import CHANGES
from appflow_gitops_cli.documents.finding_text import finding_lines
from appflow_gitops_cli.plan.report import SIGNS, FlowPlan, PlanReport, adjustment_text, one_line
from appflow_gitops_cli.screen import Screen

_LONGEST_VALUE = 200

_ACTION_TEXT = {
    Action.CREATE: ("+", "will be created"),
    Action.UPDATE: ("~", "will be updated"),
    Action.ACTIVATE: ("~", "will be activated"),
    Action.SUSPEND: ("~", "will be suspended"),
    Action.REFUSE: ("!", "will be refused"),
}


def render(report: PlanReport, screen: Screen) -> Iterator[str]:
    """The lines to print. Flows that are in sync are only counted."""
    for document in report.invalid:
        yield from finding_lines(document, screen)
    for flow in report.actionable():
        yield from _flow(flow, screen)
        yield ""
    for note in report.notes:
        yield f"note: {screen.printable(note)}"
    colour = ("green", "red", "yellow")[report.exit_status]
    yield screen.style(f"Plan: {report.summary}", colour, bold=True)


def _flow(flow: FlowPlan, screen: Screen) -> Iterator[str]:
    sign, words = _ACTION_TEXT[flow.action]
    name = screen.style(screen.printable(flow.name), bold=True)
    yield f"{_sign(sign, screen)} {name} {words} ({screen.printable(flow.file)})"
    if flow.refusal:
        yield f"    {screen.printable(f'{flow.refusal.code}: {flow.refusal.message}')}"
    for item in flow.changes:
        yield f"    {_sign(SIGNS[item.op], screen)} {screen.printable(_change(item))}"
    for adjustment in flow.adjustments:
        yield f"      {screen.printable(adjustment_text(adjustment))}"


def _change(item: DiffItem) -> str:
    values = [_cut(one_line(value)) for value in (item.live, item.desired) if value is not None]
    return f"{item.pointer}: {' -> '.join(values)}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def _sign(sign: str, screen: Screen) -> str:
    return screen.style(sign, CHANGES[sign], bold=True)
