"""The result of ``status`` as one self-contained HTML page: no server, no network, no other file.

Values from AppFlow and the bucket are escaped, and the page's Content-Security-Policy allows only its own script.
Search and sorting need the script, reading does not. The template is in ``page/``.
"""

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files

from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.sync.health.health import Health
from appflow_gitops.sync.inventory import SyncStatus
from appflow_gitops_cli.documents.report import counted
from appflow_gitops_cli.status.report import StatusReport, moment, notes_of, state_text

_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_SHORT = 8
_LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its HTML, its sort key if that is not the text, its tooltip, and its class."""

    html: str
    sort: str | None = None
    title: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``state`` is the value that the state buttons filter by."""

    cells: tuple[Cell, ...]
    state: str = ""


def as_html(report: StatusReport) -> str:
    """The whole page."""
    style, script = _part("style.css"), _part("script.js")
    parts = {
        "policy": _policy(style, script),
        "style": style,
        "script": script,
        "summary": escape(report.summary),
        "about": _about(report),
        "paused": "".join(_note(f"Paused {pause}") for pause in report.paused),
        "states": "".join(
            f'<button type="button" aria-pressed="false" data-state="{_word(state)}">'
            f'<span class="state {_word(state)}">{count} {escape(state)}</span></button>'
            for state, count in _pills(report)
        ),
        "sections": _sections(report),
    }
    # In one pass, so that inserted values are not searched for placeholders.
    return _PLACEHOLDER.sub(lambda found: parts[found[1]], _part("page.html"))


def _part(name: str) -> str:
    return (files("appflow_gitops_cli") / "status" / "page" / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """The Content-Security-Policy: load nothing, and apply and run only this style and script."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _about(report: StatusReport) -> str:
    parts = [escape(part) for part in (report.account, f"bucket {report.bucket}") if part]
    return " · ".join([*parts, f"as of {_time(report.at)}"])


def _pills(report: StatusReport) -> list[tuple[str, int]]:
    """The states that rows can be filtered by, worst first, with the number of rows."""
    inventory = report.inventory
    counts = Counter(state_text(flow) for flow in report.flows)
    pills = [
        ("invalid", len(inventory.invalid)),
        ("missing", len(inventory.missing)),
        *((state, counts[state]) for state in dict.fromkeys(state_text(flow) for flow in report.flows)),
        ("unmanaged", len(inventory.unmanaged)),
    ]
    return [(state, count) for state, count in pills if count]


def _sections(report: StatusReport) -> str:
    inventory = report.inventory
    sections = (
        (
            "Documents whose latest version is invalid",
            ("Document", "Error"),
            [Row((_path(each.document), _text(each.error)), "invalid") for each in inventory.invalid],
        ),
        (
            "Documents without a flow",
            ("Flow", "Document", "Commit"),
            [
                Row((_named(each.name, each.note), _path(each.document), _id(each.commit)), "missing")
                for each in inventory.missing
            ],
        ),
        (
            "Flows",
            ("Flow", "State", "Health", "Status", "Document", "Version", "Commit", "Last change", "Last run"),
            [_flow(flow, report.health.get(flow.live.name)) for flow in report.flows],
        ),
        (
            "Unmanaged flows",
            ("Flow", "Status", "Trigger", "Last change", "Last run"),
            [_unmanaged(flow) for flow in inventory.unmanaged],
        ),
    )
    return "\n".join(_section(title, columns, rows) for title, columns, rows in sections if rows)


def _section(title: str, columns: Sequence[str], rows: Iterable[Row]) -> str:
    heads = "".join(f'<th scope="col"><button type="button">{column}</button></th>' for column in columns)
    body = "\n".join(_row(columns, row) for row in rows)
    return (
        f"<section><h2>{title}</h2>\n<table><thead><tr>{heads}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody></table></section>"
    )


def _row(columns: Sequence[str], row: Row) -> str:
    cells = "".join(_td(column, cell) for column, cell in zip(columns, row.cells, strict=True))
    return f'<tr data-state="{row.state}">{cells}</tr>'


def _td(column: str, cell: Cell) -> str:
    """The cell; narrow screens show the label beside it instead of the column head."""
    attributes = {"class": cell.kind, "data-label": column, "data-sort": cell.sort, "title": cell.title}
    rendered = "".join(f' {name}="{escape(text)}"' for name, text in attributes.items() if text is not None)
    return f"<td{rendered}>{cell.html}</td>"


def _flow(flow: SyncStatus, health: Health | None) -> Row:
    live, state = flow.live, _word(state_text(flow))
    cells = (
        Cell(escape(live.name) + _differences(flow), sort=live.name),
        Cell(f'<span class="state {state}">{escape(state_text(flow))}</span>'),
        Cell(f'<span class="state {_word(health.value.lower())}">{health.value}</span>')
        if health
        else Cell(""),
        _text(live.status),
        _path(flow.document),
        _id(flow.version),
        _id(flow.commit),
        _moment(live.last_updated_at),
        _run(flow),
    )
    return Row(cells, state)


def _unmanaged(flow: SyncStatus) -> Row:
    live = flow.live
    cells = _text(live.name), _text(live.status), _text(live.trigger_type)
    return Row((*cells, _moment(live.last_updated_at), _run(flow)), "unmanaged")


def _differences(flow: SyncStatus) -> str:
    """The differences from the document, folded, and why it was not applied."""
    items = "".join(f"<li>{_change(item)}</li>" for item in flow.changes)
    folded = (
        f"<details><summary>{counted(len(flow.changes), 'difference')}</summary><ul>{items}</ul></details>"
        if items
        else ""
    )
    return folded + "".join(map(_note, notes_of(flow)))


def _change(item: DiffItem) -> str:
    """One difference: the live value, then the document's."""
    live = f" <del>{_value(item.live)}</del>" if item.op != "add" else ""
    desired = f" <ins>{_value(item.desired)}</ins>" if item.op != "remove" else ""
    return f"<code>{_breakable(item.pointer)}</code>{live}{desired}"


def _value(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return escape(text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…")


def _named(name: str, note: str | None) -> Cell:
    return Cell(escape(name) + (_note(note) if note else ""), sort=name)


def _note(note: str) -> str:
    return f'<p class="note">{escape(note)}</p>'


def _text(text: str | None) -> Cell:
    return Cell(escape(text or ""))


def _path(text: str | None) -> Cell:
    return Cell(_breakable(text or ""), sort=text, kind="path")


def _breakable(text: str) -> str:
    """A key or pointer, which breaks only after slashes."""
    return "/<wbr>".join(map(escape, text.split("/")))


def _id(text: str | None) -> Cell:
    """A version or commit, abbreviated; the tooltip has all of it."""
    return Cell(f"<code>{escape(text[:_SHORT])}</code>", title=text) if text else Cell("")


def _moment(at: float | None) -> Cell:
    return Cell("") if at is None else Cell(_time(at), sort=f"{at:.0f}")


def _run(flow: SyncStatus) -> Cell:
    run = flow.live.last_run
    if run is None:
        return Cell("")
    when = "" if run.at is None else f" {_time(run.at)}"
    return Cell(escape(run.status) + when, sort=f"{run.at or 0:.0f}", title=run.message)


def _time(at: float) -> str:
    exact = moment(at) or ""
    return f'<time datetime="{exact}">{exact[:10]} {exact[11:16]} UTC</time>'


def _word(state: str) -> str:
    """The state without spaces, as a class for CSS and the script."""
    return escape(state.replace(",", "").replace(" ", "-"))
