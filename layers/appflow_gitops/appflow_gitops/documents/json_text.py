"""Strict JSON (RFC 8259) to a value and its places. ``read`` calls it.

A good document is parsed once, by the C parser of the standard library. Only where that parser or a limit objects
does the scanner here walk the text, to tell what is wrong at which path. The same scanner finds the places when a
finding of a later layer asks for them.
"""

import json
import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from appflow_gitops.documents import json_syntax
from appflow_gitops.documents.collector import Collector, excerpt
from appflow_gitops.documents.limits import MAX_DEPTH, MAX_VALUES
from appflow_gitops.documents.positions import Lines, Place, Places, TextDocument
from appflow_gitops.documents.reading_rules import (
    DUPLICATE_NAME,
    JSON_SYNTAX,
    LONE_SURROGATE,
    NO_JSON_NUMBER,
    TOO_DEEP,
    TOO_MANY_VALUES,
)
from appflow_gitops.findings import MAX_EXACT_INTEGER, Json, Path, RuleInfo

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]|[^\s"\[\]{},:]+', re.DOTALL)
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)
_REPLACEMENT = r"\ufffd"  # as long as the escape it stands for, so that no place moves
_CONSTANTS = ("NaN", "Infinity", "-Infinity")
_NUMBER_START = tuple("-0123456789")
_SURELY_EXACT = 15  # digits


class _IrregularError(ValueError):
    """Something that Python's parser takes and a flow document does not."""


def read_json(text: str, collector: Collector) -> TextDocument | None:
    """The one value of a JSON text; told to ``collector`` is whatever keeps it from being a valid document.

    None when there is no value to go on with. Otherwise what was told about is replaced by something harmless (the
    last of two equal names, 0 for a number, U+FFFD for half a character), so that the rest can be checked too.
    """
    lines = Lines(text)
    clean, lone = _without_lone_surrogates(text)
    try:
        try:
            value = _read_strictly(clean, lone)
        except _IrregularError:
            scanner = _Scanner(clean, lines, collector, lone)
            scanner.scan()
            if scanner.halted:
                return None
            value = _LENIENT.decode(clean)
    except json.JSONDecodeError as error:
        problem = json_syntax.explain(text, error)
        collector.tell(JSON_SYNTAX, (), lines.position(problem.offset), problem.message, problem.hint)
        return None
    return TextDocument(value, Places(lines, lambda: _Scanner(clean, lines, Collector()).scan()))


def _without_lone_surrogates(text: str) -> tuple[str, list[int]]:
    """The text with every escaped half of a character replaced, and the offsets of those halves."""
    lone: list[int] = []

    def replace(escape: re.Match[str]) -> str:
        if escape["lone"] is None:
            return escape[0]
        lone.append(escape.start())
        return _REPLACEMENT

    return (_ESCAPE.sub(replace, text) if "\\u" in text else text), lone


def _read_strictly(text: str, lone_surrogates: Sequence[int]) -> Json:
    try:
        value: Json = _STRICT.decode(text)
    except RecursionError as error:
        raise _IrregularError from error
    if lone_surrogates or not _within_limits(text, value):
        raise _IrregularError
    return value


def _within_limits(text: str, value: Json) -> bool:
    containers = text.count("[") + text.count("{")
    if containers <= MAX_DEPTH and containers + text.count(",") < MAX_VALUES:
        return True
    values, level = 1, [value]
    for _ in range(MAX_DEPTH):
        inner = [each for outer in level for each in _items(outer)]
        values += len(inner)
        level = [each for each in inner if isinstance(each, list | dict)]
        if not level:
            return values <= MAX_VALUES
    return False


def _items(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _object_with_unique_names(members: list[tuple[str, Json]]) -> dict[str, Json]:
    unique = dict(members)
    if len(unique) < len(members):
        raise _IrregularError
    return unique


def _exact_integer(text: str) -> int:
    if not _is_exact(text):
        raise _IrregularError
    return int(text)


def _finite_number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _IrregularError
    return number


def _no_constant(_text: str) -> float:
    raise _IrregularError


def _is_exact(integer: str) -> bool:
    """Whether every reader of JSON gets the same integer; says so without converting thousands of digits."""
    return len(integer) <= _SURELY_EXACT or (
        len(integer) < 2 * _SURELY_EXACT and abs(int(integer)) <= MAX_EXACT_INTEGER
    )


_STRICT = json.JSONDecoder(
    object_pairs_hook=_object_with_unique_names,
    parse_int=_exact_integer,
    parse_float=_finite_number,
    parse_constant=_no_constant,
)
_LENIENT = json.JSONDecoder(
    parse_int=lambda text: int(text) if _is_exact(text) else 0,
    parse_float=lambda text: 0 if math.isinf(float(text)) else float(text),
    parse_constant=lambda _text: 0,
)


@dataclass(slots=True)
class _Frame:
    """A list or object that is being scanned; ``step`` leads to the value at hand."""

    place: Place
    is_object: bool
    step: str | int = -1
    name_start: int | None = None


class _Scanner:
    """Walks the tokens of a JSON text that Python's parser took, or took up to some point.

    It builds the tree of places and tells what the parser does not mind. It goes by brackets and order alone and
    minds no syntax error: those are the parser's to tell.
    """

    def __init__(
        self, text: str, lines: Lines, collector: Collector, lone_surrogates: Sequence[int] = ()
    ) -> None:
        self.halted = False
        self._text = text
        self._lines = lines
        self._collector = collector
        self._lone_surrogates = lone_surrogates
        self._top = Place(0, None, 0)
        self._stack: list[_Frame] = []
        self._count = 0

    def scan(self) -> Place:
        """The places of the whole document; ``halted`` when there was no use in going on."""
        for token in _TOKEN.finditer(self._text):
            self._take(token[0], token.start())
            if self.halted:
                break
        return self._top

    def _take(self, token: str, start: int) -> None:
        frame = self._stack[-1] if self._stack else None
        if token in ("{", "["):
            self._open(token, start)
        elif token in ("}", "]"):
            del self._stack[-1:]
        elif frame is not None and frame.is_object and frame.name_start is None:
            self._name(frame, token, start)
        else:
            self._scalar(token, start)

    def _open(self, bracket: str, start: int) -> None:
        self._stack.append(_Frame(self._add(start, None), is_object=bracket == "{"))
        if len(self._stack) > MAX_DEPTH:
            self._halt(
                TOO_DEEP, start, f"lists and objects lie more than {MAX_DEPTH} deep inside each other here"
            )

    def _name(self, frame: _Frame, token: str, start: int) -> None:
        name = _unquoted(token)
        frame.step = name
        frame.name_start = start
        if name in frame.place.members:
            message = f"{excerpt(name)} stands twice in the same object"
            self._tell(DUPLICATE_NAME, start, message, "keep one of them")
        self._check_characters(token, start)

    def _scalar(self, token: str, start: int) -> None:
        self._add(start, start + len(token))
        if token.startswith('"'):
            self._check_characters(token, start)
        elif token in _CONSTANTS:
            self._tell(NO_JSON_NUMBER, start, f"JSON has no `{token}`", "write a number")
        elif token.startswith(_NUMBER_START) and _is_out_of_range(token):
            message = f"the number {excerpt(token)} is too large to be read exactly"
            self._tell(NO_JSON_NUMBER, start, message, "put it in quotes if it is text")

    def _add(self, start: int, end: int | None) -> Place:
        self._count += 1
        if self._count > MAX_VALUES:
            self._halt(TOO_MANY_VALUES, start, f"the file holds more than {MAX_VALUES:,} values")
        if not self._stack:
            self._top = Place(start, end, start)
            return self._top
        frame = self._stack[-1]
        if not frame.is_object:
            frame.step = len(frame.place.members)
        name_start = start if frame.name_start is None else frame.name_start
        place = frame.place.members[frame.step] = Place(start, end, name_start)
        frame.name_start = None
        return place

    def _check_characters(self, token: str, start: int) -> None:
        nearest = bisect_left(self._lone_surrogates, start)
        if nearest < len(self._lone_surrogates) and self._lone_surrogates[nearest] < start + len(token):
            message = "an escape such as `\\ud83d` stands for half a character and is_missing its other half"
            self._tell(LONE_SURROGATE, self._lone_surrogates[nearest], message, "write the character itself")

    def _halt(self, rule: RuleInfo, start: int, message: str) -> None:
        self.halted = True
        self._collector.tell(rule, (), self._lines.position(start), message)

    def _tell(self, rule: RuleInfo, start: int, message: str, hint: str) -> None:
        path: Path = tuple(frame.step for frame in self._stack)
        self._collector.tell(rule, path, self._lines.position(start), message, hint)
        self.halted = self._collector.is_full


def _unquoted(token: str) -> str:
    if "\\" not in token:
        return token.strip('"')
    try:
        return str(json.loads(token))
    except ValueError:
        return token


def _is_out_of_range(token: str) -> bool:
    try:
        return not _is_exact(token) if token.lstrip("-").isdecimal() else math.isinf(float(token))
    except ValueError:
        return False
