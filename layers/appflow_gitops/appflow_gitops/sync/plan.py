"""The plan: what has to be done so that the live flow matches its document. Pure; ``apply`` carries it out.

Design section 6, steps 4 to 6, and ``docs/architecture.md``. No call is made and no clock is read here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from appflow_gitops.flows.diff import DiffItem, diff
from appflow_gitops.flows.immutable import replacement_items
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.schedule import rolled_start
from appflow_gitops.status.events import Adjustment
from appflow_gitops.sync.ownership import Ownership

if TYPE_CHECKING:
    from appflow_gitops.flows.document import FlowDocument
    from appflow_gitops.flows.summary import FlowSummary

START_TIME = "/triggerConfig/triggerProperties/Scheduled/scheduleStartTime"
PAST_START = (
    "AppFlow takes only start times in the future: moved on by whole intervals, which keeps the phase."
)


class Action(StrEnum):
    """What is done to a flow."""

    UNCHANGED = "unchanged"
    UPDATE = "update"
    CREATE = "create"
    ACTIVATE = "activate"
    SUSPEND = "suspend"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a plan cannot be carried out; ``code`` ends in the status event's error."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do. ``request`` is the exact UpdateFlow request (for update and create), ``status`` the flowStatus that
    the flow has to have at the end (``None``: whatever it gets).
    """

    action: Action
    changes: tuple[DiffItem, ...] = ()
    request: Mapping[str, Any] | None = None
    adjustments: tuple[Adjustment, ...] = ()
    status: Literal["Active", "Suspended"] | None = None
    refusal: Refusal | None = None


def plan(desired: "FlowDocument", live: LiveFlow | None, *, now: float, may_create: bool) -> Plan:
    """The plan for one flow. ``now`` in epoch seconds; ``live`` is ``None`` when there is no such flow."""
    request, adjustments = sendable(desired.request(), now)
    if live is None:
        return _creation(desired, request, adjustments, may_create=may_create)
    changes = difference(desired, live)
    if refusal := _replacement(changes, desired, live):
        return Plan(Action.REFUSE, changes, refusal=refusal)
    status = wanted_status(desired, live)
    if changes:
        return Plan(Action.UPDATE, changes, request, adjustments, status)
    return Plan(status_action(status, live), status=status)


def difference(desired: "FlowDocument", live: LiveFlow) -> tuple[DiffItem, ...]:
    """What is to be changed in the live flow; empty means in sync."""
    return diff(desired.request(), live.configuration, updated_at=live.last_updated_at)


def effects(made: Plan, live: "LiveFlow | FlowSummary | None") -> tuple[DiffItem, ...]:
    """What the flow would be seen to get: the plan's changes, and its flowStatus where it has to be set."""
    if live is None or status_action(made.status, live) is Action.UNCHANGED:
        return made.changes
    return (*made.changes, DiffItem("change", ("flowStatus",), live.status, made.status))


def status_action(status: Literal["Active", "Suspended"] | None, live: "LiveFlow | FlowSummary") -> Action:
    """What has to be called so that a live flow gets ``status``. A flow in Draft does not run: it is as suspended."""
    if status == "Active" and live.status != "Active":
        return Action.ACTIVATE
    if status == "Suspended" and live.status not in ("Suspended", "Draft"):
        return Action.SUSPEND
    return Action.UNCHANGED


def wanted_status(desired: "FlowDocument", live: LiveFlow) -> Literal["Active", "Suspended"] | None:
    """The flowStatus to end with: the document's, or what it was before, since an update may leave a flow in Draft.

    A flow in Draft was left so by an update that did not get to its end, if its tags know a status for it.
    Only scheduled and event-triggered flows have a status to choose; an on-demand flow is always Active.
    """
    if desired.triggerConfig.triggerType == "OnDemand":
        return None
    if desired.flowStatus is not None:
        return desired.flowStatus
    before = Ownership.of(live.tags).status if live.status == "Draft" else live.status
    match before:
        case "Active" | "Suspended":
            return before
    return None


def sendable(request: Mapping[str, Any], now: float) -> tuple[Mapping[str, Any], tuple[Adjustment, ...]]:
    """The request as it can be sent now: a start time that has passed is moved on by whole intervals.

    AppFlow takes only start times in the future; the phase of the schedule stays (appflow-behaviour section 4).
    Where the schedule has no interval that we understand, the request is sent as it is.
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


def _creation(
    desired: "FlowDocument",
    request: Mapping[str, Any],
    adjustments: tuple[Adjustment, ...],
    *,
    may_create: bool,
) -> Plan:
    if not may_create:
        message = (
            f"There is no flow named '{desired.flowName}'. Create it in AppFlow first, "
            "or deploy the stack with CreateMissingFlows=true."
        )
        return Plan(Action.REFUSE, refusal=Refusal("ResourceNotFoundException", message))
    status = None if desired.triggerConfig.triggerType == "OnDemand" else desired.flowStatus
    return Plan(Action.CREATE, diff(desired.request(), {}), request, adjustments, status)


def _replacement(changes: tuple[DiffItem, ...], desired: "FlowDocument", live: LiveFlow) -> Refusal | None:
    items = replacement_items(changes)
    if desired.kmsArn and live.kms_arn and desired.kmsArn != live.kms_arn:
        items += (DiffItem("change", ("kmsArn",), live.kms_arn, desired.kmsArn),)
    if not items:
        return None
    parts = "; ".join(f"{item.pointer}: live {item.live!r}, document {item.desired!r}" for item in items)
    message = (
        f"AppFlow cannot change this in place: {parts}. A new flow under another name can have it; "
        "this flow, its history and its incremental position are left as they are."
    )
    return Refusal("ReplacementRequired", message)
