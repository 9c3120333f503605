"""A flow as a Mermaid picture: trigger, source, tasks and destinations, with what a plan changes marked.

``markdown`` puts it into a pull request's comment. Whatever comes from a document is escaped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from appflow_gitops.findings import Json, Path
from appflow_gitops.flows.diff import DiffItem
from appflow_gitops_cli.plan.report import SIGNS, FlowPlan
from appflow_gitops_cli.printable import printable

_STYLES = {
    "add": "stroke:#2da44e,stroke-width:3px",
    "change": "stroke:#bf8700,stroke-width:3px",
    "remove": "stroke:#cf222e,stroke-width:3px,stroke-dasharray:5",
}
_OBJECT = ("object", "entityName", "bucketName")
"""The members of connector properties that name what is read or written."""
_SHOWN_TASKS = 12
_SHOWN_FIELDS = 3
_LONGEST_LABEL = 80


@dataclass(frozen=True, slots=True)
class Part:
    """One box. ``op`` is what happens to it; ``None``: nothing."""

    id: str
    label: str
    op: str | None = None

    @property
    def line(self) -> str:
        """The box in Mermaid's words. The mark is text too, for those who do not see its colour."""
        sign = f"{SIGNS[self.op]} " if self.op else ""
        mark = f":::{self.op}" if self.op else ""
        return f'{self.id}["{escaped(sign + self.label)}"]{mark}'


def picture(flow: FlowPlan) -> Iterator[str]:
    """The lines of the picture."""
    trigger, source = flow.desired["triggerConfig"], flow.desired["sourceFlowConfig"]
    yield "flowchart LR"
    yield f"  {Part('trigger', trigger['triggerType'], _op(('triggerConfig',), flow.changes)).line} --> source"
    yield f"  {Part('source', _end(source, 'source'), _op(('sourceFlowConfig',), flow.changes)).line} --> tasks"
    yield "  subgraph tasks"
    yield from (f"    {part.line}" for part in _shown(list(_tasks(flow))))
    yield "  end"
    for number, destination in enumerate(flow.desired["destinationFlowConfigList"]):
        op = _op(("destinationFlowConfigList", number), flow.changes)
        yield f"  tasks --> {Part(f'destination{number}', _end(destination, 'destination'), op).line}"
    yield from (f"  classDef {op} {style}" for op, style in _STYLES.items())


def escaped(text: str) -> str:
    """The text as Mermaid shows it letter by letter, not too long: every sign is written as its number.

    Dashes too: Mermaid takes a label that begins with one for a list, and does not draw it.
    """
    shown = printable(text)
    shown = shown if len(shown) <= _LONGEST_LABEL else f"{shown[:_LONGEST_LABEL]}..."
    return "".join(char if char.isalnum() or char == " " else f"#{ord(char)};" for char in shown)


def _tasks(flow: FlowPlan) -> Iterator[Part]:
    for number, task in enumerate(flow.desired["tasks"]):
        yield Part(f"task{number}", _task(task), _op(("tasks", number), flow.changes))
    for item in flow.changes:
        if _is_gone_task(item) and isinstance(item.live, dict):
            yield Part(f"gone{item.path[1]}", _task(item.live), "remove")


def _shown(parts: Sequence[Part]) -> list[Part]:
    """What changes, then what does not, as far as there is room."""
    shown = sorted(parts, key=lambda part: part.op is None)[:_SHOWN_TASKS]
    more = len(parts) - len(shown)
    kept = [part for part in parts if part in shown]
    return [*kept, Part("more", f"{more:,} more")] if more else kept


def _op(path: Path, changes: Sequence[DiffItem]) -> str | None:
    """What happens to the part at ``path``: all of it is added or removed, or something in it changes."""
    inside = [item for item in changes if item.path[: len(path)] == path and not _is_gone_task(item)]
    if not inside:
        return None
    return inside[0].op if inside[0].path == path else "change"


def _is_gone_task(item: DiffItem) -> bool:
    """A task that only the live flow has is numbered as it is there."""
    return item.op == "remove" and item.path[:1] == ("tasks",) and len(item.path) == len(("tasks", 0))


def _end(config: dict[str, Any], end: str) -> str:
    """The connector, and what it reads or writes."""
    properties = config.get(f"{end}ConnectorProperties", {}).get(config["connectorType"], {})
    names = (properties.get(member) for member in _OBJECT)
    return " ".join([config["connectorType"], *(name for name in names if isinstance(name, str))])


def _task(task: dict[str, Json]) -> str:
    fields = task.get("sourceFields")
    names = [str(name) for name in fields] if isinstance(fields, list) else []
    read = ", ".join(names[:_SHOWN_FIELDS]) + (", ..." if len(names) > _SHOWN_FIELDS else "")
    written = f"to {task['destinationField']}" if task.get("destinationField") else ""
    return " ".join(part for part in (str(task.get("taskType", "")), read, written) if part)
