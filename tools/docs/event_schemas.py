"""The JSON Schemas of the public events: status, drift, health and schema drift events, and Flow Change Requested.

Generated from the models and the descriptions below. ``status_events`` writes them to ``schemas/`` and renders them in
``docs/status-events.md``.
"""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from appflow_gitops.findings import Json
from appflow_gitops.status.drift import DRIFT_DETECTED, REPAIRS_LIMITED, DriftData, LimitedRepairsData
from appflow_gitops.status.envelope import SOURCE, StatusMetadata
from appflow_gitops.status.events import StatusData, detail_type
from appflow_gitops.status.health import HEALTH_CHANGED, HealthData
from appflow_gitops.status.schema_drift import SCHEMA_DRIFT_DETECTED, SchemaDriftData
from appflow_gitops.sync.health.health import Health
from appflow_gitops.sync.intake.request import FlowChangeRequest, FlowRunRequest, ObjectPointer
from appflow_gitops.sync.outcome import Outcome

FLOW_DOCUMENT = "urn:appflow-gitops:flow-document"
"""The ``$id`` of schemas/flow-document.schema.json, which a validator needs as well."""

MEMBERS = {
    "metadata": "Identifies what is reported.",
    "StatusData.data": "The outcome of the change.",
    "DriftData.data": "The drift.",
    "LimitedRepairsData.data": "The repairs and the numbers.",
    "HealthData.data": "The health of the flow.",
    "SchemaDriftData.data": "The changes of one object.",
    # StatusMetadata
    "id": "Id of what is reported. Every repeat of the event has the same id, whatever its outcome.",
    "schemaVersion": "Version of this format; see docs/compatibility.md.",
    "time": "Time of the event, ISO 8601 in UTC.",
    "correlationId": "Id of the event that started it: of the dropped document, the request, the schedule or the run.",
    "attempt": "Number of the delivery that had this outcome, from 1.",
    # StatusData
    "flowName": "Name of the flow; null for a rejected document that does not declare exactly one flow.",
    "outcome": "Outcome of the change.",
    "action": "What was done, or for a plan, an observed change or a failure what would have been done.",
    "reason": "Why nothing was done, if the outcome alone does not say it.",
    "StatusData.document": "Version of the document that requested the change; null for a request with an inline flow.",
    "provenance": "Git metadata from the sender; other keys are passed through.",
    "clientToken": "Client token of the UpdateFlow or CreateFlow call; null without such a call.",
    "contentDigest": (
        "SHA-256 of the desired configuration in canonical JSON, without the values of ignored members: equal digests "
        "mean equal flows."
    ),
    "flowStatus": "Status of the flow after the change, as AppFlow reports it.",
    "changes": "Planned changes: differences between the live flow before the change and the document.",
    "changesTruncated": "Whether changes or differences were truncated to fit the event.",
    "adjustments": "Values that had to be sent differently from the document.",
    "differences": "Differences that remain: between the live flow after the change and the document.",
    "findings": "Findings of the validation of the document.",
    "findingsTruncated": "Whether findings were truncated to fit the event.",
    "StatusData.executionId": "Id of the run that was started; null if none was.",
    "StatusData.heldUntil": "When a held change may be applied (ISO 8601, UTC); null if unknown, and for others.",
    "error": "Why the change was not made; null if it was made, or if findings are the reason.",
    # DriftData
    "DriftData.flowName": "Name of the flow.",
    "drift": (
        "drifted: the flow was changed after its document was applied. pending: the document was not applied to the "
        "flow, and no change is in progress. missing: the flow does not exist. orphaned: the document was deleted."
    ),
    "DriftData.reason": "Why no change can repair the drift, if known.",
    "DriftData.document": "Latest valid version of the document; null for an orphaned flow.",
    "DriftData.provenance": "Git metadata of the document; other keys are passed through.",
    "DriftData.flowStatus": "Status of the flow, as AppFlow reports it; null if the flow does not exist.",
    "DriftData.changes": "What the document would change in the live flow.",
    "DriftData.changesTruncated": "Whether changes were truncated to fit the event.",
    "healing": "Whether a change that repairs the drift was queued; its outcome is a separate status event.",
    # LimitedRepairsData
    "confirmation": "What to confirm the repairs with: appflow-gitops confirm, or a Flow Repairs Confirmed event.",
    "limit": "Number of flows that scans may change within an hour: the parameter ChangeAtMost.",
    "LimitedRepairsData.flows": "Number of flows that would be changed.",
    "flowsRepaired": "Number of flows that scans changed within the last hour.",
    "flowsDeclared": "Number of all flows that documents declare.",
    "flowNames": "Names of the flows that would be changed.",
    "flowNamesTruncated": "Whether names were truncated to fit the event.",
    # HealthData
    "HealthData.flowName": "Name of the flow.",
    "health": " ".join(
        f"{health.value}: {health.meaning}" for health in Health if health is not Health.UNKNOWN
    ),
    "previousHealth": "Health that was reported or found before; null if unknown.",
    "since": "Start of the first run for which it is so, or the time at which a run was due; null if unknown.",
    "HealthData.reason": "Why the flow has this health.",
    "HealthData.message": "AppFlow's message about the failed run or the deactivation; null without one.",
    "cause": "The cause that the message points to, in plain words; null if unknown.",
    "HealthData.hint": "What to do; null for a healthy flow.",
    "HealthData.document": (
        "Version of the document that was applied when the health began; null if the flow was changed since then, or "
        "if a request changed it."
    ),
    "HealthData.provenance": "Git metadata of that version; other keys are passed through.",
    "requestId": "Id of the request that was applied after that version; null without one.",
    "firstRun": "Whether the first run after that change had this health already.",
    "HealthData.flowStatus": "Status of the flow, as AppFlow reports it.",
    "latestRun": "The latest run that succeeded or failed; null if there is none.",
    "executionId": "Id of the run.",
    "HealthRun.status": "Successful or Error.",
    "startedAt": "Start of the run.",
    "records": "Number of records that the run processed; null if unknown.",
    "rejected": "Number of records that the destination rejected.",
    # SchemaDriftData
    "connectorType": "Connector, as in the API.",
    "connectorProfileName": "Connector profile.",
    "connectorEntityName": "Object of the connector.",
    "apiVersion": "Version of the connector's API, from the document; null without one.",
    "SchemaDriftData.changes": "Changes of fields since the last scan that concern flows.",
    "SchemaDriftData.changesTruncated": "Whether changes or their flows were truncated to fit the event.",
    "kind": "removed: the field does not exist any more. added: it is new. retyped: its type changed.",
    "field": "Name of the field.",
    "typeBefore": "Type before the change, in the connector's words; null if unknown.",
    "typeAfter": "Type after the change, likewise.",
    "flows": "Flows that the change concerns: they use the field, or transfer all fields.",
    "ConcernedFlow.flowName": "Name of the flow.",
    "ConcernedFlow.key": "Key of its document.",
    "ConcernedFlow.versionId": "Latest valid version of the document.",
    "pointers": "JSON pointers (RFC 6901) into the flow, to where it names the field; empty if it reads all.",
    # Parts
    "op": "add: only in the document. remove: only in the live flow. change: in both, with different values.",
    "pointer": "JSON pointer (RFC 6901) into the flow or, for a finding, into the document.",
    "live": "Value in the live flow.",
    "desired": "Value in the document.",
    "sent": "Value sent to AppFlow.",
    "StatusAdjustment.reason": "Reason for the adjustment.",
    "rule": "Id of the rule; see docs/rules.md.",
    "severity": "error, warning or info.",
    "line": "Line in the document, from 1.",
    "column": "Column in the line, from 1.",
    "message": "What was found and what was expected.",
    "hint": "How to fix it.",
    "code": "Error code of AWS, or one of: ReplacementRequired, OwnedByAnotherDocument, RetriesExhausted, ...",
    "bucket": "Name of the documents bucket.",
    "key": "Key of the object.",
    "versionId": "Version of the object; null in a bucket without versioning.",
    "ObjectPointer.versionId": "Version of the object; the latest if it is missing.",
    "eTag": "ETag of the object.",
    "commit": "Commit that contains the document.",
    "repository": "Repository that contains the document.",
    "actor": "User who made the change.",
    # FlowChangeRequest
    "FlowChangeRequest.document": "A flow, a list of flows, the text of a document, or the object that contains it.",
    "FlowRunRequest.flowName": "Name of the on-demand flow to run.",
    "mode": "apply, or plan to report what would be done without doing it.",
    "force": "Whether to change a flow that belongs to a document in the bucket.",
}
"""Description of each key. A key with several meanings is listed as ``Model.key``."""


def status_event_schema() -> dict[str, Json]:
    """Return the schema (draft 2020-12) of a status event as EventBridge delivers it.

    Open: consumers must ignore keys that a later version adds.
    """
    return {
        **_head("status-event", "Status event", "The outcome of a flow change, reported by appflow-gitops."),
        **_event(StatusData, *(detail_type(outcome) for outcome in Outcome)),
        "allOf": [_agreement(outcome) for outcome in Outcome],
        "$defs": _definitions(StatusMetadata, StatusData, sent_by_us=True),
    }


def drift_event_schema() -> dict[str, Json]:
    """Return the schema (draft 2020-12) of a ``Flow Drift Detected`` event as EventBridge delivers it. Open too."""
    return {
        **_head(
            "drift-event",
            "Drift event",
            "A difference between a live flow and its document, reported by appflow-gitops.",
        ),
        **_event(DriftData, DRIFT_DETECTED),
        "$defs": _definitions(StatusMetadata, DriftData, sent_by_us=True),
    }


def limited_repairs_event_schema() -> dict[str, Json]:
    """Return the schema (draft 2020-12) of a ``Flow Repairs Limited`` event as EventBridge delivers it. Open too."""
    about = "Repairs that exceed the number of flows that scans may change, reported by appflow-gitops."
    return {
        **_head("limited-repairs-event", "Limited repairs event", about),
        **_event(LimitedRepairsData, REPAIRS_LIMITED),
        "$defs": _definitions(StatusMetadata, LimitedRepairsData, sent_by_us=True),
    }


def health_event_schema() -> dict[str, Json]:
    """Return the schema (draft 2020-12) of a ``Flow Health Changed`` event as EventBridge delivers it. Open too."""
    about = "A change of the health of a flow, reported by appflow-gitops."
    return {
        **_head("health-event", "Health event", about),
        **_event(HealthData, HEALTH_CHANGED),
        "$defs": _definitions(StatusMetadata, HealthData, sent_by_us=True),
    }


def schema_drift_event_schema() -> dict[str, Json]:
    """Return the schema (draft 2020-12) of a ``Schema Drift Detected`` event as EventBridge delivers it. Open too."""
    about = "Changes of the fields of a connector's object, reported by appflow-gitops."
    return {
        **_head("schema-drift-event", "Schema drift event", about),
        **_event(SchemaDriftData, SCHEMA_DRIFT_DETECTED),
        "$defs": _definitions(StatusMetadata, SchemaDriftData, sent_by_us=True),
    }


def _event(data: type[BaseModel], *detail_types: str) -> dict[str, Json]:
    """The schema of an event with ``data`` in its detail, as EventBridge delivers it."""
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
                "description": "The ARN of the flow, if it exists.",
                "type": "array",
                "items": {"type": "string"},
            },
            "detail": detail,
        },
    }


def flow_change_requested_schema() -> dict[str, Json]:
    """Return the schema (draft 2020-12) of the detail of a ``Flow Change Requested`` event.

    Closed: unknown keys are rejected.
    """
    models = _definitions(FlowChangeRequest, ObjectPointer, sent_by_us=False)
    request: dict[str, Any] = models.pop("FlowChangeRequest")
    document: dict[str, Any] = request["properties"]["document"]
    request["properties"]["document"] = {
        "description": document["description"],
        "anyOf": [{"type": "string"}, {"$ref": "#/$defs/ObjectPointer"}, {"$ref": FLOW_DOCUMENT}],
    }
    del models["DocumentVersion"]  # the parsed form of a pointer
    about = "The detail of a Flow Change Requested event, which automation sends to the event bus."
    return {**_head("flow-change-requested", "Flow Change Requested", about), **request, "$defs": models}


def flow_run_requested_schema() -> dict[str, Json]:
    """Return the schema (draft 2020-12) of the detail of a ``Flow Run Requested`` event. Closed, too."""
    models = _definitions(FlowRunRequest, sent_by_us=False)
    request: dict[str, Any] = models.pop("FlowRunRequest")
    about = "The detail of a Flow Run Requested event, which automation sends to the event bus."
    return {**_head("flow-run-requested", "Flow Run Requested", about), **request, "$defs": models}


def _head(name: str, title: str, description: str) -> dict[str, Json]:
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"urn:appflow-gitops:{name}",
        "title": title,
        "description": description,
    }


def _agreement(outcome: Outcome) -> dict[str, Json]:
    """The detail-type implies the outcome in the data."""
    detail: Json = {"properties": {"data": {"properties": {"outcome": {"const": outcome.value}}}}}
    return {
        "if": {"properties": {"detail-type": {"const": detail_type(outcome)}}},
        "then": {"properties": {"detail": detail}},
    }


class _ModelSchema(GenerateJsonSchema):
    """Pydantic's schema without titles that repeat a key's name."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - pydantic's signature
        return False


def _definitions(*models: type[BaseModel], sent_by_us: bool) -> dict[str, Any]:
    """Name -> schema of the models and their parts, with a description of each key.

    Events that we send are open to new keys and contain every known key; events that we receive are neither.
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
