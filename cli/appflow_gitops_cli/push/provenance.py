"""Where the pushed documents come from: commit, repository and actor, as GitHub Actions or git tells them.

None of it is a must: where nobody knows, nothing is said. ``command`` stores it with each document that it uploads.
"""

import os
import shutil
import subprocess
import unicodedata
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import urlsplit, urlunsplit

from appflow_gitops.origin import Provenance

Git = Callable[..., str | None]
"""Calls git with these arguments; what it prints, or ``None`` where it fails."""

_PATIENCE = 10
"""Seconds that git may take."""
_LONGEST = 256


def provenance_of(folder: str, environment: Mapping[str, str] = os.environ) -> Provenance:
    """What is known about the documents in the folder."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return from_github_actions(environment)
    return from_git(partial(call_git, folder))


def from_github_actions(environment: Mapping[str, str]) -> Provenance:
    """What the job's variables say."""
    return _provenance(
        commit=environment.get("GITHUB_SHA"),
        repository=environment.get("GITHUB_REPOSITORY"),
        actor=environment.get("GITHUB_ACTOR"),
    )


def from_git(git: Git) -> Provenance:
    """What the working copy says. What was edited since the last commit is of no commit."""
    edited = git("status", "--porcelain", "--", ".")
    remote = git("config", "--get", "remote.origin.url")
    return _provenance(
        commit=git("rev-parse", "--verify", "HEAD") if edited == "" else None,
        repository=without_credentials(remote) if remote else None,
        actor=git("config", "--get", "user.name"),
    )


def call_git(folder: str, *arguments: str) -> str | None:
    """What git prints there; ``None`` where there is no git, no repository, or no answer."""
    git = shutil.which("git")
    if git is None:
        return None
    # The repository's own settings may name a program for git to run here; nothing of git's is written either.
    command = [git, "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", folder, *arguments]
    try:
        ended = subprocess.run(  # noqa: S603 - git itself, with arguments of ours
            command, capture_output=True, timeout=_PATIENCE, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ended.stdout.decode(errors="replace").strip() if ended.returncode == 0 else None


def without_credentials(remote: str) -> str:
    """The remote's URL without the name and password that may stand in it, nor a query that may be a token."""
    if "://" not in remote:
        return remote
    try:
        parts = urlsplit(remote)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _provenance(**told: str | None) -> Provenance:
    fit = {name: _as_metadata(text) for name, text in told.items() if text}
    return Provenance(**{name: text for name, text in fit.items() if text})


def _as_metadata(text: str) -> str:
    """Object metadata are HTTP headers: ASCII that can be printed, and not much of it. Accents are taken off."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(char for char in plain if char.isprintable()).strip()[:_LONGEST]
