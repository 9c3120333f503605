"""The JSON Schemas of the events that people outside build on: what comes out of the bus, and what may go in.

Made from the models with words of our own, so that neither can say what the other does not. ``reference`` writes
them into ``schemas/`` and tells them in ``docs/status-events.md``.
"""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from appflow_gitops.findings import Json
from appflow_gitops.status.drift import DRIFT_DETECTED, DriftData
from appflow_gitops.status.events import SOURCE, StatusData, StatusMetadata, detail_type
from appflow_gitops.sync.intake.request import FlowChangeRequest, ObjectPointer
from appflow_gitops.sync.outcome import Outcome

FLOW_DOCUMENT = "urn:appflow-gitops:flow-document"
"""The ``$id`` of schemas/flow-document.schema.json, which a validator has to be given along."""

MEMBERS = {
    "metadata": "Which change, or drift, this is about.",
    "StatusData.data": "What became of the change.",
    "DriftData.data": "What differs.",
    # StatusMetadata
    "id": "Names the change, or drift: every repeat of the same carries the same id, whatever its outcome.",
    "schemaVersion": "Version of this form; see docs/compatibility.md.",
    "time": "When this was told, ISO 8601 in UTC.",
    "correlationId": "Id of the event that began it: the dropped document's, the request's, or the schedule's.",
    "attempt": "Which delivery of the change ended so, counted from 1.",
    # StatusData
    "flowName": "Name of the flow; null where a rejected document does not declare exactly one.",
    "outcome": "How the change ended.",
    "action": "What was done, would be done, or would have had to be.",
    "reason": "Why nothing was to be done, where that needs a word.",
    "StatusData.document": "The version of the document that asked for it; null for a request with the flow inside.",
    "provenance": "What Git and the sender say about the change; further members are carried through.",
    "clientToken": "The token that UpdateFlow or CreateFlow was called with; null when neither was.",
    "contentDigest": "SHA-256 of the desired configuration in canonical JSON: equal digests, equal flows.",
    "flowStatus": "The flow's status at the end, as AppFlow calls it.",
    "changes": "What the change set out to do: the live flow, before, against the document.",
    "changesTruncated": "Whether changes or differences were cut to fit into an event.",
    "adjustments": "Values that had to be sent otherwise than the document says.",
    "differences": "What AppFlow made otherwise than it was asked to: the live flow, after, against the document.",
    "findings": "What the checks have to say about the document.",
    "findingsTruncated": "Whether findings were cut to fit into an event.",
    "error": "Why the change did not happen; null when it did, or when findings tell it.",
    # DriftData
    "DriftData.flowName": "Name of the flow.",
    "drift": (
        "drifted: somebody changed the flow after its document was applied. pending: what its document says now was "
        "never applied, and no change is under way. missing: there is no such flow. orphaned: its document is gone."
    ),
    "DriftData.reason": "What keeps a change from mending it, where that is known.",
    "DriftData.document": "The latest valid version of the document; null for an orphaned flow.",
    "DriftData.provenance": "What Git says about the document; further members are carried through.",
    "DriftData.flowStatus": "The flow's status, as AppFlow calls it; null where there is no flow.",
    "DriftData.changes": "What the document would change in the live flow.",
    "DriftData.changesTruncated": "Whether changes were cut to fit into an event.",
    "healing": "Whether a change that mends it was queued: its own status event tells what became of that.",
    # Parts
    "op": "add: the document has it and the flow not. remove: the other way round. change: both have it.",
    "pointer": "JSON pointer (RFC 6901) into the flow or, for a finding, the document.",
    "live": "The value that the live flow has.",
    "desired": "The value that the document wants.",
    "sent": "The value that AppFlow was sent.",
    "StatusAdjustment.reason": "Why.",
    "rule": "Id of the rule; docs/rules.md explains each.",
    "severity": "error, warning or info.",
    "line": "Line in the document, from 1.",
    "column": "Column in that line, from 1.",
    "message": "What is wrong, in a sentence.",
    "hint": "A way out.",
    "code": "AWS's error code, or one of ours: ReplacementRequired, OwnedByAnotherDocument, RetriesExhausted, ...",
    "bucket": "Name of the documents bucket.",
    "key": "Key of the object.",
    "versionId": "Version of the object; null in a bucket without versioning.",
    "ObjectPointer.versionId": "Version of the object; the latest where none is named.",
    "eTag": "ETag of the object.",
    "commit": "Commit that the document is from.",
    "repository": "Repository that the document is from.",
    "actor": "Who made the change.",
    # FlowChangeRequest
    "FlowChangeRequest.document": "A flow, a list of flows, the text of a document, or where one lies in the bucket.",
    "mode": "apply, or plan to be told what would be done and have nothing done.",
    "force": "Whether a flow that belongs to a document in the bucket may be changed all the same.",
}
"""What each member means. One that does not mean the same everywhere stands under ``Model.member``."""


def status_event_schema() -> dict[str, Json]:
    """Return the schema (draft 2020-12) of a status event as EventBridge delivers it.

    Open: consumers have to bear members that a later version adds.
    """
    return {
        **_head("status-event", "Status event", "What became of a flow change, told by appflow-gitops."),
        **_event(StatusData, *(detail_type(outcome) for outcome in Outcome)),
        "allOf": [_agreement(outcome) for outcome in Outcome],
        "$defs": _definitions(StatusMetadata, StatusData, sent_by_us=True),
    }


def drift_event_schema() -> dict[str, Json]:
    """Return the schema (draft 2020-12) of a ``Flow Drift Detected`` event as EventBridge delivers it. Open too."""
    return {
        **_head(
            "drift-event", "Drift event", "How a live flow and its document differ, told by appflow-gitops."
        ),
        **_event(DriftData, DRIFT_DETECTED),
        "$defs": _definitions(StatusMetadata, DriftData, sent_by_us=True),
    }


def _event(data: type[BaseModel], *detail_types: str) -> dict[str, Json]:
    """What EventBridge delivers, with ``data`` in its detail."""
    name = data.__name__
    detail: dict[str, Json] = {
        "type": "object",
        "required": ["metadata", "data"],
        "properties": {
            "metadata": {"$ref": "#/$defs/StatusMetadata", "description": MEMBERS["metadata"]},
            "data": {"$ref": f"#/$defs/{name}", "description": MEMBERS[f"{name}.data"]},
        },
    }
    return {
        "type": "object",
        "required": ["source", "detail-type", "resources", "detail"],
        "properties": {
            "source": {"const": SOURCE},
            "detail-type": {"enum": list(detail_types)},
            "resources": {
                "description": "The ARN of the flow, where there is one.",
                "type": "array",
                "items": {"type": "string"},
            },
            "detail": detail,
        },
    }


def flow_change_requested_schema() -> dict[str, Json]:
    """Return the schema (draft 2020-12) of the detail of a ``Flow Change Requested`` event.

    Closed: a member that is not understood is refused rather than overlooked.
    """
    models = _definitions(FlowChangeRequest, ObjectPointer, sent_by_us=False)
    request: dict[str, Any] = models.pop("FlowChangeRequest")
    document: dict[str, Any] = request["properties"]["document"]
    request["properties"]["document"] = {
        "description": document["description"],
        "anyOf": [{"type": "string"}, {"$ref": "#/$defs/ObjectPointer"}, {"$ref": FLOW_DOCUMENT}],
    }
    del models["DocumentVersion"]  # what a pointer becomes inside
    about = "The detail of a Flow Change Requested event, as automation sends it to the bus."
    return {**_head("flow-change-requested", "Flow Change Requested", about), **request, "$defs": models}


def _head(name: str, title: str, description: str) -> dict[str, Json]:
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"urn:appflow-gitops:{name}",
        "title": title,
        "description": description,
    }


def _agreement(outcome: Outcome) -> dict[str, Json]:
    """The detail-type and the outcome in the data say the same."""
    told: Json = {"properties": {"data": {"properties": {"outcome": {"const": outcome.value}}}}}
    return {
        "if": {"properties": {"detail-type": {"const": detail_type(outcome)}}},
        "then": {"properties": {"detail": told}},
    }


class _ModelSchema(GenerateJsonSchema):
    """Pydantic's schema without titles that repeat a member's name."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - pydantic's signature
        return False


def _definitions(*models: type[BaseModel], sent_by_us: bool) -> dict[str, Any]:
    """Name -> schema of the models and of everything in them, each member with its description.

    What we send is open to new members, and has every member that there is; what we are sent is neither.
    """
    found: dict[str, Any] = {}
    for model in models:
        schema = model.model_json_schema(schema_generator=_ModelSchema, mode="serialization")
        found.update(schema.pop("$defs", {}))
        found[model.__name__] = schema
    for name, schema in found.items():
        if "properties" in schema:
            _describe(name, schema)
            if sent_by_us and name != "Provenance":
                _open(schema)
    return dict(sorted(found.items()))


def _describe(name: str, schema: dict[str, Any]) -> None:
    schema.pop("description", None)
    schema.pop("title", None)
    for member, value in schema["properties"].items():
        value["description"] = MEMBERS.get(f"{name}.{member}") or MEMBERS[member]


def _open(schema: dict[str, Any]) -> None:
    schema.pop("additionalProperties", None)
    schema["required"] = list(schema["properties"])
    for value in schema["properties"].values():
        value.pop("default", None)
