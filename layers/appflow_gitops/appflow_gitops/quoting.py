"""Values in messages: in single quotes, on one line, cut to a readable length, every character visible."""

import unicodedata
from collections.abc import Iterable

_MAX_LENGTH = 60
_ELLIPSIS = "..."
_MAX_HIDDEN = 5
"""Invisible characters that a hint names."""

# Printable by Python's definition, yet drawn as nothing: fillers, joiners and variation selectors.
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
)


def quoted(value: object) -> str:
    """Return the first 60 characters of the value in single quotes, invisible ones as code points (``<U+00A0>``)."""
    text = str(value)
    shown = text[:_MAX_LENGTH] + _ELLIPSIS if len(text) > _MAX_LENGTH else text
    if not shown.isprintable() or not _INVISIBLE.isdisjoint(shown):
        shown = "".join(map(_visible, shown))
    return f"'{shown}'"


def listed(values: Iterable[object], limit: int = 12) -> str:
    """Return the values quoted and separated by commas; only the first ``limit`` of them."""
    texts = list(values)
    more = [f"and {len(texts) - limit} more"] if len(texts) > limit else []
    return ", ".join([*map(quoted, texts[:limit]), *more])


def hidden_characters(text: str) -> list[str]:
    """Return the invisible characters of the text by code point and name, each once: ``U+00A0 (no-break space)``."""
    return [_named(char) for char in _hidden_in(text)]


def hint_for_hidden(text: str) -> str | None:
    """Return how to correct a text with invisible characters, None without any."""
    hidden = _hidden_in(text)[:_MAX_HIDDEN]
    blank = [_named(char) for char in hidden if unicodedata.category(char) == "Zs"]
    others = [_named(char) for char in hidden if unicodedata.category(char) != "Zs"]
    steps = [f"remove {', '.join(others)}"] * bool(others)
    steps += [f"replace {', '.join(blank)} by a space"] * bool(blank)
    return ", and ".join(steps) or None


def _hidden_in(text: str) -> list[str]:
    return list(dict.fromkeys(char for char in text if not char.isascii() and _is_hidden(char)))


def _named(char: str) -> str:
    return f"U+{ord(char):04X} ({unicodedata.name(char, 'unnamed character').lower()})"


def _is_hidden(char: str) -> bool:
    return not char.isprintable() or char in _INVISIBLE


def _visible(char: str) -> str:
    return f"<U+{ord(char):04X}>" if _is_hidden(char) else char
