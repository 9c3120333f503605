"""The JSON Schema of a policy. ``appflow-gitops schema policy`` prints it, ``schemas/`` contains it."""

from typing import Any

from appflow_gitops.findings import Json
from appflow_gitops.validation.policy.model import Policy
from appflow_gitops_cli.schema.flow_schema import ModelSchema

_HEAD: dict[str, Json] = {
    "$schema": ModelSchema.schema_dialect,
    "$id": "urn:appflow-gitops:policy",
    "title": "Policy",
    "description": "Which documents may change which Amazon AppFlow flows, and what the flows may use.",
}


def policy_schema() -> dict[str, Json]:
    """Return the schema (draft 2020-12) of ``policy.yaml``."""
    policy: dict[str, Any] = Policy.model_json_schema(schema_generator=ModelSchema)
    for structure in policy["$defs"].values():
        structure["description"] = structure["description"].partition("\n\n")[0]
    return {**_HEAD, **policy, **_HEAD}
