"""What a stack may change and use, by its parameters: the permissions of ``apply``, known before AWS refuses a call.

``plan`` and ``push`` check documents against it. IAM decides in the end; see the parameters in template.yaml.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from appflow_gitops.findings import Json
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.quoting import listed, quoted

_FREE_NAMES = ("customProperties", "taskProperties", "tags")
"""Maps whose keys the user chooses."""


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

    def violations(self, flow: FlowDocument, *, creates: bool = False) -> Iterator[str]:
        """Yield a message for each thing that the stack may not do. ``creates``: the flow does not exist yet."""
        if not flow.flowName.startswith(self.flow_name_prefix):
            yield f"the stack may only change flows whose name starts with {quoted(self.flow_name_prefix)}"
        used: list[tuple[str, str]] = []
        _collect_uses(dict(flow.request), used)
        for parameter, arns, names in (
            ("ConnectorProfiles", self.connector_profiles, ("connectorProfileName",)),
            ("FlowBuckets", self.flow_buckets, ("bucketName", "intermediateBucketName")),
        ):
            for value in dict.fromkeys(value for name, value in used if name in names):
                if arns and not _is_allowed(value, arns):
                    yield f"the stack may not use {quoted(value)} ({parameter} allows {listed(arns)})"
        for role in (value for name, value in used if name == "roleArn"):
            if self.glue_catalog_roles is not None and not _matches(role, self.glue_catalog_roles):
                yield f"the stack may not pass the role {quoted(role)} (GlueCatalogRoles lacks it)"
        if creates and flow.kmsArn and self.flow_keys and not _matches(flow.kmsArn, self.flow_keys):
            yield f"the stack may not use the key {quoted(flow.kmsArn)} (FlowKeys lacks it)"


def _arns(parameters: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(arn.strip() for arn in parameters.get(name, "").split(",") if arn.strip())


def _is_allowed(name: str, arns: tuple[str, ...]) -> bool:
    """Whether an ARN allows the profile or bucket of this name, in whatever account and region."""
    resources = (arn.split(":", 5)[-1].removeprefix("connectorprofile/") for arn in arns)
    return _matches(name, tuple(resources))


def _matches(value: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(value, pattern.replace("[", "[[]")) for pattern in patterns)


def _collect_uses(value: Json, used: list[tuple[str, str]]) -> None:
    """Append the name and value of each member that is text, at any depth."""
    if isinstance(value, list):
        for item in value:
            _collect_uses(item, used)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str):
                used.append((name, inner))
            elif name not in _FREE_NAMES:
                _collect_uses(inner, used)
