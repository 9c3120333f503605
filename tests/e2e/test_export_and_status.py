"""A fleet made by hand comes into Git with one command, and ``status`` reports later edits."""

import json
from pathlib import Path
from typing import Any

from appflow_gitops.validation.validate import validate
from e2e.commands import run_command
from e2e.stack import ROOT, DeployedStack

DOCUMENTS = sorted((ROOT / "events" / "documents").iterdir())


def status(stack: DeployedStack) -> tuple[int, dict[str, Any]]:
    ended = run_command(stack, "status", "--format", "json")
    assert not ended.stderr
    return ended.returncode, json.loads(ended.stdout)


def made_by_hand(stack: DeployedStack) -> list[str]:
    """The flows of the sample documents, created as a person would; their names."""
    flows = [flow.document for path in DOCUMENTS for flow in validate(path.read_bytes(), path.name).flows]
    for flow in flows:
        assert flow is not None
        stack.appflow.create_flow(**flow.request, tags=dict(flow.tags or {}))
        if flow.flowStatus == "Active":
            stack.appflow.start_flow(flowName=flow.flowName)
    return sorted(flow.flowName for flow in flows if flow)


def test_an_exported_fleet_is_in_sync_and_an_edit_in_the_console_is_drift(
    stack: DeployedStack, tmp_path: Path
) -> None:
    names = made_by_hand(stack)
    assert sorted(flow["flowName"] for flow in status(stack)[1]["unmanaged"]) == names

    exported = run_command(stack, "export", "--all", "--out", str(tmp_path))
    assert (exported.returncode, exported.stderr) == (0, "")
    for name in names:
        stack.drop(f"flows/{name}.yaml", (tmp_path / f"{name}.yaml").read_bytes())
    events = stack.status_events(len(names))
    assert {event["detail-type"] for event in events} == {"Flow Change Unchanged"}
    assert stack.calls("UpdateFlow") == []

    in_order, report = status(stack)
    assert (in_order, {flow["state"] for flow in report["flows"]}) == (0, {"in sync"})
    assert [flow["flowName"] for flow in report["flows"]] == names

    edited = {key: value for key, value in stack.appflow.describe_flow(flowName="price-list").items()
              if key in {"flowName", "sourceFlowConfig", "destinationFlowConfigList", "tasks"}}  # fmt: skip
    stack.appflow.update_flow(
        **edited, triggerConfig={"triggerType": "OnDemand"}, description="by hand, in the console"
    )
    in_order, report = status(stack)
    assert in_order == 1
    (drifted,) = [flow for flow in report["flows"] if flow["state"] != "in sync"]
    assert (drifted["flowName"], drifted["state"]) == ("price-list", "drifted")
    assert [change["pointer"] for change in drifted["changes"]] == ["/description"]


def test_plan_reports_no_errors_about_fields_that_the_local_cloud_does_not_know(
    stack: DeployedStack,
) -> None:
    made_by_hand(stack)
    ended = run_command(stack, "plan", "--format", "json", str(ROOT / "events" / "documents"))
    report = json.loads(ended.stdout)
    assert report["fieldFindings"] == []
    assert "ConnectorServerException: The local AppFlow does not know the fields of" in json.dumps(report)
