"""Explain a JSON syntax error. ``json_text`` calls it after parsing has failed."""

import json
import re
from collections.abc import Iterable

from appflow_gitops.documents.reading_rules import JSON_SYNTAX
from appflow_gitops.findings import Issue
from appflow_gitops.quoting import hidden_characters, quoted

Diagnosis = tuple[int, str, str | None]
"""A syntax error: offset in characters, message, hint."""

_CONFLICT_MARKER = re.compile(r"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)
_TRAILING_COMMA = re.compile(r",\s*[}\]]")
_YAML_START = re.compile(r"\s*(?:---|[A-Za-z_][\w.-]*\s*:|#|- )")
_WORD = re.compile(r"[^\s,\]}]{1,60}|.", re.DOTALL)
_INSIDE_STRINGS = (
    (
        "Invalid control character",
        "line break or tab inside a string",
        "close the string on the same line, or write \\n or \\t",
    ),
    ("Invalid \\", "unknown escape sequence", "double the backslash"),
    (
        "Unterminated string",
        "unterminated string",
        "add the closing double quote; the file may be truncated",
    ),
)
_BY_TEXT = (
    (
        re.compile(r"['`\u2018-\u201e\u00ab\u00bb]"),
        "unexpected quotation mark, expected '\"'",
        "JSON strings use straight double quotes",
    ),
    (
        re.compile(r"//|/\*|#"),
        "unexpected comment",
        "JSON has no comments: remove it, or use YAML",
    ),
    (
        re.compile(r"(?:True|False|None)\b"),
        "unexpected Python literal, expected true, false or null",
        "write the document with json.dumps, not with print",
    ),
    (re.compile(r"[A-Za-z_$]\w*\s*:"), "key without quotes", "put the key in double quotes"),
    (
        re.compile(r"[-+.]"),
        "invalid number",
        "remove the plus sign, and write digits on both sides of the decimal point",
    ),
    (re.compile(r","), "unexpected comma, expected a key or a value", "add what is missing before it"),
    (re.compile(r"[}\]]"), "unexpected closing bracket", "add the missing value or opening bracket"),
)
_BETWEEN_VALUES = (
    (
        "Expecting ',' delimiter",
        "missing comma",
        "add a comma after the previous value; numbers have no leading zeros",
    ),
    ("Expecting ':' delimiter", "missing colon after a key", None),
)


def explain(text: str, error: json.JSONDecodeError) -> tuple[int, Issue]:
    """Return the offset of the error that Python's parser met, and the issue found there."""
    offset, message, hint = conflict_marker(text) or _diagnose(text, error)
    return offset, Issue(JSON_SYNTAX, (), message, hint)


def conflict_marker(text: str) -> Diagnosis | None:
    """Find a line that Git leaves in a file with a merge conflict."""
    marker = _CONFLICT_MARKER.search(text)
    hint = "resolve the conflict and remove all three markers"
    return (marker.start(), "unresolved merge conflict", hint) if marker else None


def _diagnose(text: str, error: json.JSONDecodeError) -> Diagnosis:
    if hidden := hidden_characters(text[error.pos : error.pos + 1]):
        return error.pos, f"unexpected {hidden[0]} outside of a string", "remove it"
    if _YAML_START.match(text):
        return 0, "file looks like YAML, expected JSON", "rename the file to .yaml"
    if error.msg == "Extra data":
        return _diagnose_second_value(text, error.pos)
    if (comma := _trailing_comma(text, error.pos)) is not None:
        return comma, "trailing comma", "remove the comma"
    if not text[error.pos :].strip():
        return error.pos, "unexpected end of file", "the file may be truncated"
    return _diagnose_by_text(text, error)


def _diagnose_second_value(text: str, offset: int) -> Diagnosis:
    if text.startswith(("{", "["), offset):
        hint = "put several flows in one array: [{...}, {...}]"
        return offset, "unexpected second JSON document", hint
    return offset, f"unexpected {_word_at(text, offset)} after the end of the document", "remove it"


def _trailing_comma(text: str, offset: int) -> int | None:
    """Find the comma before a closing bracket. Python 3.13 reports an earlier offset than 3.11."""
    comma = offset if text.startswith(",", offset) else len(text[:offset].rstrip()) - 1
    return comma if comma >= 0 and _TRAILING_COMMA.match(text, comma) else None


def _diagnose_by_text(text: str, error: json.JSONDecodeError) -> Diagnosis:
    if diagnosis := _diagnose_by_message(error, _INSIDE_STRINGS):
        return diagnosis
    for pattern, message, hint in _BY_TEXT:
        if pattern.match(text, error.pos):
            return error.pos, message, hint
    if diagnosis := _diagnose_by_message(error, _BETWEEN_VALUES):
        return diagnosis
    is_whole = not text[: error.pos].strip()
    hint = "a flow document starts with '{' or '['" if is_whole else "put text in double quotes"
    return error.pos, f"invalid JSON value {_word_at(text, error.pos)}", hint


def _diagnose_by_message(
    error: json.JSONDecodeError, table: Iterable[tuple[str, str, str | None]]
) -> Diagnosis | None:
    for start, message, hint in table:
        if error.msg.startswith(start):
            return error.pos, message, hint
    return None


def _word_at(text: str, offset: int) -> str:
    word = _WORD.match(text, offset)
    return quoted(word[0] if word else "")
