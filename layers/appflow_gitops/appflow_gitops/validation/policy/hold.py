"""Holds as values: why a change has to wait, and until when. Apart from ``windows``, which few deployments need."""

from dataclasses import dataclass

from appflow_gitops.quoting import quoted
from appflow_gitops.validation.policy.patterns import matches


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a change has to wait. ``until`` is when it may be applied, in epoch seconds; ``None`` where that is open."""

    reason: str
    until: float | None = None


@dataclass(frozen=True, slots=True)
class FlowPause:
    """Flows, by the patterns of their names, whose changes wait until the pause is removed."""

    flows: tuple[str, ...]
    reason: str

    def hold(self, flow_name: str) -> Hold | None:
        """The hold of the flow, if the pause is about it."""
        if not matches(flow_name, self.flows):
            return None
        return Hold(f"changes of {quoted(flow_name)} are paused: {self.reason}")


STACK_PAUSED = FlowPause(("*",), "the stack is deployed with Paused=true")
"""The pause of the stack's parameter."""
