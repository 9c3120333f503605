"""Each kind of shape problem in plain words: which rule it breaks, what to say, what to do about it.

``shape`` makes ``Problem`` values of the models' errors and has them told here; no text of pydantic's gets out.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from appflow_gitops.findings import Json, Path, RuleInfo
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.model.outline import (
    choices_of,
    description_of,
    is_time,
    map_key_at,
    members_of,
    structure_of,
    type_at,
)
from appflow_gitops.validation.shape import shape_rules as rules
from appflow_gitops.validation.shape.spelling import member_meant, nearest, parents_of

_LONGEST_QUOTE = 60
_MOST_NAMES = 24
_LARGEST_SHOWN = 10**18
_MOST_CULPRITS = 5
_SURELY_MILLISECONDS = 10**11
"""From here on a time counts milliseconds: as seconds it would lie beyond the year 5000."""

_TIME_HINT = "write ISO 8601 with an offset, such as 2026-01-31T08:00:00Z, or epoch seconds"


@dataclass(frozen=True, slots=True)
class Problem:
    """One error of the models.

    ``kind`` is pydantic's name for it; ``path`` leads there, with the names that the models know. ``limit``
    is the length or number, ``pattern`` the pattern that ``value`` breaks. ``of_key``: what is wrong is the
    path's last step, a map's key, and ``value`` is that key. ``written`` is how the value stands in the file.
    """

    kind: str
    path: Path
    value: Json
    limit: float | None = None
    pattern: str | None = None
    of_key: bool = False
    written: str | None = None

    @property
    def expected(self) -> object:
        """The annotation that the value breaks."""
        return map_key_at(FlowDocument, self.path[:-1]) if self.of_key else type_at(FlowDocument, self.path)

    @property
    def subject(self) -> str:
        """What the problem is about, as a sentence begins."""
        return f"a key of {_last_name(self.path[:-1])}" if self.of_key else _named(self.path)


class Told(NamedTuple):
    """A problem in words."""

    rule: RuleInfo
    message: str
    hint: str | None = None


def told(problem: Problem) -> Told:
    """Return the problem in words."""
    return _TELLERS[problem.kind](problem)


def quoted(text: str) -> str:
    """Return the text in quotes, escaped and cut to a readable length."""
    return repr(text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…")


def _missing_member(problem: Problem) -> Told:
    name = str(problem.path[-1])
    return Told(rules.MISSING_MEMBER, f"'{name}' is missing", _EXAMPLES.get(name))


_EXAMPLES = {
    "triggerConfig": 'for example {"triggerType": "OnDemand"}',
    "sourceFields": "a Map_all task needs the empty list: []",
}


def _unknown_member(problem: Problem) -> Told:
    owner = problem.path[:-1]
    message = f"{quoted(str(problem.path[-1]))} is no member of {_named(owner)}"
    return Told(rules.UNKNOWN_MEMBER, message, _right_member(owner, str(problem.path[-1])))


def _right_member(owner: Path, name: str) -> str | None:
    structure = structure_of(type_at(FlowDocument, owner))
    if structure is None or name == "clientToken":
        return "leave it out: every call gets a token of its own"
    if meant := member_meant(structure, name):
        return f"AppFlow's name for it is '{meant}'"
    if homes := parents_of(structure, name):
        return f"it belongs inside {'one of ' * (len(homes) > 1)}{_listed(homes)}"
    return f"known here: {_listed(members_of(structure))}"


def _unknown_choice(problem: Problem) -> Told:
    if not isinstance(problem.value, str):
        return _wrong_type(problem)
    choices = choices_of(problem.expected)
    meant = nearest(problem.value, choices)
    hint = f"did you mean '{meant}'?" if meant else f"one of {_listed(choices)}"
    message = f"{quoted(problem.value)} is no {_kind_of_choice(problem)}"
    if meant is None and problem.path[-1] == "connectorType":
        hint = f"a connector without a type of its own is 'CustomConnector' with a profile; {hint}"
    return Told(rules.UNKNOWN_CHOICE, message, hint)


def _kind_of_choice(problem: Problem) -> str:
    """Name what the value should be: a task type, an operator of S3, a key of taskProperties."""
    if problem.of_key:
        return f"key of {_last_name(problem.path[:-1])}"
    if problem.path[-2:-1] == ("connectorOperator",):
        return f"operator of {problem.path[-1]}"
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", _last_name(problem.path)).lower()
    return words.replace("api", "API").replace("s3", "S3")


def _wrong_length(problem: Problem) -> Told:
    size = len(problem.value) if isinstance(problem.value, str | list | dict) else 0
    unit = "characters" if isinstance(problem.value, str) else "entries"
    bound = "needs at least" if problem.kind.endswith("short") else "may have at most"
    return Told(rules.LENGTH, f"{problem.subject} {bound} {problem.limit} {unit}, this has {size}")


def _out_of_range(problem: Problem) -> Told:
    if is_time(problem.expected):
        return _out_of_time(problem)
    bound = "less" if problem.kind == "greater_than_equal" else "more"
    message = f"{problem.subject} may be no {bound} than {problem.limit}, found {_number(problem.value)}"
    return Told(rules.RANGE, message)


def _out_of_time(problem: Problem) -> Told:
    late = isinstance(problem.value, int | float) and problem.value >= _SURELY_MILLISECONDS
    hint = "times are epoch seconds, this looks like milliseconds" if late else None
    return Told(
        rules.RANGE, f"{problem.subject} lies outside the years 1 to 9999: {_number(problem.value)}", hint
    )


def _wrong_form(problem: Problem) -> Told:
    text = str(problem.value)
    if not text:
        return Told(rules.FORM, f"{problem.subject} may not be empty")
    asked = description_of(problem.expected)
    return Told(rules.FORM, f"{problem.subject} must be {asked}, found {quoted(text)}", _culprits(problem))


def _culprits(problem: Problem) -> str | None:
    """Name the characters that the pattern refuses, where it is about characters only."""
    pattern, plain = str(problem.pattern), "aa"
    if not re.search(pattern, plain):
        return None
    refused = [char for char in dict.fromkeys(str(problem.value)) if not re.search(pattern, plain + char)]
    return f"not allowed: {_listed(map(repr, refused[:_MOST_CULPRITS]))}" if refused else None


def _not_unicode(problem: Problem) -> Told:
    message = f"{problem.subject} holds half of a surrogate pair, which no Unicode text may"
    return Told(rules.FORM, message, "write the character itself, or both halves of its escape")


def _wrong_time(problem: Problem) -> Told:
    match problem.value:
        case int() | float() if not isinstance(problem.value, bool):
            return _out_of_time(problem)
        case str() as text if _is_number(text):
            return Told(
                rules.WRONG_TYPE, "expected a time, found a string", f"write it without quotes: {text}"
            )
        case str() as text:
            return Told(rules.WRONG_TYPE, f"{quoted(text)} is no time", _TIME_HINT)
        case other:
            return Told(rules.WRONG_TYPE, f"expected a time, found {_found(other)}", _TIME_HINT)


def _wrong_type(problem: Problem) -> Told:
    message = f"expected {_EXPECTED[problem.kind]}, found {_found(problem.value)}"
    if problem.value is None:
        return Told(rules.WRONG_TYPE, message, "give it a value, or leave the member out")
    convert = _CONVERSIONS[problem.kind]
    if convert is _to_string and isinstance(problem.value, bool | int | float):
        return Told(rules.WRONG_TYPE, message, _quote_it(problem))
    return Told(rules.WRONG_TYPE, message, convert(problem.value))


def _quote_it(problem: Problem) -> str:
    """Quote what stands in the file: YAML reads more than numbers as numbers, and more words than two as booleans."""
    as_read = json.dumps(problem.value) if isinstance(problem.value, bool) else _number(problem.value)
    text = problem.written or as_read
    if len(text) > _LONGEST_QUOTE:
        return "put it in quotes"
    return f'quote it: "{text}"' + (f"; unquoted, YAML reads {as_read}" if text != as_read else "")


def _to_string(value: Json) -> str | None:
    match value:
        case [str()]:
            return "write the string without a list around it"
        case _:
            return None


def _to_whole_number(value: Json) -> str | None:
    match value:
        case str() if _is_number(value):
            return f"write it without quotes: {value.strip()}"
        case float() if value.is_integer():
            return f"write it without a decimal point: {value:.0f}"
        case _:
            return None


def _to_boolean(value: Json) -> str | None:
    return "write true or false, without quotes" if isinstance(value, str | int) else None


def _to_list(value: Json) -> str | None:
    match value:
        case str() if value.lstrip().startswith("["):
            return "it is JSON inside a string: write the list itself"
        case str() | dict():
            return "write a list, if only of this one: [ ... ]"
        case _:
            return None


def _to_map(value: Json) -> str | None:
    match value:
        case str() if value.lstrip().startswith("{"):
            return "it is JSON inside a string: write the map itself"
        case [{"Key": key, "Value": _}, *_] | [{"key": key, "value": _}, *_]:
            return (
                f"write a map instead of CloudFormation's list of Key and Value: {{{quoted(str(key))}: ...}}"
            )
        case [dict()]:
            return "write the map without a list around it"
        case _:
            return None


def _found(value: Json) -> str:
    if value is None or isinstance(value, bool):
        return str(json.dumps(value))
    return _TYPES[type(value)]


def _number(value: Json) -> str:
    """Write the number, unless it fills the message or is one that Python refuses to print."""
    if isinstance(value, int | float) and abs(value) < _LARGEST_SHOWN:
        return str(value)
    return "a far larger number"


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\s*[+-]?[0-9]+(\.[0-9]+)?\s*", text) is not None and len(text) <= _LONGEST_QUOTE


def _named(path: Path) -> str:
    """Name what stands at the path, in the middle of a sentence."""
    if not path:
        return "a flow"
    return f"an item of {_last_name(path)}" if isinstance(path[-1], int) else str(path[-1])


def _last_name(path: Path) -> str:
    return next(step for step in reversed(path) if isinstance(step, str))


def _listed(names: Iterable[str]) -> str:
    listed = list(names)
    more = ["..."] if len(listed) > _MOST_NAMES else []
    return ", ".join(listed[:_MOST_NAMES] + more) or "nothing"


_TYPES: dict[type, str] = {
    int: "a number",
    float: "a number with a decimal point",
    str: "a string",
    list: "a list",
    dict: "a map",
}

_EXPECTED = {
    "string_type": "a string",
    "literal_error": "a string",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a map",
    "model_type": "a map",
}

_CONVERSIONS = {
    "string_type": _to_string,
    "literal_error": _to_string,
    "int_type": _to_whole_number,
    "bool_type": _to_boolean,
    "tuple_type": _to_list,
    "dict_type": _to_map,
    "model_type": _to_map,
}

_TELLERS = dict.fromkeys(_EXPECTED, _wrong_type) | {
    "missing": _missing_member,
    "extra_forbidden": _unknown_member,
    "literal_error": _unknown_choice,
    "float_type": _wrong_time,
    "finite_number": _wrong_time,
    "string_too_long": _wrong_length,
    "string_too_short": _wrong_length,
    "too_long": _wrong_length,
    "greater_than_equal": _out_of_range,
    "less_than_equal": _out_of_range,
    "string_pattern_mismatch": _wrong_form,
    "string_unicode": _not_unicode,
}
