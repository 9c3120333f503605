"""The JSON Schema of a flow document. ``appflow-gitops schema`` prints it, ``schemas/`` contains it.

It is generated from the models and ``descriptions``, and describes the canonical spelling. Other spellings that the
reader accepts (other letter case, DescribeFlow responses) are left out.
"""

import re
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from appflow_gitops.documents.dialects import SCHEDULE_TIMES
from appflow_gitops.documents.limits import MAX_FLOWS
from appflow_gitops.findings import Json
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops_cli.schema.descriptions import MEMBERS

_HEAD: dict[str, Json] = {
    "$schema": GenerateJsonSchema.schema_dialect,
    "$id": "urn:appflow-gitops:flow-document",
    "title": "Flow document",
    "description": "An Amazon AppFlow flow, or a list of flows, managed by appflow-gitops.",
}
_ISO_TIME = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})$",
    "description": "ISO 8601 time with an offset, such as 2026-01-31T08:00:00Z.",
}


def flow_document_schema() -> dict[str, Json]:
    """Return the schema (draft 2020-12) of a document: one flow, or a list of them."""
    flow = FlowDocument.model_json_schema(schema_generator=ModelSchema)
    structures = {**flow.pop("$defs"), FlowDocument.__name__: flow}
    for name, structure in structures.items():
        _describe(name, structure)
    flows: dict[str, Json] = {
        "type": "array",
        "items": _reference(FlowDocument.__name__),
        "minItems": 1,
        "maxItems": MAX_FLOWS,
    }
    # Editors report errors inside a chosen branch; for anyOf they only report that no branch matches.
    choice: dict[str, Json] = {
        "if": {"type": "array"},
        "then": flows,
        "else": _reference(FlowDocument.__name__),
    }
    return {**_HEAD, **choice, "$defs": dict(sorted(structures.items()))}


class ModelSchema(GenerateJsonSchema):
    """Pydantic's schema without titles that repeat a key's name, and with maps that allow no other keys."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - pydantic's signature
        """Never: editors show the key's name already."""
        return False

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """A map whose keys must match the pattern; pydantic would allow other keys too."""
        mapping = super().dict_schema(schema)
        for pattern, value in mapping.pop("patternProperties", {}).items():
            mapping["propertyNames"]["pattern"] = pattern
            mapping["additionalProperties"] = value
        return mapping


def _describe(name: str, structure: dict[str, Any]) -> None:
    structure["title"] = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    structure["description"] = " ".join(structure["description"].partition("\n\n")[0].split())
    members = structure.get("properties", {})
    for member, schema in members.items():
        _complete_constraints(schema)
        if member in SCHEDULE_TIMES:
            schema = members[member] = {"anyOf": [_ISO_TIME, schema]}  # noqa: PLW2901 - the member's new schema
        about = MEMBERS.get(f"{name}.{member}") or MEMBERS[member]
        schema["description"] = " ".join(filter(None, [about, schema.get("description")]))


def _complete_constraints(schema: dict[str, Any]) -> None:
    """Turn the models' descriptions, which complete "must be ...", into sentences."""
    for part in (
        schema,
        *(schema.get(inner) for inner in ("items", "additionalProperties", "propertyNames")),
    ):
        if isinstance(part, dict) and "description" in part:
            part["description"] = f"Must be {part['description']}."


def _reference(name: str) -> dict[str, Json]:
    return {"$ref": f"#/$defs/{name}"}
