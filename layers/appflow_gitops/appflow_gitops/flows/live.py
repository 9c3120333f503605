"""The live flow: what DescribeFlow answered, brought into plain, typed values.

``aws/`` makes a ``LiveFlow`` of each answer; ``diff``, ``canonical`` and ``sync`` work with it. Nothing
here knows boto3.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from appflow_gitops.findings import MAX_EXACT_INTEGER, Json
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
"""The members of UpdateFlow that describe the flow: all but clientToken."""

_REQUIRED_MEMBERS = ("flowName", "triggerConfig", "sourceFlowConfig", "destinationFlowConfigList")


class MalformedAnswerError(ValueError):
    """DescribeFlow answered something that is no flow."""


@dataclass(frozen=True, slots=True)
class LiveFlow:
    """A flow as AppFlow holds it. Times are epoch seconds.

    ``configuration`` has the members of UpdateFlow only, exactly as answered, fillers included: ``diff``
    and ``canonical`` normalise for themselves. ``owner`` is parsed from the tags.
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
    owner: Ownership = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "owner", Ownership.of(self.tags))

    @property
    def trigger_type(self) -> str:
        """``OnDemand``, ``Scheduled`` or ``Event``; empty where AppFlow does not say."""
        trigger = self.configuration.get("triggerConfig")
        kind = trigger.get("triggerType") if isinstance(trigger, dict) else None
        return kind if isinstance(kind, str) else ""


def live_flow(response: Mapping[str, object]) -> LiveFlow:
    """The live flow of a DescribeFlow answer, from boto3 (datetimes) or off the wire (epoch numbers).

    A deep copy. Raises MalformedAnswerError, one line without any value of the flow, when the answer is not
    one that AppFlow gives: a member missing that every flow has, or of another type. Such an answer is the
    transport's fault, so worth asking again.
    """
    for member in _REQUIRED_MEMBERS:
        if response.get(member) is None:
            raise MalformedAnswerError(f"DescribeFlow answered without {member}")
    configuration = {
        member: _json(response[member], member)
        for member in UPDATE_MEMBERS
        if response.get(member) is not None
    }
    _check_types(configuration)
    return LiveFlow(
        name=_text(response, "flowName"),
        arn=_text(response, "flowArn"),
        status=_text(response, "flowStatus"),
        configuration=configuration,
        status_message=_optional_text(response, "flowStatusMessage"),
        kms_arn=_optional_text(response, "kmsArn"),
        tags=_tags(response.get("tags")),
        created_at=_time(response, "createdAt"),
        last_updated_at=_time(response, "lastUpdatedAt"),
    )


def _check_types(configuration: Mapping[str, Json]) -> None:
    for member in ("triggerConfig", "sourceFlowConfig", "metadataCatalogConfig"):
        if not isinstance(configuration.get(member, {}), dict):
            raise MalformedAnswerError(f"DescribeFlow answered a {member} that is no object")
    for member in ("destinationFlowConfigList", "tasks"):
        entries = configuration.get(member, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise MalformedAnswerError(f"DescribeFlow answered a {member} that is no list of objects")


def _text(response: Mapping[str, object], member: str) -> str:
    value = _optional_text(response, member)
    if not value:
        raise MalformedAnswerError(f"DescribeFlow answered without {member}")
    return value


def _optional_text(response: Mapping[str, object], member: str) -> str | None:
    value = response.get(member)
    if value is None or isinstance(value, str):
        return value
    raise MalformedAnswerError(f"DescribeFlow answered a {member} that is no text")


def _time(response: Mapping[str, object], member: str) -> float | None:
    value = _json(response.get(member), member)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return round(value, 6)  # boto3 keeps microseconds: both forms of one moment must be equal
    raise MalformedAnswerError(f"DescribeFlow answered a {member} that is no time")


def _tags(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise MalformedAnswerError("DescribeFlow answered tags that are no object")
    tags = {key: text for key, text in value.items() if isinstance(key, str) and isinstance(text, str)}
    if len(tags) != len(value):
        raise MalformedAnswerError("DescribeFlow answered tags that are no text")
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
            raise MalformedAnswerError(
                f"DescribeFlow answered a {member} with a {type(value).__name__} that JSON cannot carry"
            )


def _whole(seconds: float) -> float:
    return int(seconds) if seconds.is_integer() else seconds
