"""Explain a YAML syntax error. ``yaml_text`` calls it after parsing has failed."""

import yaml

from appflow_gitops.documents.json_syntax import Diagnosis, conflict_marker
from appflow_gitops.documents.reading_rules import YAML_SYNTAX
from appflow_gitops.findings import Issue
from appflow_gitops.quoting import hint_for_hidden

_QUOTE_VALUE = "put the value in quotes"
_CANNOT_START = {
    "\t": ("unexpected tab, expected spaces", "indent with spaces"),
    "@": ("unquoted value cannot start with '@'", _QUOTE_VALUE),
    "`": ("unquoted value cannot start with a backtick", _QUOTE_VALUE),
    "%": ("unquoted value cannot start with '%'", _QUOTE_VALUE),
}
_BY_PROBLEM = (
    (
        "mapping values are not allowed",
        "unexpected ':'",
        "check the indentation of this line and the one above, and quote text that contains ': '",
    ),
    ("block sequence entries are not allowed", "unexpected '-'", "start the list on its own line"),
    ("could not find expected ':'", "missing ':' after a key above this line", None),
    (
        "did not find expected key",
        "expected a key or the end of the object",
        "check the indentation, and quotes inside quoted text",
    ),
    (
        "did not find expected '-' indicator",
        "expected a list item or the end of the list",
        "check the indentation",
    ),
    ("did not find expected ',' or", "list or object is not closed", "add the missing ']' or '}'"),
    ("found unexpected end of stream", "quoted text is not closed", "add the closing quote"),
    (
        "found unknown escape character",
        "unknown escape sequence",
        "double the backslash, or use single quotes",
    ),
    ("invalid Unicode character", "escape sequence is not a character", "write the character itself"),
    ("found a tab character", "unexpected tab, expected spaces", "indent with spaces"),
    ("undefined tag handle", "undeclared tag", "put text that starts with '!' in quotes"),
    ("did not find expected <document start>", "expected '---' before the next document", None),
)


def explain(text: str, error: yaml.YAMLError) -> tuple[int, Issue]:
    """Return the offset of the error that libyaml met, and the issue found there."""
    offset, message, hint = conflict_marker(text) or _diagnose(text, error)
    return offset, Issue(YAML_SYNTAX, (), message, hint_for_hidden(_lines_near(text, offset)) or hint)


def _lines_near(text: str, offset: int) -> str:
    """Return the line at ``offset`` and the line above: their invisible characters are the usual cause."""
    start = text.rfind("\n", 0, max(text.rfind("\n", 0, offset), 0)) + 1
    end = text.find("\n", offset)
    return text[start : end if end >= 0 else None]


def _diagnose(text: str, error: yaml.YAMLError) -> Diagnosis:
    if isinstance(error, yaml.reader.ReaderError):
        offset = len(text.encode()[: error.position].decode("utf-8", "ignore"))
        return offset, "character not allowed in YAML", "remove it, or write it as an escape sequence"
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        offset = min(error.problem_mark.index, len(text))
        return _diagnose_at(text, offset, error.context or "", error.problem or "")
    return 0, "invalid YAML", None


def _diagnose_at(text: str, offset: int, context: str, problem: str) -> Diagnosis:
    if context in ("while scanning an alias", "while scanning an anchor"):
        sign = "*" if context.endswith("alias") else "&"
        hint = f"put text that starts with '{sign}' in quotes"
        return max(offset - 1, 0), f"'{sign}' without a name", hint
    start = text[offset : offset + 1]
    if problem == "found character that cannot start any token" and start in _CANNOT_START:
        return offset, *_CANNOT_START[start]
    if text.startswith("{env.", offset):
        message = "unquoted variable inside brackets"
        return max(offset - 1, 0), message, 'put the variable in quotes: "${env.NAME}"'
    for part, *diagnosis in _BY_PROBLEM:
        if part in problem:
            return offset, *diagnosis
    return offset, f"invalid YAML: {problem}", None
