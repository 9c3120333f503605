"""The history of a flow with ten versions, two of them rejected, and the way back to one of them."""

import json
import time
from typing import Any

import pytest

from appflow_gitops_local.cloud import Settings
from e2e.clouds import Clouds
from e2e.commands import run_command
from e2e.stack import PATIENCE, ROOT, DeployedStack
from fakes.flow_documents import orders, text

KEY = "flows/orders.json"
REJECTED = {4: "{", 7: text(orders(triggerConfig={"triggerType": "OnDemands"}))}
"""The numbers and contents of the versions that intake rejects, one of them without a readable name of a flow."""


@pytest.fixture(scope="module")
def stack(clouds: Clouds) -> DeployedStack:
    return clouds.stack(
        Settings(
            template=ROOT / "template.yaml",
            parameters={"CreateMissingFlows": "true"},
            require_resources=False,
        )
    )


@pytest.fixture
def versions(stack: DeployedStack) -> dict[int, str]:
    """The ids of ten versions, after the outcome of each."""
    ids = {}
    for number in range(1, 11):
        content = REJECTED.get(number) or text(orders(description=f"version {number}"))
        ids[number] = stack.drop(
            KEY, content.encode(), **{"git-commit": f"{number:07}", "git-actor": "maria"}
        )
        stack.status_event()
    return ids


def history(stack: DeployedStack) -> list[dict[str, Any]]:
    """The entries of the history, newest first, once the log has the outcome of the newest one."""
    deadline = time.monotonic() + PATIENCE
    while True:
        shown = run_command(stack, "history", "--format", "json", "orders")
        assert shown.returncode == 0, shown.stderr
        entries: list[dict[str, Any]] = json.loads(shown.stdout)["entries"]
        if entries[0]["outcomes"] or time.monotonic() > deadline:
            return entries


def test_history_shows_how_ten_versions_ended_and_revert_goes_back_by_a_new_version(
    stack: DeployedStack, versions: dict[int, str]
) -> None:
    entries = history(stack)
    assert [entry["versionId"] for entry in entries] == [versions[number] for number in range(10, 0, -1)]
    ends = {number: entries[10 - number]["outcomes"] for number in versions}
    assert [[each["outcome"] for each in ends[number]] for number in versions] == [
        ["Rejected"] if number in REJECTED else ["Applied"] for number in versions
    ]
    assert all(ends[number][0]["findings"] for number in REJECTED)
    assert entries[0]["live"]
    assert entries[0]["provenance"] == {"commit": "0000010", "actor": "maria"}
    assert [item["pointer"] for item in entries[0]["changes"]] == ["/description"]

    between = run_command(stack, "diff", "orders", f"{versions[3]}..{versions[10][:12]}")
    assert between.stdout == '    ~ /description: "version 3" -> "version 10"\n'

    reverted = run_command(stack, "push", "--wait", "--revert", versions[3][:12], "orders")
    assert (reverted.returncode, reverted.stderr) == (0, "")
    assert reverted.stdout == f"Applied orders ({KEY})\nPush: 1 uploaded; 1 Applied\n"
    assert stack.appflow.describe_flow(flowName="orders")["description"] == "version 3"
    newest, *older = history(stack)
    assert [entry["versionId"] for entry in older] == [entry["versionId"] for entry in entries]
    assert (newest["sameContentAs"], newest["outcomes"][0]["outcome"]) == (versions[3], "Applied")
    assert newest["provenance"]["commit"] == "0000003"

    refused = run_command(stack, "push", "--wait", "--revert", versions[7], "orders")
    assert refused.returncode == 1
    assert f"{KEY}:5:20: error:" in refused.stdout
    assert refused.stdout.endswith("Push: nothing sent, 1 invalid document\n")
    unreadable = run_command(stack, "push", "--revert", versions[4], "orders")
    assert (unreadable.returncode, "does not declare 'orders'" in unreadable.stderr) == (2, True)
    assert len(history(stack)) == len(versions) + 1
