"""Ignored members: the live value counts, whatever the document declares. Pure.

The policy names them (``validation.policy.ignored``). A plan replaces their values in the request by those of the live
flow before it compares and sends, so that one rule serves plan, apply, drift and status.
"""

import copy
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from appflow_gitops.findings import Json, Path
from appflow_gitops.flows.normalise import canonicalised, is_default
from appflow_gitops.flows.tasks import without_generated

TASKS: Path = ("tasks",)
"""Ignored as a whole only: the order of tasks is irrelevant, so that an index says nothing."""


def with_live_values(
    request: Mapping[str, Json], live: Mapping[str, Json], ignored: Collection[Path]
) -> Mapping[str, Json]:
    """Return the request with the live values of its ignored members. The arguments are not changed.

    A member that the live flow lacks is removed. Where only one of both has the object around it, the object is
    treated as the document declares it, unless it has nothing else. Live tasks are sent without those that their
    Map_all generated.
    """
    if not ignored:
        return request
    sent = copy.deepcopy(dict(request))
    _take_over(sent, {**live, **_declared_tasks(live)} if TASKS in ignored else live, ignored, ())
    return sent


def without_ignored(request: Mapping[str, Json], ignored: Iterable[Path]) -> Mapping[str, Json]:
    """Return the request without its ignored members."""
    left = copy.deepcopy(dict(request))
    for path in ignored:
        _remove(left, path)
    return left


def _declared_tasks(live: Mapping[str, Json]) -> dict[str, Json]:
    tasks = canonicalised(live).get("tasks")
    return {"tasks": [*map(dict, without_generated(tasks))]} if isinstance(tasks, list) else {}  # type: ignore[arg-type]


def _take_over(sent: Any, live: Any, ignored: Collection[Path], path: Path) -> None:
    """Replace the ignored members of the object or list ``sent``, which is at ``path``, by those of ``live``."""
    for step in dict.fromkeys(member[0] for member in ignored):
        inner = [member[1:] for member in ignored if member[0] == step]
        ours, theirs = _child(sent, step), _child(live, step)
        if () not in inner and _is_container(ours) and _is_container(theirs):
            _take_over(ours, theirs, inner, (*path, step))
        elif isinstance(sent, dict) and (
            () in inner or _has_nothing_else((*path, step), ours, theirs, inner)
        ):
            _replace(sent, step, theirs)


def _has_nothing_else(path: Path, ours: Json, theirs: Json, ignored: Iterable[Path]) -> bool:
    """Whether an object that only one of both has consists of ignored members."""
    if (ours is None) is (theirs is None):
        return False
    only = copy.deepcopy(theirs if ours is None else ours)
    for member in ignored:
        _remove(only, member)
    return is_default(path, only)


def _replace(parent: dict[str | int, Any], step: str | int, value: Json) -> None:
    if value is None:
        parent.pop(step, None)
    else:
        parent[step] = copy.deepcopy(value)


def _remove(value: Any, path: Path) -> None:
    for step in path[:-1]:
        value = _child(value, step)
    if isinstance(value, dict):
        value.pop(path[-1], None)


def _child(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    is_inside = isinstance(value, list) and isinstance(step, int) and step < len(value)
    return value[step] if is_inside else None


def _is_container(value: object) -> bool:
    return isinstance(value, dict | list)
