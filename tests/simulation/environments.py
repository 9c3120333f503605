"""The policies and variables of the simulation, and what they make of a document."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

from simulation.wishes import Wish, resolve

TEAM = "flows/team/"
"""The folder whose documents every policy allows everything."""
POLICIES: dict[str, str | None] = {
    "none": None,
    "broken": "[",
    "orders only": f"""
documents:
  - prefix: flows/
    flows: [orders]
  - prefix: {TEAM}
    flows: ["*"]
requests:
  flows: ["*"]
""",
    "team observed": f"""
documents:
  - prefix: flows/
    flows: ["*"]
  - prefix: {TEAM}
    flows: ["*"]
    mode: observe
requests:
  flows: ["*"]
""",
    "descriptions ignored": """
documents:
  - prefix: flows/
    flows: ["*"]
requests:
  flows: ["*"]
ignore:
  - flows: [orders]
    pointers: [/description]
""",
}
WINDOWED = "windows"
POLICIES[WINDOWED] = """
documents: [{prefix: flows/, flows: ["*"]}]
requests: {flows: ["*"]}
windows:
  - {allow: [orders], start: "13:00", duration: 2h}
  - {deny: ["*"], start: "14:30", duration: 1h}
"""
MINUTE, HOUR, DAY = 60, 3600, 86_400
VARIABLES: Mapping[str, Mapping[str, str] | None] = {
    "none": {},
    "broken": None,
    "orders": {"FLOW": "orders", "TEXT": "a"},
    "orders b": {"FLOW": "orders", "TEXT": "b"},
    "returns": {"FLOW": "returns", "TEXT": "a"},
}


@dataclass(frozen=True, slots=True)
class Environment:
    """The names of a policy and of a set of variables."""

    policy: str = "none"
    variables: str = "none"

    @property
    def is_broken(self) -> bool:
        return "broken" in (self.policy, self.variables)

    @property
    def values(self) -> Mapping[str, str]:
        """The values of the variables."""
        return VARIABLES[self.variables] or {}

    @property
    def files(self) -> tuple[str | None, str | None]:
        """The texts of the policy and of the variables; ``None`` without a file."""
        values = VARIABLES[self.variables]
        return POLICIES[self.policy], "[" if values is None else json.dumps(values) if values else None

    def observes(self, key: str | None) -> bool:
        """Whether changes of a document with this key, or of a request, are only reported."""
        return self.policy == "team observed" and (key is None or key.startswith(TEAM))

    def ignores(self, flow: str) -> bool:
        """Whether the description of the flow makes no difference."""
        return self.policy == "descriptions ignored" and flow == "orders"

    def valid(self, key: str, wishes: tuple[Wish, ...]) -> tuple[Wish, ...] | None:
        """The flows of a document, with the values of its variables; ``None`` if it is invalid."""
        return _valid(self, key, wishes)

    def is_closed(self, flow: str, now: float) -> bool:
        """Whether the windows do not allow a change of the flow at ``now``."""
        time = now % DAY
        is_denied = 14 * HOUR + 30 * MINUTE <= time < 15 * HOUR + 30 * MINUTE
        is_outside = flow == "orders" and not 13 * HOUR <= time < 15 * HOUR
        return self.policy == WINDOWED and (is_denied or is_outside)

    def denies(self, key: str, wish: Wish) -> bool:
        """Whether the policy does not allow the document to change this flow."""
        return (
            self.policy == "orders only" and not key.startswith(TEAM) and wish.named(self.values) != "orders"
        )


@cache
def _valid(environment: Environment, key: str, wishes: tuple[Wish, ...]) -> tuple[Wish, ...] | None:
    found = resolve(wishes, environment.values)
    if found is None or environment.policy == "broken":
        return None
    return None if any(environment.denies(key, wish) for wish in wishes) else found


ENVIRONMENTS = tuple(
    Environment(policy, variables)
    for policy, variables in (
        *product(("none", "orders only"), ("none", "orders", "orders b", "returns", "broken")),
        *product(("team observed", "descriptions ignored"), ("none", "orders", "orders b")),
        ("broken", "orders"),
        *product((WINDOWED,), ("none", "orders", "orders b")),
    )
)
