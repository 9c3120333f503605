"""Match live tasks with desired tasks (for ``diff``) and find the tasks that AppFlow generated (for ``export``).

Task order is irrelevant to AppFlow and DescribeFlow changes it (TF#43591), so tasks are matched by content: equal tasks
first, then tasks of the same kind on the same fields, so that a changed task is reported as a change inside it.
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
    without_defaults,
)

JsonTask = Mapping[str, Json]
_Open = dict[int, JsonTask]
_Key = Callable[[JsonTask], Hashable]

_GENERATED_PROPERTIES = frozenset({"SOURCE_DATA_TYPE", "DESTINATION_DATA_TYPE"})


@dataclass(frozen=True, slots=True)
class TaskPair:
    """The indexes of one task in the desired and the live list; None if it is only in the other."""

    desired: int | None
    live: int | None


def pair_tasks(
    desired: Sequence[JsonTask], live: Sequence[JsonTask], *, keep_generated: bool = False
) -> list[TaskPair]:
    """Return pairs of all desired tasks, and of all live tasks except those that Map_all generated.

    With ``keep_generated``, those that look like generated ones are returned as well.

    Both lists must be canonicalised. The pairs are in the order of the desired list, followed by the tasks that only
    the live flow has, in its order. Each task is in one pair.

    The tasks that Map_all generates (a projection, and a Map of each field to its own name) are left out only if both
    sides have a Map_all, and only if no desired task matches them: the user's own Filters and Masks beside a Map_all
    are compared like any other task. A Map of a field to its own name that was removed from the document looks like a
    generated one; beside a Map_all it has no effect of its own.
    """
    open_desired, open_live = dict(enumerate(desired)), dict(enumerate(live))
    partners: dict[int, int] = {}
    for key in (_everything, _job):
        partners |= _match(open_desired, open_live, key)
    if any(map(_is_map_all, desired)) and not keep_generated:
        for index in _generated(open_live, [task for task in live if _is_map_all(task)]):
            del open_live[index]
    for key in (_destination, _source):
        partners |= _match(open_desired, open_live, key)
    pairs = [TaskPair(index, partners.get(index)) for index in range(len(desired))]
    return pairs + [TaskPair(None, index) for index in open_live]


def without_generated(tasks: Sequence[JsonTask]) -> list[JsonTask]:
    """Return the canonicalised tasks of a live flow without those that its Map_all generated."""
    generated = _generated(
        {index: task for index, task in enumerate(tasks) if not _is_map_all(task)},
        [task for task in tasks if _is_map_all(task)],
    )
    return [task for index, task in enumerate(tasks) if index not in generated]


def _match(open_desired: _Open, open_live: _Open, key: _Key) -> dict[int, int]:
    """Match open tasks with equal keys, in order, and remove them; tasks whose key is None never match."""
    waiting: dict[Hashable, list[int]] = {}
    for index, task in reversed(open_live.items()):
        waiting.setdefault(key(task), []).append(index)
    waiting.pop(None, None)
    partners = {
        index: candidates.pop()
        for index, task in open_desired.items()
        if (candidates := waiting.get(key(task)))
    }
    for index, partner in partners.items():
        del open_desired[index], open_live[partner]
    return partners


def _everything(task: JsonTask) -> Hashable:
    # Keys are only compared with each other, so the canonical form of RFC 8785, ten times slower, is not needed.
    return json.dumps(without_defaults(("tasks", 0), dict(task)), sort_keys=True)


def _job(task: JsonTask) -> Hashable:
    """Return the task's kind and fields; a flow has one projection and one Map_all."""
    if is_projection(task) or _is_map_all(task):
        return _type(task), is_projection(task)
    return _type(task), operators(task), _text(task.get("destinationField")), _fields(task)


def _destination(task: JsonTask) -> Hashable:
    field = task.get("destinationField")
    return (_type(task), _text(field)) if field else None


def _source(task: JsonTask) -> Hashable:
    fields = _fields(task)
    return (_type(task), fields) if fields else None


def _type(task: JsonTask) -> str:
    return _text(task.get("taskType"))


def _fields(task: JsonTask) -> tuple[str, ...]:
    fields = task.get("sourceFields")
    return tuple(map(_text, fields)) if isinstance(fields, list) else ()


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _is_map_all(task: JsonTask) -> bool:
    return _type(task) == "Map_all"


def _generated(unmatched: _Open, map_alls: Sequence[JsonTask]) -> list[int]:
    """Return the indexes of the unmatched live tasks that the live flow's Map_all generated."""
    if not map_alls:
        return []
    excluded = {field for task in map_alls for field in _excluded_fields(task)}
    maps = {
        index: _fields(task)[0]
        for index, task in unmatched.items()
        if _is_same_name_map(task) and _fields(task)[0] not in excluded
    }
    projection = _generated_projection(unmatched, frozenset(maps.values()))
    return [*maps, *projection]


def _is_same_name_map(task: JsonTask) -> bool:
    fields = _fields(task)
    return (
        _type(task) == "Map"
        and len(fields) == 1
        and fields[0] == task.get("destinationField")
        and operators(task) <= {"NO_OP"}
        and object_at(dict(task), "taskProperties").keys() <= _GENERATED_PROPERTIES
    )


def _generated_projection(unmatched: _Open, mapped: frozenset[str]) -> list[int]:
    """Return the index of the generated projection, if any: the widest that has every mapped field, or no fields.

    The choice among equally wide ones does not depend on the order of the tasks.
    """
    fields = {
        index: sorted(_fields(task))
        for index, task in unmatched.items()
        if _is_plain_projection(task) and (not _fields(task) or mapped <= set(_fields(task)))
    }
    return [max(fields, key=lambda index: (len(fields[index]), fields[index]))] if fields else []


def _is_plain_projection(task: JsonTask) -> bool:
    # Some source connectors, such as Amplitude, have no operator PROJECTION, so their projections may have no operator.
    return (
        _type(task) == "Filter"
        and operators(task) <= {"PROJECTION"}
        and is_default(("tasks", 0, "taskProperties"), task.get("taskProperties"))
    )


def _excluded_fields(map_all: JsonTask) -> list[str]:
    return field_list(object_at(dict(map_all), "taskProperties").get("EXCLUDE_SOURCE_FIELDS_LIST")) or []
