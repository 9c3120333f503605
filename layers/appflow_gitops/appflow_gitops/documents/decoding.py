"""Decode the bytes of a file as UTF-8. ``read`` does this first and stops at any other encoding."""

import re

from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.documents.positions import Lines
from appflow_gitops.documents.reading_rules import NOT_TEXT, TOO_LARGE
from appflow_gitops.findings import Finding, Issue, Position

_BYTE_ORDER_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_COMPRESSED = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
)
_BINARY = (
    (b"%PDF-", "a PDF file"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"PAR1", "a Parquet file"),
    (b"\0GITCRYPT\0", "a file encrypted with git-crypt"),
)
_NOT_OF_TEXT = b"\0\0\0\0"
"""No text has this in UTF-8, UTF-16 or UTF-32."""

# Tabs and line breaks are text. Any other control character points to another encoding or to a binary file.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NAME = b"flowName"
_SAVE_AS_UTF8 = "save the file as UTF-8"


def decode(source: bytes, max_bytes: int = MAX_BYTES) -> str | Finding:
    """Return the text of a file without its byte order mark, or the one finding that says why it is not text."""
    if len(source) > max_bytes and not source.startswith(tuple(mark for mark, _ in _COMPRESSED)):
        message = f"file is larger than {max_bytes:,} bytes ({max_bytes >> 20} MiB)"
        has_several = source.count(_NAME) > 1
        hint = (
            "split it into several files"
            if has_several
            else "shorten it, or move it elsewhere if it declares no flow"
        )
        return Issue(TOO_LARGE, (), message, hint).to_finding(Position(1, 1))
    for mark, compression in _COMPRESSED:
        if source.startswith(mark):
            message = f"file is compressed with {compression}, expected UTF-8 text"
            return Issue(NOT_TEXT, (), message, "decompress it").to_finding(Position(1, 1))
    for mark, encoding in _BYTE_ORDER_MARKS:
        if source.startswith(mark):
            message = f"file is encoded as {encoding}, expected UTF-8"
            return Issue(NOT_TEXT, (), message, _SAVE_AS_UTF8).to_finding(Position(1, 1))
    binary = next((name for mark, name in _BINARY if source.startswith(mark)), None)
    if binary or _NOT_OF_TEXT in source:
        hint = (
            "run 'git-crypt unlock'"
            if "git-crypt" in str(binary)
            else "move it out of the folder of flow documents"
        )
        message = f"expected UTF-8 text, got {binary or 'a binary file'}"
        return Issue(NOT_TEXT, (), message, hint).to_finding(Position(1, 1))
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _undecodable(error)
    control = _CONTROL.search(text)
    return _control_character(text, control.start()) if control else text


def _undecodable(error: UnicodeDecodeError) -> Finding:
    before = bytes(error.object[: error.start]).decode("utf-8")
    message = f"byte 0x{error.object[error.start]:02x} is not valid UTF-8"
    hint = f"{_SAVE_AS_UTF8}; the encoding may be Latin-1 or Windows-1252"
    return Issue(NOT_TEXT, (), message, hint).to_finding(Lines(before).position(len(before)))


def _control_character(text: str, offset: int) -> Finding:
    message = f"unexpected control character U+{ord(text[offset]):04X}"
    looks_wide = text.count("\0") * 4 >= len(text)
    hint = (
        f"{_SAVE_AS_UTF8}; the encoding may be UTF-16 or UTF-32"
        if looks_wide
        else "remove it, or write it as an escape sequence"
    )
    return Issue(NOT_TEXT, (), message, hint).to_finding(Lines(text).position(offset))
