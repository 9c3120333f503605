"""The functions have the permissions of their roles and no others, as on AWS."""

import json

import pytest

from appflow_gitops_local.cloud import Settings
from e2e.clouds import Clouds
from e2e.stack import ROOT, DeployedStack
from fakes.flow_documents import orders


@pytest.fixture(scope="module")
def stack(clouds: Clouds) -> DeployedStack:
    parameters = {"FlowNamePrefix": "dev-", "CreateMissingFlows": "true", "FormerBuckets": "old-one,old-two"}
    settings = Settings(template=ROOT / "template.yaml", parameters=parameters, require_resources=False)
    return clouds.stack(settings)


def test_a_flow_outside_of_the_prefix_is_denied_and_one_inside_is_applied(stack: DeployedStack) -> None:
    for name in ("orders", "dev-orders"):
        stack.drop(f"flows/{name}.json", json.dumps(orders(flowName=name)).encode())
    outcomes = {event["detail"]["data"]["flowName"]: event for event in stack.status_events(2)}
    assert outcomes["dev-orders"]["detail-type"] == "Flow Change Applied"
    denied = outcomes["orders"]["detail"]["data"]
    assert (denied["outcome"], denied["error"]["code"]) == ("Failed", "AccessDeniedException")
    assert "not authorized to perform: appflow:DescribeFlow" in denied["error"]["message"]
    assert [flow["flowName"] for flow in stack.appflow.list_flows()["flows"]] == ["dev-orders"]


def test_other_callers_may_do_everything(stack: DeployedStack) -> None:
    stack.appflow.create_flow(**orders(flowName="made-by-hand"))
    assert stack.appflow.describe_flow(flowName="made-by-hand")["flowName"] == "made-by-hand"


def test_a_list_parameter_is_described_as_cloudformation_does(stack: DeployedStack) -> None:
    [described] = stack.cloud.client("cloudformation").describe_stacks()["Stacks"]
    values = {each["ParameterKey"]: each["ParameterValue"] for each in described["Parameters"]}
    assert values["FormerBuckets"] == "old-one,old-two"
