"""How each tool stops managing a flow without deleting it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from appflow_gitops_cli.convert.conversion import ConvertedFlow
from appflow_gitops_cli.convert.declared import Tool


def instructions(flows: Sequence[ConvertedFlow]) -> Iterator[str]:
    """Yield the lines that say how to hand the flows over, tool by tool."""
    by_tool: dict[Tool, list[str]] = {}
    for flow in flows:
        by_tool.setdefault(flow.tool, []).append(flow.address)
    for tool, addresses in by_tool.items():
        if tool in _STEPS:
            yield ""
            yield f"Once 'appflow-gitops plan' reports them in sync, hand the flows over from {tool.value}:"
            yield from (
                f"  {line}" if line else line for line in _STEPS[tool](list(dict.fromkeys(addresses)))
            )


def _cloudformation(addresses: Sequence[str]) -> Iterator[str]:
    yield "1. Add this to each resource, and update the stack:"
    yield "     DeletionPolicy: Retain"
    yield "     UpdateReplacePolicy: Retain"
    yield f"2. Remove the resources, and update the stack again: {', '.join(addresses)}"


def _cdk(addresses: Sequence[str]) -> Iterator[str]:
    yield "1. Call applyRemovalPolicy(RemovalPolicy.RETAIN) on each CfnFlow, and deploy:"
    yield "   flow.node.defaultChild is the CfnFlow of a higher-level construct"
    yield f"2. Remove the constructs, and deploy again: {', '.join(addresses)}"


def _terraform(addresses: Sequence[str]) -> Iterator[str]:
    yield "Replace each resource by a removed block (Terraform 1.7 or later), and apply:"
    for address in dict.fromkeys(re.sub(r"\[[^]]*\]", "", address) for address in addresses):
        yield "removed {"
        yield f"  from = {address}"
        yield "  lifecycle {"
        yield "    destroy = false"
        yield "  }"
        yield "}"


def _pulumi(addresses: Sequence[str]) -> Iterator[str]:
    yield "Remove each flow from the program and, before the next update, from the state:"
    for address in addresses:
        quoted = address.replace("'", "'\\''")
        yield f"pulumi state delete '{quoted}'"
    if not all(address.startswith("urn:") for address in addresses):
        yield "The command expects URNs: 'pulumi stack --show-urns' lists them."


_STEPS: Mapping[Tool, Callable[[Sequence[str]], Iterator[str]]] = {
    Tool.CLOUDFORMATION: _cloudformation,
    Tool.SERVERLESS: _cloudformation,
    Tool.CDK: _cdk,
    Tool.TERRAFORM: _terraform,
    Tool.PULUMI: _pulumi,
}
