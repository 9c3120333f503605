"""Which live task is which desired task, for ``diff``, and which AppFlow made by itself, for ``export``.

Task order means nothing to AppFlow and DescribeFlow changes it (TF#43591), so tasks are matched by what
they do: equal ones first, then ones that do the same job with other settings, so that a changed task reads
as a change inside it.
"""

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from appflow_gitops.findings import Json
from appflow_gitops.flows.normalise import (
    field_list,
    is_default,
    is_projection,
    object_at,
    operators,
    without_fillers,
)

Task = Mapping[str, Json]
_Open = dict[int, Task]
_Key = Callable[[Task], Hashable]

_GENERATED_PROPERTIES = frozenset({"SOURCE_DATA_TYPE", "DESTINATION_DATA_TYPE"})


@dataclass(frozen=True, slots=True)
class TaskPair:
    """The places of one task in the desired and in the live list; None where it is only in the other."""

    desired: int | None
    live: int | None


def pair_tasks(desired: Sequence[Task], live: Sequence[Task]) -> list[TaskPair]:
    """Pairs that hold every desired task, and every live task but those that Map_all generated.

    Both lists canonicalised. In the order of the desired list, then what only the live flow has, in its order. No
    task stands in two pairs.

    Map_all's generated tasks (a projection, and a Map of each field to its own name) are left out only if
    both sides have a Map_all, and only where no desired task claims them, so the user's own Filters and
    Masks beside a Map_all are compared like any other task. A Map of a field to its own name that was once
    in the document cannot be told from a generated one; beside Map_all it does nothing of its own either.
    """
    open_desired, open_live = dict(enumerate(desired)), dict(enumerate(live))
    partners: dict[int, int] = {}
    for key in (_everything, _job):
        partners |= _match(open_desired, open_live, key)
    if any(map(_is_map_all, desired)):
        for place in _generated(open_live, [task for task in live if _is_map_all(task)]):
            del open_live[place]
    for key in (_destination, _source):
        partners |= _match(open_desired, open_live, key)
    pairs = [TaskPair(place, partners.get(place)) for place in range(len(desired))]
    return pairs + [TaskPair(None, place) for place in open_live]


def without_generated(tasks: Sequence[Task]) -> list[Task]:
    """The canonicalised tasks of a live flow without those that its Map_all generated."""
    generated = _generated(
        {place: task for place, task in enumerate(tasks) if not _is_map_all(task)},
        [task for task in tasks if _is_map_all(task)],
    )
    return [task for place, task in enumerate(tasks) if place not in generated]


def _match(open_desired: _Open, open_live: _Open, key: _Key) -> dict[int, int]:
    """Pairs off the open tasks with equal keys, in order, and takes them out; None pairs with nothing."""
    waiting: dict[Hashable, list[int]] = {}
    for place, task in reversed(open_live.items()):
        waiting.setdefault(key(task), []).append(place)
    waiting.pop(None, None)
    partners = {
        place: candidates.pop()
        for place, task in open_desired.items()
        if (candidates := waiting.get(key(task)))
    }
    for place, partner in partners.items():
        del open_desired[place], open_live[partner]
    return partners


def _everything(task: Task) -> Hashable:
    # Only compared with its like, so it need not be the RFC's canonical form, which takes ten times as long.
    return json.dumps(without_fillers(("tasks", 0), dict(task)), sort_keys=True)


def _job(task: Task) -> Hashable:
    """What the task does to which fields; there is one projection, and one Map_all."""
    if is_projection(task) or _is_map_all(task):
        return _type(task), is_projection(task)
    return _type(task), operators(task), _text(task.get("destinationField")), _fields(task)


def _destination(task: Task) -> Hashable:
    field = task.get("destinationField")
    return (_type(task), _text(field)) if field else None


def _source(task: Task) -> Hashable:
    fields = _fields(task)
    return (_type(task), fields) if fields else None


def _type(task: Task) -> str:
    return _text(task.get("taskType"))


def _fields(task: Task) -> tuple[str, ...]:
    fields = task.get("sourceFields")
    return tuple(map(_text, fields)) if isinstance(fields, list) else ()


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _is_map_all(task: Task) -> bool:
    return _type(task) == "Map_all"


def _generated(unclaimed: _Open, map_alls: Sequence[Task]) -> list[int]:
    """The places of the unclaimed live tasks that the live flow's Map_all made."""
    if not map_alls:
        return []
    excluded = {field for task in map_alls for field in _excluded_fields(task)}
    maps = {
        place: _fields(task)[0]
        for place, task in unclaimed.items()
        if _is_same_name_map(task) and _fields(task)[0] not in excluded
    }
    projection = _generated_projection(unclaimed, frozenset(maps.values()))
    return [*maps, *projection]


def _is_same_name_map(task: Task) -> bool:
    fields = _fields(task)
    return (
        _type(task) == "Map"
        and len(fields) == 1
        and fields[0] == task.get("destinationField")
        and operators(task) <= {"NO_OP"}
        and object_at(dict(task), "taskProperties").keys() <= _GENERATED_PROPERTIES
    )


def _generated_projection(unclaimed: _Open, mapped: frozenset[str]) -> list[int]:
    """At most one: the widest that takes every field with a generated Map, or all fields by naming none.

    Of several equally wide ones, the same whatever the order in which AppFlow lists them.
    """
    fields = {
        place: sorted(_fields(task))
        for place, task in unclaimed.items()
        if _is_plain_projection(task) and (not _fields(task) or mapped <= set(_fields(task)))
    }
    return [max(fields, key=lambda place: (len(fields[place]), fields[place]))] if fields else []


def _is_plain_projection(task: Task) -> bool:
    # Some source connectors (Amplitude) have no operator called PROJECTION, so theirs may stand without any.
    return (
        _type(task) == "Filter"
        and operators(task) <= {"PROJECTION"}
        and is_default(("tasks", 0, "taskProperties"), task.get("taskProperties"))
    )


def _excluded_fields(map_all: Task) -> list[str]:
    return field_list(object_at(dict(map_all), "taskProperties").get("EXCLUDE_SOURCE_FIELDS_LIST")) or []
