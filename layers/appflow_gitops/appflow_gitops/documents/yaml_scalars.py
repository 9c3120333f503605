"""Resolve YAML 1.1 scalars and tags with PyYAML's resolver and constructor. ``yaml_text`` calls it for each node."""

import json
import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache

import yaml

from appflow_gitops.documents.reading_rules import INVALID_NUMBER, YAML_1_2, YAML_TAG, YAML_VALUE
from appflow_gitops.findings import MAX_EXACT_INTEGER, Issue, Json
from appflow_gitops.quoting import quoted

_STANDARD = "tag:yaml.org,2002:"
_LONGEST_NUMBER = 64  # characters; checked before conversion
_CLOUDFORMATION = frozenset(
    (
        "And",
        "Base64",
        "Cidr",
        "Condition",
        "Equals",
        "FindInMap",
        "GetAtt",
        "GetAZs",
        "If",
        "ImportValue",
        "Join",
        "Not",
        "Or",
        "Ref",
        "Select",
        "Split",
        "Sub",
        "Transform",
    )
)
_CORE_INTEGER = re.compile(r"[+-]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_CORE_FLOAT = re.compile(r"[+-]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][+-]?[0-9]+)?")
_CORE_BOOLEAN = re.compile("true|True|TRUE|false|False|FALSE")
"""Plain scalars that are not text in the core schema of YAML 1.2. Source: YAML 1.2.2, section 10.3.2."""

_MAY_BE_NUMBER = frozenset("+-.0123456789")
_QUOTE_TEXT = "put it in quotes if it is text"
_RESOLVER = yaml.resolver.Resolver()
_CONSTRUCTOR = yaml.constructor.SafeConstructor()


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar as YAML 1.1 reads it. With an ``issue`` that is an error, ``value`` is a harmless placeholder."""

    value: Json
    issue: Issue | None = None
    is_merge: bool = False

    @property
    def is_timestamp(self) -> bool:
        """Whether it is an unquoted date or time; ``value`` is then its text."""
        return self.issue is not None and self.issue.rule is YAML_VALUE

    @property
    def differs(self) -> bool:
        """Whether YAML 1.2 reads another value."""
        return self.issue is not None and self.issue.rule is YAML_1_2


def read_scalar(event: yaml.ScalarEvent) -> Scalar:
    """Return the value of a scalar by its tag, or by its text if it is plain and has no tag."""
    tag, text, is_plain = event.tag, event.value, event.implicit[0]
    if tag not in (None, "!"):
        return _tagged(tag, text)
    if not is_plain:
        return Scalar(text)
    return _short_plain(text) if len(text) <= _LONGEST_NUMBER else _plain(text)


def _plain(text: str) -> Scalar:
    scalar = _tagged(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False)), text)  # type: ignore[no-untyped-call]  # as the stubs have it
    is_text = isinstance(scalar.value, str) and scalar.issue is None and len(text) <= _LONGEST_NUMBER
    return replace(scalar, issue=_differs_in_yaml_1_2(text, text)) if is_text else scalar


_short_plain = lru_cache(maxsize=1024)(_plain)
"""Keys and names of connectors are repeated within a document, and in each document."""


def _tagged(tag: str, text: str) -> Scalar:
    match tag.removeprefix(_STANDARD):
        case "str" | "value":
            return Scalar(text)
        case "null":
            return Scalar(None)
        case "bool" | "int" | "float" as kind:
            return _constructed(kind, text)
        case "merge":
            return Scalar(text, is_merge=True)
        case "timestamp":
            message = f"unquoted date or time {quoted(text)} is only supported in the schedule"
            return Scalar(text, Issue(YAML_VALUE, (), message, _QUOTE_TEXT))
        case _:
            return Scalar(text, check_tag(tag, "str"))


def check_tag(tag: str | None, kind: str) -> Issue | None:
    """Return the issue with the tag of a node of this kind (``str``, ``seq`` or ``map``); None for a standard tag."""
    if tag in (None, "!", _STANDARD + kind):
        return None
    shown = tag.replace(_STANDARD, "!!")
    if shown.removeprefix("!") in _CLOUDFORMATION:
        hint = "CloudFormation functions are not evaluated: write the value itself"
    else:
        hint = "remove the tag, or put text that starts with '!' in quotes"
    return Issue(YAML_TAG, (), f"unsupported tag {quoted(shown)}", hint)


def cloudformation_function(tag: str | None) -> str | None:
    """Return the key for the tag of a CloudFormation function: ``Fn::Sub`` for ``!Sub``."""
    name = (tag or "").removeprefix("!")
    if not tag or name == tag or name not in _CLOUDFORMATION:
        return None
    return name if name in ("Ref", "Condition") else f"Fn::{name}"


def _constructed(kind: str, text: str) -> Scalar:
    node = yaml.ScalarNode(_STANDARD + kind, text)
    if len(text) > _LONGEST_NUMBER:
        return _invalid_number(text)
    try:
        if kind == "bool":
            is_true = _CONSTRUCTOR.construct_yaml_bool(node)
            return Scalar(is_true, _differs_in_yaml_1_2(text, is_true))
        is_integer = kind == "int"
        number = (
            _CONSTRUCTOR.construct_yaml_int(node) if is_integer else _CONSTRUCTOR.construct_yaml_float(node)
        )
    except (ValueError, LookupError):  # an explicit tag on other text, such as !!int "x"; or 0x_
        return _invalid_number(text)
    is_valid = abs(number) <= MAX_EXACT_INTEGER if is_integer else math.isfinite(number)
    return Scalar(number, _differs_in_yaml_1_2(text, number)) if is_valid else _invalid_number(text)


def _differs_in_yaml_1_2(text: str, value: Json) -> Issue | None:
    """Return the issue with a scalar that the core schema of YAML 1.2 reads as another value."""
    is_text = isinstance(value, str)
    if is_text and not _MAY_BE_NUMBER.issuperset(text[:1]):
        return None
    other = _core_value(text)
    if other == value and isinstance(other, str) is is_text:
        return None
    message = f"{quoted(text)} is read as {_shown(value)}; YAML 1.2 reads {_shown(other)}"
    if is_text:
        hint = "put it in quotes"
    elif isinstance(other, str):
        hint = f"write {_shown(value)}, or put it in quotes if it is text"
    else:
        hint = f"write {_shown(value)} or {_shown(other)}"
    return Issue(YAML_1_2, (), message, hint)


def _core_value(text: str) -> str | float | bool:
    """Return the value of a scalar that is not null in the core schema of YAML 1.2."""
    if _CORE_INTEGER.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _CORE_FLOAT.fullmatch(text):
        return float(text)
    return text.lower() == "true" if _CORE_BOOLEAN.fullmatch(text) else text


def _shown(value: Json) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) <= MAX_EXACT_INTEGER:
        value = int(value)
    return "text" if isinstance(value, str) else json.dumps(value)


def _invalid_number(text: str) -> Scalar:
    message = f"{quoted(text)} is not a valid JSON number or boolean"
    return Scalar(0, Issue(INVALID_NUMBER, (), message, _QUOTE_TEXT))
