"""Read strict JSON (RFC 8259) into a value and its source map. ``read`` calls it.

A valid document is parsed once, by the C parser of the standard library. The scanner here walks the text only when that
parser or a limit rejects the document, to report each issue with its path. The same scanner builds the source map when
a later finding needs a position.
"""

import json
import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from appflow_gitops.documents import json_syntax
from appflow_gitops.documents.collector import Collector
from appflow_gitops.documents.limits import MAX_DEPTH, MAX_VALUES
from appflow_gitops.documents.positions import Lines, SourceMap, Span, TextDocument
from appflow_gitops.documents.reading_rules import (
    DUPLICATE_KEY,
    INVALID_NUMBER,
    LONE_SURROGATE,
    TOO_DEEP,
    TOO_MANY_VALUES,
)
from appflow_gitops.findings import MAX_EXACT_INTEGER, Issue, Json, Path, RuleInfo
from appflow_gitops.quoting import quoted

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]|[^\s"\[\]{},:]+', re.DOTALL)
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)
_REPLACEMENT = r"\ufffd"  # as long as the escape it replaces, so that offsets do not change
_CONSTANTS = ("NaN", "Infinity", "-Infinity")
_NUMBER_START = tuple("-0123456789")
_ALWAYS_EXACT = 15  # digits


class _IrregularError(ValueError):
    """Python's parser accepts the text, a flow document may not contain it."""


def read_json(text: str, collector: Collector, max_values: int = MAX_VALUES) -> TextDocument | None:
    """Return the one value of a JSON text; add everything that makes it invalid to ``collector``.

    None if the value is unusable. Otherwise each invalid part has a placeholder (the last of two equal keys, 0 for
    a number, U+FFFD for half a surrogate pair), so that the rest can be checked too.
    """
    lines = Lines(text)
    clean, lone = _without_lone_surrogates(text)
    try:
        try:
            value = _read_strictly(clean, lone, max_values)
        except _IrregularError:
            scanner = _Scanner(clean, lines, collector, lone, max_values)
            scanner.scan()
            if scanner.halted:
                return None
            value = _LENIENT.decode(clean)
    except json.JSONDecodeError as error:
        offset, issue = json_syntax.explain(text, error)
        collector.add(issue, lines.position(offset))
        return None
    return TextDocument(
        value, SourceMap(lines, lambda: _Scanner(clean, lines, Collector(), (), max_values).scan())
    )


def _without_lone_surrogates(text: str) -> tuple[str, list[int]]:
    """Return the text with every escaped lone surrogate replaced, and the offsets of these escapes."""
    lone: list[int] = []

    def replace(escape: re.Match[str]) -> str:
        if escape["lone"] is None:
            return escape[0]
        lone.append(escape.start())
        return _REPLACEMENT

    return (_ESCAPE.sub(replace, text) if "\\u" in text else text), lone


def _read_strictly(text: str, lone_surrogates: Sequence[int], max_values: int) -> Json:
    try:
        value: Json = _STRICT.decode(text)
    except RecursionError as error:
        raise _IrregularError from error
    if lone_surrogates or not _within_limits(text, value, max_values):
        raise _IrregularError
    return value


def _within_limits(text: str, value: Json, max_values: int) -> bool:
    containers = text.count("[") + text.count("{")
    if containers <= MAX_DEPTH and containers + text.count(",") < max_values:
        return True
    values, level = 1, [value]
    for _ in range(MAX_DEPTH):
        inner = [each for outer in level for each in _items(outer)]
        values += len(inner)
        level = [each for each in inner if isinstance(each, list | dict)]
        if not level:
            return values <= max_values
    return False


def _items(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _object_with_unique_keys(members: list[tuple[str, Json]]) -> dict[str, Json]:
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
    """Return whether every JSON parser reads the same integer, without converting thousands of digits."""
    return len(integer) <= _ALWAYS_EXACT or (
        len(integer) < 2 * _ALWAYS_EXACT and abs(int(integer)) <= MAX_EXACT_INTEGER
    )


_STRICT = json.JSONDecoder(
    object_pairs_hook=_object_with_unique_keys,
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
    """A list or object that is being scanned; ``step`` leads to the current value."""

    span: Span
    is_object: bool
    step: str | int = -1
    key_start: int | None = None


class _Scanner:
    """Scans the tokens of a JSON text that Python's parser has accepted, at least in part.

    It builds the tree of spans and reports what the parser accepts but a document may not contain. It relies on
    brackets and order alone and ignores syntax errors, which the parser reports.
    """

    def __init__(
        self,
        text: str,
        lines: Lines,
        collector: Collector,
        lone_surrogates: Sequence[int],
        max_values: int,
    ) -> None:
        self.halted = False
        self._text = text
        self._lines = lines
        self._collector = collector
        self._lone_surrogates = lone_surrogates
        self._max_values = max_values
        self._top = Span(0, None, 0)
        self._stack: list[_Frame] = []
        self._count = 0

    def scan(self) -> Span:
        """Return the span of the whole document; ``halted`` is set when a limit ended the scan."""
        for token in _TOKEN.finditer(self._text):
            self._handle(token[0], token.start())
            if self.halted:
                break
        return self._top

    def _handle(self, token: str, start: int) -> None:
        frame = self._stack[-1] if self._stack else None
        if token in ("{", "["):
            self._open(token, start)
        elif token in ("}", "]"):
            del self._stack[-1:]
        elif frame is not None and frame.is_object and frame.key_start is None:
            self._key(frame, token, start)
        else:
            self._scalar(token, start)

    def _open(self, bracket: str, start: int) -> None:
        self._stack.append(_Frame(self._add(start, None), is_object=bracket == "{"))
        if len(self._stack) > MAX_DEPTH:
            self._halt(TOO_DEEP, start, f"nested more than {MAX_DEPTH} levels deep")

    def _key(self, frame: _Frame, token: str, start: int) -> None:
        key = _unquoted(token)
        frame.step = key
        frame.key_start = start
        if key in frame.span.children:
            self._add_issue(DUPLICATE_KEY, start, f"duplicate key {quoted(key)}", "remove one of them")
        self._check_characters(token, start)

    def _scalar(self, token: str, start: int) -> None:
        self._add(start, start + len(token))
        if token.startswith('"'):
            self._check_characters(token, start)
        elif token in _CONSTANTS:
            self._add_issue(INVALID_NUMBER, start, f"{quoted(token)} is not a JSON number", "write a number")
        elif token.startswith(_NUMBER_START) and _is_out_of_range(token):
            message = f"number {quoted(token)} is too large to be exact"
            self._add_issue(INVALID_NUMBER, start, message, "put it in quotes if it is text")

    def _add(self, start: int, end: int | None) -> Span:
        self._count += 1
        if self._count > self._max_values:
            self._halt(TOO_MANY_VALUES, start, f"file contains more than {self._max_values:,} values")
        if not self._stack:
            self._top = Span(start, end, start)
            return self._top
        frame = self._stack[-1]
        if not frame.is_object:
            frame.step = len(frame.span.children)
        key_start = start if frame.key_start is None else frame.key_start
        span = frame.span.children[frame.step] = Span(start, end, key_start)
        frame.key_start = None
        return span

    def _check_characters(self, token: str, start: int) -> None:
        nearest = bisect_left(self._lone_surrogates, start)
        if nearest < len(self._lone_surrogates) and self._lone_surrogates[nearest] < start + len(token):
            message = "escape sequence is half of a surrogate pair"
            self._add_issue(
                LONE_SURROGATE, self._lone_surrogates[nearest], message, "write the character itself"
            )

    def _halt(self, rule: RuleInfo, start: int, message: str) -> None:
        self.halted = True
        self._collector.add(Issue(rule, (), message), self._lines.position(start))

    def _add_issue(self, rule: RuleInfo, start: int, message: str, hint: str) -> None:
        path: Path = tuple(frame.step for frame in self._stack)
        self._collector.add(Issue(rule, path, message, hint), self._lines.position(start))
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
