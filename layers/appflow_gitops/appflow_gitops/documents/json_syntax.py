"""What a JSON syntax error looks like to the person who made it. ``json_text`` asks it once parsing has failed."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from appflow_gitops.documents.collector import excerpt

CONFLICT_MARKER = re.compile(r"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)
"""A line that git leaves in a file with a merge conflict."""

CONFLICT_HINT = "Git left this mark of a merge conflict: settle the conflict and remove all three marks"

_TRAILING_COMMA = re.compile(r",\s*[}\]]")
_YAML_START = re.compile(r"\s*(?:---|[A-Za-z_][\w.-]*\s*:|#|- )")
_INSIDE_STRINGS = (
    (
        "Invalid control character",
        "a string holds a line end or a tab",
        'close the string with `"` on its line, or write \\n and \\t',
    ),
    ("Invalid \\", "a backslash starts no escape here", "double the backslash"),
    ("Unterminated string", "a string is not closed", 'the closing `"` is missing: was the file cut off?'),
)
_BY_LOOKS = (
    (
        re.compile(r"['`\u2018-\u201e\u00ab\u00bb]"),
        'a quotation mark other than `"`',
        "JSON takes straight double quotes only",
    ),
    (
        re.compile(r"//|/\*|#"),
        "a comment",
        "JSON has no comments: remove it, or write the document as .yaml",
    ),
    (
        re.compile(r"(?:True|False|None)\b"),
        "a Python value",
        "JSON writes true, false and null: print the document with json.dumps, not with print",
    ),
    (re.compile(r"[A-Za-z_$]\w*\s*:"), "a member name without quotes", "put the name in double quotes"),
    (re.compile(r"[-+.]"), "a number that JSON writes otherwise", "no plus sign, and digits around the dot"),
    (
        re.compile(r","),
        "a comma where a value or a name is wanted",
        "look for something that is missing before it",
    ),
    (
        re.compile(r"[}\]]"),
        "a closing bracket that does not fit",
        "look for a bracket or a value that is missing",
    ),
)
_BETWEEN_VALUES = (
    (
        "Expecting ',' delimiter",
        "a comma is missing",
        "put a comma between this and what stands before it; a number has no leading zero",
    ),
    ("Expecting ':' delimiter", "a colon is missing after a member's name", None),
)


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """A syntax error in our words, and the offset in characters where it stands."""

    offset: int
    message: str
    hint: str | None


def explain(text: str, error: json.JSONDecodeError) -> SyntaxProblem:
    """The syntax error that Python's parser met, told by what stands there."""
    if marker := CONFLICT_MARKER.search(text):
        return SyntaxProblem(
            marker.start(), "the JSON is broken by the mark of a merge conflict", CONFLICT_HINT
        )
    if _YAML_START.match(text):
        message = "this is YAML, or at least no JSON"
        return SyntaxProblem(0, message, "name the file .yaml to have it read as YAML")
    if error.msg == "Extra data":
        return _explain_second_value(text, error.pos)
    if (comma := _trailing_comma(text, error.pos)) is not None:
        return SyntaxProblem(comma, "a comma stands after the last item", "remove the comma")
    if not text[error.pos :].strip():
        return SyntaxProblem(error.pos, "the JSON ends before it is complete", "was the file cut off?")
    return _explain_by_looks(text, error)


def _explain_second_value(text: str, offset: int) -> SyntaxProblem:
    if text.startswith(("{", "["), offset):
        hint = "put several flows into one JSON array: [{...}, {...}]"
        return SyntaxProblem(offset, "a second JSON document follows the first", hint)
    return SyntaxProblem(
        offset, f"{excerpt(text[offset : offset + 20])} follows the end of the document", "remove it"
    )


def _trailing_comma(text: str, offset: int) -> int | None:
    """The comma before a closing bracket, wherever the parser stopped: Python 3.13 stops earlier than 3.11."""
    comma = offset if text.startswith(",", offset) else len(text[:offset].rstrip()) - 1
    return comma if comma >= 0 and _TRAILING_COMMA.match(text, comma) else None


def _explain_by_looks(text: str, error: json.JSONDecodeError) -> SyntaxProblem:
    if said := _said(error, _INSIDE_STRINGS):
        return said
    for pattern, what, advice in _BY_LOOKS:
        if pattern.match(text, error.pos):
            return SyntaxProblem(error.pos, f"here stands {what}", advice)
    if said := _said(error, _BETWEEN_VALUES):
        return said
    found = excerpt(re.split(r"[\s,\]}]", text[error.pos : error.pos + 60], maxsplit=1)[0])
    return SyntaxProblem(error.pos, f"{found} is no JSON value", "put text in double quotes")


def _said(error: json.JSONDecodeError, table: Iterable[tuple[str, str, str | None]]) -> SyntaxProblem | None:
    for start, message, hint in table:
        if error.msg.startswith(start):
            return SyntaxProblem(error.pos, message, hint)
    return None
