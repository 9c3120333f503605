"""Edits of single values in the text of a document; every other byte stays as it is.

Comments, order, quotes and indentation of the rest are kept because only the text of the value is replaced. YAML and
JSON alike: the parser's marks say where each value begins and ends. Every function takes the whole text and returns the
edited one.
"""

import json
import math
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

import yaml
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from appflow_gitops.findings import Json, Path, to_pointer
from appflow_gitops_cli.documents.document_text import DocumentDumper, to_yaml


class PatchError(Exception):
    """The text cannot be edited at this place. The message is one line."""


def flow_nodes(text: str) -> list[MappingNode]:
    """The flows that the text declares, in their order: top-level objects, and objects in top-level lists."""
    try:
        roots = [root for root in yaml.compose_all(text, yaml.SafeLoader) if root]
    except yaml.YAMLError as error:
        raise PatchError(f"cannot parse the document: {' '.join(str(error).split())}") from None
    entries = [
        entry for root in roots for entry in (root.value if isinstance(root, SequenceNode) else [root])
    ]
    return [entry for entry in entries if isinstance(entry, MappingNode) and _member(entry, "flowName")]


def change(text: str, flow: int, path: Path, before: Json, after: Json) -> str:
    """Replace the value at ``path`` of a flow. Of lists, only the items that differ are edited."""
    node = _find(text, flow, path)
    match before, after, node:
        case list(), list(), SequenceNode() if len(before) == len(node.value):
            return _change_items(text, flow, path, before, after)
    rest = len(text[: _end(node)].rstrip("\r\n"))  # a literal or folded block ends with its line
    return text[: node.start_mark.index] + _inline(after, node) + text[rest:]


def remove(text: str, flow: int, path: Path) -> str:
    """Remove a member or an item; with the only member of a block, the whole block."""
    parent, place = _find(text, flow, path[:-1]), path[-1]
    spans = _spans(parent)
    number = place if isinstance(place, int) else _keys(parent).index(str(place))
    start, end = spans[number]
    if parent.flow_style:
        if number + 1 < len(spans):
            return text[:start] + text[spans[number + 1][0] :]
        return text[: spans[number - 1][1] if number else start] + text[end:]
    if len(spans) == 1:
        if isinstance(parent, MappingNode) and len(path) > 1:
            return remove(text, flow, path[:-1])
        raise PatchError(f"{to_pointer(path)} is the only entry; remove it by hand")
    line = _line_start(text, start)
    if not text[line:start].strip(" -" if isinstance(parent, SequenceNode) else " "):
        return text[:line] + text[_line_end(text, end) :]
    return text[:start] + text[spans[number + 1][0] :]  # the first member of a list item, beside its dash


def insert(text: str, flow: int, path: Path, value: Json) -> str:
    """Add a member to an object, or an item to a list before the index in ``path``."""
    parent, place = _find(text, flow, path[:-1]), path[-1]
    spans = _spans(parent)
    number = place if isinstance(place, int) else len(spans)
    label = "" if isinstance(place, int) else f"{json.dumps(place) if _is_json(parent) else place}: "
    if parent.flow_style:
        return _insert_inline(text, parent, spans, number, label + _flow_text(value, quoted=_is_json(parent)))
    first = spans[0][0]
    margin = text[_line_start(text, first) : first]
    indent = margin[: margin.rindex("-")] if isinstance(place, int) else " " * len(margin)
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = "".join(f"{indent}{line}{newline}" for line in _entry(place, value))
    if number < len(spans):
        at = _line_start(text, spans[number][0])
        return text[:at] + lines + text[at:]
    at = _line_end(text, spans[-1][1])
    return text[:at] + ("" if text[:at].endswith("\n") else newline) + lines + text[at:]


def _change_items(text: str, flow: int, path: Path, before: Sequence[Json], after: Sequence[Json]) -> str:
    old, new = ([json.dumps(item, sort_keys=True) for item in side] for side in (before, after))
    for _, old_first, old_end, new_first, new_end in reversed(SequenceMatcher(None, old, new).get_opcodes()):
        for number in reversed(range(max(old_end - old_first, new_end - new_first))):
            at, item = old_first + number, new_first + number
            if at < old_end and item < new_end:
                if old[at] != new[item]:
                    text = change(text, flow, (*path, at), before[at], after[item])
            elif at < old_end:
                text = remove(text, flow, (*path, at))
        for item in range(new_first + old_end - old_first, new_end):
            text = insert(
                text, flow, (*path, old_end + item - (new_first + old_end - old_first)), after[item]
            )
    return text


def list_at(text: str, flow: int, path: Path) -> list[Node]:
    """The items of a list."""
    node = _find(text, flow, path)
    return list(node.value) if isinstance(node, SequenceNode) else []


def text_at(text: str, flow: int, path: Path) -> str:
    """The plain value as it is written; empty for an object or a list."""
    node = _find(text, flow, path)
    return str(node.value) if isinstance(node, ScalarNode) else ""


def _find(text: str, flow: int, path: Path) -> Any:
    node: Node | None = flow_nodes(text)[flow]
    for place in path:
        if isinstance(node, SequenceNode) and isinstance(place, int) and place < len(node.value):
            node = node.value[place]
        else:
            node = _member(node, str(place)) if isinstance(node, MappingNode) else None
        if node is None:
            raise PatchError(f"the document does not contain {to_pointer(path)} as AppFlow names it")
    return node


def _member(node: MappingNode, name: str) -> Node | None:
    return next((value for key, value in node.value if key.value == name), None)


def _keys(node: MappingNode) -> list[str]:
    return [key.value for key, _ in node.value]


def _spans(node: CollectionNode) -> list[tuple[int, int]]:
    """Where each member or item begins and ends."""
    if isinstance(node, MappingNode):
        return [(key.start_mark.index, _end(value)) for key, value in node.value]
    return [(item.start_mark.index, _end(item)) for item in node.value]


def _end(node: Node) -> int:
    """Where the text of the node ends. The parser's mark of a block is after the comments that follow it."""
    if not isinstance(node, CollectionNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    return _spans(node)[-1][1]


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    """The start of the next line."""
    if text[:at].endswith("\n"):  # a literal block ends with its line
        return at
    newline = text.find("\n", at)
    return len(text) if newline < 0 else newline + 1


def _is_json(node: CollectionNode) -> bool:
    """Whether the node is written as in JSON: in braces or brackets, with quoted keys."""
    keys = node.value[0][:1] if isinstance(node, MappingNode) and node.value else node.value[:1]
    return bool(node.flow_style) and all(isinstance(key, CollectionNode) or key.style == '"' for key in keys)


def _insert_inline(
    text: str, parent: CollectionNode, spans: Sequence[tuple[int, int]], number: int, entry: str
) -> str:
    if not spans:
        at = int(parent.start_mark.index) + 1
        return text[:at] + entry + text[at:]
    if number < len(spans):
        at = spans[number][0]
        return text[:at] + f"{entry}, " + text[at:]
    first, at = spans[-1][0], spans[-1][1]
    margin = text[_line_start(text, first) : first]
    separator = f",\n{margin}" if not margin.strip() and "\n" in text[: spans[0][0]] else ", "
    return text[:at] + separator + entry.replace("\n", f"\n{margin}") + text[at:]


def _inline(value: Json, replaced: Node) -> str:
    """The value on the line of the value that it replaces, with the same kind of quotes."""
    if isinstance(value, dict | list):
        return _flow_text(value, quoted=True)
    style = replaced.style if isinstance(replaced, ScalarNode) and replaced.style in ("'", '"') else None
    return _scalar(value, style if isinstance(value, str) else None)


def _flow_text(value: Json, *, quoted: bool) -> str:
    """The value as JSON, which YAML can read; text as plain YAML unless ``quoted``."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return _scalar(value, '"' if quoted and isinstance(value, str) else None)


def _scalar(value: Json, style: str | None) -> str:
    # As the item of a list in brackets: text that is plain there is plain everywhere.
    dumped = yaml.dump(
        [value],
        Dumper=DocumentDumper,
        default_style=style,
        default_flow_style=True,
        allow_unicode=True,
        width=math.inf,
    )
    return dumped.removesuffix("\n")[1:-1]


def _entry(place: str | int, value: Json) -> list[str]:
    """The lines of a new member or item of a block."""
    first, *more = _block(value).splitlines()
    if isinstance(place, int):
        return [f"- {first}", *(f"  {line}" for line in more)]
    if isinstance(value, dict | list) and not first.startswith(("{", "[")):
        return [f"{place}:", *(f"  {line}" for line in (first, *more))]
    return [f"{place}: {first}", *more]


def _block(value: Json) -> str:
    return to_yaml(value).removesuffix("...\n")
