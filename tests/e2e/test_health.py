"""The health of flows in the local cloud: AppFlow's events, lost events, and flows that AppFlow deactivates."""

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from appflow_gitops_local.cloud import Settings
from e2e.clouds import Clouds
from e2e.commands import run_command
from e2e.stack import PATIENCE, ROOT, DeployedStack
from fakes.flow_documents import orders, scheduled, text

HOUR = 3600
KEY = "flows/orders.json"
PARAMETERS = {"CreateMissingFlows": "true", "SelfHeal": "true"}


@pytest.fixture(scope="module")
def stack(clouds: Clouds) -> DeployedStack:
    settings = Settings(template=ROOT / "template.yaml", parameters=PARAMETERS, require_resources=False)
    return clouds.stack(settings)


def applied(stack: DeployedStack, flow: dict[str, Any], **metadata: str) -> None:
    stack.drop(KEY, text(flow).encode(), **{f"git-{name}": value for name, value in metadata.items()})
    ended = stack.status_event()["detail-type"]
    while ended == "Flow Health Changed":  # a late one, of runs before
        ended = stack.status_event()["detail-type"]
    assert ended in ("Flow Change Applied", "Flow Change Unchanged")


def ran(stack: DeployedStack, **outcome: Any) -> None:
    stack.control("POST", "runs", {"flowName": "orders", **outcome})
    stack.appflow.start_flow(flowName="orders")


def until(stack: DeployedStack, word: str) -> list[dict[str, Any]]:
    """The next status events up to one with this health or detail-type."""
    events: list[dict[str, Any]] = []
    while not events or word not in (events[-1]["detail-type"], events[-1]["detail"]["data"].get("health")):
        events += stack.status_events()
    return events


def reported_without_records(stack: DeployedStack) -> list[dict[str, str]]:
    """What a scan reports when the health records are lost. The handler of a late event may write one again."""
    deadline = time.monotonic() + PATIENCE
    reported: list[dict[str, str]] = []
    while not reported and time.monotonic() < deadline:
        stack.forget_health()
        reported = stack.invoke("WatchRunsFunctionName")["reported"]
    return reported


def health(event: dict[str, Any]) -> tuple[str, str, str | None]:
    assert event["detail-type"] == "Flow Health Changed"
    detail = event["detail"]
    return detail["metadata"]["id"], detail["data"]["health"], detail["data"]["provenance"].get("commit")


def test_a_change_after_which_no_record_moves_is_reported_once_and_names_its_commit(
    stack: DeployedStack,
) -> None:
    applied(stack, orders(), commit="4f2c")
    for _ in range(3):
        ran(stack, records=50)
    applied(stack, orders(description="with a filter"), commit="9c1e", actor="jo")
    ran(stack, records=0)
    first = health(stack.status_event())
    assert first[1:] == ("Silent", "9c1e")
    assert stack.invoke("WatchRunsFunctionName")["reported"] == []
    assert reported_without_records(stack) == [{"flow": "orders", "health": "Silent"}]
    # A late event that is handled meanwhile reports the same, under the same id.
    assert {health(event) for event in stack.status_events()} == {first}


def test_a_scan_finds_the_runs_whose_events_were_lost(stack: DeployedStack) -> None:
    applied(stack, orders(), commit="4f2c")
    stack.control("POST", "behaviour", {"loseEvents": 1.0})
    ran(stack, records=50)
    ran(stack, status="Error", message="the token expired")
    assert stack.invoke("WatchRunsFunctionName")["flows"] == {"Degraded": 1}
    assert health(until(stack, "Degraded")[-1])[1:] == ("Degraded", "4f2c")


def test_a_deactivated_flow_stays_off_until_its_document_is_dropped_again(stack: DeployedStack) -> None:
    document = scheduled(flowStatus="Active")
    applied(stack, document, commit="4f2c")
    stack.control("POST", "runs", {"flowName": "orders", "status": "Error", "times": 5})
    stack.control("POST", "behaviour", {"clockOffsetSeconds": 6 * HOUR})
    # Five events at the same moment may be handled concurrently, and repeat a report.
    deactivated = [event for event in until(stack, "Deactivated") if health(event)[1] == "Deactivated"]
    assert len({health(event) for event in deactivated}) == 1

    found = stack.invoke("DetectDriftFunctionName")
    assert (found["drifting"], found["repairs"]) == ({"drifted": 1}, [])
    drift = until(stack, "Flow Drift Detected")[-1]["detail"]["data"]
    assert (drift["drift"], drift["healing"]) == ("drifted", False)
    assert "AppFlow deactivated the flow" in drift["reason"]
    assert stack.appflow.describe_flow(flowName="orders")["flowStatus"] == "Suspended"

    applied(stack, document, commit="9c1e")
    stack.control("POST", "behaviour", {"clockOffsetSeconds": 8 * HOUR})
    until(stack, "Healthy")


def push(stack: DeployedStack, folder: Path, **changes: Any) -> subprocess.CompletedProcess[str]:
    (folder / "flows").mkdir(exist_ok=True)
    (folder / "flows/orders.json").write_text(text(orders(**changes)))
    return run_command(stack, "push", "--wait", "--healthy", "--run", "flows", folder=folder)


def test_push_healthy_is_red_for_a_run_that_fails_and_green_for_one_that_moves_records(
    stack: DeployedStack, tmp_path: Path
) -> None:
    stack.control("POST", "runs", {"flowName": "orders", "status": "Error", "message": "invalid_grant"})
    red = push(stack, tmp_path, description="first")
    assert red.returncode == 1
    assert "Applied orders" in red.stdout
    assert "cause: the credentials of the connector profile have expired" in red.stdout
    assert red.stdout.endswith("1 Applied, 1 not healthy\n")

    stack.control("POST", "runs", {"flowName": "orders", "status": "Error", "message": "invalid_grant"})
    repeated = push(stack, tmp_path, description="first")
    assert repeated.returncode == 1
    assert repeated.stdout.endswith("1 unchanged; 1 not healthy\n")
    stack.control("POST", "runs", {"flowName": "orders", "records": 12})
    assert push(stack, tmp_path, description="first").returncode == 0

    stack.control("POST", "runs", {"flowName": "orders", "records": 12})
    green = push(stack, tmp_path, description="second")
    assert (green.returncode, "Successful orders: 12 records" in green.stdout) == (0, True)
