"""The template as SAM expands it, which is what CloudFormation gets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "template.yaml"
REGION = "us-east-1"


class Stack:
    """A transformed template and queries on its resources."""

    def __init__(self, template: dict[str, Any]) -> None:
        self.template = template
        self.resources: dict[str, dict[str, Any]] = template["Resources"]

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Logical id -> properties. At least one: a loop over none would prove nothing."""
        found = {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }
        assert found, kind
        return found

    def event_rules(self) -> dict[str, dict[str, Any]]:
        """Logical id -> properties of the rules with an event pattern."""
        return {
            name: rule for name, rule in self.of_type("AWS::Events::Rule").items() if "EventPattern" in rule
        }

    def mapped(self, value: Any) -> Any:
        """Resolve ``Fn::FindInMap``; return any other value as it is."""
        if isinstance(value, dict) and "Fn::FindInMap" in value:
            table, row, column = value["Fn::FindInMap"]
            return self.template["Mappings"][table][row][column]
        return value

    def statements(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Logical id of the role or policy, and each statement that it has with some parameters."""
        for name, role in self.of_type("AWS::IAM::Role").items():
            for policy in role.get("Policies", []):
                yield from ((name, each) for each in unconditional(policy["PolicyDocument"]["Statement"]))
        for name, policy in self.of_type("AWS::IAM::Policy").items():
            yield from ((name, each) for each in unconditional(policy["PolicyDocument"]["Statement"]))

    def statement(self, holder: str, sid: str) -> dict[str, Any]:
        """The one statement of a role or policy with this Sid."""
        [found] = [each for name, each in self.statements() if (name, each["Sid"]) == (holder, sid)]
        return found


def unconditional(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Policy statements, including those that only exist under a condition."""
    return [each["Fn::If"][1] if "Fn::If" in each else each for each in statements]


def under_condition(statements: list[dict[str, Any]], sid: str) -> str | None:
    """The condition under which a policy has the statement; ``None`` if always."""
    [found] = [each for each in statements if unconditional([each])[0]["Sid"] == sid]
    return found["Fn::If"][0] if "Fn::If" in found else None


def as_list(value: Any) -> list[Any]:
    """IAM and CloudFormation accept a single value in place of a list."""
    return value if isinstance(value, list) else [value]
