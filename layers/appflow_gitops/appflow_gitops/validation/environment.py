"""The environment of a deployment: its policy and its variables, which ``validate`` takes beside the document.

The functions load it from the documents bucket (``sync.stored_environment``), the command line from files.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from appflow_gitops.documents.variable_values import NO_VARIABLES, Variables
from appflow_gitops.findings import Path

if TYPE_CHECKING:
    from appflow_gitops.validation.policy.hold import FlowPause, Hold
    from appflow_gitops.validation.policy.model import BrokenPolicy, Policy


@dataclass(frozen=True, slots=True)
class Environment:
    """A policy and the values of variables.

    Without a policy every document may change every flow. With ``variables`` None, ``${env.NAME}`` is plain text. With
    ``checks_fields``, flows keep what ``validation.fields`` needs, which takes memory. ``pauses`` are those beside the
    policy.
    """

    policy: "Policy | BrokenPolicy | None" = None
    variables: Variables | None = NO_VARIABLES
    checks_fields: bool = False
    pauses: tuple["FlowPause", ...] = ()

    @property
    def is_broken(self) -> bool:
        """Whether the policy or the variables could not be read. An invalid document may then be valid after all."""
        if self.variables is not None and self.variables.error:
            return True
        if self.policy is None:
            return False
        from appflow_gitops.validation.policy.model import BrokenPolicy  # noqa: PLC0415 - only where there is a policy

        return isinstance(self.policy, BrokenPolicy)

    def observes(self, key: str | None, flow_name: str = "") -> bool:
        """Return whether changes are only reported; see ``Policy.observes``."""
        return self.policy is not None and self.policy.observes(key, flow_name)

    def ignored_in(self, flow_name: str) -> tuple[Path, ...]:
        """Return the paths of the members that the policy ignores in a flow."""
        return self.policy.ignored_in(flow_name) if self.policy else ()

    @property
    def may_hold(self) -> bool:
        """Whether any flow is paused, or has a window."""
        return bool(self.pauses) or (self.policy is not None and self.policy.may_hold)

    def hold(self, flow_name: str, actor: str | None, now: float) -> "Hold | None":
        """Return why a change of the flow has to wait at ``now`` (epoch seconds); ``None`` if it may be applied.

        ``actor`` is who the change is from, as its provenance states.
        """
        for pause in self.pauses:
            if hold := pause.hold(flow_name):
                return hold
        return self.policy.hold(flow_name, actor, now) if self.policy else None

    def without_substitution(self) -> "Environment":
        """Return the environment for a document whose variables were substituted before."""
        return replace(self, variables=None)


NO_ENVIRONMENT = Environment()
"""No policy and no variables."""
