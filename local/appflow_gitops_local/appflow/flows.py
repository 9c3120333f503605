"""The state of a flow."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from moto.core.common_models import BaseModel

from .behaviour import Behaviour
from .definition import Definition, Members
from .describe import described
from .events import FlowIdentity
from .runs import Run
from .schedules import next_due
from .wire import epoch, without_absent

_TICK = timedelta(milliseconds=1)
_INACTIVE = {"Suspended", "Errored", "Deprecated"}


@dataclass(eq=False)
class Flow(BaseModel):
    """A flow, its runs and when the next one is due."""

    name: str
    arn: str
    owner_arn: str
    number: int
    """Counts the flows that the account made."""
    definition: Definition
    status: str
    created_at: datetime
    last_updated_at: datetime
    kms_arn: str | None
    tags: dict[str, str] = field(default_factory=dict)
    schema_version: int = 1
    status_message: str | None = None
    previous: Definition | None = None
    replaced_at: datetime | None = None

    runs: list[Run] = field(default_factory=list)
    running: list[Run] = field(default_factory=list)
    activated_at: datetime | None = None
    due: datetime | None = None
    """When the next scheduled run starts."""
    position: datetime | None = None
    """The end of the last successful incremental pull."""
    failures: int = 0
    """Failed runs since the last successful one."""
    known_fields: set[str] | None = None
    """The fields of the source at the last run, if described."""

    @property
    def runs_by_itself(self) -> bool:
        """Whether StartFlow activates the flow rather than runs it."""
        return self.definition.trigger_type != "OnDemand"

    @property
    def identity(self) -> FlowIdentity:
        """What events say about the flow."""
        return FlowIdentity(self.name, self.arn, self.owner_arn, self.definition)

    def replace(self, definition: Definition, behaviour: Behaviour) -> None:
        """Replace the whole definition."""
        if definition.tasks != self.definition.tasks:
            self.schema_version += 1
        self.status = status_after_update(self, definition, behaviour)
        self.previous, self.definition, self.replaced_at = self.definition, definition, behaviour.now()
        self.schedule_after(behaviour.now())
        self.touch(behaviour)

    def touch(self, behaviour: Behaviour) -> None:
        """Set lastUpdatedAt to the current time, or later so that two updates never share it."""
        self.last_updated_at = max(behaviour.now(), self.last_updated_at + _TICK)

    def activate(self, now: datetime) -> None:
        """Start to run by itself."""
        self.status, self.status_message, self.failures = "Active", None, 0
        self.activated_at = now
        self.schedule_after(now)

    def deactivate(self, status: str, message: str | None = None) -> None:
        """Stop to run by itself."""
        self.status, self.status_message, self.due = status, message, None

    def schedule_after(self, moment: datetime) -> None:
        """Set when the next scheduled run is due."""
        schedule, activated = self.definition.schedule, self.activated_at
        self.due = None
        if schedule is None or activated is None or self.status != "Active":
            return
        start = moment_of(schedule.get("scheduleStartTime"), activated)
        end = moment_of(schedule.get("scheduleEndTime"), datetime.max.replace(tzinfo=activated.tzinfo))
        due = next_due(schedule["scheduleExpression"], start, moment)
        self.due = due if due and due <= end else None

    def summary(self) -> Members:
        """Return the entry of ListFlows."""
        definition = self.definition
        return without_absent(
            {
                **self._stamps(self.runs),
                "description": definition.members.get("description"),
                "sourceConnectorType": definition.source.connector,
                "destinationConnectorType": definition.destinations[0].connector,
                "triggerType": definition.trigger_type,
            }
        )

    def description(self, behaviour: Behaviour, account_id: str, service_key: str) -> Members:
        """Return the response of DescribeFlow."""
        shown_until = behaviour.now() - timedelta(seconds=behaviour.last_run_lag_seconds)
        runs = [run for run in self.runs if run.started <= shown_until]
        return without_absent(
            {
                **self._stamps(runs),
                **described(self.definition, behaviour, account_id),
                "kmsArn": self.kms_arn or (service_key if behaviour.fill_kms_arn else None),
                "flowStatusMessage": self.status_message,
                "lastRunMetadataCatalogDetails": [],
                "schemaVersion": self.schema_version,
            }
        )

    def _stamps(self, runs: list[Run]) -> Members:
        return {
            "flowName": self.name,
            "flowArn": self.arn,
            "flowStatus": self.status,
            "createdAt": epoch(self.created_at),
            "createdBy": self.owner_arn,
            "lastUpdatedAt": epoch(self.last_updated_at),
            "lastUpdatedBy": self.owner_arn,
            "tags": dict(self.tags),
            "lastRunExecutionDetails": runs[-1].last_run_details() if runs else None,
        }


def status_after_update(flow: Flow, definition: Definition, behaviour: Behaviour) -> str:
    """Return the flowStatus after an update. A new trigger type results in the status of a new flow."""
    if definition.trigger_type != flow.definition.trigger_type:
        return first_status(definition)
    if flow.status in _INACTIVE and behaviour.update_of_inactive != "keep":
        return behaviour.update_of_inactive
    if flow.status == "Active" and flow.runs_by_itself:
        return behaviour.update_of_active_schedule
    return flow.status


def first_status(definition: Definition) -> str:
    """Return the flowStatus of a new flow: Active on demand, otherwise Draft until StartFlow."""
    return "Active" if definition.trigger_type == "OnDemand" else "Draft"


def moment_of(seconds: float | None, default: datetime) -> datetime:
    """Return epoch seconds as a time, or the default for None or for seconds that are out of range."""
    if seconds is None:
        return default
    try:
        return datetime.fromtimestamp(seconds, default.tzinfo)
    except (ValueError, OverflowError, OSError):
        return default
