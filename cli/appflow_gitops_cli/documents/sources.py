"""Which files commands read, and their bytes: files, folders and standard input."""

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.documents.reading_rules import UNREADABLE
from appflow_gitops.documents.suffixes import DOCUMENT_SUFFIXES
from appflow_gitops.findings import Finding, Position
from appflow_gitops_cli.main import CannotRun

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """One document to read. ``name`` is what the person calls it: the path as given, or ``-`` for standard input."""

    name: str

    def read(self) -> bytes | Finding:
        """The first bytes of the file, enough to tell that it is too large; or why it cannot be opened."""
        if self.name == STANDARD_INPUT:
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        path = Path(self.name)
        try:
            # Opening a named pipe would wait for whoever writes to it.
            if not stat.S_ISREG(path.stat().st_mode):
                return _unreadable(
                    "It is no regular file.", "To check what a command prints, pipe it to `validate -`."
                )
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except OSError as error:
            return _unreadable(f"{error.strerror or error}.")


def find_sources(paths: Iterable[str]) -> list[Source]:
    """Every document that ``paths`` name, each once. Files stand in the order given, those of a folder sorted.

    Raises CannotRun when a path does not exist, a folder cannot be listed, or there is no document.
    """
    names = dict.fromkeys(name for path in paths for name in _names(path))
    if not names:
        raise CannotRun(f"there are no documents: no {', '.join(DOCUMENT_SUFFIXES)} file there")
    return [Source(name) for name in names]


def _names(path: str) -> Iterator[str]:
    if path != STANDARD_INPUT and not os.path.lexists(path):
        raise CannotRun(f"no such file or folder: {path}")
    if path != STANDARD_INPUT and Path(path).is_dir():
        yield from _names_in(path)
    else:
        yield path


def _names_in(folder: str) -> Iterator[str]:
    for parent, folders, files in os.walk(folder, onerror=_refuse):
        # os.walk goes on into what is left in this very list.
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        for name in sorted(files):
            if name.lower().endswith(DOCUMENT_SUFFIXES) and not name.startswith("."):
                yield str(Path(parent, name))


def _refuse(error: OSError) -> None:
    raise CannotRun(f"cannot list the folder {error.filename}: {error.strerror}")


def _unreadable(message: str, hint: str | None = None) -> Finding:
    return Finding(UNREADABLE.id, UNREADABLE.severity, (), message, hint, Position(1, 1))
