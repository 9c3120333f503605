"""Resolve YAML 1.1 scalars and tags with PyYAML's resolver and constructor. ``yaml_text`` calls it for each node."""

import math
import re
from dataclasses import dataclass
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
_SAME_IN_YAML_1_2 = re.compile(
    r"[+-]?(?:0|[1-9][0-9]*|0x[0-9a-fA-F]+|(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
)
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


def read_scalar(event: yaml.ScalarEvent) -> Scalar:
    """Return the value of a scalar by its tag, or by its text if it is plain and has no tag."""
    tag, text, is_plain = event.tag, event.value, event.implicit[0]
    if tag not in (None, "!"):
        return _tagged(tag, text)
    if not is_plain:
        return Scalar(text)
    return _short_plain(text) if len(text) <= _LONGEST_NUMBER else _plain(text)


def _plain(text: str) -> Scalar:
    return _tagged(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False)), text)  # type: ignore[no-untyped-call]  # as the stubs have it


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
            return Scalar(_CONSTRUCTOR.construct_yaml_bool(node))
        is_integer = kind == "int"
        number = (
            _CONSTRUCTOR.construct_yaml_int(node) if is_integer else _CONSTRUCTOR.construct_yaml_float(node)
        )
    except (ValueError, LookupError):  # an explicit tag on other text, such as !!int "x"; or 0x_
        return _invalid_number(text)
    is_valid = abs(number) <= MAX_EXACT_INTEGER if is_integer else math.isfinite(number)
    return Scalar(number, _differs_in_yaml_1_2(text, number)) if is_valid else _invalid_number(text)


def _differs_in_yaml_1_2(text: str, number: float) -> Issue | None:
    """Return the issue with a number that YAML 1.2's core schema reads as another number, or as text."""
    if _SAME_IN_YAML_1_2.fullmatch(text):
        return None
    if text.lstrip("+-").isdecimal():
        other, hint = str(int(text)), f"write {number} or {int(text)}"
    else:
        other, hint = "text", f"write {number}, or put it in quotes if it is text"
    return Issue(YAML_1_2, (), f"{quoted(text)} is read as {number}; YAML 1.2 reads {other}", hint)


def _invalid_number(text: str) -> Scalar:
    message = f"{quoted(text)} is not a valid JSON number or boolean"
    return Scalar(0, Issue(INVALID_NUMBER, (), message, _QUOTE_TEXT))
