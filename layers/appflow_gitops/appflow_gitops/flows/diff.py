"""The differences between a desired and a live flow, as plain data.

``sync`` plans with them, ``status`` reports them, the command shows them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from appflow_gitops.findings import Json, Path, to_pointer
from appflow_gitops.flows.normalise import canonicalised, is_default, same, undo_service_edits
from appflow_gitops.flows.tasks import pair_tasks

Op = Literal["add", "change", "remove"]


@dataclass(frozen=True, slots=True)
class DiffItem:
    """One difference: what UpdateFlow would add to, change in or remove from the live flow.

    ``path`` leads to the value in the *desired* request. Only what the live flow alone has cannot: a task
    that is to be removed as a whole (``("tasks", n)`` with op "remove") is numbered as DescribeFlow lists
    it. ``live`` is None when adding, ``desired`` when removing.
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
    """What UpdateFlow with ``desired`` would change in a flow configured as ``live``; empty means in sync.

    Both in AppFlow's words, times as epoch seconds; members outside UpdateFlow, and clientToken, are
    ignored. UpdateFlow replaces the whole flow, so a member that only the live flow has is a difference
    ("remove"), except where it says what its absence says (``normalise``). That holds for nested members we
    do not know as well: they cannot be AppFlow's read-only ones, which all stand at the top.

    ``updated_at``: the live flow's lastUpdatedAt, epoch seconds; it tells a start that was rolled forward
    from one that was set by hand (``schedule.is_rolled``).

    In the order of the document; what is only in the live flow comes after its siblings. Values are shown
    canonicalised (times in whole seconds, fields of a projection sorted). Neither argument is changed.
    """
    wanted = canonicalised(desired)
    found = undo_service_edits(wanted, canonicalised(live), updated_at)
    return tuple(_members((), wanted, found))


def _members(path: Path, desired: Mapping[str, Json], live: Mapping[str, Json]) -> Iterator[DiffItem]:
    for name in [*desired, *sorted(live.keys() - desired.keys())]:
        yield from _values((*path, name), desired.get(name), live.get(name))


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
            case int(place), int(partner):
                yield from _members((*path, place), desired[place], live[partner])
            case int(place), None:
                yield DiffItem("add", (*path, place), None, desired[place])
            case None, int(place):
                yield DiffItem("remove", (*path, place), live[place], None)


def _destinations(
    path: Path, desired: list[dict[str, Json]], live: list[dict[str, Json]]
) -> Iterator[DiffItem]:
    """By place: in practice there is one."""
    for place in range(max(len(desired), len(live))):
        here = (*path, place)
        yield from _values(here, *(side[place] if place < len(side) else None for side in (desired, live)))


def _item(path: Path, desired: Json, live: Json) -> DiffItem:
    if live is None:
        return DiffItem("add", path, None, desired)
    return DiffItem("remove" if desired is None else "change", path, live, desired)


def _equal(path: Path, desired: Json, live: Json) -> bool:
    return same(desired, live) or (is_default(path, desired) and is_default(path, live))


def _objects(value: Json) -> list[dict[str, Json]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
