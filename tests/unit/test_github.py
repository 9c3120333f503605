"""The workflows and the action: everything is pinned, and each command of the action does what action.yml says."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / ".github/action/run"
OUR_ACTION = "OWNER/appflow-gitops@COMMIT"
"""The placeholder in the examples."""
ACTIONLINT = shutil.which("actionlint")
FILES = [
    ROOT / "action.yml",
    *sorted((ROOT / ".github/workflows").iterdir()),
    ROOT / "examples/github-actions/flows.yml",
    ROOT / "examples/repository/.github/workflows/flows.yml",
]


def read(file: Path) -> dict[Any, Any]:
    value = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert isinstance(value, dict)
    return value


def steps(file: Path) -> Iterator[dict[str, Any]]:
    value = read(file)
    for job in value["jobs"].values() if "jobs" in value else [value["runs"]]:
        yield from job["steps"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_action_is_pinned_by_commit(file: Path) -> None:
    uses = [step["uses"] for step in steps(file) if "uses" in step]
    assert [action for action in uses if not re.search(r"@[0-9a-f]{40}$", action)] in (
        [],
        [OUR_ACTION] * uses.count(OUR_ACTION),
    )


def test_every_file_has_the_same_commit_of_an_action() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in FILES)
    pins = set(re.findall(r"uses: (\S+)@(\S+ # v\S+)", text))
    assert len({action for action, _ in pins}) == len(pins)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_no_package_is_installed_by_its_name_alone(file: Path) -> None:
    commands = [
        line for step in steps(file) for line in step.get("run", "").splitlines() if "install" in line
    ]
    for command in commands:
        assert "--require-hashes" in command or re.search(
            r'"\$(GITHUB_ACTION_PATH|APPFLOW_GITOPS)"$', command
        )


@pytest.mark.parametrize("file", FILES[1:], ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_workflow_may_only_read_unless_a_job_says_more(file: Path) -> None:
    assert read(file)["permissions"] == {"contents": "read"}


def test_only_the_jobs_that_attest_or_publish_a_release_have_an_identity() -> None:
    jobs = read(ROOT / ".github/workflows/release.yml")["jobs"]
    assert {name for name, job in jobs.items() if "id-token" in job.get("permissions", {})} == {
        "attest",
        "publish",
    }
    assert not any("run" in step for step in jobs["publish"]["steps"])


@pytest.mark.skipif(ACTIONLINT is None, reason="actionlint is not on the PATH")
@pytest.mark.parametrize("file", FILES[1:], ids=lambda file: file.relative_to(ROOT).as_posix())
def test_actionlint_finds_nothing_in_a_workflow(file: Path) -> None:
    assert ACTIONLINT
    checked = subprocess.run(
        [ACTIONLINT, "-no-color", file], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout) == (0, "")


class Runner:
    """Runs the action's script with stand-ins for the commands appflow-gitops and gh, which record their arguments."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = folder / "calls"
        self.calls.touch()
        (folder / "bin").mkdir()

    def replace(self, command: str, prints: str = "", status: int = 0) -> None:
        file = self.folder / "bin" / command
        file.write_text(
            f'#!/bin/sh\necho "{command} $*" >> "{self.calls}"\nprintf "%s" "{prints}"\nexit {status}\n',
            encoding="utf-8",
        )
        file.chmod(0o755)

    def run(self, command: str, stage: str = "dev", *, confirm: str = "false", plan: str = "") -> int:
        environment = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "COMMAND": command,
            "FLOWS": "flows/",
            "STAGE": stage,
            "CONFIRM": confirm,
            "PLAN": plan,
            "PULL_REQUEST": "7",
            "RUNNER_TEMP": str(self.folder),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_REPOSITORY": "us/flows",
        }
        return subprocess.run([SCRIPT], env=environment, check=False, capture_output=True).returncode

    def called(self, start: str) -> list[str]:
        return [
            line for line in self.calls.read_text(encoding="utf-8").splitlines() if line.startswith(start)
        ]


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    runner = Runner(tmp_path)
    runner.replace("appflow-gitops")
    runner.replace("gh")
    return runner


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("validate", "validate --stage dev --format github flows/"),
        ("push", "push --stage dev --wait --prune flows/"),
    ],
)
def test_the_action_runs_the_command_for_the_stage(runner: Runner, command: str, arguments: str) -> None:
    assert runner.run(command) == 0
    assert runner.called("") == [f"appflow-gitops {arguments}"]
    runner.replace("appflow-gitops", status=1)
    assert runner.run(command) == 1


def test_the_action_confirms_a_mass_change_only_with_its_input(runner: Runner) -> None:
    assert runner.run("push", confirm="true") == 0
    assert runner.called("") == ["appflow-gitops push --stage dev --wait --prune flows/ --yes"]


def test_the_action_pushes_the_approved_plan(runner: Runner) -> None:
    assert runner.run("push", plan="approved/plan.json") == 0
    assert runner.called("") == [
        "appflow-gitops push --stage dev --wait --prune flows/ --plan approved/plan.json"
    ]


def test_the_plan_of_the_action_is_its_output(runner: Runner) -> None:
    runner.replace("appflow-gitops", "### Plan: in sync")
    assert runner.run("plan") == 0
    outputs = (runner.folder / "output").read_text(encoding="utf-8").splitlines()
    [file] = [line.removeprefix("plan=") for line in outputs if line.startswith("plan=")]
    assert runner.called("appflow-gitops plan")[0].endswith(f"flows/ --out {file}")
    assert read(ROOT / "action.yml")["outputs"]["plan"]["value"] == "${{ steps.run.outputs.plan }}"


def test_the_example_pushes_to_prod_only_the_plan_that_the_environment_approved() -> None:
    jobs = read(FILES[-1])["jobs"]
    assert jobs["push"]["environment"].startswith("${{ github.event_name == 'release' && 'prod'")
    assert "environment" not in jobs["plan-release"]
    [push] = [step["with"] for step in jobs["push"]["steps"] if step.get("with", {}).get("command") == "push"]
    [download] = [step for step in jobs["push"]["steps"] if "download-artifact" in step["uses"]]
    [upload] = [step for step in jobs["plan-release"]["steps"] if "upload-artifact" in step["uses"]]
    assert download["with"]["name"] == upload["with"]["name"]
    assert push["plan"].startswith("${{ github.event_name == 'release' && format('{0}/approved/plan.json'")
    assert "confirm" not in push


@pytest.mark.parametrize(("status", "expected", "changes"), [(0, 0, "false"), (2, 0, "true"), (1, 1, "true")])
def test_the_action_fails_for_refused_changes_only_and_comments_every_plan(
    runner: Runner, status: int, expected: int, changes: str
) -> None:
    runner.replace("appflow-gitops", "### Plan: 1 to create", status)
    assert runner.run("plan") == expected
    assert f"changes={changes}\n" in (runner.folder / "output").read_text(encoding="utf-8")
    comment = (runner.folder / "plan.md.comment").read_text(encoding="utf-8")
    assert comment.startswith("<!-- appflow-gitops plan dev -->\n## Plan for dev\n\n### Plan")
    assert any("repos/us/flows/issues/7/comments --field body=@" in call for call in runner.called("gh api"))


def test_the_next_plan_of_a_stage_replaces_the_comment(runner: Runner) -> None:
    runner.replace("appflow-gitops", "### Plan: in sync")
    runner.replace("gh", "42")
    assert runner.run("plan") == 0
    assert runner.called("gh api --method PATCH repos/us/flows/issues/comments/42 --field body=@")


def test_a_plan_that_could_not_run_writes_no_comment_and_fails(runner: Runner) -> None:
    runner.replace("appflow-gitops", status=1)
    assert runner.run("plan") == 1
    assert runner.called("gh") == []


def test_the_action_rejects_an_unknown_command(runner: Runner) -> None:
    assert runner.run("destroy") == 2
    assert runner.called("") == []
