"""Patterns of names in ``policy.yaml`` and in the parameters of a stack: ``*`` is any text, ``?`` one character."""

from collections.abc import Iterable
from fnmatch import fnmatchcase


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Return whether one of the patterns matches the whole name. Brackets are literal, unlike in ``fnmatch``."""
    return any(fnmatchcase(name, pattern.replace("[", "[[]")) for pattern in patterns)


def matches_folder(bucket: str, prefix: str, patterns: Iterable[str]) -> bool:
    """Return whether one of the patterns allows this folder of the bucket.

    ``shared-lake`` allows the whole bucket, ``shared-lake/sales/*`` what is in its folder ``sales/``. A prefix counts
    as a folder whether it ends with a slash or not. One with an empty step, ``.`` or ``..`` is in no folder.
    """
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    is_plain = not {"", ".", ".."} & set(folder.split("/")[:-1])
    for pattern in patterns:
        name, slash, path = pattern.partition("/")
        if matches(bucket, [name]) and (not slash or (folder and is_plain and matches(folder, [path]))):
            return True
    return False
