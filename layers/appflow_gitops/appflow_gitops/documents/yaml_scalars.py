"""What a YAML 1.1 scalar or tag means. ``yaml_text`` asks for each one; PyYAML's resolver and numbers answer."""

import math
from dataclasses import dataclass

import yaml

from appflow_gitops.documents.collector import excerpt
from appflow_gitops.documents.reading_rules import NO_JSON_NUMBER, YAML_TAG, YAML_VALUE
from appflow_gitops.findings import MAX_EXACT_INTEGER, Json, RuleInfo

_STANDARD = "tag:yaml.org,2002:"
_LONGEST_NUMBER = 64  # characters, before anything is converted
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
_RESOLVER = yaml.resolver.Resolver()
_CONSTRUCTOR = yaml.constructor.SafeConstructor()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one node; the path and the place are its reader's to add."""

    rule: RuleInfo
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar as YAML 1.1 reads it. With a ``problem``, ``value`` is a harmless stand-in."""

    value: Json
    problem: Problem | None = None
    is_merge: bool = False

    @property
    def is_timestamp(self) -> bool:
        """Whether it is a bare date or time; ``value`` is then the text as written."""
        return self.problem is not None and self.problem.rule is YAML_VALUE


def read_scalar(event: yaml.ScalarEvent) -> Scalar:
    """The value of a scalar, by its tag or, if it is plain and has none, by its looks."""
    tag, text = event.tag, event.value
    if tag in (None, "!"):
        tag = _RESOLVER.resolve(yaml.ScalarNode, text, event.implicit)  # type: ignore[no-untyped-call]  # as the stubs have it
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
            message = (
                f"{excerpt(text)} is a date or time in YAML, which AppFlow takes nowhere but in the schedule"
            )
            return Scalar(text, Problem(YAML_VALUE, message, "put it in quotes if you mean the text"))
        case _:
            return Scalar(text, tag_problem(tag, "str"))


def tag_problem(tag: str | None, kind: str) -> Problem | None:
    """What is wrong with the tag of a node of this kind (``str``, ``seq`` or ``map``); None for a standard one."""
    if tag in (None, "!", _STANDARD + kind):
        return None
    shown = tag.replace(_STANDARD, "!!")
    message = f"the tag {excerpt(shown)} is not read: a document is plain data"
    if shown.removeprefix("!") in _CLOUDFORMATION:
        hint = "CloudFormation's functions are not evaluated here: write the value itself"
    else:
        hint = "remove the tag; put text that starts with `!` in quotes"
    return Problem(YAML_TAG, message, hint)


def _constructed(kind: str, text: str) -> Scalar:
    node = yaml.ScalarNode(_STANDARD + kind, text)
    try:
        if len(text) > _LONGEST_NUMBER:
            return _no_number(text)
        if kind == "bool":
            return Scalar(_CONSTRUCTOR.construct_yaml_bool(node))
        if kind == "int":
            integer = _CONSTRUCTOR.construct_yaml_int(node)
            return Scalar(integer) if abs(integer) <= MAX_EXACT_INTEGER else _no_number(text)
        number = _CONSTRUCTOR.construct_yaml_float(node)
        return Scalar(number) if math.isfinite(number) else _no_number(text)
    except (ValueError, LookupError):  # an explicit tag on other text, such as !!int "x"; or 0x_
        return _no_number(text)


def _no_number(text: str) -> Scalar:
    message = f"JSON has no number or boolean {excerpt(text)}"
    return Scalar(0, Problem(NO_JSON_NUMBER, message, "put it in quotes if you mean the text"))
