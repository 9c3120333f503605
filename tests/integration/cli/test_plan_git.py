"""``plan --git``: the documents of a commit are planned, whatever the working copy has."""

import json
import subprocess
from pathlib import Path

import boto3
import pytest

from fakes.flow_documents import orders, text
from integration.cli.conftest import BUS, Account, Run

KEY = "flows/orders.json"
VARIABLES = "variables/dev.yaml"


def git(*arguments: str, sent: str | None = None) -> str:
    command = ["git", "-c", "user.name=ci", "-c", "user.email=ci@example.com", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, input=sent).stdout.strip()


def make_tree(entry: str) -> str:
    """The id of a tree with one entry, whose name git does not check."""
    return git("mktree", sent=f"{entry}\n")


def write(file: str, content: str) -> None:
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text(content)


@pytest.fixture
def repository(account: Account, run: Run) -> Account:  # noqa: ARG001 - run changes into an empty folder
    """A repository whose tag v1 describes the flow as live, and whose working copy does not."""
    account.deploy("appflow-gitops", stage="dev")
    boto3.client("events").create_event_bus(Name=BUS)
    account.create(orders())
    git("init", "-q")
    write(KEY, text(orders(description="${env.WHAT}")))
    write(VARIABLES, "WHAT: Orders of the shop")
    git("add", ".")
    git("commit", "-qm", "one")
    git("tag", "v1")
    write(VARIABLES, "WHAT: new")
    git("commit", "-qam", "two")
    write("flows/unsaved.json", "{")
    return account


PLAN = ("plan", "--no-fields", "--vars", VARIABLES)


@pytest.mark.usefixtures("repository")
def test_documents_and_variables_are_those_of_the_commit(run: Run) -> None:
    first, second = run(*PLAN, "--git", "v1", "flows"), run(*PLAN, "--git", "HEAD", "flows")
    assert (first.exit_code, second.exit_code) == (0, 2), first.output + second.output
    assert '~ /description: "Orders of the shop" -> "new"' in second.output
    assert run(*PLAN, "flows").exit_code == 1
    assert Path("flows/unsaved.json").exists()


@pytest.mark.usefixtures("repository")
def test_paths_are_relative_to_the_current_folder(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("flows")
    planned = run("plan", "--no-fields", "--vars", f"../{VARIABLES}", "--git", "v1", ".")
    assert planned.exit_code == 0, planned.output
    assert Path.cwd().name == "flows"


@pytest.mark.usefixtures("repository")
def test_a_plan_of_a_commit_can_be_pushed_from_its_checkout(run: Run) -> None:
    assert run(*PLAN, "--git", "HEAD", "--out", "plan.json", "flows").exit_code == 2
    assert "new" not in json.loads(Path("plan.json").read_text())["flows"]
    Path("flows/unsaved.json").unlink()
    assert run("push", "--vars", VARIABLES, "--plan", "plan.json", "flows").exit_code == 0


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--git", "v9", "flows"), "unknown commit 'v9'"),
        (("--git", "--output=x", "flows"), "unknown commit '--output=x'"),
        (("--git", "v1", "other"), "commit 'v1' has no file in 'other'"),
        (("--git", "v1", "-"), "--git reads files of a commit, not standard input"),
        (("--git", "v1", ".."), "is outside of the repository"),
    ],
)
def test_what_the_commit_lacks_is_an_error(run: Run, arguments: tuple[str, ...], message: str) -> None:
    failed = run("plan", *arguments)
    assert (failed.exit_code, message in failed.output) == (1, True), failed.output


@pytest.mark.usefixtures("repository")
def test_links_and_filters_of_the_repository_are_not_followed(run: Run, tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text(text(orders(flowName="secret")))
    Path("flows/link.json").symlink_to(secret)
    write(".gitattributes", "flows/* filter=hostile")
    git("config", "filter.hostile.smudge", "touch ran; cat")
    git("add", "flows/link.json", ".gitattributes")
    git("commit", "-qm", "three")
    planned = run(*PLAN, "--git", "HEAD", "flows")
    assert "secret" not in planned.output
    assert not list(tmp_path.glob("**/ran"))


@pytest.mark.usefixtures("repository")
def test_a_file_name_that_leads_out_of_the_folder_is_refused(run: Run) -> None:
    blob = git("rev-parse", f"HEAD:{KEY}")
    tree = make_tree(f"100644 blob {blob}\tescaped.json")
    for _ in range(2):
        tree = make_tree(f"040000 tree {tree}\t..")
    hostile = git("commit-tree", "-m", "four", make_tree(f"040000 tree {tree}\tflows"))
    failed = run("plan", "--no-fields", "--git", hostile, "flows")
    assert (failed.exit_code, "invalid name: 'flows/../../escaped.json'" in failed.output) == (1, True), (
        failed.output
    )


@pytest.mark.usefixtures("repository")
def test_an_object_that_git_does_not_have_is_an_error(run: Run) -> None:
    blob = git("rev-parse", f"HEAD:{KEY}")
    Path(".git", "objects", blob[:2], blob[2:]).unlink()
    failed = run("plan", "--git", "HEAD", "flows")
    assert (failed.exit_code, f"git cannot read '{KEY}'" in failed.output) == (1, True), failed.output


def test_a_folder_without_a_repository_is_an_error(account: Account, run: Run) -> None:
    account.deploy("appflow-gitops")
    write(KEY, text(orders()))
    failed = run("plan", "--git", "HEAD", "flows")
    assert (failed.exit_code, "--git needs a repository" in failed.output) == (1, True)
