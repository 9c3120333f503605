"""The values of variables. Apart from ``variables``, whose imports a function does not need at its start."""

from collections.abc import Mapping
from dataclasses import dataclass, field

VariableValue = str | int | bool


@dataclass(frozen=True, slots=True)
class Variables:
    """The values of an environment by name. ``error`` says why they could not be read; nothing is resolved then.

    ``hint`` says how to define variables where there are none.
    """

    values: Mapping[str, VariableValue] = field(default_factory=dict)
    error: str | None = None
    hint: str = "no variables are defined, see docs/variables.md"


NO_VARIABLES = Variables()
"""No variables are defined: a document that uses one is invalid."""
