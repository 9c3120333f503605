"""``init`` writes the repository in examples/repository, and never replaces a file."""

import re
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from appflow_gitops_cli.git import call_git
from appflow_gitops_cli.init import command
from appflow_gitops_cli.init.command import init, repository_files
from appflow_gitops_cli.main import cli

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples/repository"
STAGES = ("dev", "prod")


def written(folder: Path) -> dict[str, bytes]:
    """The files in the folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(init, list(arguments))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new repository, which is the current folder."""
    assert run(str(tmp_path)).exit_code == 0
    monkeypatch.chdir(tmp_path)
    return tmp_path


def workflow() -> dict[Any, Any]:
    value = yaml.safe_load((EXAMPLE / ".github/workflows/flows.yml").read_text(encoding="utf-8"))
    assert isinstance(value, dict)
    return value


def test_the_example_repository_is_what_init_writes(repository: Path) -> None:
    assert written(repository) == written(EXAMPLE)


def test_init_reports_every_file_and_a_second_run_writes_nothing(tmp_path: Path) -> None:
    first, second = run(str(tmp_path / "new")), run(str(tmp_path / "new"))
    count = len(repository_files())
    assert len(first.output.splitlines()) == count + 2
    assert second.output.startswith(f"0 files written, {count} unchanged")


def test_init_says_to_run_git_init_outside_of_a_repository_only(tmp_path: Path) -> None:
    reminder = f"not in a Git repository yet: run 'git init -b main' in {tmp_path}\n"
    assert run(str(tmp_path)).output.endswith(reminder)
    assert call_git(str(tmp_path), "init") is not None
    assert reminder not in run(str(tmp_path)).output


def test_init_writes_nothing_if_a_file_has_other_content(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("documents: []\n", encoding="utf-8")
    result = run(str(tmp_path))
    assert result.exit_code == 2
    assert "policy.yaml exists with other content; nothing was written" in result.output
    assert written(tmp_path) == {"policy.yaml": b"documents: []\n"}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.usefixtures("repository")
def test_the_documents_are_valid_for_each_stage(stage: str) -> None:
    result = CliRunner().invoke(cli, ["validate", "--stage", stage, "flows/"])
    assert (result.exit_code, result.output) == (0, "2 documents, 2 flows, 0 errors, 0 warnings\n")


@pytest.mark.parametrize("name", ["flow-document.schema.json", "policy.schema.json"])
def test_the_editor_has_the_schemas_of_this_version(name: str) -> None:
    assert (EXAMPLE / ".vscode" / name).read_bytes() == (ROOT / "schemas" / name).read_bytes()


def test_the_hooks_run_the_installed_command_for_each_stage() -> None:
    text = (EXAMPLE / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    (local,) = yaml.safe_load(text)["repos"]
    assert {hook["language"] for hook in local["hooks"]} == {"system"}
    assert [hook["entry"] for hook in local["hooks"]] == [
        f"appflow-gitops validate --stage {stage} flows/" for stage in STAGES
    ]
    for hook in local["hooks"]:
        for name in ("flows/shop/orders.yaml", "variables/dev.yaml", "policy.yaml", "appflow-gitops.toml"):
            assert re.search(hook["files"], name)
        assert not re.search(hook["files"], "README.md")


def test_a_change_of_policy_variables_or_project_file_is_planned_and_pushed() -> None:
    triggers = workflow()[True]  # YAML 1.1 reads "on" as true
    for event in ("pull_request", "push"):
        assert {"flows/**", "variables/**", "policy.yaml", "appflow-gitops.toml"} <= set(
            triggers[event]["paths"]
        )
    assert triggers["release"] == {"types": ["published"]}


def test_no_plan_has_the_credentials_of_a_push() -> None:
    jobs = workflow()["jobs"]
    assert "environment" not in jobs["plan"]
    assert "environment" not in jobs["plan-release"]
    assert "environment" in jobs["push"]
    assert "head.repo.full_name == github.repository" in jobs["plan"]["if"]


def test_the_workflow_uses_the_repository_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    published = Message()
    published["Project-URL"] = "Repository, https://github.com/acme/flows-in-git"
    monkeypatch.setattr(command, "metadata", lambda _: published)
    workflow = repository_files()[".github/workflows/flows.yml"].decode()
    assert workflow.count("uses: acme/flows-in-git@COMMIT") == 4


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("${env.RAW}\n      bucketPrefix: orders", "${env.RAW}\n      bucketPrefix: crm"),
        ("${env.LAKE}\n        bucketPrefix: orders", "${env.LAKE}\n        bucketPrefix: crm"),
        ("bucketName: ${env.LAKE}", "bucketName: ${env.RAW}"),
        ("flowName:", "kmsArn: arn:aws:kms:us-east-1:123456789012:key/a\nflowName:"),
    ],
)
def test_the_policy_keeps_each_folder_to_its_own_data_and_allows_no_key(
    repository: Path, before: str, after: str
) -> None:
    document = repository / "flows/shop/orders.yaml"
    content = document.read_text(encoding="utf-8")
    assert before in content
    document.write_text(content.replace(before, after), encoding="utf-8")
    result = CliRunner().invoke(cli, ["validate", "--stage", "dev", "flows/"])
    assert (result.exit_code, "AFG3" in result.output) == (1, True)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("flows").touch()
    result = run(".")
    assert (result.exit_code, result.output) == (2, "Error: cannot write flows/crm: Not a directory\n")


@pytest.mark.parametrize(
    ("urls", "home"),
    [
        ([], "OWNER/appflow-gitops"),
        (["Repository, https://example.com/acme/flows"], "OWNER/appflow-gitops"),
        (
            ["Documentation, https://github.com/acme/docs", "Repository, https://github.com/acme/a.b-c"],
            "acme/a.b-c",
        ),
    ],
)
def test_without_a_repository_on_github_the_workflow_has_a_placeholder(
    monkeypatch: pytest.MonkeyPatch, urls: list[str], home: str
) -> None:
    published = Message()
    for url in urls:
        published["Project-URL"] = url
    monkeypatch.setattr(command, "metadata", lambda _: published)
    workflow = repository_files()[".github/workflows/flows.yml"].decode()
    assert workflow.count(f"uses: {home}@COMMIT") == 4
