"""How the last change of each flow out of sync ended, by the stack's log of status events."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from appflow_gitops.aws.status_log import LoggedEvent
from appflow_gitops.status.events import StatusData
from appflow_gitops.sync.errors import SyncError
from appflow_gitops.sync.inventory import Inventory, MissingFlow, State, SyncStatus
from appflow_gitops.sync.outcome import Outcome

LOOK_BACK = 14 * 86_400.0
"""Seconds of the log that are read."""
_FAILURES = (Outcome.REJECTED, Outcome.FAILED)


class StatusLog(Protocol):
    """The log that stores status events."""

    def since(self, start: float, flows: tuple[str, ...] = ()) -> Iterator[LoggedEvent]:
        """The events logged at ``start`` (epoch seconds) or later, in no particular order; see ``aws.status_log``."""
        ...


def with_outcomes(inventory: Inventory, log: StatusLog, now: float) -> Inventory:
    """The inventory in which pending and missing flows say how their last change ended, if it failed.

    An event counts if it is about the version that declares the flow now. A log that cannot be read says nothing: the
    inventory does not depend on it.
    """
    unexplained = [flow for flow in inventory.flows if flow.state is State.PENDING and not flow.outcome]
    names = (*(flow.live.name for flow in unexplained), *(flow.name for flow in inventory.missing))
    if not names:
        return inventory
    try:
        logged = sorted(log.since(now - LOOK_BACK, names), key=lambda entry: entry.at)
    except SyncError:
        return inventory
    last = {entry.event.data.flowName: entry.event.data for entry in logged}
    return replace(
        inventory,
        flows=tuple(
            _explained(flow, last.get(flow.live.name)) if flow in unexplained else flow
            for flow in inventory.flows
        ),
        missing=tuple(_missing(flow, last.get(flow.name)) for flow in inventory.missing),
    )


def _explained(flow: SyncStatus, last: StatusData | None) -> SyncStatus:
    reason = _failure(flow, last)
    return replace(flow, outcome=last.outcome, note=reason) if last and reason else flow


def _missing(flow: MissingFlow, last: StatusData | None) -> MissingFlow:
    return replace(flow, note=_failure(flow, last))


def _failure(flow: SyncStatus | MissingFlow, last: StatusData | None) -> str | None:
    """Why the last change of the flow failed; ``None`` if it did not, or was about another version."""
    if last is None or last.outcome not in _FAILURES or not (flow.declared and last.document):
        return None
    if not last.document.is_same_version(flow.declared):
        return None
    reasons = [f"{last.error.code}: {last.error.message}" if last.error else None, last.reason]
    return next(filter(None, (*reasons, *(finding.message for finding in last.findings))), None)
