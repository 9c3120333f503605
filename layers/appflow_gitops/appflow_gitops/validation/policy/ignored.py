"""The pointers of ``ignore`` in ``policy.yaml``: JSON pointers (RFC 6901) to members of a flow.

Imported only where a policy ignores anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from appflow_gitops.findings import Path, to_pointer
from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.immutable import replacement_items
from appflow_gitops.flows.model.outline import container_of, members_of, structure_of, type_at
from appflow_gitops.quoting import quoted
from appflow_gitops.validation.policy.uses import GUARDED
from appflow_gitops.validation.shape.messages import suggestion

_DESTINATIONS: Path = ("destinationFlowConfigList",)
_POINTER = re.compile(r"(/([^/~]|~[01])*)+")
_INDEX = re.compile(r"0|[1-9][0-9]{0,3}")
_TRIGGER_PARTS = (
    ("triggerConfig", "triggerType"),
    ("triggerConfig", "triggerProperties"),
    ("triggerConfig", "triggerProperties", "Scheduled"),
)
"""Only together do they make sense."""


@dataclass(frozen=True, slots=True)
class InvalidPointer:
    """Why a pointer cannot be ignored, and what to write instead."""

    message: str
    hint: str | None = None


@cache
def parse_member(pointer: str) -> Path | InvalidPointer:
    """Return the path of the member, with list indexes as numbers, or why it cannot be ignored."""
    if not _POINTER.fullmatch(pointer):
        return InvalidPointer(f"expected a JSON pointer such as '/description', got {quoted(pointer)}")
    path: Path = ()
    for token in pointer[1:].split("/"):
        step = _step(path, token.replace("~1", "/").replace("~0", "~"))
        if isinstance(step, InvalidPointer):
            return step
        path = (*path, step)
    return _objection(path) or path


def _step(path: Path, name: str) -> str | int | InvalidPointer:
    """The step from the member at ``path`` to ``name``."""
    at = type_at(FlowDocument, path)
    if structure := structure_of(at):
        if name in members_of(structure):
            return name
        where = f" in {quoted(to_pointer(path))}" if path else ""
        return InvalidPointer(
            f"unknown member {quoted(name)}{where}", suggestion(name, members_of(structure))
        )
    if container_of(at) is list:
        return _index(path, name)
    return name if container_of(at) is dict else InvalidPointer(f"{quoted(to_pointer(path))} has no members")


def _index(path: Path, name: str) -> int | InvalidPointer:
    """The index of an item of the list at ``path``; only the destinations are identified by it."""
    pointer = quoted(to_pointer(path))
    if path != _DESTINATIONS:
        return InvalidPointer(f"cannot ignore a part of the list {pointer}", f"ignore {pointer}")
    return (
        int(name)
        if _INDEX.fullmatch(name)
        else InvalidPointer(f"expected an index in {pointer}, got {quoted(name)}")
    )


def _objection(path: Path) -> InvalidPointer | None:
    """Why a member must not be ignored."""
    pointer = quoted(to_pointer(path))
    if path[0] == "tags":
        hint = "leave it out of the documents: tags that no document declares are not changed"
        return InvalidPointer(f"{pointer} cannot be ignored", hint)
    if path in _TRIGGER_PARTS:
        return InvalidPointer(f"{pointer} cannot be ignored by itself", "ignore '/triggerConfig'")
    if replacement_items([DiffItem("change", path, None, None)]):
        return InvalidPointer(
            f"{pointer} cannot be ignored: it identifies the flow, its source or its destination"
        )
    guarded = sorted({str(path[-1]), *_names_below(path)} & GUARDED)
    if guarded and path[-1] in GUARDED:
        return InvalidPointer(f"{pointer} cannot be ignored: the policy checks it")
    if guarded:
        inner = ", ".join(map(quoted, guarded))
        return InvalidPointer(
            f"{pointer} cannot be ignored: the policy checks {inner} in it", "ignore single members"
        )
    return None


def _names_below(path: Path) -> Iterator[str]:
    """The names of all members below a member."""
    at = type_at(FlowDocument, path)
    if structure := structure_of(at):
        for name in members_of(structure):
            yield name
            yield from _names_below((*path, name))
    elif container_of(at) is list:
        yield from _names_below((*path, 0))
