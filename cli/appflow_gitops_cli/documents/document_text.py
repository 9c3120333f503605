"""Writes a flow as a document. Shared by export and convert.

The document leaves out what AppFlow adds, has its keys in the order of UpdateFlow and its tasks in a stable order, so
that the same flow always gives the same text. The document of a live flow is in sync with it.
"""

import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import yaml

from appflow_gitops.documents.variables import escaped
from appflow_gitops.findings import Json, Path
from appflow_gitops.flows.canonical import canonical_json
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.model.outline import members_of, structure_of, type_at
from appflow_gitops.flows.model.structure import Structure
from appflow_gitops.flows.normalise import canonicalised, is_default, is_projection
from appflow_gitops.flows.ownership import PREFIX
from appflow_gitops.flows.tasks import JsonTask, without_generated

RESERVED_TAGS = ("aws:", PREFIX)
"""Prefixes of tags that are not the user's: those of AWS, and our own (``flows.ownership``)."""

_CHOSEN_STATUSES = ("Active", "Suspended")
_TASK_ORDER = ("Map_all", "Filter", "Validate", "Map")
"""The order of tasks in a document; all other types come last."""


def document_value(live: LiveFlow) -> dict[str, Json]:
    """The document as a value, with AppFlow's key names and times in epoch seconds.

    Leaves out default values, read-only keys, generated tasks, reserved tags, and ``kmsArn``, because DescribeFlow
    shows the default key like a chosen one. ``flowStatus`` is included if a document can set it.
    """
    status: dict[str, Json] = {"flowStatus": live.status} if _has_chosen_status(live) else {}
    described: dict[str, Json] = {**live.configuration, "tags": dict(live.tags), **status}
    return written_flow(described, is_described=True)


def written_flow(flow: Mapping[str, Json], *, is_described: bool) -> dict[str, Json]:
    """The document of a flow in UpdateFlow's form, with ``kmsArn``, ``tags`` and ``flowStatus`` if it has them.

    Leaves out default values and reserved tags; and, of a flow that AppFlow described, the tasks that it generated.
    """
    document = canonicalised(flow)
    document["tasks"] = _written_tasks(document.get("tasks"), is_described=is_described)
    tags = flow.get("tags")
    document["tags"] = {
        key: value
        for key, value in (tags if isinstance(tags, dict) else {}).items()
        if not key.startswith(RESERVED_TAGS)
    }
    return _members((), document | {name: flow[name] for name in ("kmsArn", "flowStatus") if name in flow})


def written_value(path: Path, value: Json) -> Json:
    """A value at ``path`` of a flow as a document contains it: without defaults, in the order of the model."""
    return _value(path, value)


def as_json(live: LiveFlow) -> str:
    """The document as JSON text, without comments."""
    return json.dumps(escaped_value(document_value(live)), indent=2, ensure_ascii=False) + "\n"


def as_yaml(live: LiveFlow) -> str:
    """The document as YAML text in block style, after comments with its origin.

    Strings that YAML 1.1 would read as another type are quoted; lines are not folded.
    """
    return to_yaml(escaped_value(document_value(live)), _comments(live))


def to_yaml(document: Json, comments: Iterable[str] = ()) -> str:
    """The value as YAML text in block style, after the comments. Text is written as it is."""
    head = "".join(f"# {_on_one_line(comment)}\n" for comment in comments)
    return head + yaml.dump(
        document,
        Dumper=DocumentDumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=math.inf,
    )


def escaped_value(value: Json) -> Json:
    """The value with text that looks like a variable escaped."""
    if isinstance(value, dict):
        return {name: escaped_value(member) for name, member in value.items()}
    if isinstance(value, list):
        return [escaped_value(entry) for entry in value]
    return escaped(value) if isinstance(value, str) else value


def _written_tasks(tasks: Json, *, is_described: bool) -> list[Json]:
    """The tasks in a stable order, because DescribeFlow's order varies (TF#43591)."""
    written = [task for task in tasks if isinstance(task, dict)] if isinstance(tasks, list) else []
    chosen = without_generated(written) if is_described else written
    return [dict(task) for task in sorted(chosen, key=_task_order)]


def _task_order(task: JsonTask) -> tuple[bool, int, bytes]:
    kind = task.get("taskType")
    rank = _TASK_ORDER.index(kind) if kind in _TASK_ORDER else len(_TASK_ORDER)
    return not is_projection(task), rank, canonical_json(task)


def _has_chosen_status(live: LiveFlow) -> bool:
    return live.trigger_type != "OnDemand" and live.status in _CHOSEN_STATUSES


def _members(path: Path, members: dict[str, Json]) -> dict[str, Json]:
    """The members that are required or not a default, in the order of the model.

    Members of a map are sorted. Keys that the model does not know come last.
    """
    structure = _structure_at(path)
    known = list(members_of(structure)) if structure else []
    required = {name for name in known if structure and structure.model_fields[name].is_required()}
    names = [name for name in known if name in members] + sorted(members.keys() - set(known))
    return {
        name: _value((*path, name), members[name])
        for name in names
        if name in required or not is_default((*path, name), members[name])
    }


def _value(path: Path, value: Json) -> Json:
    if isinstance(value, dict):
        return _members(path, value)
    if isinstance(value, list):
        return [_value((*path, index), entry) for index, entry in enumerate(value)]
    return value


def _structure_at(path: Path) -> type[Structure] | None:
    """The structure of the model at ``path``; None for a map and for keys that the model does not know."""
    try:
        return structure_of(type_at(FlowDocument, path))
    except (KeyError, IndexError):
        return None


def _comments(live: LiveFlow) -> Iterator[str]:
    """The origin of the document, without a time, and the settings that were left out."""
    _, _, _, region, account, *_ = [*live.arn.split(":", 5), *[""] * 5]
    yield f"Exported with `appflow-gitops export {live.name}` from account {account}, region {region}:"
    yield live.arn
    if live.kms_arn:
        yield f"Encrypted with {live.kms_arn}."
        yield "AppFlow does not report whether you chose this key, so kmsArn is omitted. Add it if you did."
    if live.trigger_type != "OnDemand" and not _has_chosen_status(live):
        yield f"The flow was {live.status}, which a document cannot set, so flowStatus is omitted."


def _on_one_line(text: str) -> str:
    """The text on one line, without control characters."""
    return "".join(character if character.isprintable() else " " for character in text)


class DocumentDumper(yaml.SafeDumper):
    """Indents lists, writes a list or map with a single plain value inline, and never uses anchors."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, D102, FBT001, FBT002 - PyYAML's
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002, D102 - PyYAML's signature
        return True


def _list_node(dumper: DocumentDumper, values: list[Json]) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=_is_short(values))


def _object_node(dumper: DocumentDumper, members: dict[str, Json]) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", members, flow_style=_is_short(members.values()))


def _text_node(dumper: DocumentDumper, text: str) -> yaml.ScalarNode:
    # In single quotes YAML 1.1 folds more kinds of line ends than PyYAML expects, so escape them in double quotes.
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


DocumentDumper.add_representer(str, _text_node)
DocumentDumper.add_representer(list, _list_node)
DocumentDumper.add_representer(dict, _object_node)


def _is_short(values: Collection[Json]) -> bool:
    return len(values) <= 1 and not any(isinstance(value, dict | list) for value in values)
