"""The plan: what has to be done so that the live flow matches its document. Pure: no calls, no clock.

``apply`` carries it out; ``inventory``, ``drift`` and ``appflow-gitops plan`` only report it.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from appflow_gitops.findings import Json
from appflow_gitops.flows.canonical import content_digest, declared_digest, generated_digest
from appflow_gitops.flows.diff import DiffItem, diff, possibly_generated
from appflow_gitops.flows.ignored import TASKS, with_live_values
from appflow_gitops.flows.immutable import replacement_items
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.normalise import live_partner_sources
from appflow_gitops.flows.ownership import OUR_TAGS, TAG_LIMIT
from appflow_gitops.flows.schedule import is_over, rolled_start
from appflow_gitops.quoting import quoted
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.errors import ErrorDetail
from appflow_gitops.sync.ownership import without_ours

if TYPE_CHECKING:
    from appflow_gitops.flows.document import FlowDocument
    from appflow_gitops.flows.summary import FlowSummary

START_TIME = "/triggerConfig/triggerProperties/Scheduled/scheduleStartTime"
PAST_START = (
    "AppFlow accepts only future start times: moved forward by whole intervals, which keeps the phase"
)

EVENT_BUS = "/destinationFlowConfigList/{}/destinationConnectorProperties/EventBridge/object"
LIVE_EVENT_BUS = (
    "AppFlow keeps the full name of the partner event source and rejects an update with another name"
)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A value that cannot be sent as the document declares it: what was sent instead, and why."""

    pointer: str
    desired: Json
    sent: Json
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do. ``request`` is the exact UpdateFlow request (for update and create), ``status`` the flowStatus that
    the flow must have at the end (``None``: any). ``refusal`` says why the plan cannot be carried out. ``tags`` is what
    changes in the tags that the document declares or declared.
    """

    action: Action
    changes: tuple[DiffItem, ...] = ()
    request: Mapping[str, Any] | None = None
    adjustments: tuple[Adjustment, ...] = ()
    status: Literal["Active", "Suspended"] | None = None
    refusal: ErrorDetail | None = None
    tags: tuple[DiffItem, ...] = ()


def plan(
    desired: "FlowDocument", live: LiveFlow | None, *, now: float, may_create: bool, may_restart: bool = True
) -> Plan:
    """The plan for one flow. ``now`` in epoch seconds; ``live`` is ``None`` when the flow does not exist.

    Without ``may_restart``, a flow that AppFlow deactivated, or may have, is not started again.
    """
    request, adjustments = sendable(live_request(desired, live) if live else desired.request, now)
    if live is None:
        if refusal := _creation_refusal(desired, request, now, may_create=may_create):
            return Plan(Action.REFUSE, refusal=refusal)
        status = None if desired.triggerConfig.triggerType == "OnDemand" else desired.flowStatus
        tags = tuple(_tag_changes(without_ours(desired.tags or {}), {}))
        return Plan(Action.CREATE, diff(desired.request, {}), request, adjustments, status, tags=tags)
    changes = difference(desired, live) or _leftovers(desired, live)
    status, tags = wanted_status(desired, live), tag_difference(desired, live)
    status = None if live.may_be_deactivated and not may_restart else status
    refusal = _replacement(changes, desired, live)
    if changes or tags:
        refusal = refusal or _too_many_tags(desired, live.tags)
    if changes:
        refusal = refusal or _ended(request, now)
    if refusal:
        return Plan(Action.REFUSE, changes, refusal=refusal)
    if changes:
        request, kept = with_live_event_buses(request, live)
        return Plan(Action.UPDATE, changes, request, (*adjustments, *kept), status, tags=tags)
    action = status_action(status, live)
    if action is Action.UNCHANGED and tags:
        action = Action.TAG
    return Plan(action, status=status, tags=tags)


def difference(desired: "FlowDocument", live: LiveFlow) -> tuple[DiffItem, ...]:
    """What has to change in the live flow; empty means in sync."""
    return diff(live_request(desired, live), live.configuration, updated_at=live.last_updated_at)


def live_request(desired: "FlowDocument", live: LiveFlow) -> Mapping[str, Json]:
    """The request of the document, with the live values of the members that are ignored."""
    return with_live_values(desired.request, live.configuration, desired.ignored)


def tag_difference(desired: "FlowDocument", live: "LiveFlow | FlowSummary") -> tuple[DiffItem, ...]:
    """What has to change in the tags: those that the document declares, and those that it set earlier."""
    wanted = without_ours(desired.tags or {})
    removed = sorted((live.owner.tags & live.tags.keys()) - wanted.keys())
    return (
        *_tag_changes(wanted, live.tags),
        *(DiffItem("remove", ("tags", key), live.tags[key], None) for key in removed),
    )


def _tag_changes(wanted: Mapping[str, str], live: Mapping[str, str]) -> Iterator[DiffItem]:
    for key, value in wanted.items():
        if live.get(key) != value:
            yield DiffItem("change" if key in live else "add", ("tags", key), live.get(key), value)


def effects(made: Plan, live: "LiveFlow | FlowSummary | None") -> tuple[DiffItem, ...]:
    """The visible effects of a plan: its changes, and the flowStatus and tags where they have to be set."""
    if live is None or status_action(made.status, live) is Action.UNCHANGED:
        return (*made.changes, *made.tags)
    return (*made.changes, DiffItem("change", ("flowStatus",), live.status, made.status), *made.tags)


def status_action(status: Literal["Active", "Suspended"] | None, live: "LiveFlow | FlowSummary") -> Action:
    """The call that gives a live flow this status. A flow in Draft does not run, so it counts as suspended."""
    if status == "Active" and live.status != "Active":
        return Action.ACTIVATE
    if status == "Suspended" and live.status not in ("Suspended", "Draft"):
        return Action.SUSPEND
    return Action.UNCHANGED


def wanted_status(desired: "FlowDocument", live: LiveFlow) -> Literal["Active", "Suspended"] | None:
    """The flowStatus to end with: the document's, else the one before, since an update may leave a flow in Draft.

    A flow in Draft whose tags record a status was left there by an interrupted update. For a flow that AppFlow
    deactivated, they have the status before. Only scheduled and event-triggered flows have a status to choose; an
    on-demand flow is always Active, so one that becomes scheduled stays in Draft, as a new one does, unless its
    document sets flowStatus.
    """
    is_ignored = ("triggerConfig",) in desired.ignored
    if (live.trigger_type if is_ignored else desired.triggerConfig.triggerType) == "OnDemand":
        return None
    if desired.wanted_status is not None:
        return desired.wanted_status
    if live.trigger_type == "OnDemand":
        return None
    before = live.owner.status if live.status == "Draft" or live.is_deactivated else live.status
    match before:
        case "Active" | "Suspended":
            return before
    return None


def sendable(request: Mapping[str, Any], now: float) -> tuple[Mapping[str, Any], tuple[Adjustment, ...]]:
    """The request as it can be sent now: a past start time is moved forward by whole intervals.

    AppFlow accepts only future start times. The phase of the schedule stays. Where the interval of the schedule is
    unknown, the request is sent unchanged.
    """
    trigger = request["triggerConfig"]
    scheduled = trigger.get("triggerProperties", {}).get("Scheduled", {})
    start = scheduled.get("scheduleStartTime")
    rolled = None if start is None else rolled_start(start, scheduled["scheduleExpression"], now)
    if rolled is None or rolled == start:
        return request, ()
    schedule = {**scheduled, "scheduleStartTime": rolled}
    sent = {**request, "triggerConfig": {**trigger, "triggerProperties": {"Scheduled": schedule}}}
    return sent, (Adjustment(pointer=START_TIME, desired=start, sent=rolled, reason=PAST_START),)


def with_live_event_buses(
    request: Mapping[str, Any], live: LiveFlow
) -> tuple[Mapping[str, Any], tuple[Adjustment, ...]]:
    """The request with the live name of each partner event source: AppFlow rejects an update with the short name."""
    sources = live_partner_sources(request, live.configuration)
    if not sources:
        return request, ()
    sent = copy.deepcopy(dict(request))
    adjustments = []
    for index, source in sources.items():
        bus = sent["destinationFlowConfigList"][index]["destinationConnectorProperties"]["EventBridge"]
        adjustments.append(Adjustment(EVENT_BUS.format(index), bus["object"], source, LIVE_EVENT_BUS))
        bus["object"] = source
    return sent, tuple(adjustments)


def _leftovers(desired: "FlowDocument", live: LiveFlow) -> tuple[DiffItem, ...]:
    """The live tasks that may come from an earlier version of the document, or from an edit, instead of Map_all.

    That is so if the tags of a managed flow do not have the digest of this version, because they could not be written,
    for example, or if the flow was updated and has other such tasks since. The request is then sent once: AppFlow
    generates its tasks again, and drops all others.
    """
    owner, generated = live.owner, generated_digest(desired.request, live)
    if generated is None or TASKS in desired.ignored:
        return ()
    # A policy that ignores more than before changes the digest, but not the version.
    is_other_version = owner.is_managed and owner.digest not in (
        declared_digest(desired),
        content_digest(desired.request),
    )
    is_edited = owner.generated not in (None, generated) and owner.updated_at != live.last_updated_at
    return possibly_generated(desired.request, live.configuration) if is_other_version or is_edited else ()


def _too_many_tags(desired: "FlowDocument", live: Mapping[str, str]) -> ErrorDetail | None:
    """Refuse tags that do not fit beside those of the live flow and ours. Tags are added, never removed."""
    others = (live.keys() | without_ours(desired.tags or {}).keys()) - OUR_TAGS
    if len(others) + len(OUR_TAGS) <= TAG_LIMIT:
        return None
    message = (
        f"the flow would have {len(others)} tags, expected at most {TAG_LIMIT - len(OUR_TAGS)}: AppFlow allows "
        f"{TAG_LIMIT}, and {len(OUR_TAGS)} are reserved for appflow-gitops; remove tags from the flow or the document"
    )
    return ErrorDetail("TooManyTags", message)


def _ended(request: Mapping[str, Any], now: float) -> ErrorDetail | None:
    """Refuse a schedule without any run left, ``request`` being what can be sent now."""
    schedule = request["triggerConfig"].get("triggerProperties", {}).get("Scheduled", {})
    start, end = schedule.get("scheduleStartTime"), schedule.get("scheduleEndTime")
    if end is None or not is_over(start, end, now):
        return None
    message = (
        f"the schedule has no run left before its scheduleEndTime {quoted(end)}; move the end, or remove it"
    )
    return ErrorDetail("ScheduleEnded", message)


def _creation_refusal(
    desired: "FlowDocument", request: Mapping[str, Any], now: float, *, may_create: bool
) -> ErrorDetail | None:
    if not may_create:
        message = (
            f"flow {quoted(desired.flowName)} does not exist; create it in AppFlow, "
            "or deploy the stack with CreateMissingFlows=true"
        )
        return ErrorDetail("ResourceNotFoundException", message)
    return _too_many_tags(desired, {}) or _ended(request, now)


def _replacement(
    changes: tuple[DiffItem, ...], desired: "FlowDocument", live: LiveFlow
) -> ErrorDetail | None:
    items = replacement_items(changes)
    if desired.kmsArn and live.kms_arn and desired.kmsArn != live.kms_arn:
        items += (DiffItem("change", ("kmsArn",), live.kms_arn, desired.kmsArn),)
    if not items:
        return None
    parts = "; ".join(f"{item.pointer}: live {item.live!r}, document {item.desired!r}" for item in items)
    message = (
        f"AppFlow cannot change this in place: {parts}; declare a new flow under another name "
        "(this flow, its history and its incremental position stay as they are), see docs/documents.md"
    )
    return ErrorDetail("ReplacementRequired", message)
