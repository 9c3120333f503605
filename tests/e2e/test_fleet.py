"""A fleet of flows of all kinds, made by hand: into Git with one command, in sync, edited, reported, reverted."""

import json
import os
import pickle
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, given, settings

from e2e.commands import run_command
from e2e.stack import DeployedStack
from generators.requests import Request, update_flow_requests

FLEET = 120
"""More flows than a page of ListFlows has."""
KINDS = 30
"""So many pairs of source connector and trigger type are met at least."""


def requests() -> list[Request]:
    """Requests as botocore's model allows them, the same ones every time.

    Made in a process of their own: Hypothesis draws from constants of the modules that are imported.
    """
    path = os.pathsep.join(sys.path)
    code = "import pickle, sys; from e2e.test_fleet import generated as made; pickle.dump(made(), sys.stdout.buffer)"
    made = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    return pickle.loads(made.stdout)  # type: ignore[no-any-return]  # noqa: S301 - written by the line above


def generated() -> list[Request]:
    """The requests, made in this process: the first of each kind, then the second of each, and so on."""
    made: list[Request] = []

    @settings(
        max_examples=4 * FLEET,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(update_flow_requests())
    def collect(request: Request) -> None:
        made.append(request)

    collect()
    earlier: Counter[tuple[str, str]] = Counter()

    def number_in_kind(request: Request) -> int:
        earlier[kind(request)] += 1
        return earlier[kind(request)]

    return sorted(made, key=number_in_kind)


@pytest.fixture
def fleet(stack: DeployedStack) -> dict[str, Request]:
    """The flows that AppFlow takes, by name."""
    made = {f"flow-{number:03}": request for number, request in enumerate(requests())}
    taken = ((name, request) for name, request in made.items() if created(stack, name, request))
    return dict(islice(taken, FLEET))


def created(stack: DeployedStack, name: str, request: Request) -> bool:
    try:
        stack.appflow.create_flow(**{**request, "flowName": name})
    except ClientError:
        return False
    return True


def kind(request: Request) -> tuple[str, str]:
    return request["sourceFlowConfig"]["connectorType"], request["triggerConfig"]["triggerType"]


def outcomes(printed: str) -> Counter[str]:
    documents = json.loads(printed)["documents"]
    return Counter(flow["outcome"] for document in documents for flow in document["flows"])


def edited(stack: DeployedStack, fleet: dict[str, Request]) -> str:
    """Change a flow in the console; return its name."""
    name = next(name for name, request in fleet.items() if kind(request)[1] == "OnDemand")
    stack.appflow.update_flow(**{**fleet[name], "flowName": name, "description": "by hand"})
    return name


def not_in_sync(stack: DeployedStack) -> list[str]:
    report = json.loads(run_command(stack, "status", "--format", "json").stdout)
    return [flow["flowName"] for flow in report["flows"] if flow["state"] != "in sync"]


def scanned(stack: DeployedStack) -> None:
    function = stack.cloud.outputs["DetectDriftFunctionName"]
    answer = stack.cloud.client("lambda").invoke(FunctionName=function, Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()


def test_a_fleet_made_by_hand_comes_into_git_and_an_edit_is_reported_and_reverted(
    stack: DeployedStack, fleet: dict[str, Request], tmp_path: Path
) -> None:
    assert len(fleet) == FLEET
    assert len({kind(request) for request in fleet.values()}) >= KINDS

    exported = run_command(stack, "export", "--all", "--out", "flows", folder=tmp_path)
    assert (exported.returncode, exported.stderr) == (0, "")
    planned = run_command(stack, "plan", "--no-fields", "flows", folder=tmp_path)
    assert (planned.returncode, planned.stdout) == (0, f"Plan: {FLEET} unchanged\n")

    pushed = run_command(stack, "push", "--wait", "--format", "json", "flows", folder=tmp_path)
    assert (pushed.returncode, outcomes(pushed.stdout)) == (0, {"Unchanged": FLEET})
    assert stack.calls("UpdateFlow") == []
    stack.status_events(FLEET)

    scanned(stack)
    name = edited(stack, fleet)
    stack.control("DELETE", "calls")
    scanned(stack)
    [drift] = stack.status_events()
    assert (drift["detail-type"], drift["detail"]["data"]["flowName"]) == ("Flow Drift Detected", name)
    assert stack.control("GET", "calls")["counts"] == {"ListFlows": 2, "DescribeFlow": 1}
    assert not_in_sync(stack) == [name]

    reverted = run_command(stack, "push", "--wait", "--format", "json", "flows", folder=tmp_path)
    assert (reverted.returncode, outcomes(reverted.stdout)) == (0, {"Applied": 1})
    assert not_in_sync(stack) == []
