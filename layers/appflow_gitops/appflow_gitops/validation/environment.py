"""The environment: what a document is checked against beside the rules. Each deployment has one.

The functions read it from the documents bucket (``sync.environment``), the command from files. ``check`` takes it.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from appflow_gitops.documents.variables import NO_VARIABLES, Variables

if TYPE_CHECKING:
    from appflow_gitops.validation.policy.policy import BrokenPolicy, Policy


@dataclass(frozen=True, slots=True)
class Environment:
    """Who may do what, and the values of variables.

    Without a policy every document may change every flow. With ``variables`` None, text counts as it stands.
    """

    policy: "Policy | BrokenPolicy | None" = None
    variables: Variables | None = NO_VARIABLES

    def without_substitution(self) -> "Environment":
        """The same for a document whose variables were put in before: values are never looked at for variables."""
        return replace(self, variables=None)


NO_ENVIRONMENT = Environment()
"""No policy and no variables."""
