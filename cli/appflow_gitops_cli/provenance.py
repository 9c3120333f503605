"""The provenance of pushed documents: commit, repository and actor, from GitHub Actions or git.

All three are optional. ``push`` stores them with each document that it uploads. It does not go back behind a stored
commit, and ``plan`` says so before.
"""

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from urllib.parse import urlsplit, urlunsplit

from appflow_gitops.origin import Provenance
from appflow_gitops.quoting import quoted
from appflow_gitops_cli.git import call_git

Git = Callable[..., str | None]
"""Calls git with these arguments and returns its output, or ``None`` if it fails."""

_MAX_LENGTH = 256
_COMMIT = re.compile(r"[0-9a-f]{7,64}", re.ASCII)


def provenance_of(folder: str, environment: Mapping[str, str] = os.environ) -> Provenance:
    """The provenance of the documents in the folder."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return from_github_actions(environment)
    return from_git(partial(call_git, folder))


def from_github_actions(environment: Mapping[str, str]) -> Provenance:
    """The provenance from the variables of a job."""
    return _provenance(
        commit=environment.get("GITHUB_SHA"),
        repository=environment.get("GITHUB_REPOSITORY"),
        actor=environment.get("GITHUB_ACTOR"),
    )


def from_git(git: Git) -> Provenance:
    """The provenance from the working copy. Without a commit if files in the folder were edited since."""
    changes = git("status", "--porcelain", "--", ".")
    remote = git("config", "--get", "remote.origin.url")
    return _provenance(
        commit=git("rev-parse", "--verify", "HEAD") if changes == "" else None,
        repository=without_credentials(remote) if remote else None,
        actor=git("config", "--get", "user.name"),
    )


def has_uncommitted_changes(folder: str) -> bool:
    """Whether files in the folder were edited since the last commit, so that no commit describes them."""
    return bool(call_git(folder, "status", "--porcelain", "--", "."))


def missing_commits(folder: str, head: Provenance, stored: Iterable[Provenance]) -> frozenset[str]:
    """The commits of stored documents that the working copy does not contain: pushing would go back behind them.

    Only commits of the same repository count. In a shallow clone, and without a commit or git, nothing is known.
    """
    commits = sorted(
        {
            each.commit
            for each in stored
            if each.commit and _COMMIT.fullmatch(each.commit) and _may_be_same_repository(head, each)
        }
        - {head.commit}
    )
    if not commits or call_git(folder, "rev-parse", "--is-shallow-repository") != "false":
        return frozenset()
    if call_git(folder, "rev-list", "--max-count=1", *commits, "--not", "HEAD") == "":
        return frozenset()
    return frozenset(
        commit
        for commit in commits
        if call_git(folder, "merge-base", "--is-ancestor", commit, "HEAD") is None
    )


def older_checkout(commits: Iterable[str]) -> str:
    """Why push refuses the documents of a working copy that does not contain the commits."""
    return (
        f"the bucket has commit {quoted(min(commits))}, which this working copy does not contain; pull first, "
        "or push the older documents with --allow-older"
    )


def _may_be_same_repository(one: Provenance, other: Provenance) -> bool:
    """Whether both are of one repository, as far as both are known."""
    return not (one.repository and other.repository) or _repository_name(one) == _repository_name(other)


def _repository_name(origin: Provenance) -> list[str]:
    """Owner and name: GitHub Actions records only these, git the whole URL."""
    return re.split("[/:]", (origin.repository or "").removesuffix(".git"))[-2:]


def without_credentials(remote: str) -> str:
    """The URL of the remote without user name, password and query, which may contain secrets."""
    if "://" not in remote:
        return remote
    try:
        parts = urlsplit(remote)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _provenance(**values: str | None) -> Provenance:
    metadata = {name: _as_metadata(text) for name, text in values.items() if text}
    return Provenance(**{name: text for name, text in metadata.items() if text})


def _as_metadata(text: str) -> str:
    """The text as S3 metadata, which are HTTP headers: printable ASCII, accents removed, cut to a maximum length."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(char for char in plain if char.isprintable()).strip()[:_MAX_LENGTH]
