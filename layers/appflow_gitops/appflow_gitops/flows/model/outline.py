"""Look up the types of the request model by path.

``validation.shape`` uses it for messages and hints, the command to write documents and to convert other spellings.
"""

from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from appflow_gitops.findings import Path
from appflow_gitops.flows.model.structure import Structure


def type_at(top: type[Structure], path: Path) -> Any:
    """Return the annotation of the value at ``path`` under ``top``, which must be a path of its model.

    The step from a map into a value is any string; ``map_key_at`` returns the type of its keys.
    """
    annotation: Any = top
    for step in path:
        annotation = _inside(annotation, step)
    return annotation


def map_key_at(top: type[Structure], path: Path) -> Any:
    """Return the annotation of the keys of the map at ``path``."""
    return get_args(_bare(type_at(top, path)))[0]


def structure_of(annotation: Any) -> type[Structure] | None:
    """Return the structure of the annotation, or None for any other type."""
    bare = _bare(annotation)
    return bare if isinstance(bare, type) and issubclass(bare, Structure) else None


def container_of(annotation: Any) -> type[list[Any]] | type[dict[str, Any]] | None:
    """Return ``list`` or ``dict`` for a list or a map of the API, or None for any other type."""
    origin = get_origin(_bare(annotation))
    return list if origin is tuple else dict if origin is Mapping else None


def is_a(annotation: Any, kind: type) -> bool:
    """Return whether the annotation is a scalar of this Python type."""
    return _bare(annotation) is kind


def choices_of(annotation: Any) -> tuple[str, ...]:
    """Return the values of an enum, in the API's order; empty for any other type."""
    bare = _bare(annotation)
    return get_args(bare) if get_origin(bare) is Literal else ()


def is_time(annotation: Any) -> bool:
    """Return whether the annotation is the API's Date; its other numbers are integers."""
    return is_a(annotation, float)


def description_of(annotation: Any) -> str | None:
    """Return the model's description of the expected string or number, if any."""
    if get_origin(annotation) is not Annotated:
        return None
    notes = [note.description for note in get_args(annotation)[1:] if isinstance(note, FieldInfo)]
    return next(filter(None, notes), None) or description_of(_without_null(get_args(annotation)[0]))


def pattern_of(annotation: Any) -> str | None:
    """Return the regular expression that the expected string must match, if any."""
    if get_origin(annotation) is not Annotated:
        return None
    fields = [note for note in get_args(annotation)[1:] if isinstance(note, FieldInfo)]
    patterns = [getattr(rule, "pattern", None) for field in fields for rule in field.metadata]
    return next(filter(None, patterns), None) or pattern_of(_without_null(get_args(annotation)[0]))


@cache
def members_of(structure: type[Structure]) -> dict[str, Any]:
    """Return the structure's members with their annotations."""
    hints = get_type_hints(structure, include_extras=True)
    return {name: hints[name] for name in structure.model_fields}


def _inside(annotation: Any, step: str | int) -> Any:
    structure = structure_of(annotation)
    if structure is not None:
        return members_of(structure)[str(step)]
    arguments = get_args(_bare(annotation))
    return arguments[0] if isinstance(step, int) else arguments[1]


def _bare(annotation: Any) -> Any:
    """Strip constraints, and the null of an optional member."""
    if get_origin(annotation) is Annotated:
        return _bare(_without_null(get_args(annotation)[0]))
    return annotation


def _without_null(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        return next(part for part in get_args(annotation) if part is not type(None))
    return annotation
