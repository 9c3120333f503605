"""Schema drift events: fields changed that documents use. ``docs/status-events.md`` promises their form."""

from typing import Self

from appflow_gitops.origin import Wire
from appflow_gitops.service import service
from appflow_gitops.status.bus import EventBus
from appflow_gitops.status.envelope import StatusMetadata, render_detail
from appflow_gitops.sync.change import timestamp
from appflow_gitops.sync.schema_drift.report import ConcernedChange, SchemaDriftReport
from appflow_gitops.sync.schema_drift.usage import Usage
from appflow_gitops.validation.fields.changes import ChangeKind

SCHEMA_DRIFT_DETECTED = "Schema Drift Detected"
"""The EventBridge detail-type."""


class ConcernedFlow(Wire):
    """A flow that uses the field, and where its tasks name it."""

    flowName: str
    key: str
    versionId: str | None = None
    pointers: tuple[str, ...] = ()

    @classmethod
    def of(cls, usage: Usage, field: str) -> Self:
        """Render the use of a field."""
        document = usage.document
        return cls(
            flowName=usage.flow,
            key=document.key,
            versionId=document.versionId,
            pointers=usage.fields.get(field, ()),
        )


class SchemaChange(Wire):
    """The change of one field, and the flows that it concerns."""

    kind: ChangeKind
    field: str
    typeBefore: str | None = None
    typeAfter: str | None = None
    flows: tuple[ConcernedFlow, ...] = ()

    @classmethod
    def of(cls, concerned: ConcernedChange) -> Self:
        """Render a change."""
        change = concerned.change
        return cls(
            kind=change.kind,
            field=change.field,
            typeBefore=change.before,
            typeAfter=change.after,
            flows=tuple(ConcernedFlow.of(usage, change.field) for usage in concerned.usages),
        )


class SchemaDriftData(Wire):
    """The changed object and its changes."""

    connectorType: str
    connectorProfileName: str
    connectorEntityName: str
    apiVersion: str | None = None
    changes: tuple[SchemaChange, ...]
    changesTruncated: bool = False

    def shorter(self) -> Self | None:
        """The same with its longest list cut in half and marked as truncated; ``None`` when all are empty."""
        flows = max((len(change.flows) for change in self.changes), default=0)
        if flows > len(self.changes):
            changes = tuple(
                change.model_copy(update={"flows": change.flows[: flows // 2]}) for change in self.changes
            )
        elif self.changes:
            changes = self.changes[: len(self.changes) // 2]
        else:
            return None
        return self.model_copy(update={"changes": changes, "changesTruncated": True})


class SchemaDriftEvent(Wire):
    """One event: its detail. It is about an object of a connector, which has no ARN."""

    metadata: StatusMetadata
    data: SchemaDriftData
    resources: tuple[str, ...] = ()

    @property
    def detail_type(self) -> str:
        """The EventBridge detail-type."""
        return SCHEMA_DRIFT_DETECTED

    def detail(self) -> str:
        """The detail as JSON, truncated to the size of an event."""
        return render_detail(self.metadata, self.data)


def render_schema_drift(report: SchemaDriftReport) -> SchemaDriftEvent:
    """The event of the changes of one object."""
    key = report.key
    return SchemaDriftEvent(
        metadata=StatusMetadata(
            id=report.id, time=timestamp(report.detected_at), correlationId=report.correlation_id
        ),
        data=SchemaDriftData(
            connectorType=key.connector,
            connectorProfileName=key.profile,
            connectorEntityName=key.name,
            apiVersion=key.api_version or None,
            changes=tuple(map(SchemaChange.of, report.changes)),
        ),
    )


@service
class SchemaDriftEventReporter:
    """Implements ``SchemaDriftReporter``: sends an event for each changed object."""

    bus: EventBus

    def report(self, report: SchemaDriftReport) -> None:
        """Send the event. Raises ``SyncError``."""
        self.bus.publish(render_schema_drift(report))
