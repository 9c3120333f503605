"""The folder that documents are written to, one file per flow. Shared by export and convert."""

import errno
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from appflow_gitops.quoting import quoted

NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
"""Not on Windows."""


class WriteResult(StrEnum):
    """The result of writing one file."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    """The file exists with the same content."""
    KEPT = "kept"
    """The file exists with other content, and was not overwritten."""


@dataclass(frozen=True, slots=True)
class OutputFolder:
    """The folder that documents are written to, one file per flow, named after the flow. ``force`` overwrites."""

    path: Path
    suffix: str
    force: bool

    def file(self, flow: str) -> Path:
        """The file of the flow. Raises ValueError for a name that would leave the folder."""
        name = f"{flow}.{self.suffix}"
        if Path(name).name != name or name.startswith("."):
            raise ValueError(f"{quoted(flow)} is not usable as a file name")
        return self.path / name

    def write(self, file: Path, content: bytes) -> WriteResult:
        """Write the file unless it exists already. Raises OSError, also for a symbolic link."""
        return write_file(file, content, force=self.force)


def write_file(file: Path, content: bytes, *, force: bool) -> WriteResult:
    """Write the file unless it exists already; ``force`` overwrites. Raises OSError, also for a symbolic link."""
    refuse_symbolic_link(file)
    if file.exists() and file.read_bytes() == content:
        return WriteResult.UNCHANGED
    if file.exists() and not force:
        return WriteResult.KEPT
    write_without_links(file, content, os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL))
    return WriteResult.WRITTEN


def refuse_symbolic_link(file: Path) -> None:
    """Raises OSError for a symbolic link."""
    if file.is_symlink():
        raise OSError(errno.ELOOP, "it is a symbolic link")


def write_without_links(file: Path, content: bytes, flags: int) -> None:
    """Write the file, opened with these flags, and never the target of a symbolic link. Raises OSError."""
    refuse_symbolic_link(file)
    with os.fdopen(os.open(file, os.O_WRONLY | flags | NOFOLLOW, 0o666), "wb") as opened:
        opened.write(content)
