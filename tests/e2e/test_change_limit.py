"""A mass change in the local cloud: new variables would change 60 % of 20 flows."""

import pytest

from appflow_gitops_local.cloud import Settings
from e2e.clouds import Clouds
from e2e.commands import run_command
from e2e.stack import ROOT, DeployedStack
from fakes.flow_documents import orders, text

SIZE, AFFECTED = 20, 12
PARAMETERS = {"CreateMissingFlows": "true", "SelfHeal": "true", "ChangeAtMost": "5", "Stage": "prod"}
VARIABLES = "variables/prod.yaml"


@pytest.fixture(scope="module")
def stack(clouds: Clouds) -> DeployedStack:
    settings = Settings(template=ROOT / "template.yaml", parameters=PARAMETERS, require_resources=False)
    return clouds.stack(settings)


def descriptions(stack: DeployedStack) -> list[str]:
    flows = [stack.appflow.describe_flow(flowName=f"flow-{number:02}") for number in range(SIZE)]
    return [str(flow["description"]) for flow in flows]


def test_a_mass_change_waits_for_its_confirmation(stack: DeployedStack) -> None:
    stack.drop(VARIABLES, b"TEXT: before\n")
    for number in range(SIZE):
        description = "${env.TEXT}" if number < AFFECTED else "fixed"
        flow = orders(flowName=f"flow-{number:02}", description=description)
        stack.drop(f"flows/{number:02}.json", text(flow).encode())
    assert {event["detail-type"] for event in stack.status_events(SIZE)} == {"Flow Change Applied"}
    stack.control("DELETE", "calls")

    stack.drop(VARIABLES, b"TEXT: after\n")
    answer = stack.invoke("DetectDriftFunctionName")
    assert (answer["repairs"], len(answer["limited"])) == ([], AFFECTED)
    assert stack.invoke("DetectDriftFunctionName")["repairs"] == []
    events = stack.status_events(AFFECTED + 1)
    [limited] = [event for event in events if event["detail-type"] == "Flow Repairs Limited"]
    data = limited["detail"]["data"]
    assert (data["limit"], data["flows"], data["flowsDeclared"]) == (5, AFFECTED, SIZE)
    assert sum(event["detail-type"] == "Flow Drift Detected" for event in events) == AFFECTED
    assert stack.calls("UpdateFlow") == []

    confirmed = run_command(stack, "confirm", data["confirmation"])
    assert confirmed.returncode == 0, confirmed.stderr
    applied = stack.status_events(AFFECTED)
    assert {event["detail-type"] for event in applied} == {"Flow Change Applied"}
    assert descriptions(stack) == ["after"] * AFFECTED + ["fixed"] * (SIZE - AFFECTED)
    assert len(stack.calls("UpdateFlow")) == AFFECTED
