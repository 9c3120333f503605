"""How the local AppFlow behaves wherever the real one is not fully known, as one value.

Tests set it with ``appflow_backends[account][region].behaviour = replace(Behaviour(), ...)``; over HTTP it is
changed through ``/moto-api/appflow/behaviour``, where the switches bear camelCase names. It holds for the
whole process.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_type_hints

from pydantic import TypeAdapter, ValidationError


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Every switch, with its default. ``sure`` below is H, M or L as in the docs, or *unknown*."""

    clock: Callable[[], datetime] = field(default=_utc_now, metadata={"python_only": True})
    """Tells the time, with an offset; the only source of time in the service."""
    sleep: Callable[[float], None] = field(default=time.sleep, metadata={"python_only": True})
    """Waits that many seconds; only delayed faults use it."""
    clock_offset_seconds: float = 0.0
    """Added to what the clock says, so that hours can pass over HTTP."""

    strict_tasks: bool = False
    """Refuse a Salesforce or CustomConnector source without projection task and without Map_all. The live
    service does (sure: H), AWS's own sample request does not comply, so the API reference is the default."""
    strict_profiles: bool = False
    """Refuse a flow whose connector profiles were not created first (sure: H; off, so that a flow can be
    tried without inventing credentials)."""
    strict_s3_source: bool = False
    """Refuse to create a flow from an S3 prefix that holds no object (sure: H; off for the same reason)."""
    refuse_past_start: bool = True
    """Refuse a scheduleStartTime that is not in the future (sure: M)."""
    refuse_profile_change: bool = False
    """Refuse an update that names another connector profile (sure: unknown)."""

    on_reused_parameters: Literal["ConflictException", "ValidationException"] = "ConflictException"
    """Answer to a clientToken that comes again with other parameters (that it is one is
    sure: H, which one: unknown)."""
    token_hours: float = 8.0
    """How long a clientToken is remembered (sure: H)."""
    flow_quota: int = 1000
    """Flows per account and region (sure: H)."""

    update_of_active_schedule: Literal["Active", "Draft"] = "Active"
    """Status of an active scheduled or event flow after an update that keeps its trigger type (sure: L)."""
    update_of_inactive: Literal["keep", "Active", "Draft"] = "keep"
    """Status of a Suspended, Errored or Deprecated flow after such an update (sure: unknown)."""
    tags_are_updates: bool = False
    """TagResource and UntagResource move lastUpdatedAt (sure: unknown)."""
    run_seconds: float = 0.0
    """How long an on-demand run lasts, by the clock."""

    fill_trigger_properties: bool = True
    """DescribeFlow shows ``triggerProperties: {}`` on OnDemand (sure: H)."""
    fill_kms_arn: bool = True
    """DescribeFlow shows the service's own key where none was given (sure: H)."""
    fill_salesforce_source: bool = True
    """DescribeFlow shows the defaults of a Salesforce source (sure: H)."""
    fill_error_handling: bool = True
    """DescribeFlow shows ``errorHandlingConfig.failOnFirstDestinationError: false`` (sure: H)."""
    fill_task_properties: bool = True
    """DescribeFlow shows ``taskProperties: {}`` on tasks without (sure: H)."""
    fill_s3_output: bool = True
    """DescribeFlow shows the parts of s3OutputFormatConfig that were left out (sure: M; which values: L)."""
    fill_metadata_catalog: bool = True
    """DescribeFlow shows ``metadataCatalogConfig: {}`` where none was sent (sure: M; the value: L)."""
    expand_map_all: bool = True
    """DescribeFlow lists the generated projection and Map tasks beside Map_all (sure: H)."""
    source_fields: tuple[str, ...] = ("Id", "Name", "LastModifiedDate")
    """The fields that every source object is taken to have, for the expansion of Map_all."""
    task_order_seed: int | None = 1
    """DescribeFlow lists tasks in an order that depends on this seed and the tasks; null keeps them as sent
    (another order: M)."""
    empty_source_fields: bool = True
    """``sourceFields: [""]`` comes back as ``[]`` (sure: H)."""
    drop_false_preserve_typing: bool = True
    """``preserveSourceDataTyping: false`` does not come back (sure: H)."""
    drop_first_execution_from: bool = True
    """``firstExecutionFrom`` does not come back (sure: M)."""
    schedule_offset_zero: Literal["present", "absent", "as sent"] = "present"
    """Whether ``scheduleOffset: 0`` comes back (either was seen: M)."""
    rewrite_event_bridge_object: bool = False
    """DescribeFlow shows an EventBridge object as a partner event source name (sure: L)."""

    def now(self) -> datetime:
        """The time of the service, in UTC."""
        return self.clock().astimezone(UTC) + timedelta(seconds=self.clock_offset_seconds)

    def to_json(self) -> dict[str, Any]:
        """Every switch that JSON can hold, in camelCase."""
        return {name: getattr(self, attribute) for name, attribute in _switches().items()}

    def changed(self, members: Mapping[str, object]) -> "Behaviour":
        """The same with some switches changed, named as in :meth:`to_json`. Raises ValueError."""
        switches = _switches()
        unknown = sorted(set(members) - set(switches))
        if unknown:
            raise ValueError(f"No such switch: {', '.join(unknown)}. There are: {', '.join(switches)}")
        hints = get_type_hints(Behaviour)
        changes = {
            switches[name]: _read(name, hints[switches[name]], value) for name, value in members.items()
        }
        return replace(self, **changes)


def _read(name: str, hint: Any, value: object) -> Any:
    """The value of a switch, as its type wants it. Raises ValueError."""
    try:
        return TypeAdapter(hint).validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        raise ValueError(f"{name}: {error.errors()[0]['msg']}") from None


def _switches() -> dict[str, str]:
    """Name in camelCase -> attribute, of the switches that JSON can hold."""
    return {
        _camel(entry.name): entry.name for entry in fields(Behaviour) if not entry.metadata.get("python_only")
    }


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
