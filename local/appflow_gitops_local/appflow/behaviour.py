"""The switches of the local AppFlow: how it behaves where the real service is uncertain or unknown.

Tests in the same process set ``backend.behaviour = replace(backend.behaviour, ...)``. Over HTTP the switches have
camelCase names, at ``/moto-api/appflow/behaviour``. They apply to the whole process.
"""

import time
from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Literal

from .json_values import read_members


def _switch(about: str, *, default: object, sure: str = "", source: str = "") -> Any:
    """Return a field with its documentation. ``sure`` is H, M, L, ``?`` (unknown) or empty (not about AWS)."""
    return field(default=default, metadata={"about": about, "sure": sure, "source": source})


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Every switch with its default, meaning, certainty and source. The documentation is generated from it."""

    clock: Callable[[], datetime] = _utc_now
    """The source of time; not settable over HTTP."""
    sleep: Callable[[float], None] = time.sleep
    """Waits for a number of seconds, for slow faults; not settable over HTTP."""

    strict_tasks: bool | tuple[str, ...] = _switch(
        "Source connectors whose flows need a projection task or Map_all; `true`: Salesforce too. AWS's own "
        "sample request from Salesforce has neither, so Salesforce is not in the default",
        default=("CustomConnector",),
        sure="H",
        source="AWSCC#338, TF#34508, TF#34482",
    )
    strict_profiles: bool = _switch(
        "The connector profiles that a flow names must exist, except for connectors that take none",
        default=True,
        sure="H",
        source="API reference, TF#27707",
    )
    strict_s3_source: bool = _switch(
        "An S3 source prefix must contain an object when the flow is created. A bucket that moto does not have "
        "is not checked",
        default=True,
        sure="H",
        source="API reference",
    )
    refuse_past_start: bool = _switch(
        "Reject a scheduleStartTime in the past", default=True, sure="L", source="cdk-appflow"
    )
    refuse_past_end: bool = _switch(
        "Reject a scheduleEndTime in the past or before the start; otherwise the flow never runs",
        default=False,
        sure="?",
    )
    refuse_profile_change: bool = _switch(
        "Reject an update that names another profile", default=False, sure="?"
    )

    on_reused_parameters: Literal["ConflictException", "ValidationException"] = _switch(
        "The error for a used clientToken with other parameters",
        default="ConflictException",
        sure="?",
        source="that it is an error: API reference",
    )
    token_hours: float = _switch(
        "How long a clientToken is remembered", default=8.0, sure="H", source="API reference"
    )
    flow_quota: int = _switch("Flows per account and region", default=1000, sure="H", source="service quotas")

    update_of_active_schedule: Literal["Active", "Draft"] = _switch(
        "Status of an active schedule after an update of the same trigger type", default="Active", sure="L"
    )
    update_of_inactive: Literal["keep", "Active", "Draft"] = _switch(
        "Status of a Suspended, Errored or Deprecated flow after such an update", default="keep", sure="?"
    )
    tags_are_updates: bool = _switch(
        "TagResource and UntagResource change lastUpdatedAt", default=False, sure="?"
    )

    run_seconds: float = _switch("How long a run takes", default=0.0)
    run_records: int = _switch("The number of records of a successful run", default=10)
    bytes_per_record: int = _switch("The size of a record", default=256)
    cancel_seconds: float = _switch("How long a run is `CancelStarted`", default=0.0)
    error_threshold: int | None = _switch(
        "Failed runs in a row after which a flow without `flowErrorDeactivationThreshold` is deactivated; null: never",
        default=5,
        sure="?",
    )
    deactivated_status: Literal["Suspended", "Errored"] = _switch(
        "Status of a flow that AppFlow deactivated", default="Suspended", sure="?"
    )
    update_propagation_seconds: float = _switch(
        "How long after an update on-demand runs use the previous definition",
        default=0.0,
        sure="M",
        source="apache/airflow#28869",
    )
    last_run_lag_seconds: float = _switch(
        "How long after the start of a run DescribeFlow shows the run before; ListFlows is up to date",
        default=0.0,
        sure="M",
        source="the AppFlow hook of Airflow",
    )
    lose_events: float = _switch(
        "Share of the events that are not delivered, 0 to 1",
        default=0.0,
        sure="H",
        source="best effort: EventBridge",
    )
    metadata_cache_seconds: float = _switch(
        "How long metadata of connector entities are cached", default=3600.0, sure="H", source="API reference"
    )
    invent_fields: bool = _switch(
        "DescribeConnectorEntity returns invented fields for an entity that was not described; otherwise it fails "
        "with ConnectorServerException, as in the local cloud, where invented fields would make valid documents wrong",
        default=True,
    )
    seed: int = _switch(
        "Execution ids and lost events depend on it alone, so that histories repeat", default=1
    )

    fill_trigger_properties: bool = _switch(
        "`triggerProperties: {}` on OnDemand", default=True, sure="H", source="live responses"
    )
    fill_kms_arn: bool = _switch(
        "The service's own key if none was sent", default=True, sure="H", source="live responses"
    )
    fill_salesforce_source: bool = _switch(
        "The three defaults of a Salesforce source", default=True, sure="H", source="live responses"
    )
    fill_error_handling: bool = _switch(
        "`failOnFirstDestinationError: false`", default=True, sure="H", source="live responses"
    )
    fill_task_properties: bool = _switch(
        "`taskProperties: {}`", default=True, sure="H", source="live responses"
    )
    fill_s3_output: bool = _switch(
        "`fileType: JSON`, `prefixConfig: {}`, `aggregationConfig: {aggregationType: None}`",
        default=True,
        sure="M",
        source="a recorded response",
    )
    fill_metadata_catalog: bool = _switch(
        "`metadataCatalogConfig: {}`", default=True, sure="M", source="the value: L"
    )
    expand_map_all: bool = _switch(
        "Projection and Map tasks generated from Map_all",
        default=True,
        sure="H",
        source="TF#35992, AWSCC#775",
    )
    source_fields: tuple[str, ...] = _switch(
        "The fields of an entity that is not described, for Map_all",
        default=("Id", "Name", "LastModifiedDate"),
    )
    task_order_seed: int | None = _switch(
        "Tasks in an order of the service's own; null: as sent", default=1, sure="M", source="TF#43591"
    )
    empty_source_fields: bool = _switch(
        '`sourceFields: [""]` becomes `[]`', default=True, sure="H", source="TF#35992"
    )
    drop_false_preserve_typing: bool = _switch(
        "`preserveSourceDataTyping: false` is left out", default=True, sure="H", source="TF#37478"
    )
    drop_first_execution_from: bool = _switch(
        "`firstExecutionFrom` is left out", default=True, sure="M", source="TF#41670"
    )
    schedule_offset_zero: Literal["present", "absent", "as sent"] = _switch(
        "`scheduleOffset: 0`: `present`, `absent` or `as sent`", default="present", sure="M"
    )
    rewrite_event_bridge_object: bool = _switch(
        "The EventBridge object as the name of a partner event source, which updates must send back",
        default=True,
        sure="H",
        source="CDK#14452; the reason: L",
    )

    fixed_time: float | None = _switch(
        "Epoch seconds of a clock that does not move; null: the system clock", default=None
    )
    clock_offset_seconds: float = _switch("Added to the clock, to let time pass", default=0.0)

    def now(self) -> datetime:
        """Return the time of the service, in UTC."""
        clock = (
            self.clock() if self.fixed_time is None else datetime.fromtimestamp(self.fixed_time, timezone.utc)
        )
        return clock.astimezone(timezone.utc) + timedelta(seconds=self.clock_offset_seconds)

    def to_json(self) -> dict[str, Any]:
        """Return the switches by their camelCase names."""
        return {_camel(entry.name): getattr(self, entry.name) for entry in switches()}

    def changed(self, members: object) -> "Behaviour":
        """Return a copy with some switches changed, named as in :meth:`to_json`. Raises ValueError."""
        names = {_camel(entry.name): entry.name for entry in switches()}
        negative = {"clockOffsetSeconds", "seed", "taskOrderSeed"}
        changed = replace(self, **read_members(Behaviour, names, members, negative=negative))
        _check_times(changed)
        return changed


def _check_times(behaviour: Behaviour) -> None:
    """Raise ValueError if the clock, or the clock after a duration, has no date."""
    durations = (
        behaviour.run_seconds,
        behaviour.cancel_seconds,
        behaviour.update_propagation_seconds,
        behaviour.last_run_lag_seconds,
        behaviour.metadata_cache_seconds,
    )
    try:
        behaviour.now() + timedelta(hours=behaviour.token_hours, seconds=sum(durations))
    except (OverflowError, ValueError, OSError):
        raise ValueError("a time or a duration is out of range") from None


def switches() -> list[Field[Any]]:
    """Return the switches that JSON can express, each with its documentation as metadata."""
    return [entry for entry in fields(Behaviour) if entry.metadata]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
