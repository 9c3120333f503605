"""The files of a commit, as ``plan --git`` reads them, and what git says about the working copy."""

import subprocess
from pathlib import Path

import pytest

from appflow_gitops_cli.git import call_git, read_objects, unsaved_files
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.plan.commit_files import files_of_commit, relative_path


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)  # noqa: S607


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a file, a program, a link and a subfolder, all committed."""
    (tmp_path / "repository/flows/sales").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repository")
    Path("flows/a.json").write_text("a")
    Path("flows/run.json").write_text("run")
    Path("flows/run.json").chmod(0o755)
    Path("flows/link.json").symlink_to("a.json")
    Path("flows/sales/b.json").write_bytes(b"b\r\n\n")
    Path("policy.yaml").write_text("")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    return tmp_path / "repository"


def contents(ref: str, *paths: str) -> dict[str, bytes]:
    with files_of_commit(ref, paths):
        return {path.as_posix(): path.read_bytes() for path in sorted(Path().rglob("*")) if path.is_file()}


@pytest.mark.parametrize(
    ("paths", "files"),
    [
        (["."], ["flows/a.json", "flows/run.json", "flows/sales/b.json", "policy.yaml"]),
        (["flows"], ["flows/a.json", "flows/run.json", "flows/sales/b.json"]),
        (["flows/sales", "policy.yaml"], ["flows/sales/b.json", "policy.yaml"]),
        (["flows/../flows/a.json"], ["flows/a.json"]),
    ],
)
@pytest.mark.usefixtures("repository")
def test_regular_files_are_read_as_they_were_committed(paths: list[str], files: list[str]) -> None:
    Path("flows/a.json").write_text("edited")
    git("commit", "-qam", "two")
    found = contents("HEAD~1", *paths)
    assert list(found) == files
    expected = {
        "flows/a.json": b"a",
        "flows/run.json": b"run",
        "flows/sales/b.json": b"b\r\n\n",
        "policy.yaml": b"",
    }
    assert found == {file: expected[file] for file in files}
    assert Path("flows/a.json").read_text() == "edited"


def test_paths_are_relative_to_the_current_folder(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("flows/sales")
    with files_of_commit("HEAD", ("../a.json",)):
        assert Path("../a.json").read_text() == "a"
    assert Path.cwd() == repository / "flows/sales"
    assert relative_path(str(repository / "policy.yaml")) == "../../policy.yaml"
    assert relative_path("../x") == "../x"


@pytest.mark.parametrize(
    ("ref", "path", "message"),
    [
        ("v9", "flows", "unknown commit 'v9'; in a shallow clone, fetch it first"),
        ("HEAD:flows", "flows", "unknown commit 'HEAD:flows'; in a shallow clone, fetch it first"),
        ("HEAD", "other", "commit 'HEAD' has no file in 'other'"),
        ("HEAD", "flows/link.json", "commit 'HEAD' has no file in 'flows/link.json'"),
        ("HEAD", "-", "--git reads files of a commit, not standard input"),
        ("HEAD", "../x", "'../x' is outside of the repository "),
    ],
)
@pytest.mark.usefixtures("repository")
def test_what_the_commit_lacks_is_an_error(ref: str, path: str, message: str) -> None:
    with pytest.raises(CommandError) as raised:
        contents(ref, path)
    assert raised.value.message.startswith(message)


def test_without_a_repository_a_commit_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(CommandError, match="--git needs a repository; call the command in one"):
        contents("HEAD", ".")
    assert unsaved_files(".") == frozenset()


def test_files_that_git_does_not_store_are_unsaved(repository: Path) -> None:
    assert unsaved_files("flows") == frozenset()
    Path("flows/a.json").write_text("edited")
    Path("flows/new file.json").write_text("")
    Path("outside.json").write_text("")
    assert unsaved_files("flows") == {repository / "flows/a.json", repository / "flows/new file.json"}


@pytest.mark.usefixtures("repository")
def test_objects_are_read_by_their_ids_and_missing_ones_are_left_out() -> None:
    ids = [call_git(".", "rev-parse", f"HEAD:{file}") or "" for file in ("flows/sales/b.json", "policy.yaml")]
    missing = "0" * 40
    assert read_objects(".", [ids[0], missing, ids[1]]) == {ids[0]: b"b\r\n\n", ids[1]: b""}
    assert read_objects(".", []) == {}


def test_a_call_of_git_that_fails_or_hangs_has_no_output(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call_git(str(repository), "rev-parse", "--verify", "no-such") is None

    def hang(*_: object, timeout: float, **__: object) -> None:
        raise subprocess.TimeoutExpired("git", timeout)

    monkeypatch.setattr("appflow_gitops_cli.git.subprocess.run", hang)
    assert call_git(str(repository), "status") is None
