"""What is offered to pre-commit, GitHub Actions and editors fits the command."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from appflow_gitops.rules.check import check
from appflow_gitops_cli.main import COMMANDS

ROOT = Path(__file__).parents[3]
[HOOK] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
WORKFLOW = yaml.safe_load((ROOT / "examples" / "github-actions" / "flows.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]


def test_the_hook_runs_a_command_that_is_installed() -> None:
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
def test_the_hook_looks_at_flow_documents_only(file: str, checked: bool) -> None:
    assert bool(re.search(HOOK["files"], file)) is checked


def test_the_workflow_pins_the_major_of_every_action() -> None:
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"]) for step in STEPS if "uses" in step)


def test_the_workflow_puts_nothing_from_outside_into_a_shell() -> None:
    assert not [step for step in STEPS if "${{" in step.get("run", "")]


def test_the_workflow_copies_nothing_that_was_not_validated() -> None:
    assert WORKFLOW["jobs"]["copy"]["needs"] == "validate"
    assert "appflow-gitops validate --format github flows/" in [step.get("run") for step in STEPS]


def test_the_comment_for_editors_changes_nothing(good: str) -> None:
    comment = "# yaml-language-server: $schema=../schemas/flow-document.schema.json\n"
    assert comment in (ROOT / "docs" / "editor.md").read_text(encoding="utf-8")
    assert check((comment + good).encode(), "orders.yaml").findings == ()
