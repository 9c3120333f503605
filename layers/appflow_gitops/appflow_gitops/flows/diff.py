"""The diff between a desired and a live flow, as plain data.

``sync`` plans with it, ``status`` reports it, the command prints it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from appflow_gitops.findings import Json, Path, to_pointer
from appflow_gitops.flows.normalise import canonicalised, equal, is_default, undo_service_edits
from appflow_gitops.flows.tasks import pair_tasks

Op = Literal["add", "change", "remove"]


@dataclass(frozen=True, slots=True)
class DiffItem:
    """One difference: what UpdateFlow would add to, change in or remove from the live flow.

    ``path`` leads to the value in the *desired* request, except for a task that is removed as a whole (``("tasks", n)``
    with op "remove"): its index is that in the DescribeFlow response. ``live`` is None for "add", ``desired`` for
    "remove".
    """

    op: Op
    path: Path
    live: Json
    desired: Json

    @property
    def pointer(self) -> str:
        """``path`` as a JSON pointer (RFC 6901)."""
        return to_pointer(self.path)


def diff(
    desired: Mapping[str, Json], live: Mapping[str, Json], *, updated_at: float | None = None
) -> tuple[DiffItem, ...]:
    """Return what UpdateFlow with ``desired`` would change in a flow configured as ``live``; empty means in sync.

    Both arguments are in UpdateFlow's form, with times in epoch seconds. Members outside UpdateFlow, and clientToken,
    are ignored. UpdateFlow replaces the whole flow, so a member that only the live flow has is a difference ("remove"),
    unless it has its default value (``normalise``). This includes unknown nested members: AppFlow's read-only members
    are all at the top level.

    ``updated_at`` is the live flow's lastUpdatedAt in epoch seconds. It distinguishes a start time that was rolled
    forward from one that was changed by hand (``schedule.is_rolled``).

    The items are in the order of the document; those only in the live flow follow their siblings. Values are
    canonicalised (times in whole seconds, fields of a projection sorted). The arguments are not changed.
    """
    wanted, found = canonicalised(desired), canonicalised(live)
    undo_service_edits(wanted, found, updated_at)
    return tuple(_members((), wanted, found))


def possibly_generated(desired: Mapping[str, Json], live: Mapping[str, Json]) -> tuple[DiffItem, ...]:
    """Return the live tasks that ``diff`` leaves out because Map_all may have generated them.

    A task that an earlier document declared beside its Map_all looks the same.
    """
    wanted = _objects(canonicalised(desired).get("tasks"))
    found = _objects(canonicalised(live).get("tasks"))
    compared = {pair.live for pair in pair_tasks(wanted, found)}
    return tuple(
        DiffItem("remove", ("tasks", pair.live), found[pair.live], None)
        for pair in pair_tasks(wanted, found, keep_generated=True)
        if pair.live is not None and pair.desired is None and pair.live not in compared
    )


def _members(path: Path, desired: Mapping[str, Json], live: Mapping[str, Json]) -> Iterator[DiffItem]:
    for name in [*desired, *sorted(live.keys() - desired.keys())]:
        one, other = desired.get(name), live.get(name)
        if path or not _identical(one, other):
            yield from _values((*path, name), one, other)


def _values(path: Path, desired: Json, live: Json) -> Iterator[DiffItem]:
    if path == ("tasks",):
        yield from _tasks(path, _objects(desired), _objects(live))
    elif path == ("destinationFlowConfigList",):
        yield from _destinations(path, _objects(desired), _objects(live))
    elif isinstance(desired, dict) and isinstance(live, dict):
        yield from _members(path, desired, live)
    elif not _equal(path, desired, live):
        yield _item(path, desired, live)


def _tasks(path: Path, desired: list[dict[str, Json]], live: list[dict[str, Json]]) -> Iterator[DiffItem]:
    for pair in pair_tasks(desired, live):
        match pair.desired, pair.live:
            case int(index), int(partner):
                yield from _members((*path, index), desired[index], live[partner])
            case int(index), None:
                yield DiffItem("add", (*path, index), None, desired[index])
            case None, int(index):
                yield DiffItem("remove", (*path, index), live[index], None)


def _destinations(
    path: Path, desired: list[dict[str, Json]], live: list[dict[str, Json]]
) -> Iterator[DiffItem]:
    """Compare by index: AppFlow has one destination in practice."""
    for index in range(max(len(desired), len(live))):
        sides = (side[index] if index < len(side) else None for side in (desired, live))
        yield from _values((*path, index), *sides)


def _item(path: Path, desired: Json, live: Json) -> DiffItem:
    if live is None:
        return DiffItem("add", path, None, desired)
    return DiffItem("remove" if desired is None else "change", path, live, desired)


def _identical(one: Json, other: Json) -> bool:
    """Return whether two values are certainly equal; most members are, and need not be compared one by one."""
    return one == other and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _equal(path: Path, desired: Json, live: Json) -> bool:
    return equal(desired, live) or (is_default(path, desired) and is_default(path, live))


def _objects(value: Json) -> list[dict[str, Json]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
