"""``convert`` prints how each tool releases the flows without deleting them."""

import pytest

from appflow_gitops_cli.convert.conversion import ConvertedFlow
from appflow_gitops_cli.convert.declared import Tool
from appflow_gitops_cli.convert.hand_over import instructions

URN = "urn:pulumi:prod::crm::aws:appflow/flow:Flow::orders"


def lines(tool: Tool, *addresses: str) -> list[str]:
    flows = [ConvertedFlow("orders", tool, address, "") for address in addresses]
    return [line.strip() for line in instructions(flows)]


def test_cloudformation_retains_the_resources() -> None:
    text = lines(Tool.CLOUDFORMATION, "Orders", "Stock")
    assert "DeletionPolicy: Retain" in text
    assert text[-1].endswith(": Orders, Stock")


def test_the_cdk_retains_the_constructs() -> None:
    assert any("RemovalPolicy.RETAIN" in line for line in lines(Tool.CDK, "Orders"))


def test_terraform_has_one_removed_block_for_all_instances_of_a_resource() -> None:
    text = lines(
        Tool.TERRAFORM, 'module.crm["eu"].aws_appflow_flow.orders[0]', "module.crm.aws_appflow_flow.orders"
    )
    assert text.count("removed {") == 1
    assert "from = module.crm.aws_appflow_flow.orders" in text
    assert "destroy = false" in text


def test_pulumi_deletes_the_flow_from_the_state_only() -> None:
    assert f"pulumi state delete '{URN}'" in lines(Tool.PULUMI, URN)


@pytest.mark.parametrize("tool", [Tool.APPFLOW, Tool.CLOUD_CONTROL])
def test_flows_that_no_tool_manages_need_no_hand_over(tool: Tool) -> None:
    assert lines(tool, "orders") == []


@pytest.mark.parametrize(
    ("addresses", "steps"),
    [
        ((URN,), [f"pulumi state delete '{URN}'"]),
        (
            (URN, "it's"),
            [
                f"pulumi state delete '{URN}'",
                "pulumi state delete 'it'\\''s'",
                "The command expects URNs: 'pulumi stack --show-urns' lists them.",
            ],
        ),
    ],
)
def test_pulumi_expects_urns(addresses: tuple[str, ...], steps: list[str]) -> None:
    assert lines(Tool.PULUMI, *addresses) == [
        "",
        "Once 'appflow-gitops plan' reports them in sync, hand the flows over from Pulumi:",
        "Remove each flow from the program and, before the next update, from the state:",
        *steps,
    ]


def test_each_tool_hands_over_its_own_flows_and_each_resource_once() -> None:
    flows = [
        ConvertedFlow("a", Tool.CDK, "A", ""),
        ConvertedFlow("b", Tool.SERVERLESS, "B", ""),
        ConvertedFlow("c", Tool.CDK, "A", ""),
    ]
    assert list(instructions(flows)) == [
        "",
        "Once 'appflow-gitops plan' reports them in sync, hand the flows over from CDK:",
        "  1. Call applyRemovalPolicy(RemovalPolicy.RETAIN) on each CfnFlow, and deploy:",
        "     flow.node.defaultChild is the CfnFlow of a higher-level construct",
        "  2. Remove the constructs, and deploy again: A",
        "",
        "Once 'appflow-gitops plan' reports them in sync, hand the flows over from Serverless Framework:",
        "  1. Add this to each resource, and update the stack:",
        "       DeletionPolicy: Retain",
        "       UpdateReplacePolicy: Retain",
        "  2. Remove the resources, and update the stack again: B",
    ]
