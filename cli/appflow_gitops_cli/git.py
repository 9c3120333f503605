"""git, as far as commands ask it about the working copy. Shared by export and push."""

import shutil
import subprocess
from pathlib import Path

_TIMEOUT = 10
"""Seconds for each call."""


def call_git(folder: str, *arguments: str) -> str | None:
    """The output of git in the folder; ``None`` without git or a repository, or on a timeout."""
    git = shutil.which("git")
    if git is None:
        return None
    # The repository's settings may name a program for git to run (fsmonitor); optional locks write to the index.
    command = [git, "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", folder, *arguments]
    try:
        result = subprocess.run(  # noqa: S603 - git, with fixed arguments
            command, capture_output=True, timeout=_TIMEOUT, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.decode(errors="replace").strip() if result.returncode == 0 else None


def unsaved_files(folder: str) -> frozenset[Path]:
    """The files in the folder, as resolved paths, whose content git does not store: untracked, or edited since.

    Empty without git or a repository.
    """
    listed = call_git(folder, "ls-files", "-z", "--modified", "--others", "--", ".")
    return frozenset(Path(folder, name).resolve() for name in (listed or "").split("\0") if name)
