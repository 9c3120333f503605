"""``plan`` for a terminal: what would happen to each flow, value by value, then the whole in one line."""

from collections.abc import Iterator

from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.sync.plan import Action
from appflow_gitops_cli.plan.report import SIGNS, FlowPlan, PlanReport, one_line
from appflow_gitops_cli.screen import Screen
from appflow_gitops_cli.validate.formats.as_text import findings

_COLOURS = {"+": "green", "~": "yellow", "-": "red", "!": "red"}
_LONGEST_VALUE = 200

_TOLD = {
    Action.CREATE: ("+", "will be created"),
    Action.UPDATE: ("~", "will be updated"),
    Action.ACTIVATE: ("~", "will be activated"),
    Action.SUSPEND: ("~", "will be suspended"),
    Action.REFUSE: ("!", "will be refused"),
}


def render(report: PlanReport, screen: Screen) -> Iterator[str]:
    """The lines to show. Flows that are in sync are only counted."""
    for document in report.invalid:
        yield from findings(document, screen)
    for flow in report.eventful():
        yield from _flow(flow, screen)
        yield ""
    for note in report.notes:
        yield f"Note: {screen.shown(note)}"
    colour = ("green", "red", "yellow")[report.exit_status]
    yield screen.style(f"Plan: {report.summary}.", colour, bold=True)


def _flow(flow: FlowPlan, screen: Screen) -> Iterator[str]:
    sign, words = _TOLD[flow.action]
    name = screen.style(screen.shown(flow.name), bold=True)
    yield f"{_sign(sign, screen)} {name} {words} ({screen.shown(flow.file)})"
    if flow.refusal:
        yield f"    {screen.shown(f'{flow.refusal.code}: {flow.refusal.message}')}"
    for item in flow.changes:
        yield f"    {_sign(SIGNS[item.op], screen)} {screen.shown(_change(item))}"
    for adjustment in flow.adjustments:
        sent = f"{adjustment.pointer} will be sent as {adjustment.sent}. {adjustment.reason}"
        yield f"      {screen.shown(sent)}"


def _change(item: DiffItem) -> str:
    values = [_cut(one_line(value)) for value in (item.live, item.desired) if value is not None]
    return f"{item.pointer}: {' -> '.join(values)}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def _sign(sign: str, screen: Screen) -> str:
    return screen.style(sign, _COLOURS[sign], bold=True)
