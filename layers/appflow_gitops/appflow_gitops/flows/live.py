"""The live flow: a DescribeFlow response as plain, typed values.

``aws`` parses each response into a ``LiveFlow``; ``diff``, ``canonical`` and ``sync`` use it. No boto3 here.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from appflow_gitops.findings import MAX_EXACT_INTEGER, Json
from appflow_gitops.flows.last_run import ERROR, LastRun, parse_last_run
from appflow_gitops.flows.ownership import Ownership

UPDATE_MEMBERS = (
    "flowName",
    "description",
    "triggerConfig",
    "sourceFlowConfig",
    "destinationFlowConfigList",
    "tasks",
    "metadataCatalogConfig",
)
"""The members of UpdateFlow that describe the flow: all except clientToken."""

_REQUIRED_MEMBERS = ("flowName", "triggerConfig", "sourceFlowConfig", "destinationFlowConfigList")


class MalformedResponseError(ValueError):
    """A DescribeFlow response is not a flow. The message is one line without any value of the flow."""


@dataclass(frozen=True, slots=True)
class LiveFlow:
    """A flow as AppFlow stores it. Times are epoch seconds.

    ``configuration`` has the members of UpdateFlow exactly as returned, defaults included: ``diff`` and ``canonical``
    normalise it. ``owner`` is parsed from the tags.
    """

    name: str
    arn: str
    status: str
    configuration: Mapping[str, Json]
    status_message: str | None = None
    kms_arn: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    created_at: float | None = None
    last_updated_at: float | None = None
    last_run: LastRun | None = None
    owner: Ownership = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "owner", Ownership.of(self.tags))

    @property
    def trigger_type(self) -> str:
        """``OnDemand``, ``Scheduled`` or ``Event``; empty if AppFlow returns none."""
        trigger = self.configuration.get("triggerConfig")
        kind = trigger.get("triggerType") if isinstance(trigger, dict) else None
        return kind if isinstance(kind, str) else ""

    @property
    def is_deactivated(self) -> bool:
        """Whether AppFlow itself stopped the flow because its runs failed.

        AppFlow documents ``flowStatusMessage`` as the error of a suspended or errored flow, but not which of the two
        statuses a deactivated flow has.
        """
        if self.trigger_type == "OnDemand":
            return False
        return self.status == "Errored" or (self.status == "Suspended" and bool(self.status_message))

    @property
    def may_be_deactivated(self) -> bool:
        """The same, also where only the failed last run of a suspended flow points to it."""
        failed = self.last_run is not None and self.last_run.status == ERROR
        return self.is_deactivated or (self.status == "Suspended" and failed)


def parse_flow(response: Mapping[str, object]) -> LiveFlow:
    """Return the live flow of a DescribeFlow response from boto3 (datetimes) or from JSON (epoch seconds), as a copy.

    Raises MalformedResponseError when a required member is missing or a member has the wrong type. The transport is
    to blame for such a response, so the call can be retried.
    """
    for member in _REQUIRED_MEMBERS:
        if response.get(member) is None:
            raise _malformed(member, "is missing")
    configuration = {
        member: _json(response[member], member)
        for member in UPDATE_MEMBERS
        if response.get(member) is not None
    }
    _check_types(configuration)
    return LiveFlow(
        name=_required_string(response, "flowName"),
        arn=_required_string(response, "flowArn"),
        status=_required_string(response, "flowStatus"),
        configuration=configuration,
        status_message=_optional_string(response, "flowStatusMessage"),
        kms_arn=_optional_string(response, "kmsArn"),
        tags=_tags(response.get("tags")),
        created_at=_time(response, "createdAt"),
        last_updated_at=_time(response, "lastUpdatedAt"),
        last_run=_last_run(response),
    )


def _last_run(response: Mapping[str, object]) -> LastRun | None:
    details = response.get("lastRunExecutionDetails")
    return parse_last_run(details) if isinstance(details, Mapping) else None


def _malformed(member: str, problem: str) -> MalformedResponseError:
    return MalformedResponseError(f"'{member}' in the DescribeFlow response {problem}")


def _check_types(configuration: Mapping[str, Json]) -> None:
    for member in ("triggerConfig", "sourceFlowConfig", "metadataCatalogConfig"):
        if not isinstance(configuration.get(member, {}), dict):
            raise _malformed(member, "is not an object")
    for member in ("destinationFlowConfigList", "tasks"):
        entries = configuration.get(member, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise _malformed(member, "is not a list of objects")


def _required_string(response: Mapping[str, object], member: str) -> str:
    value = _optional_string(response, member)
    if not value:
        raise _malformed(member, "is missing")
    return value


def _optional_string(response: Mapping[str, object], member: str) -> str | None:
    value = response.get(member)
    if value is None or isinstance(value, str):
        return value
    raise _malformed(member, "is not a string")


def _time(response: Mapping[str, object], member: str) -> float | None:
    value = _json(response.get(member), member)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return round(value, 6)  # boto3 has microseconds; both forms of one time must be equal
    raise _malformed(member, "is not a time")


def _tags(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise _malformed("tags", "is not an object")
    tags = {key: tag for key, tag in value.items() if isinstance(key, str) and isinstance(tag, str)}
    if len(tags) != len(value):
        raise _malformed("tags", "has a key or value that is not a string")
    return tags


def _json(value: object, member: str) -> Json:
    match value:
        case None | bool() | str():
            return value
        case int() if abs(value) <= MAX_EXACT_INTEGER:
            return value
        case float() if math.isfinite(value):
            return value
        case datetime() if value.tzinfo is not None:
            return _whole(value.timestamp())
        case list() | tuple():
            return [_json(entry, member) for entry in value]
        case Mapping():
            return {str(key): _json(entry, member) for key, entry in value.items()}
        case _:
            raise _malformed(member, f"has a {type(value).__name__} that JSON cannot express")


def _whole(seconds: float) -> float:
    return int(seconds) if seconds.is_integer() else seconds
