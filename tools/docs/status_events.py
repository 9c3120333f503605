"""Generates ``docs/status-events.md`` and the schemas of events in ``schemas/`` from the models.

``python -m tools.docs.status_events`` writes them (``make docs``); a test compares the files with it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.status.bus import BusEvent
from appflow_gitops.status.drift import (
    DRIFT_DETECTED,
    REPAIRS_LIMITED,
    DriftData,
    DriftEvent,
    LimitedRepairsData,
    LimitedRepairsEvent,
)
from appflow_gitops.status.envelope import SOURCE, StatusMetadata
from appflow_gitops.status.events import (
    StatusChange,
    StatusData,
    StatusError,
    StatusEvent,
    StatusFinding,
    detail_type,
)
from appflow_gitops.status.health import HEALTH_CHANGED, HealthData, HealthEvent, HealthRun
from appflow_gitops.status.schema_drift import (
    SCHEMA_DRIFT_DETECTED,
    ConcernedFlow,
    SchemaChange,
    SchemaDriftData,
    SchemaDriftEvent,
)
from appflow_gitops.sync.drift.report import Drift
from appflow_gitops.sync.health.health import Health
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops.validation.fields.changes import ChangeKind
from tools.docs.event_schemas import (
    drift_event_schema,
    flow_change_requested_schema,
    flow_run_requested_schema,
    health_event_schema,
    limited_repairs_event_schema,
    schema_drift_event_schema,
    status_event_schema,
)

_DOCUMENT = DocumentVersion(
    bucket="documents",
    key="flows/orders.yaml",
    versionId="3HL4kqtJlcpXroDTDmJ",
    eTag="9b2cf535f27731c974343645a39",
)
_COMMON: dict[str, Any] = {
    "flowName": "orders",
    "document": _DOCUMENT,
    "provenance": Provenance(commit="4f2c1a9d0b7e", repository="shop/flows", actor="jo"),
}
_FLOW = "arn:aws:appflow:eu-west-1:123456789012:flow/orders"
_METADATA = StatusMetadata(
    id="5d41402abc4b2a76b9719d911017c592ae2f0f5c4b2d6e1f8a90b7c6d5e4f3a2",
    time="2026-03-02T08:20:04.512Z",
    correlationId="7bf73129-1428-4cd3-a780-95db273d1602",
)
_DIGEST = "1f0e3dad99908345f7439f8ffabdffc4d2b1d0f3a5c9e8b7a6f5d4c3b2a19080"

EXAMPLES = {
    Outcome.APPLIED: StatusData(
        **_COMMON,
        outcome=Outcome.APPLIED,
        action="update",
        clientToken=f"{_DIGEST}-0a1b2c3d4e5f6071",
        contentDigest=_DIGEST,
        flowStatus="Active",
        changes=(
            StatusChange(op="change", pointer="/tasks/0/destinationField", live="total", desired="amount"),
        ),
    ),
    Outcome.UNCHANGED: StatusData(
        **_COMMON,
        outcome=Outcome.UNCHANGED,
        action="unchanged",
        contentDigest=_DIGEST,
        flowStatus="Active",
    ),
    Outcome.REJECTED: StatusData(
        **{**_COMMON, "flowName": None},
        outcome=Outcome.REJECTED,
        findings=(
            StatusFinding(
                rule="AFG104",
                severity="error",
                pointer="/tasks/0/taskType",
                line=12,
                column=15,
                message="unknown task type 'Mapp'",
                hint="did you mean 'Map'?",
            ),
        ),
    ),
    Outcome.FAILED: StatusData(
        **_COMMON,
        outcome=Outcome.FAILED,
        action="refuse",
        contentDigest=_DIGEST,
        changes=(
            StatusChange(
                op="change",
                pointer="/destinationFlowConfigList/0/destinationConnectorProperties/S3/bucketName",
                live="shop-lake",
                desired="shop-lake-2",
            ),
        ),
        error=StatusError(
            code="ReplacementRequired", message="AppFlow cannot change the destination bucket of a flow"
        ),
    ),
    Outcome.SUPERSEDED: StatusData(
        **_COMMON,
        outcome=Outcome.SUPERSEDED,
        reason="version 4KMf9xTqvB2 of the document is newer",
    ),
    Outcome.STARTED: StatusData(
        **{**_COMMON, "document": None},
        outcome=Outcome.STARTED,
        action="run",
        flowStatus="Active",
        executionId="8f2f1f5e-7d1c-4b52-9a20-0d1a9d0f4b11",
    ),
    Outcome.PLANNED: StatusData(
        **{**_COMMON, "document": None},
        outcome=Outcome.PLANNED,
        action="update",
        contentDigest=_DIGEST,
        flowStatus="Active",
        changes=(
            StatusChange(op="change", pointer="/tasks/0/destinationField", live="total", desired="amount"),
        ),
    ),
    Outcome.OBSERVED: StatusData(
        **_COMMON,
        outcome=Outcome.OBSERVED,
        action="update",
        contentDigest=_DIGEST,
        flowStatus="Active",
        changes=(
            StatusChange(op="change", pointer="/tasks/0/destinationField", live="total", desired="amount"),
        ),
    ),
    Outcome.HELD: StatusData(
        **_COMMON,
        outcome=Outcome.HELD,
        action="update",
        reason="outside of the allow windows: nightly deployments",
        contentDigest=_DIGEST,
        flowStatus="Active",
        changes=(
            StatusChange(op="change", pointer="/tasks/0/destinationField", live="total", desired="amount"),
        ),
        heldUntil="2026-03-02T22:00:00.000Z",
    ),
}
"""Valid sample data of an event for each outcome."""

DRIFT = DriftData(
    **_COMMON,
    drift=Drift.DRIFTED,
    flowStatus="Active",
    changes=(StatusChange(op="change", pointer="/tasks/0/destinationField", live="amount", desired="total"),),
)
"""Sample data of a drift event."""

LIMITED_REPAIRS = LimitedRepairsData(
    confirmation="3f2a9c01b7de",
    limit=5,
    flows=6,
    flowsRepaired=0,
    flowsDeclared=20,
    flowNames=("customers", "invoices", "orders", "prices", "returns", "stock"),
)
"""Sample data of an event of limited repairs."""

HEALTH = HealthData(
    **_COMMON,
    health=Health.SILENT,
    previousHealth=Health.HEALTHY,
    since="2026-03-02T09:00:00.000Z",
    reason="the latest run moved 0 records, an earlier one 50",
    hint="check filters and mapping in the document, and whether the source has new records",
    firstRun=True,
    flowStatus="Active",
    latestRun=HealthRun(
        executionId="8f2f1f5e-7d1c-4b52-9a20-0d1a9d0f4b11",
        status="Successful",
        startedAt="2026-03-02T09:00:00.000Z",
        records=0,
    ),
)
"""Sample data of a health event."""

SCHEMA_DRIFT = SchemaDriftData(
    connectorType="Salesforce",
    connectorProfileName="crm",
    connectorEntityName="Account",
    changes=(
        SchemaChange(
            kind=ChangeKind.REMOVED,
            field="BillingCity",
            typeBefore="string",
            flows=(
                ConcernedFlow(
                    flowName="accounts",
                    key="flows/accounts.yaml",
                    versionId="3HL4kqtJlcpXroDTDmJ",
                    pointers=("/tasks/2/sourceFields/0",),
                ),
            ),
        ),
    ),
)
"""Sample data of a schema drift event."""

_INTRO = f"""\
# Status events

<!-- Generated: make docs -->

Every version of a document and every request produces one status event per flow, or a single one if it is rejected as a
whole. The events are sent to the event bus of the stack (output `EventBusName`) with the source `{SOURCE}`. Their
schema is [status-event.schema.json](../schemas/status-event.schema.json).

| detail-type | when |
| --- | --- |
"""

_RULES = """
To react to events, match on `detail-type`, `detail.data.flowName`, `detail.data.document.key` or
`detail.data.provenance.commit` in an EventBridge rule; [examples/consumers](../examples/consumers) contains
templates to deploy. Consumers must expect that:

- **Events may be delivered twice.** A repeat has the same `metadata.id`. A failed change that is redriven from the
  dead-letter queue is reported again with the same id and its new outcome, and so is a held change.
- **Keys and outcomes may be added.** Ignore unknown ones; see [compatibility.md](compatibility.md).
- **Lists may be truncated.** `changes`, `differences` and `findings` are cut to fit an event (200 KiB);
  `changesTruncated` and `findingsTruncated` report it.
- **Values may be sensitive.** `changes` contains values of flows and documents. The logs of the functions never contain
  them; the status log, which stores these events for `push`, does.
"""


_ABOUT_DRIFT = """
## Drift

A drift scan runs hourly, or as set by `DriftSchedule`. It reports each drift once, and again only after the flow or its
document has changed and they still differ. `metadata` and all parts are as above; the schema is
[drift-event.schema.json](../schemas/drift-event.schema.json). The keys of `data`:

"""


_ABOUT_LIMITED_REPAIRS = """
## Limited repairs

A scan would change more flows than `ChangeAtMost` allows within an hour, and changes none: see [limits.md](limits.md).
The event is sent once for the same differences; `resources` is empty. `metadata` is as above; the schema is
[limited-repairs-event.schema.json](../schemas/limited-repairs-event.schema.json). The keys of `data`:

"""


_ABOUT_HEALTH = """
## Health

`watch_runs` reports whether a flow moves data: once when its health changes, within seconds of the run, or by the next
health scan if AppFlow did not deliver its event. Both have the same `metadata.id`. A flow that becomes healthy again is
reported, too.
`metadata` and all parts are as above; the schema is [health-event.schema.json](../schemas/health-event.schema.json).

| health | when |
| --- | --- |
"""

_HEALTH_KEYS = """
`Unknown` has no event: `appflow-gitops status` shows it, and health scans count it.

AppFlow's `message` is passed on from the source or destination. It may contain a value of a record.

The keys of `data`:

"""


_ABOUT_SCHEMA_DRIFT = """
## Schema drift

With `CheckFields=warn` or `refuse`, the drift scan compares the objects of connectors that documents use with its last
scan. Each change that concerns a flow is reported once: removed and retyped fields that a flow uses, and any change
where a Map_all task transfers all fields. There is one event per object; `resources` is empty. `metadata` is as above;
the schema is [schema-drift-event.schema.json](../schemas/schema-drift-event.schema.json). The keys of `data`:

"""


_SECTIONS = {
    "metadata": "StatusMetadata",
    "data": "StatusData",
    "data.document": "DocumentVersion",
    "data.provenance": "Provenance",
    "data.changes and data.differences": "StatusChange",
    "data.adjustments": "StatusAdjustment",
    "data.findings": "StatusFinding",
    "data.error": "StatusError",
}
"""Heading -> the model that it describes."""


def reference() -> str:
    """The text of ``docs/status-events.md``."""
    schema: dict[str, Any] = status_event_schema()
    parts = [_INTRO, *(f"| `{name}` | {when} |\n" for name, when in _detail_types()), _RULES]
    parts += [
        "\n## Keys\n\nEvery key is always present, `null` or empty if it has no value, except in `data.provenance`,\n"
    ]
    parts += ["which contains only known values.\n"]
    parts += [f"\n### {title}\n\n{_table(schema['$defs'][model])}" for title, model in _SECTIONS.items()]
    drift: dict[str, Any] = drift_event_schema()
    parts += [_ABOUT_DRIFT, _table(drift["$defs"]["DriftData"])]
    limited: dict[str, Any] = limited_repairs_event_schema()
    parts += [_ABOUT_LIMITED_REPAIRS, _table(limited["$defs"]["LimitedRepairsData"])]
    health: dict[str, Any] = health_event_schema()
    parts += [_ABOUT_HEALTH, *(f"| `{each.value}` | {each.meaning} |\n" for each in Health)]
    parts += [_HEALTH_KEYS, _table(health["$defs"]["HealthData"])]
    parts += ["\nThe keys of `data.latestRun`:\n\n", _table(health["$defs"]["HealthRun"])]
    schema_drift: dict[str, Any] = schema_drift_event_schema()
    parts += [_ABOUT_SCHEMA_DRIFT, _table(schema_drift["$defs"]["SchemaDriftData"])]
    parts += ["\nThe keys of `data.changes`:\n\n", _table(schema_drift["$defs"]["SchemaChange"])]
    parts += ["\nThe keys of `data.changes.flows`:\n\n", _table(schema_drift["$defs"]["ConcernedFlow"])]
    parts += ["\n## Examples\n", *(_example(example_event(outcome)) for outcome in Outcome)]
    parts += [
        _example(example_drift()),
        _example(example_limited_repairs()),
        _example(example_health()),
        _example(example_schema_drift()),
    ]
    return "".join(parts)


def _detail_types() -> Iterator[tuple[str, str]]:
    """Each detail-type and when it is sent."""
    yield from ((detail_type(outcome), outcome.meaning) for outcome in Outcome)
    yield (
        DRIFT_DETECTED,
        "A live flow and its document differ, and no change is in progress: see [Drift](#drift).",
    )
    yield (
        REPAIRS_LIMITED,
        "A scan would change more flows than ChangeAtMost allows: see [Limited repairs](#limited-repairs).",
    )
    yield (
        HEALTH_CHANGED,
        "Runs of a flow started to fail, to move no data or not to start: see [Health](#health).",
    )
    yield (
        SCHEMA_DRIFT_DETECTED,
        "Fields that documents use changed at their connectors: see [Schema drift](#schema-drift).",
    )


def files() -> dict[str, str]:
    """Path in the repository -> content of every generated file."""
    return {
        "docs/status-events.md": reference(),
        "schemas/status-event.schema.json": _json(status_event_schema()),
        "schemas/drift-event.schema.json": _json(drift_event_schema()),
        "schemas/limited-repairs-event.schema.json": _json(limited_repairs_event_schema()),
        "schemas/health-event.schema.json": _json(health_event_schema()),
        "schemas/schema-drift-event.schema.json": _json(schema_drift_event_schema()),
        "schemas/flow-change-requested.schema.json": _json(flow_change_requested_schema()),
        "schemas/flow-run-requested.schema.json": _json(flow_run_requested_schema()),
    }


def example_event(outcome: Outcome) -> dict[str, Any]:
    """The example of an outcome as EventBridge delivers it, without the keys that every event has."""
    data = EXAMPLES[outcome]
    resources = (_FLOW,) if data.contentDigest else ()
    return _delivered(StatusEvent(metadata=_METADATA, data=data, resources=resources))


def example_drift() -> dict[str, Any]:
    """The example of a drift event, likewise."""
    return _delivered(DriftEvent(metadata=_METADATA, data=DRIFT, resources=(_FLOW,)))


def example_limited_repairs() -> dict[str, Any]:
    """The example of an event of limited repairs, likewise."""
    return _delivered(LimitedRepairsEvent(metadata=_METADATA, data=LIMITED_REPAIRS))


def example_health() -> dict[str, Any]:
    """The example of a health event, likewise."""
    return _delivered(HealthEvent(metadata=_METADATA, data=HEALTH, resources=(_FLOW,)))


def example_schema_drift() -> dict[str, Any]:
    """The example of a schema drift event, likewise."""
    return _delivered(SchemaDriftEvent(metadata=_METADATA, data=SCHEMA_DRIFT))


def _delivered(event: BusEvent) -> dict[str, Any]:
    return {
        "source": SOURCE,
        "detail-type": event.detail_type,
        "resources": list(event.resources),
        "detail": json.loads(event.detail()),
    }


def _example(event: dict[str, Any]) -> str:
    return f"\n### {event['detail-type']}\n\n```json\n{_json(event)}```\n"


def _table(model: dict[str, Any]) -> str:
    rows = "".join(
        f"| `{name}` | {' or '.join(_types(schema))} | {schema['description']} |\n"
        for name, schema in model["properties"].items()
    )
    return f"| key | type | description |\n| --- | --- | --- |\n{rows}"


def _types(schema: dict[str, Any]) -> Iterator[str]:
    """The types of a key, as text."""
    if "anyOf" in schema:
        for choice in schema["anyOf"]:
            yield from _types(choice)
    elif "$ref" in schema:
        yield (
            "string"
            if schema["$ref"].endswith(("/Outcome", "/Drift", "/Health", "/ChangeKind"))
            else "object"
        )
    elif schema.get("type") == "array":
        yield "list"
    else:
        yield schema.get("type", "any")


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def main(root: Path) -> None:
    """Write every file under the root of the repository."""
    for path, content in files().items():
        (root / path).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main(Path.cwd())
