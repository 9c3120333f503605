"""What a YAML syntax error looks like to the person who made it. ``yaml_text`` asks it once parsing has failed."""

import yaml

from appflow_gitops.documents.json_syntax import CONFLICT_HINT, CONFLICT_MARKER, SyntaxProblem

_CANNOT_START = {
    "\t": ("A tab stands where YAML wants spaces.", "Indent with spaces."),
    "@": ("A plain value cannot start with `@`.", "Put the value in quotes."),
    "`": ("A plain value cannot start with a backtick.", "Put the value in quotes."),
    "%": ("A plain value cannot start with `%`.", "Put the value in quotes."),
}
_SAYS = (
    (
        "mapping values are not allowed",
        "A `:` cannot stand here.",
        "Is this line, or the one above, indented too far? Put text that contains `: ` in quotes.",
    ),
    (
        "block sequence entries are not allowed",
        "A `-` cannot stand here.",
        "Start the list on a line of its own.",
    ),
    ("could not find expected ':'", "A `:` after a member's name is missing above this place.", None),
    (
        "did not find expected key",
        "The object ends or goes wrong here.",
        "Check the indentation, and quotes inside of quoted text.",
    ),
    (
        "did not find expected '-' indicator",
        "The list goes on with something else here.",
        "Check the indentation.",
    ),
    (
        "did not find expected ',' or",
        "A list or an object in brackets is not closed.",
        "Look for a missing `]` or `}`.",
    ),
    ("found unexpected end of stream", "A quoted text is not closed.", "The closing quote is missing."),
    (
        "found unknown escape character",
        "A backslash starts no escape here.",
        "Double it, or use single quotes.",
    ),
    ("invalid Unicode character", "An escape stands for no character.", "Write the character itself."),
    ("found a tab character", "A tab stands where YAML wants spaces.", "Indent with spaces."),
    ("undefined tag handle", "A tag that is not declared.", "Put text that starts with `!` in quotes."),
    ("did not find expected <document start>", "A new document has to start with `---`.", None),
)


def explain(text: str, error: yaml.YAMLError) -> SyntaxProblem:
    """The syntax error that libyaml met, told by what stands there."""
    if marker := CONFLICT_MARKER.search(text):
        return SyntaxProblem(
            marker.start(), "The YAML is broken by the mark of a merge conflict.", CONFLICT_HINT
        )
    if isinstance(error, yaml.reader.ReaderError):
        offset = len(text.encode()[: error.position].decode("utf-8", "ignore"))
        return SyntaxProblem(
            offset, "A character that YAML does not allow.", "Remove it, or write it as an escape."
        )
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        offset = min(error.problem_mark.index, len(text))
        return _explain(text, offset, error.context or "", error.problem or "")
    return SyntaxProblem(0, "The YAML cannot be read.", None)


def _explain(text: str, offset: int, context: str, problem: str) -> SyntaxProblem:
    if context in ("while scanning an alias", "while scanning an anchor"):
        sign = "*" if context.endswith("alias") else "&"
        message = f"A `{sign}` without a name."
        return SyntaxProblem(
            max(offset - 1, 0), message, f'Put text that starts with it in quotes: "{sign}".'
        )
    if (
        problem == "found character that cannot start any token"
        and text[offset : offset + 1] in _CANNOT_START
    ):
        return SyntaxProblem(offset, *_CANNOT_START[text[offset]])
    for part, message, hint in _SAYS:
        if part in problem:
            return SyntaxProblem(offset, message, hint)
    return SyntaxProblem(offset, f"The YAML cannot be read: {problem}.", None)
