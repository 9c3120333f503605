"""A folder is pushed: valid documents are applied, invalid ones reported, edits in the console reverted."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from e2e.commands import run_command
from e2e.stack import DeployedStack
from fakes.flow_documents import orders, text

FLEET = [f"orders-{number:02}" for number in range(50)]
BAD = "orders-17"
FROM_GIT = "from Git"


@pytest.fixture
def repository(stack: DeployedStack, tmp_path: Path) -> Path:
    """Fifty live flows, and a folder ``flows`` that wants another description of each."""
    (tmp_path / "flows").mkdir()
    for name in FLEET:
        stack.appflow.create_flow(**orders(flowName=name))
        write(tmp_path, name)
    return tmp_path


def write(repository: Path, name: str, **members: Any) -> None:
    """The document of one flow, with members changed."""
    document = text(orders(flowName=name, description=FROM_GIT, **members))
    (repository / "flows" / f"{name}.json").write_text(document)


def in_git(stack: DeployedStack) -> set[str]:
    """The flows that are as Git has them."""
    described = (stack.appflow.describe_flow(flowName=name) for name in FLEET)
    return {flow["flowName"] for flow in described if flow.get("description") == FROM_GIT}


def steps(printed: str) -> Counter[str]:
    return Counter(document["step"] for document in json.loads(printed)["documents"])


def test_one_bad_document_among_fifty_is_reported_and_the_others_are_applied(
    stack: DeployedStack, repository: Path
) -> None:
    write(repository, BAD, triggerConfig={"triggerType": "OnDemands"})
    refused = run_command(stack, "push", "--wait", "flows", folder=repository)
    assert (refused.returncode, in_git(stack)) == (1, set())
    assert refused.stdout.endswith("Push: nothing sent, 1 invalid document\n")

    pushed = run_command(stack, "push", "--wait", "--yes", "--force", "flows", folder=repository)
    assert pushed.stderr == ""
    assert pushed.returncode == 1
    assert in_git(stack) == set(FLEET) - {BAD}
    assert f"flows/{BAD}.json:5:20: error:" in pushed.stdout
    assert pushed.stdout.endswith("Push: 49 uploaded, 1 invalid; 49 Applied\n")

    # Nothing has changed: nothing is uploaded, and what is bad is not forgotten.
    again = run_command(stack, "push", "--wait", "--force", "--format", "json", "flows", folder=repository)
    assert (again.returncode, steps(again.stdout)) == (1, {"unchanged": 49, "invalid": 1})

    write(repository, BAD)
    reverted = run_command(stack, "push", "--wait", "--format", "json", "flows", folder=repository)
    assert (reverted.returncode, steps(reverted.stdout)) == (0, {"unchanged": 49, "upload": 1})
    assert in_git(stack) == set(FLEET)


def test_an_edit_in_the_console_is_reported_by_status_and_reverted_by_push(
    stack: DeployedStack, repository: Path
) -> None:
    assert run_command(stack, "push", "--wait", "--yes", "flows", folder=repository).returncode == 0
    stack.appflow.update_flow(**orders(flowName="orders-07", description="by hand, in the console"))

    report = json.loads(run_command(stack, "status", "--format", "json").stdout)
    drifted = [flow["flowName"] for flow in report["flows"] if flow["state"] != "in sync"]
    assert (drifted, report["invalidDocuments"]) == (["orders-07"], [])

    reverted = run_command(stack, "push", "--wait", "flows", folder=repository)
    assert (reverted.returncode, reverted.stderr) == (0, "")
    assert reverted.stdout == (
        "Applied orders-07 (flows/orders-07.json)\nPush: 1 re-queued, 49 unchanged; 1 Applied\n"
    )
    assert in_git(stack) == set(FLEET)
    assert run_command(stack, "status").returncode == 0
