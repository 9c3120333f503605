"""Values in messages: one form for the whole product, ``'like this'``. Every message that names a value uses it."""

_LONGEST = 60
_CUT = "..."


def quoted(value: object) -> str:
    """The value in single quotes, on one line, at most 60 characters of it, with nothing unprintable.

    A character that cannot be seen is written as its code point (``U+00A0``), so that the reader can find it.
    """
    text = str(value)
    shown = text[:_LONGEST] + _CUT if len(text) > _LONGEST else text
    return "'" + "".join(map(_visible, shown)) + "'"


def _visible(char: str) -> str:
    return char if char.isprintable() else f"<U+{ord(char):04X}>"
