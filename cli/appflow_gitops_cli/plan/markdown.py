"""A plan as a comment on a pull request: a table, and for each changed flow a folded diff and a diagram.

Values from documents and AppFlow are escaped, so that none becomes a link, a mention or markup.
"""

from collections.abc import Iterator

from appflow_gitops.findings import Position
from appflow_gitops.sync.action import Action
from appflow_gitops_cli.change_text import one_line
from appflow_gitops_cli.documents.report import DocumentReport
from appflow_gitops_cli.hold_text import describe_hold
from appflow_gitops_cli.plan.diagram import flow_diagram
from appflow_gitops_cli.plan.report import FlowPlan, PlanReport, adjustment_text, released_text
from appflow_gitops_cli.printable import printable

ROOM = 60_000
"""Characters of a comment. GitHub's limit is 65,536; the difference is room for text that a workflow adds."""
_SHOWN_ROWS = 100
_PICTURED_FLOWS = 5
"""A plan of more flows has no diagrams: they help with a few flows only."""
_LONGEST_VALUE = 2_000


def render(report: PlanReport) -> Iterator[str]:
    """The lines of the comment. Flows that do not fit are left out, and the comment says how many."""
    yield f"### Plan: {report.summary}"
    yield ""
    for note in report.notes:
        yield f"> {code(note)}"
        yield ""
    actionable = list(report.actionable())
    yield from _table(actionable, report)
    for orphan in report.released:
        yield f"- {code(released_text(orphan))}"
    for key in report.deleted:
        yield f"- {code(key)} will be deleted from the bucket"
    if report.released or report.deleted:
        yield ""
    room, left_out = ROOM // 2, 0
    pictured = len(actionable) <= _PICTURED_FLOWS
    flows = (_flow(flow, pictured=pictured) for flow in actionable)
    documents = (
        *(_document(document, "invalid") for document in report.invalid),
        *(_document(document, "fields") for document in report.fields),
        *(_document(document, "warnings") for document in report.warned),
    )
    for lines in [*documents, *flows]:
        text = "\n".join(lines)
        if len(text) > room:
            left_out += 1
            continue
        room -= len(text)
        yield text
    if left_out:
        yield f"{left_out:,} more not shown (too long); run `appflow-gitops plan` to see everything."


def code(text: str) -> str:
    """The text with every punctuation character as an entity, so that Markdown does not interpret it."""
    return f"<code>{escape(text)}</code>"


def escape(text: str) -> str:
    """The text with every punctuation character as an entity."""
    return "".join(
        char if not char.isascii() or char.isalnum() or char in " -" else f"&#{ord(char)};"
        for char in printable(text)
    )


def _table(flows: list[FlowPlan], report: PlanReport) -> Iterator[str]:
    rows = [
        *(f"| | invalid | {code(document.file)} | |" for document in report.invalid),
        *(
            f"| {code(flow.name)} | {_action(flow)} | {code(flow.file)} | {len(flow.changes):,} |"
            for flow in flows
        ),
        *(
            f"| {code(flow.name)} | {'move' if flow.heirs else 'orphan'} | {code(flow.key)} | |"
            for flow in report.released
        ),
    ]
    if not rows:
        return
    yield "| flow | action | document | changes |"
    yield "| --- | --- | --- | --- |"
    yield from rows[:_SHOWN_ROWS]
    yield ""
    if len(rows) > _SHOWN_ROWS:
        yield f"{len(rows) - _SHOWN_ROWS:,} more"
        yield ""


def _action(flow: FlowPlan) -> str:
    """The action, in a form that is text in Markdown and in HTML alike."""
    if flow.is_observed:
        return f"{_change(flow)} (observed)"
    return f"{_change(flow)} (held)" if flow.hold else _change(flow)


def _change(flow: FlowPlan) -> str:
    if flow.refusal:
        return f"refused: {escape(flow.refusal.code)}"
    if flow.moved_from:
        moved = f"move from {escape(flow.moved_from)}"
        return moved if flow.action is Action.UNCHANGED else f"{flow.action.value}, {moved}"
    return f"{flow.action.value}, in Draft" if flow.in_draft else flow.action.value


def _flow(flow: FlowPlan, *, pictured: bool) -> Iterator[str]:
    yield f"<details><summary>{code(flow.name)}: {_action(flow)}</summary>"
    yield ""
    yield "```diff"
    yield from _diff(flow)
    yield "```"
    if pictured and flow.action in (Action.UPDATE, Action.CREATE):
        yield ""
        yield "```mermaid"
        yield from flow_diagram(flow)
        yield "```"
    yield ""
    yield "</details>"
    yield ""


def _diff(flow: FlowPlan) -> Iterator[str]:
    """Each line starts with a sign, so that no value can end the code block."""
    if flow.refusal:
        yield _line("!", f"{flow.refusal.code}: {flow.refusal.message}")
    if flow.hold:
        yield _line("!", f"held: {describe_hold(flow.hold)}")
    for item in flow.changes:
        yield _line("@@", f"{item.pointer} @@")
        if item.live is not None:
            yield _line("-", one_line(item.live))
        if item.desired is not None:
            yield _line("+", one_line(item.desired))
    for adjustment in flow.adjustments:
        yield _line("!", adjustment_text(adjustment))


def _document(document: DocumentReport, what: str) -> Iterator[str]:
    yield f"<details><summary>{code(document.file)}: {what}</summary>"
    yield ""
    yield "```text"
    for finding in document.findings:
        position = finding.position or Position(1, 1)
        yield _line(
            f"{position.line}:{position.column}:", f"{finding.severity}: {finding.message} [{finding.rule}]"
        )
        if finding.hint:
            yield _line("   ", f"hint: {finding.hint}")
    yield "```"
    yield ""
    yield "</details>"
    yield ""


def _line(sign: str, text: str) -> str:
    shown = printable(text)
    return f"{sign} {shown if len(shown) <= _LONGEST_VALUE else shown[:_LONGEST_VALUE] + '...'}"
