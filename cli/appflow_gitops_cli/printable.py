"""Text of documents and file names, made fit for terminals, logs and XML. The other modules of this folder use it."""

_TAB = "    "
_REPLACEMENT = "\ufffd"


def printable(text: str) -> str:
    """The text on one line, with nothing in it that a terminal would obey, or XML refuse, rather than show."""
    if text.isprintable():
        return text
    return "".join(_TAB if char == "\t" else char if char.isprintable() else _REPLACEMENT for char in text)
