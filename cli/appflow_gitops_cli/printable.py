"""Text of documents and file names, made safe for terminals, logs and XML."""

_TAB = "    "
_REPLACEMENT = "\ufffd"


def printable(text: str) -> str:
    """The text on one line, without characters that a terminal interprets or XML does not allow."""
    return "".join(_TAB if char == "\t" else char if char.isprintable() else _REPLACEMENT for char in text)
