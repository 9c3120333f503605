"""The template as every test here sees it: as SAM expands it, which is what CloudFormation gets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "template.yaml"
REGION = "us-east-1"


class Stack:
    """A transformed template, asked about its resources."""

    def __init__(self, template: dict[str, Any]) -> None:
        self.template = template
        self.resources: dict[str, dict[str, Any]] = template["Resources"]

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Logical id -> properties."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def event_rules(self) -> dict[str, dict[str, Any]]:
        """Logical id -> properties of the rules that bring events, which are lost unless somebody keeps them."""
        return {
            name: rule for name, rule in self.of_type("AWS::Events::Rule").items() if "EventPattern" in rule
        }

    def mapped(self, value: Any) -> Any:
        """A value with FindInMap looked up."""
        if isinstance(value, dict) and "Fn::FindInMap" in value:
            table, row, column = value["Fn::FindInMap"]
            return self.template["Mappings"][table][row][column]
        return value

    def statements(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Logical id of the role or policy, and each statement of what it allows."""
        for name, role in self.of_type("AWS::IAM::Role").items():
            for policy in role.get("Policies", []):
                yield from ((name, statement) for statement in policy["PolicyDocument"]["Statement"])
        for name, policy in self.of_type("AWS::IAM::Policy").items():
            yield from ((name, statement) for statement in policy["PolicyDocument"]["Statement"])


def as_list(value: Any) -> list[Any]:
    """IAM and CloudFormation allow one thing where a list may stand."""
    return value if isinstance(value, list) else [value]
