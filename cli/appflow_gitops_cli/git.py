"""git, as far as commands ask it about the working copy. Shared by export, plan and push."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

_TIMEOUT = 10
"""Seconds for each call."""


def call_git(folder: str, *arguments: str) -> str | None:
    """The output of git in the folder; ``None`` without git or a repository, or on a timeout."""
    output = _run(folder, *arguments)
    return None if output is None else output.decode(errors="replace").strip()


def read_objects(folder: str, names: Sequence[str]) -> dict[str, bytes]:
    """The contents of objects by their ids, as git stores them: without filters or conversions of line ends.

    An object that git does not have is left out.
    """
    output = _run(folder, "cat-file", "--batch", sent="\n".join([*names, ""]).encode()) or b""
    found, at = {}, 0
    while at < len(output):
        end = output.index(b"\n", at)
        name, *described = output[at:end].decode().split()
        at = end + 1
        if described[0] != "missing":
            size = int(described[1])
            found[name] = output[at : at + size]
            at += size + 1
    return found


def _run(folder: str, *arguments: str, sent: bytes = b"") -> bytes | None:
    git = shutil.which("git")
    if git is None:
        return None
    # The repository's settings may name a program for git to run (fsmonitor); optional locks write to the index.
    command = [git, "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", folder, *arguments]
    try:
        result = subprocess.run(  # noqa: S603 - git, with fixed arguments
            command, capture_output=True, timeout=_TIMEOUT, check=False, input=sent
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout if result.returncode == 0 else None


def unsaved_files(folder: str) -> frozenset[Path]:
    """The files in the folder, as resolved paths, whose content git does not store: untracked, or edited since.

    Empty without git or a repository.
    """
    listed = call_git(folder, "ls-files", "-z", "--modified", "--others", "--", ".")
    return frozenset(Path(folder, name).resolve() for name in (listed or "").split("\0") if name)
