"""Provenance from GitHub Actions and git: optional, and without secrets."""

import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest

from appflow_gitops.origin import Provenance
from appflow_gitops_cli.git import call_git
from appflow_gitops_cli.provenance import (
    from_git,
    from_github_actions,
    missing_commits,
    provenance_of,
    without_credentials,
)

COMMIT = "4f2c1a98c0de51e2b7d7a5b0f0a1b2c3d4e5f607"
GIT = shutil.which("git") or "git"
ACTIONS = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SHA": COMMIT,
    "GITHUB_REPOSITORY": "acme/flows",
    "GITHUB_ACTOR": "octocat",
}


def git(**answers: str | None):
    """A git that returns these answers by the name of its command."""
    return lambda command, *arguments: answers.get(command if command != "config" else arguments[-1][-4:])


def provenance(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    return provenance_of(str(folder), environment).model_dump(exclude_none=True)


def test_github_actions_provides_commit_repository_and_actor(tmp_path: Path) -> None:
    assert provenance(tmp_path, ACTIONS) == {"commit": COMMIT, "repository": "acme/flows", "actor": "octocat"}


def test_missing_variables_of_github_actions_are_left_out() -> None:
    assert from_github_actions({"GITHUB_SHA": COMMIT, "GITHUB_ACTOR": ""}).model_dump(exclude_none=True) == {
        "commit": COMMIT
    }


@pytest.mark.parametrize(("changes", "commit"), [("", COMMIT), (" M orders.yaml", None), (None, None)])
def test_a_commit_is_recorded_only_if_git_says_that_nothing_was_edited(
    changes: str | None, commit: str | None
) -> None:
    answers = {"status": changes, "rev-parse": COMMIT}
    assert from_git(git(**answers)).commit == commit


def in_repository(folder: Path, *arguments: str) -> None:
    subprocess.run(
        [
            GIT,
            "-C",
            str(folder),
            "-c",
            "user.email=j@example.org",
            "-c",
            "commit.gpgsign=false",
            *arguments,
        ],
        check=True,
        capture_output=True,
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit in it."""
    in_repository(tmp_path, "init")
    in_repository(tmp_path, "config", "user.name", "Jürgen Ñandú")
    in_repository(tmp_path, "remote", "add", "origin", "https://ci:s3cret@example.org/acme/flows.git")
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "orders.json").write_text("{}")
    in_repository(tmp_path, "add", ".")
    in_repository(tmp_path, "commit", "-m", "Add a flow")
    return tmp_path


def test_a_clean_repository_provides_them_without_secrets(repository: Path) -> None:
    assert provenance(repository / "flows", {}) == {
        "commit": call_git(str(repository), "rev-parse", "HEAD"),
        "repository": "https://example.org/acme/flows.git",
        "actor": "Jurgen Nandu",
    }


@pytest.mark.parametrize("file", ["orders.json", "new.json"])
def test_edited_files_have_no_commit(repository: Path, file: str) -> None:
    (repository / "flows" / file).write_text("{ }")
    assert "commit" not in provenance(repository / "flows", {})


def commit_of(repository: Path, content: str) -> str:
    """The id of a new commit."""
    (repository / "flows" / "orders.json").write_text(content)
    in_repository(repository, "commit", "-am", "Edit the flow")
    return call_git(str(repository), "rev-parse", "HEAD") or ""


def test_a_commit_that_the_working_copy_does_not_contain_is_newer(repository: Path) -> None:
    first = call_git(str(repository), "rev-parse", "HEAD")
    second = commit_of(repository, "[]")
    in_repository(repository, "checkout", "--detach", first or "")
    older = from_git(partial(call_git, str(repository)))
    unknown = "4f2c1a9" * 5
    without = [Provenance(commit=second)]
    assert missing_commits(str(repository), older, without) == {second}
    for commit in (second, unknown):
        assert missing_commits(str(repository), older, [replaced(older, commit)]) == {commit}
    in_repository(repository, "checkout", "--detach", second)
    newer = from_git(partial(call_git, str(repository)))
    assert missing_commits(str(repository), newer, [replaced(newer, first)]) == frozenset()


def test_commits_of_other_repositories_and_in_shallow_clones_are_not_compared(
    repository: Path, tmp_path: Path
) -> None:
    unknown = "4f2c1a9" * 5
    head = from_git(partial(call_git, str(repository)))
    other = head.model_copy(update={"repository": "other", "commit": unknown})
    assert missing_commits(str(repository), head, [other, Provenance()]) == frozenset()
    commit_of(repository, "[]")
    in_repository(tmp_path, "clone", "--depth", "1", f"file://{repository}", "shallow")
    assert missing_commits(str(tmp_path / "shallow"), head, [replaced(head, unknown)]) == frozenset()


def replaced(origin: Provenance, commit: str | None) -> Provenance:
    return origin.model_copy(update={"commit": commit})


def test_edits_outside_of_the_folder_do_not_matter(repository: Path) -> None:
    (repository / "README.md").write_text("new")
    assert "commit" in provenance(repository / "flows", {})


def test_outside_of_a_repository_provenance_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert provenance(tmp_path, {}) == {}


def test_without_git_provenance_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert provenance(tmp_path, {}) == {}


def test_a_program_in_the_repositorys_settings_is_not_run(repository: Path) -> None:
    in_repository(repository, "config", "core.fsmonitor", f"touch {repository / 'ran'}; true")
    provenance(repository / "flows", {})
    assert not (repository / "ran").exists()


@pytest.mark.parametrize(
    ("remote", "shown"),
    [
        ("git@example.org:acme/flows.git", "git@example.org:acme/flows.git"),
        ("https://example.org/acme/flows", "https://example.org/acme/flows"),
        ("https://t0ken@example.org/acme/flows", "https://example.org/acme/flows"),
        ("https://a:b%40c@example.org:8443/x?private_token=t", "https://example.org:8443/x"),
        ("https://a:b@c@example.org/x", "https://example.org/x"),
        ("ssh://git:pw@example.org/acme/flows.git", "ssh://example.org/acme/flows.git"),
        ("http://[broken", ""),
    ],
)
def test_credentials_are_removed_from_the_remote(remote: str, shown: str) -> None:
    assert without_credentials(remote) == shown


def test_text_that_s3_rejects_as_metadata_is_cut_or_left_out() -> None:
    found = from_git(git(name="東京\nX-Evil: 1", **{".url": "x" * 1000}))
    assert found.actor == "X-Evil: 1"
    assert found.repository is not None
    assert len(found.repository) == 256
    assert found.commit is None
