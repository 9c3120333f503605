"""Requests checked against botocore's service model: types, required members, enums, limits and patterns.

Members that the model does not define are dropped, as AWS services do; a JSON null counts as absent.
"""

import re
from collections.abc import Callable, Sized
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StringShape, StructureShape

from .exceptions import SerializationException, ValidationException

SERVICE = "appflow"

# Two patterns of the model write the supplementary planes as surrogate pairs inside a character class, for Java.
# Python reads each half as a character and does not compile the range.
_JAVA_SUPPLEMENTARY = r"\uD800\uDC00-\uDBFF\uDFFF"
_PYTHON_SUPPLEMENTARY = r"\U00010000-\U0010FFFF"


@cache
def service_model() -> ServiceModel:
    """Return botocore's model of AppFlow."""
    return ServiceModel(Loader().load_service_model(SERVICE, "service-2"), SERVICE)


def read_request(operation: str, members: object) -> dict[str, Any]:
    """Return the members of a request that the operation defines.

    Raises SerializationException for a value of the wrong JSON type, and one ValidationException that lists every
    violated constraint.
    """
    violations: list[str] = []
    shape = service_model().operation_model(operation).input_shape
    request = {} if shape is None else _read_structure(shape, members, "", violations)
    if violations:
        errors = "error" if len(violations) == 1 else "errors"
        raise ValidationException(f"{len(violations)} validation {errors} detected: {'; '.join(violations)}")
    return request


def read_value(shape: str, value: object, location: str) -> Any:
    """Return a value of a shape of the model. Raises ValueError that lists every violation."""
    violations: list[str] = []
    try:
        read: Any = _read(service_model().shape_for(shape), value, location, violations)
    except SerializationException as error:
        raise ValueError(f"{location}: {error.message}") from None
    if violations:
        raise ValueError("; ".join(violations))
    return read


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of the model for ``fullmatch``; character classes are ASCII, as in Java."""
    return re.compile(pattern.replace(_JAVA_SUPPLEMENTARY, _PYTHON_SUPPLEMENTARY), re.ASCII)


def _read(shape: Shape, value: object, location: str, violations: list[str]) -> Any:
    return _READERS[shape.type_name](shape, value, location, violations)


def _read_structure(
    shape: StructureShape, value: object, location: str, violations: list[str]
) -> dict[str, Any]:
    found = _expect(dict, value, "Structure")
    members: dict[str, Any] = {}
    for name, member in shape.members.items():
        child = f"{location}.{name}" if location else name
        if found.get(name) is not None:
            members[name] = _read(member, found[name], child, violations)
        elif name in shape.required_members:
            violations.append(_violation(member, None, child, "Member must not be null"))
    return members


def _read_list(shape: ListShape, value: object, location: str, violations: list[str]) -> list[Any]:
    found = _expect(list, value, "List")
    _check_length(shape, found, location, violations)
    items = []
    for number, item in enumerate(found, start=1):
        child = f"{location}.{number}.member"
        if item is None:
            violations.append(_violation(shape.member, None, child, "Member must not be null"))
        else:
            items.append(_read(shape.member, item, child, violations))
    return items


def _read_map(shape: MapShape, value: object, location: str, violations: list[str]) -> dict[str, str]:
    found = _expect(dict, value, "Map")
    _check_length(shape, found, location, violations)
    entries = {}
    for key, item in found.items():
        violations.extend(
            _violation(shape, found, location, f"Map keys must satisfy constraint: [{constraint}]")
            for constraint in _text_constraints(shape.key, key)
        )
        if item is not None:
            entries[key] = _read(shape.value, item, f"{location}.{key}.member", violations)
    return entries


def _read_string(shape: StringShape, value: object, location: str, violations: list[str]) -> str:
    text: str = _expect(str, value, "String")
    violations.extend(
        _violation(shape, text, location, constraint) for constraint in _text_constraints(shape, text)
    )
    return text


def _read_boolean(_shape: Shape, value: object, _location: str, _violations: list[str]) -> bool:
    found: bool = _expect(bool, value, "Boolean")
    return found


def _read_integer(shape: Shape, value: object, location: str, violations: list[str]) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise SerializationException(f"{_json_type(value)} can not be converted to an Integer")
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        violations.append(
            _violation(shape, value, location, f"Member must have value greater than or equal to {low}")
        )
    if high is not None and value > high:
        violations.append(
            _violation(shape, value, location, f"Member must have value less than or equal to {high}")
        )
    return value


def _read_timestamp(_shape: Shape, value: object, _location: str, _violations: list[str]) -> int | float:
    """Read seconds since the epoch, the format of the REST-JSON protocol."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SerializationException(f"{_json_type(value)} can not be converted to a Timestamp")
    return value


def _read_double(_shape: Shape, value: object, _location: str, _violations: list[str]) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SerializationException(f"{_json_type(value)} can not be converted to a Double")
    return value


_READERS: dict[str, Callable[..., Any]] = {
    "structure": _read_structure,
    "list": _read_list,
    "map": _read_map,
    "string": _read_string,
    "boolean": _read_boolean,
    "integer": _read_integer,
    "long": _read_integer,
    "double": _read_double,
    "timestamp": _read_timestamp,
}


def _text_constraints(shape: Shape, text: str) -> list[str]:
    constraints = _length_constraints(shape, len(text))
    pattern, enum = shape.metadata.get("pattern"), shape.metadata.get("enum")
    if pattern and not compiled(pattern).fullmatch(text):
        constraints.append(f"Member must satisfy regular expression pattern: {pattern}")
    if enum and text not in enum:
        constraints.append(f"Member must satisfy enum value set: [{', '.join(enum)}]")
    return constraints


def _check_length(shape: Shape, value: Sized, location: str, violations: list[str]) -> None:
    violations.extend(
        _violation(shape, value, location, constraint)
        for constraint in _length_constraints(shape, len(value))
    )


def _length_constraints(shape: Shape, length: int) -> list[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    constraints = []
    if low is not None and length < low:
        constraints.append(f"Member must have length greater than or equal to {low}")
    if high is not None and length > high:
        constraints.append(f"Member must have length less than or equal to {high}")
    return constraints


def _violation(shape: Shape, value: object, location: str, constraint: str) -> str:
    """Return a violation as AWS words it: with the value, unless it is sensitive."""
    shown = "" if value is not None and shape.metadata.get("sensitive") else f" {_shown(value)}"
    return f"Value{shown} at '{location}' failed to satisfy constraint: {constraint}"


def _shown(value: object) -> str:
    """Return a value as Java prints it."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return "'[" + ", ".join(str(item) for item in value) + "]'"
    if isinstance(value, dict):
        return "'{" + ", ".join(f"{name}={item}" for name, item in value.items()) + "}'"
    return f"'{value}'"


def _expect(wanted: type, value: object, name: str) -> Any:
    if not isinstance(value, wanted):
        raise SerializationException(f"{_json_type(value)} can not be converted to a {name}")
    return value


def _json_type(value: object) -> str:
    names = {bool: "BOOLEAN", str: "STRING", dict: "START_OBJECT", list: "START_ARRAY", type(None): "NULL"}
    return f"{names.get(type(value), 'NUMBER')}_VALUE"
