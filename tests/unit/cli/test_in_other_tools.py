"""The pre-commit hook, the GitHub Actions example and the editor comment match the command."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.main import COMMANDS

ROOT = Path(__file__).parents[3]
[HOOK] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
WORKFLOW = yaml.safe_load((ROOT / "examples" / "github-actions" / "flows.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]


def test_the_hook_runs_an_installed_command() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    script, command = HOOK["entry"].split()
    assert script in project["scripts"]
    assert command in COMMANDS


@pytest.mark.parametrize(
    ("file", "checked"),
    [
        ("flows/orders.json", True),
        ("flows/crm/orders.yaml", True),
        ("teams/sales/flows/orders.yml", True),
        ("flows/README.md", False),
        ("workflows/orders.yml", False),
    ],
)
def test_the_hook_checks_flow_documents_only(file: str, checked: bool) -> None:
    assert bool(re.search(HOOK["files"], file)) is checked


ACTION = "OWNER/appflow-gitops@COMMIT"


def test_the_workflow_pins_every_action_by_commit() -> None:
    used = [step["uses"] for step in STEPS if step["uses"] != ACTION]
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action)] == []


def test_the_workflow_inserts_no_expressions_into_a_shell() -> None:
    assert not [step for step in STEPS if "${{" in step.get("run", "")]


def test_the_workflow_runs_each_command_of_the_action_and_validates_first() -> None:
    commands = {
        name: [step["with"]["command"] for step in job["steps"] if step["uses"] == ACTION]
        for name, job in WORKFLOW["jobs"].items()
    }
    assert commands == {"validate": ["validate"], "plan": ["plan"], "push": ["push"]}
    for job in ("plan", "push"):
        assert WORKFLOW["jobs"][job]["needs"] == "validate"


def test_only_the_main_branch_is_pushed() -> None:
    assert WORKFLOW[True]["push"]["branches"] == ["main"]  # YAML 1.1 takes `on` for a boolean
    assert WORKFLOW["jobs"]["push"]["if"] == "github.event_name == 'push'"


def test_the_comment_for_editors_is_valid_in_a_document(good: str) -> None:
    comment = "# yaml-language-server: $schema=../schemas/flow-document.schema.json\n"
    assert comment in (ROOT / "docs" / "editor.md").read_text(encoding="utf-8")
    assert validate((comment + good).encode(), "orders.yaml").findings == ()
