"""The message and hint for each way in which a value does not match the models. No text of pydantic is shown."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from appflow_gitops.findings import Issue, Json, Path, RuleInfo
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.model.outline import (
    choices_of,
    description_of,
    is_time,
    map_key_at,
    members_of,
    pattern_of,
    structure_of,
    type_at,
)
from appflow_gitops.quoting import hidden_characters, hint_for_hidden, listed, quoted
from appflow_gitops.validation.shape import rules
from appflow_gitops.validation.shape.spelling import intended_key, nearest, parents_of

_PAIR = 2
_MAX_QUOTED = 60
_MAX_CHOICES = 24
_MAX_DIGITS = 18
_MAX_CHARACTERS = 5
_NUMBER_IN_YAML_1_2 = re.compile(r"0o[0-7]+|[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")

_TIME_HINT = "write ISO 8601 with an offset, such as 2026-01-31T08:00:00Z, or epoch seconds"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One value that does not match the models.

    ``kind`` is pydantic's error type; ``path`` leads to the value, with the keys of the models. ``limit`` is the
    length or number, ``pattern`` the pattern that ``value`` violates. With ``of_key``, the last step of the path is
    the key of a map, and ``value`` is that key. ``written`` is the value as written in the file.
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
        """The annotation that the value does not match."""
        return map_key_at(FlowDocument, self.path[:-1]) if self.of_key else type_at(FlowDocument, self.path)

    @property
    def subject(self) -> str:
        """The value's name, for messages."""
        return f"a key of {_name_at(self.path[:-1])}" if self.of_key else _name_at(self.path)

    def issue(self, rule: RuleInfo, message: str, hint: str | None = None) -> Issue:
        """Return an issue at the mismatch."""
        return Issue(rule, self.path, message, hint)


def describe(mismatch: Mismatch) -> Issue:
    """Return the mismatch as an issue."""
    return _DESCRIPTIONS[mismatch.kind](mismatch)


def suggestion(name: str, choices: Iterable[str]) -> str:
    """Return the hint for an unknown name: the nearest choice, or all of them."""
    known = tuple(choices)
    intended = nearest(name, known)
    return f"did you mean {quoted(intended)}?" if intended else f"expected one of: {_listed(known)}"


def type_name(value: Json) -> str:
    """Return what the value is in the words of JSON, with its article; null and booleans as they are."""
    if value is None or isinstance(value, bool):
        return str(json.dumps(value))
    return _TYPES[type(value)]


def pairs_of(value: list[Json]) -> list[tuple[str, Json]]:
    """Return the keys and values of CloudFormation's list of objects with Key and Value; empty for any other list."""
    pairs = [
        (item.get("Key", item.get("key")), item.get("Value", item.get("value")))
        for item in value
        if isinstance(item, dict) and len(item) == _PAIR
    ]
    named: list[tuple[str, Json]] = [
        (key, inner) for key, inner in pairs if isinstance(key, str) and inner is not None
    ]
    return named if len(named) == len(value) else []


def _missing_key(mismatch: Mismatch) -> Issue:
    name = str(mismatch.path[-1])
    return mismatch.issue(rules.MISSING_KEY, f"missing key {quoted(name)}", _EXAMPLES.get(name))


_EXAMPLES = {
    "triggerConfig": 'for example {"triggerType": "OnDemand"}',
    "sourceFields": "a Map_all task takes an empty list: []",
}


def _unknown_key(mismatch: Mismatch) -> Issue:
    owner, name = mismatch.path[:-1], str(mismatch.path[-1])
    location = f" in {_name_at(owner)}" if owner else ""
    return mismatch.issue(
        rules.UNKNOWN_KEY, f"unknown key {quoted(name)}{location}", _fix_for_key(owner, name, mismatch.value)
    )


def _fix_for_key(owner: Path, name: str, value: Json) -> str:
    structure = structure_of(type_at(FlowDocument, owner))
    if structure is None or name == "clientToken":
        return "remove it: each call gets its own token"
    if hidden := hidden_characters(name):
        return f"remove {', '.join(hidden)} from the key"
    if intended := intended_key(structure, name, value):
        return f"did you mean {quoted(intended)}?{_CONVERT if not owner and _is_of_other_tool(name) else ''}"
    if parents := parents_of(structure, name):
        return f"move it into {'one of: ' * (len(parents) > 1)}{_listed(parents)}"
    return f"expected one of: {_listed(members_of(structure))}"


_CONVERT = " To convert a file of CloudFormation or Terraform, run 'appflow-gitops convert FILE --out DIR'"


def _is_of_other_tool(name: str) -> bool:
    """Return whether the key is in CloudFormation's or Terraform's spelling."""
    return name[:1].isupper() or "_" in name


def _unknown_choice(mismatch: Mismatch) -> Issue:
    if not isinstance(mismatch.value, str):
        return _wrong_type(mismatch)
    if hidden := hidden_characters(mismatch.value):
        hint = f"remove {', '.join(hidden)} from the value"
        return mismatch.issue(rules.UNKNOWN_CHOICE, _unknown_value(mismatch), hint)
    choices = choices_of(mismatch.expected)
    hint = suggestion(mismatch.value, choices)
    if mismatch.path[-1] == "connectorType" and nearest(mismatch.value, choices) is None:
        hint = f"use 'CustomConnector' and a connector profile for any other system; {hint}"
    return mismatch.issue(rules.UNKNOWN_CHOICE, _unknown_value(mismatch), hint)


def _unknown_value(mismatch: Mismatch) -> str:
    """Return the message: an unknown task type 'x', operator 'x' for S3, or key 'x' in taskProperties."""
    value = quoted(mismatch.value)
    if mismatch.of_key:
        return f"unknown key {value} in {_name_at(mismatch.path[:-1])}"
    if mismatch.path[-2:-1] == ("connectorOperator",):
        return f"unknown operator {value} for {mismatch.path[-1]}"
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", _last_key(mismatch.path)).lower()
    return f"unknown {words.replace('api', 'API').replace('s3', 'S3')} {value}"


def _wrong_length(mismatch: Mismatch) -> Issue:
    pattern = pattern_of(mismatch.expected)
    if mismatch.kind == "string_too_short" and pattern and not re.search(pattern, str(mismatch.value)):
        return _wrong_format(replace(mismatch, pattern=pattern))
    size = len(mismatch.value) if isinstance(mismatch.value, str | list | dict) else 0
    unit = "characters" if isinstance(mismatch.value, str) else "entries"
    bound = "at least" if mismatch.kind.endswith("short") else "at most"
    message = f"{mismatch.subject} must have {bound} {mismatch.limit} {unit}, got {size}"
    expected = description_of(mismatch.expected)
    return mismatch.issue(rules.LENGTH, message, f"expected {expected}" if expected else None)


def _out_of_range(mismatch: Mismatch) -> Issue:
    if is_time(mismatch.expected):
        return _out_of_time(mismatch)
    bound = "at least" if mismatch.kind == "greater_than_equal" else "at most"
    message = f"{mismatch.subject} must be {bound} {mismatch.limit}, got {_number(mismatch.value)}"
    return mismatch.issue(rules.RANGE, message)


def _out_of_time(mismatch: Mismatch) -> Issue:
    is_late = isinstance(mismatch.value, int | float) and mismatch.value > 0
    hint = "this looks like milliseconds; times are epoch seconds" if is_late else None
    message = f"{mismatch.subject} must be in the years 1 to 9999, got {_number(mismatch.value)}"
    return mismatch.issue(rules.RANGE, message, hint)


def _wrong_format(mismatch: Mismatch) -> Issue:
    if not mismatch.value:
        return mismatch.issue(rules.FORMAT, f"{mismatch.subject} must not be empty")
    expected = description_of(mismatch.expected)
    message = f"{mismatch.subject} must be {expected}, got {quoted(mismatch.value)}"
    alias = re.search(r"alias/[\w/-]+", str(mismatch.value)) if mismatch.path == ("kmsArn",) else None
    hint = (
        f"'aws kms describe-key --key-id {alias[0]}' prints it" if alias else _rejected_characters(mismatch)
    )
    return mismatch.issue(rules.FORMAT, message, hint)


def _rejected_characters(mismatch: Mismatch) -> str | None:
    """Return the characters that the pattern rejects, if it is a pattern about single characters."""
    pattern, plain = str(mismatch.pattern), "aa"
    if not re.search(pattern, plain):
        return None
    rejected = [char for char in dict.fromkeys(str(mismatch.value)) if not re.search(pattern, plain + char)]
    return f"not allowed: {listed(rejected[:_MAX_CHARACTERS])}" if rejected else None


def _not_unicode(mismatch: Mismatch) -> Issue:
    message = f"{mismatch.subject} contains half of a surrogate pair"
    return mismatch.issue(rules.FORMAT, message, "write the character itself, or both halves of its escape")


def _wrong_time(mismatch: Mismatch) -> Issue:
    match mismatch.value:
        case int() | float() if not isinstance(mismatch.value, bool):
            return _out_of_time(mismatch)
        case str() as text if _is_number(text):
            hint = f"remove the quotes: {text}"
            return mismatch.issue(rules.WRONG_TYPE, "expected a time, got a string", hint)
        case str() as text:
            return mismatch.issue(rules.WRONG_TYPE, f"invalid time {quoted(text)}", _TIME_HINT)
        case other:
            return mismatch.issue(rules.WRONG_TYPE, f"expected a time, got {type_name(other)}", _TIME_HINT)


def _wrong_type(mismatch: Mismatch) -> Issue:
    message = f"expected {_EXPECTED[mismatch.kind]}, got {type_name(mismatch.value)}"
    return mismatch.issue(rules.WRONG_TYPE, message, _fix_for_type(mismatch))


def _fix_for_type(mismatch: Mismatch) -> str | None:
    """Return how to write the value, if that is clear."""
    convert, value = _CONVERSIONS[mismatch.kind], mismatch.value
    if value is None:
        return "set a value, or remove the key"
    if isinstance(value, str):
        return _fix_for_text(mismatch, value)
    if convert is _to_string and isinstance(value, bool | int | float):
        return _add_quotes(mismatch)
    if (
        isinstance(value, list)
        and mismatch.path[-2:] == ("taskProperties", "VALUE")
        and (texts := _texts(value))
    ):
        return f"write VALUES: {quoted(','.join(texts))}"
    return convert(value)


def _fix_for_text(mismatch: Mismatch, text: str) -> str | None:
    convert = _CONVERSIONS[mismatch.kind]
    if hidden := hint_for_hidden(text):
        return hidden
    if mismatch.path[-1:] == ("connectorOperator",) and len(text) <= _MAX_QUOTED:
        return f'write the connector around it, such as {{"S3": "{text}"}}'
    return _in_digits(text) if convert is _to_integer and mismatch.written == text else convert(text)


def _texts(items: list[Json]) -> list[str]:
    """Return the items if all of them are strings, else none."""
    texts = [item for item in items if isinstance(item, str)]
    return texts if len(texts) == len(items) else []


def _add_quotes(mismatch: Mismatch) -> str:
    """Return the value as the file has it, in quotes: YAML also reads 10:30:00 as a number and no as a boolean."""
    as_read = json.dumps(mismatch.value) if isinstance(mismatch.value, bool) else _number(mismatch.value)
    text = mismatch.written or as_read
    if text.startswith(("&", "*", "!")):  # an anchor, an alias or a tag
        text = as_read
    if len(text) > _MAX_QUOTED:
        return "add quotes"
    return f'add quotes: "{text}"' + (f"; without them, YAML reads {as_read}" if text != as_read else "")


def _to_string(value: Json) -> str | None:
    match value:
        case [str()]:
            return "remove the list around the string"
        case _:
            return None


def _to_integer(value: Json) -> str | None:
    match value:
        case str() if _is_number(value):
            return f"remove the quotes: {value.strip()}"
        case float() if value.is_integer():
            return f"remove the decimal point: {value:.0f}"
        case _:
            return None


def _in_digits(text: str) -> str | None:
    """Return how to write unquoted text that is an integer in YAML 1.2, but not in YAML 1.1."""
    if len(text) > _MAX_DIGITS or not _NUMBER_IN_YAML_1_2.fullmatch(text):
        return None
    number = int(text, 0) if text.startswith("0o") else float(text)
    is_integer = float(number).is_integer() and abs(number) < 10**_MAX_DIGITS
    return f"write {number:.0f}: YAML 1.1 reads {quoted(text)} as text" if is_integer else None


def _to_boolean(value: Json) -> str | None:
    return "write true or false, without quotes" if isinstance(value, str | int) else None


def _to_list(value: Json) -> str | None:
    match value:
        case str() if value.lstrip().startswith("["):
            return "the value is JSON in a string: write the list itself"
        case str() | dict():
            return "wrap the value in a list: [...]"
        case _:
            return None


def _to_object(value: Json) -> str | None:
    match value:
        case str() if value.lstrip().startswith("{"):
            return "the value is JSON in a string: write the object itself"
        case list() if pairs := pairs_of(value):
            return f"write an object instead of CloudFormation's list of Key and Value: {{{quoted(pairs[0][0])}: ...}}"
        case [dict()]:
            return "remove the list around the object"
        case _:
            return None


def _number(value: Json) -> str:
    """Return the number, unless it is too long to read: Python refuses to print the longest ones."""
    if isinstance(value, int | float) and abs(value) < 10**_MAX_DIGITS:
        return str(value)
    return f"a number with more than {_MAX_DIGITS} digits"


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\s*[+-]?[0-9]+(\.[0-9]+)?\s*", text) is not None and len(text) <= _MAX_QUOTED


def _name_at(path: Path) -> str:
    """Return the name of the value at the path: its key, or the key of its list and its index."""
    return f"{_last_key(path)}[{path[-1]}]" if isinstance(path[-1], int) else str(path[-1])


def _last_key(path: Path) -> str:
    return next(step for step in reversed(path) if isinstance(step, str))


def _listed(names: Iterable[str]) -> str:
    return listed(names, _MAX_CHOICES) or "none"


_TYPES: dict[type, str] = {
    int: "a number",
    float: "a number with a decimal point",
    str: "a string",
    list: "a list",
    dict: "an object",
}

_EXPECTED = {
    "string_type": "a string",
    "literal_error": "a string",
    "int_type": "an integer",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
}

_CONVERSIONS = {
    "string_type": _to_string,
    "literal_error": _to_string,
    "int_type": _to_integer,
    "bool_type": _to_boolean,
    "tuple_type": _to_list,
    "dict_type": _to_object,
    "model_type": _to_object,
}

_DESCRIPTIONS = dict.fromkeys(_EXPECTED, _wrong_type) | {
    "missing": _missing_key,
    "extra_forbidden": _unknown_key,
    "literal_error": _unknown_choice,
    "float_type": _wrong_time,
    "finite_number": _wrong_time,
    "string_too_long": _wrong_length,
    "string_too_short": _wrong_length,
    "too_long": _wrong_length,
    "greater_than_equal": _out_of_range,
    "less_than_equal": _out_of_range,
    "string_pattern_mismatch": _wrong_format,
    "string_unicode": _not_unicode,
}
