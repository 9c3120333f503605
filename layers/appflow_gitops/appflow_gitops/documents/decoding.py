"""Bytes to text. ``read`` calls it first: what is no UTF-8 text goes no further."""

import re

from appflow_gitops.documents.collector import finding
from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.documents.positions import Lines
from appflow_gitops.documents.reading_rules import NOT_TEXT, TOO_LARGE
from appflow_gitops.findings import Finding, Position

_BYTE_ORDER_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
# A tab and line ends are text; every other control character is a sign of another encoding or of a binary file.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SAVE_AS_UTF8 = "save the file as UTF-8"


def decode(source: bytes) -> str | Finding:
    """The text of a file without its byte order mark, or the one finding that says why there is none."""
    if len(source) > MAX_BYTES:
        message = f"the file has {len(source):,} bytes; {MAX_BYTES:,} (1 MiB) are read at most"
        return finding(TOO_LARGE, (), Position(1, 1), message, "split it into several files")
    for mark, encoding in _BYTE_ORDER_MARKS:
        if source.startswith(mark):
            return finding(NOT_TEXT, (), Position(1, 1), f"the file is {encoding}, not UTF-8", _SAVE_AS_UTF8)
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _undecodable(error)
    control = _CONTROL.search(text)
    return _control_character(text, control.start()) if control else text


def _undecodable(error: UnicodeDecodeError) -> Finding:
    before = bytes(error.object[: error.start]).decode("utf-8")
    message = f"the byte 0x{error.object[error.start]:02x} is no UTF-8"
    hint = f"{_SAVE_AS_UTF8}; it may be Latin-1 or Windows-1252 (an accented letter is one byte there)"
    return finding(NOT_TEXT, (), Lines(before).position(len(before)), message, hint)


def _control_character(text: str, offset: int) -> Finding:
    message = f"the file holds the control character U+{ord(text[offset]):04X}"
    looks_wide = text.count("\0") * 4 >= len(text)
    hint = (
        f"it looks like UTF-16 or UTF-32: {_SAVE_AS_UTF8}"
        if looks_wide
        else "remove it, or write it as an escape"
    )
    return finding(NOT_TEXT, (), Lines(text).position(offset), message, hint)
