"""Requests read by botocore's service model: types, required members, enums, limits and patterns.

Called by ``responses`` for every operation. Members that the model does not know are dropped, as AWS services
do; a JSON null counts as absent. Nothing of appflow-gitops' own models is used here, so that each checks the
other.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StringShape, StructureShape

from .exceptions import SerializationException, ValidationException

SERVICE = "appflow"

# Two patterns of the model spell the supplementary planes as surrogate pairs inside a character class, as
# Java reads them; Python would read half a pair there and refuse to compile the range.
_JAVA_SUPPLEMENTARY = r"\uD800\uDC00-\uDBFF\uDFFF"
_PYTHON_SUPPLEMENTARY = r"\U00010000-\U0010FFFF"


@cache
def service_model() -> ServiceModel:
    """AppFlow as botocore describes it."""
    return ServiceModel(Loader().load_service_model(SERVICE, "service-2"), SERVICE)


def read_request(operation: str, members: object) -> dict[str, Any]:
    """The members of a request that the operation knows, checked.

    Raises SerializationException where a value has the wrong JSON type, and one ValidationException that
    names every violated constraint.
    """
    violations: list[str] = []
    shape = service_model().operation_model(operation).input_shape
    request = {} if shape is None else _read_structure(shape, members, "", violations)
    if violations:
        errors = "error" if len(violations) == 1 else "errors"
        raise ValidationException(f"{len(violations)} validation {errors} detected: {'; '.join(violations)}")
    return request


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of the model, for ``fullmatch``; its character classes mean ASCII, as in Java."""
    return re.compile(pattern.replace(_JAVA_SUPPLEMENTARY, _PYTHON_SUPPLEMENTARY), re.ASCII)


def _read(shape: Shape, value: object, place: str, violations: list[str]) -> Any:
    return _READERS[shape.type_name](shape, value, place, violations)


def _read_structure(
    shape: StructureShape, value: object, place: str, violations: list[str]
) -> dict[str, Any]:
    given = _expect(dict, value, "Structure")
    members: dict[str, Any] = {}
    for name, member in shape.members.items():
        child = f"{place}.{name}" if place else name
        if given.get(name) is not None:
            members[name] = _read(member, given[name], child, violations)
        elif name in shape.required_members:
            violations.append(_violation(child, "Member must not be null"))
    return members


def _read_list(shape: ListShape, value: object, place: str, violations: list[str]) -> list[Any]:
    given = _expect(list, value, "List")
    _check_length(shape, len(given), place, violations)
    items = []
    for number, item in enumerate(given, start=1):
        child = f"{place}.{number}.member"
        if item is None:
            violations.append(_violation(child, "Member must not be null"))
        else:
            items.append(_read(shape.member, item, child, violations))
    return items


def _read_map(shape: MapShape, value: object, place: str, violations: list[str]) -> dict[str, str]:
    given = _expect(dict, value, "Map")
    _check_length(shape, len(given), place, violations)
    entries = {}
    for key, item in given.items():
        violations.extend(
            _violation(place, f"Map keys must satisfy constraint: [{complaint}]")
            for complaint in _text_complaints(shape.key, key)
        )
        if item is not None:
            entries[key] = _read(shape.value, item, f"{place}.{key}.member", violations)
    return entries


def _read_string(shape: StringShape, value: object, place: str, violations: list[str]) -> str:
    text: str = _expect(str, value, "String")
    violations.extend(_violation(place, complaint) for complaint in _text_complaints(shape, text))
    return text


def _read_boolean(_shape: Shape, value: object, _place: str, _violations: list[str]) -> bool:
    given: bool = _expect(bool, value, "Boolean")
    return given


def _read_integer(shape: Shape, value: object, place: str, violations: list[str]) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool):
        raise SerializationException(f"{_json_type(value)} can not be converted to an Integer")
    number: int = _expect(int, value, "Integer")
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and number < low:
        violations.append(_violation(place, f"Member must have value greater than or equal to {low}"))
    if high is not None and number > high:
        violations.append(_violation(place, f"Member must have value less than or equal to {high}"))
    return number


def _read_timestamp(_shape: Shape, value: object, _place: str, _violations: list[str]) -> int | float:
    """Seconds since the epoch, as the REST-JSON protocol sends them."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SerializationException(f"{_json_type(value)} can not be converted to a Timestamp")
    return value


_READERS: dict[str, Callable[..., Any]] = {
    "structure": _read_structure,
    "list": _read_list,
    "map": _read_map,
    "string": _read_string,
    "boolean": _read_boolean,
    "integer": _read_integer,
    "long": _read_integer,
    "timestamp": _read_timestamp,
}


def _text_complaints(shape: Shape, text: str) -> list[str]:
    complaints = _length_complaints(shape, len(text))
    pattern, enum = shape.metadata.get("pattern"), shape.metadata.get("enum")
    if pattern and not compiled(pattern).fullmatch(text):
        complaints.append(f"Member must satisfy regular expression pattern: {pattern}")
    if enum and text not in enum:
        complaints.append(f"Member must satisfy enum value set: [{', '.join(enum)}]")
    return complaints


def _check_length(shape: Shape, length: int, place: str, violations: list[str]) -> None:
    violations.extend(_violation(place, complaint) for complaint in _length_complaints(shape, length))


def _length_complaints(shape: Shape, length: int) -> list[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    complaints = []
    if low is not None and length < low:
        complaints.append(f"Member must have length greater than or equal to {low}")
    if high is not None and length > high:
        complaints.append(f"Member must have length less than or equal to {high}")
    return complaints


def _violation(place: str, complaint: str) -> str:
    return f"Value at '{place}' failed to satisfy constraint: {complaint}"


def _expect(wanted: type, value: object, name: str) -> Any:
    if not isinstance(value, wanted):
        raise SerializationException(f"{_json_type(value)} can not be converted to a {name}")
    return value


def _json_type(value: object) -> str:
    names = {bool: "BOOLEAN", str: "STRING", dict: "START_OBJECT", list: "START_ARRAY", type(None): "NULL"}
    return f"{names.get(type(value), 'NUMBER')}_VALUE"
