"""The files that commands read: files, folders and standard input."""

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.documents.reading_rules import UNREADABLE
from appflow_gitops.documents.suffixes import DOCUMENT_SUFFIXES
from appflow_gitops.findings import Finding, Position
from appflow_gitops.quoting import quoted
from appflow_gitops_cli.main import CommandError

STANDARD_INPUT = "-"
NO_DOCUMENTS = f"no documents found: expected files that end in {', '.join(DOCUMENT_SUFFIXES)}"


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read. ``name`` is its path as the user wrote it, or ``-`` for standard input.

    ``folder`` is the folder in which it was found; a symbolic link to a file outside of it is not followed.
    """

    name: str
    folder: str | None = None

    def read(self, max_bytes: int = MAX_BYTES) -> bytes | Finding:
        """The content, up to one byte more than ``max_bytes``; or a finding if it cannot be read."""
        if self.name == STANDARD_INPUT:
            return sys.stdin.buffer.read(max_bytes + 1)
        path = Path(self.name)
        try:
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode):
                if self.folder and not path.resolve().is_relative_to(Path(self.folder).resolve()):
                    return _unreadable(
                        f"symbolic link to a file outside of {quoted(self.folder)}",
                        "copy the file into the folder",
                    )
                status = path.stat()
            # Opening a named pipe would block until another process writes to it.
            if not stat.S_ISREG(status.st_mode):
                return _unreadable(
                    "not a regular file", "pipe the output of a command to 'appflow-gitops validate -'"
                )
            with path.open("rb") as file:
                # A limited read allocates its limit, which takes longer than reading a small file.
                return file.read(max_bytes + 1 if status.st_size > max_bytes else -1)
        except OSError as error:
            return _unreadable(f"cannot read the file: {error.strerror or error}")


def find_sources(paths: Iterable[str], *, may_be_empty: bool = False) -> list[Source]:
    """Every document in ``paths``, each once: files in the order of ``paths``, the files of a folder sorted.

    Raises CommandError when a path does not exist, a folder cannot be listed, or, unless ``may_be_empty``, no document
    is found.
    """
    sources: dict[str, Source] = {}
    for path in paths:
        for source in _sources(path):
            sources.setdefault(source.name, source)
    if not sources and not may_be_empty:
        raise CommandError(NO_DOCUMENTS)
    return list(sources.values())


def _sources(path: str) -> Iterator[Source]:
    if path != STANDARD_INPUT:
        require_path(path)
    if path != STANDARD_INPUT and Path(path).is_dir():
        yield from (Source(name, path) for name in _names_in(path))
    else:
        yield Source(path)


def require_path(path: str) -> None:
    """Raise CommandError with the most similar name if the file or folder does not exist."""
    if os.path.lexists(path):
        return
    parent = Path(path).parent
    names = [entry.name for entry in parent.iterdir()] if parent.is_dir() else []
    similar = get_close_matches(Path(path).name, names, 1)
    hint = f"; did you mean {quoted(parent / similar[0])}?" if similar else ""
    raise CommandError(f"no such file or folder {quoted(path)}{hint}")


def require_folder(path: str) -> None:
    """Raise CommandError if the path is not a folder."""
    require_path(path)
    if not Path(path).is_dir():
        raise CommandError(f"{quoted(path)} is a file, expected a folder")


def _names_in(folder: str) -> Iterator[str]:
    for parent, folders, files in os.walk(folder, onerror=_raise_listing_error):
        # os.walk descends into the folders that are left in this list.
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        for name in sorted(files):
            if name.lower().endswith(DOCUMENT_SUFFIXES) and not name.startswith("."):
                yield str(Path(parent, name))


def _raise_listing_error(error: OSError) -> None:
    raise CommandError(f"cannot list the folder {error.filename}: {error.strerror}")


def _unreadable(message: str, hint: str | None = None) -> Finding:
    return Finding(UNREADABLE.id, UNREADABLE.severity, (), message, hint, Position(1, 1))
