"""Read JSON into dataclasses by their type annotations, for the control API. Strict: no value is converted.

Supports bool, int, float, str, Literal, unions, ``tuple[X, ...]`` and ``dict``.
"""

from collections.abc import Collection, Mapping
from dataclasses import MISSING, Field, fields
from math import isfinite
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

_NAMES = {bool: "true or false", int: "an integer", float: "a number", str: "a string", dict: "an object"}


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Record = TypeVar("Record", bound=_Dataclass)


def read_record(kind: type[Record], members: object) -> Record:
    """Build a dataclass whose fields are named as the members. Raises ValueError."""
    values = read_members(kind, {entry.name: entry.name for entry in fields(kind)}, members)
    for entry in fields(kind):
        if entry.name not in values and entry.default is MISSING:
            raise ValueError(f"missing member '{entry.name}'")
    return kind(**values)


def read_members(
    kind: type[Any], names: Mapping[str, str], members: object, *, negative: Collection[str] = ()
) -> dict[str, Any]:
    """Return the members by attribute of the dataclass; ``names`` maps members to attributes.

    Raises ValueError for an unknown member, a value of another type, and a negative number that is not in ``negative``.
    """
    if not isinstance(members, dict):
        raise ValueError("expected a JSON object")  # noqa: TRY004 - invalid JSON is a ValueError too
    for name in members:
        if name not in names:
            raise ValueError(f"unknown member '{name}', expected one of: {', '.join(names)}")
        if isinstance(members[name], (int, float)) and members[name] < 0 and name not in negative:
            raise ValueError(f"{name}: expected a number that is not negative")
    hints = get_type_hints(kind)
    return {names[name]: _read(name, hints[names[name]], value) for name, value in members.items()}


def _read(name: str, hint: Any, value: object) -> Any:
    for option in get_args(hint) if get_origin(hint) in {Union, UnionType} else [hint]:
        if _fits(option, value):
            return tuple(value) if isinstance(value, list) else value
    raise ValueError(f"{name}: expected {_described(hint)}")


def _fits(hint: Any, value: object) -> bool:
    if get_origin(hint) is Literal:
        return isinstance(value, str) and value in get_args(hint)
    if get_origin(hint) is tuple:
        return isinstance(value, list) and all(_fits(get_args(hint)[0], item) for item in value)
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
    return type(value) is (get_origin(hint) or hint)


def _described(hint: Any) -> str:
    """Return what a type accepts, in words."""
    if get_origin(hint) in {Union, UnionType}:
        return " or ".join(_described(option) for option in get_args(hint))
    if get_origin(hint) is Literal:
        return "one of: " + ", ".join(get_args(hint))
    if get_origin(hint) is tuple:
        return "a list"
    return "null" if hint is NoneType else _NAMES[get_origin(hint) or hint]
