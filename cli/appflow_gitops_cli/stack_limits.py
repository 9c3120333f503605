"""What a stack may change and use, by its parameters: the permissions of ``apply``, known before AWS refuses a call.

``plan`` and ``push`` check documents against it. IAM decides in the end; see the parameters in template.yaml.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.quoting import listed, quoted
from appflow_gitops.validation.policy.patterns import matches
from appflow_gitops.validation.policy.uses import BUCKET, PROFILE, ROLE, Restriction, uses


@dataclass(frozen=True, slots=True)
class StackLimits:
    """Each list has ARNs in which ``*`` and ``?`` are wildcards. An empty list allows everything, except for roles."""

    flow_name_prefix: str = ""
    connector_profiles: tuple[str, ...] = ()
    flow_buckets: tuple[str, ...] = ()
    flow_keys: tuple[str, ...] = ()
    glue_catalog_roles: tuple[str, ...] | None = None
    """``None`` if the parameters of the stack are unknown."""

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "StackLimits":
        """Return the limits that the parameters of a stack set."""
        return cls(
            parameters.get("FlowNamePrefix", ""),
            _arns(parameters, "ConnectorProfiles"),
            _arns(parameters, "FlowBuckets"),
            _arns(parameters, "FlowKeys"),
            _arns(parameters, "GlueCatalogRoles") if "GlueCatalogRoles" in parameters else None,
        )

    def violations(
        self, flow: FlowDocument, *, creates: bool = False, configures: bool = True
    ) -> Iterator[str]:
        """Yield a message for each thing that the stack may not do.

        ``creates``: the flow does not exist yet. Without ``configures``, only its status, tags or owner change.
        """
        if not flow.flowName.startswith(self.flow_name_prefix):
            yield f"the stack may only change flows whose name starts with {quoted(self.flow_name_prefix)}"
        if not configures:
            return
        for restriction, name in dict.fromkeys(
            (use.restriction, use.name) for use in uses(dict(flow.request))
        ):
            if restriction is ROLE:
                if self.glue_catalog_roles is not None and not matches(name, self.glue_catalog_roles):
                    yield f"the stack may not pass the role {quoted(name)} (GlueCatalogRoles lacks it)"
                continue
            parameter, arns = self._restricting(restriction)
            if arns and not _is_allowed(name, arns):
                yield f"the stack may not use {quoted(name)} ({parameter} allows {listed(arns)})"
        if creates and flow.kmsArn and self.flow_keys and not matches(flow.kmsArn, self.flow_keys):
            yield f"the stack may not use the key {quoted(flow.kmsArn)} (FlowKeys lacks it)"

    def _restricting(self, restriction: Restriction) -> tuple[str, tuple[str, ...]]:
        """The parameter that restricts this kind of resource, and the ARNs that it allows."""
        if restriction is PROFILE:
            return "ConnectorProfiles", self.connector_profiles
        return "FlowBuckets", self.flow_buckets if restriction is BUCKET else ()


def _arns(parameters: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(arn.strip() for arn in parameters.get(name, "").split(",") if arn.strip())


def _is_allowed(name: str, arns: tuple[str, ...]) -> bool:
    """Whether an ARN allows the profile or bucket of this name, in whatever account and region."""
    resources = (arn.split(":", 5)[-1].removeprefix("connectorprofile/") for arn in arns)
    return matches(name, resources)
