"""A flow as a Mermaid diagram: trigger, source, tasks and destinations, with the planned changes highlighted.

``markdown`` includes it in a comment on a pull request. Values from documents are escaped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from appflow_gitops.findings import Json, Path
from appflow_gitops.flows.diff import DiffItem
from appflow_gitops_cli.change_text import SIGNS
from appflow_gitops_cli.plan.report import FlowPlan
from appflow_gitops_cli.printable import printable

_STYLES = {
    "add": "stroke:#2da44e,stroke-width:3px",
    "change": "stroke:#bf8700,stroke-width:3px",
    "remove": "stroke:#cf222e,stroke-width:3px,stroke-dasharray:5",
}
_OBJECT = ("object", "entityName", "bucketName")
"""The keys of connector properties that name the object that is read or written."""
_SHOWN_TASKS = 12
_SHOWN_FIELDS = 3
_LONGEST_LABEL = 80


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the diagram. ``op`` is its change, ``None`` if it does not change."""

    id: str
    label: str
    op: str | None = None

    @property
    def line(self) -> str:
        """The node in Mermaid syntax. The change is shown as text too, not only as a colour."""
        sign = f"{SIGNS[self.op]} " if self.op else ""
        mark = f":::{self.op}" if self.op else ""
        return f'{self.id}["{escaped(sign + self.label)}"]{mark}'


def flow_diagram(flow: FlowPlan) -> Iterator[str]:
    """The lines of the diagram."""
    trigger, source = flow.desired["triggerConfig"], flow.desired["sourceFlowConfig"]
    yield "flowchart LR"
    yield f"  {Node('trigger', trigger['triggerType'], _op(('triggerConfig',), flow.changes)).line} --> source"
    yield f"  {Node('source', _end(source, 'source'), _op(('sourceFlowConfig',), flow.changes)).line} --> tasks"
    yield "  subgraph tasks"
    yield from (f"    {part.line}" for part in _shown(list(_tasks(flow))))
    yield "  end"
    for number, destination in enumerate(flow.desired["destinationFlowConfigList"]):
        op = _op(("destinationFlowConfigList", number), flow.changes)
        yield f"  tasks --> {Node(f'destination{number}', _end(destination, 'destination'), op).line}"
    yield from (f"  classDef {op} {style}" for op, style in _STYLES.items())


def escaped(text: str) -> str:
    """The text, cut to a label's length, with every punctuation character as its code point.

    This includes dashes: Mermaid parses a label that starts with one as a list, and does not draw it.
    """
    shown = printable(text)
    shown = shown if len(shown) <= _LONGEST_LABEL else f"{shown[:_LONGEST_LABEL]}..."
    return "".join(char if char.isalnum() or char == " " else f"#{ord(char)};" for char in shown)


def _tasks(flow: FlowPlan) -> Iterator[Node]:
    for number, task in enumerate(flow.desired["tasks"]):
        yield Node(f"task{number}", _task(task), _op(("tasks", number), flow.changes))
    for item in flow.changes:
        if _is_removed_task(item) and isinstance(item.live, dict):
            yield Node(f"removed{item.path[1]}", _task(item.live), "remove")


def _shown(parts: Sequence[Node]) -> list[Node]:
    """At most ``_SHOWN_TASKS`` nodes: changed ones first, in their original order, and a count of the others."""
    shown = sorted(parts, key=lambda part: part.op is None)[:_SHOWN_TASKS]
    more = len(parts) - len(shown)
    kept = [part for part in parts if part in shown]
    return [*kept, Node("more", f"{more:,} more")] if more else kept


def _op(path: Path, changes: Sequence[DiffItem]) -> str | None:
    """The change of the value at ``path``: added or removed as a whole, or changed inside."""
    inside = [item for item in changes if item.path[: len(path)] == path and not _is_removed_task(item)]
    if not inside:
        return None
    return inside[0].op if inside[0].path == path else "change"


def _is_removed_task(item: DiffItem) -> bool:
    """Whether the item removes a task; its index is the one in the live flow."""
    return item.op == "remove" and item.path[:1] == ("tasks",) and len(item.path) == len(("tasks", 0))


def _end(config: dict[str, Any], end: str) -> str:
    """The connector and the object that it reads or writes."""
    properties = config.get(f"{end}ConnectorProperties", {}).get(config["connectorType"], {})
    names = (properties.get(key) for key in _OBJECT)
    return " ".join([config["connectorType"], *(name for name in names if isinstance(name, str))])


def _task(task: dict[str, Json]) -> str:
    fields = task.get("sourceFields")
    names = [str(name) for name in fields] if isinstance(fields, list) else []
    read = ", ".join(names[:_SHOWN_FIELDS]) + (", ..." if len(names) > _SHOWN_FIELDS else "")
    written = f"to {task['destinationField']}" if task.get("destinationField") else ""
    return " ".join(part for part in (str(task.get("taskType", "")), read, written) if part)
