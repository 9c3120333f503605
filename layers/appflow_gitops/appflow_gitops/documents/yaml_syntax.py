"""What a YAML syntax error looks like to the person who made it. ``yaml_text`` asks it once parsing has failed."""

import yaml

from appflow_gitops.documents.json_syntax import CONFLICT_HINT, CONFLICT_MARKER, SyntaxProblem

_CANNOT_START = {
    "\t": ("a tab stands where YAML wants spaces", "indent with spaces"),
    "@": ("a plain value cannot start with `@`", "put the value in quotes"),
    "`": ("a plain value cannot start with a backtick", "put the value in quotes"),
    "%": ("a plain value cannot start with `%`", "put the value in quotes"),
}
_SAYS = (
    (
        "mapping values are not allowed",
        "a `:` cannot stand here",
        "is this line, or the one above, indented too far? Put text that contains `: ` in quotes",
    ),
    (
        "block sequence entries are not allowed",
        "a `-` cannot stand here",
        "start the list on a line of its own",
    ),
    ("could not find expected ':'", "a `:` after a member's name is missing above this place", None),
    (
        "did not find expected key",
        "the object ends or goes wrong here",
        "check the indentation, and quotes inside of quoted text",
    ),
    (
        "did not find expected '-' indicator",
        "the list goes on with something else here",
        "check the indentation",
    ),
    (
        "did not find expected ',' or",
        "a list or an object in brackets is not closed",
        "look for a missing `]` or `}`",
    ),
    ("found unexpected end of stream", "a quoted text is not closed", "the closing quote is missing"),
    (
        "found unknown escape character",
        "a backslash starts no escape here",
        "double it, or use single quotes",
    ),
    ("invalid Unicode character", "an escape stands for no character", "write the character itself"),
    ("found a tab character", "a tab stands where YAML wants spaces", "indent with spaces"),
    ("undefined tag handle", "a tag that is not declared", "put text that starts with `!` in quotes"),
    ("did not find expected <document start>", "a new document has to start with `---`", None),
)


def explain(text: str, error: yaml.YAMLError) -> SyntaxProblem:
    """The syntax error that libyaml met, told by what stands there."""
    if marker := CONFLICT_MARKER.search(text):
        return SyntaxProblem(
            marker.start(), "the YAML is broken by the mark of a merge conflict", CONFLICT_HINT
        )
    if isinstance(error, yaml.reader.ReaderError):
        offset = len(text.encode()[: error.position].decode("utf-8", "ignore"))
        return SyntaxProblem(
            offset, "a character that YAML does not allow", "remove it, or write it as an escape"
        )
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        offset = min(error.problem_mark.index, len(text))
        return _explain(text, offset, error.context or "", error.problem or "")
    return SyntaxProblem(0, "the YAML cannot be read", None)


def _explain(text: str, offset: int, context: str, problem: str) -> SyntaxProblem:
    if context in ("while scanning an alias", "while scanning an anchor"):
        sign = "*" if context.endswith("alias") else "&"
        message = f"a `{sign}` without a name"
        return SyntaxProblem(max(offset - 1, 0), message, f'put text that starts with it in quotes: "{sign}"')
    if (
        problem == "found character that cannot start any token"
        and text[offset : offset + 1] in _CANNOT_START
    ):
        return SyntaxProblem(offset, *_CANNOT_START[text[offset]])
    if text.startswith("{env.", offset):
        message = "between brackets, a text with braces in it needs quotes"
        return SyntaxProblem(max(offset - 1, 0), message, 'put the variable in quotes: "${env.NAME}"')
    for part, message, hint in _SAYS:
        if part in problem:
            return SyntaxProblem(offset, message, hint)
    return SyntaxProblem(offset, f"the YAML cannot be read: {problem}", None)
