"""The result of ``status``, as data and as JSON. ``text`` and ``html`` render it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.sync.change import timestamp
from appflow_gitops.sync.health.health import Health
from appflow_gitops.sync.inventory import Inventory, State, SyncStatus
from appflow_gitops.sync.outcome import Outcome

_WORST_FIRST = (State.DRIFTED, State.PENDING, State.ORPHANED, State.ELSEWHERE, State.UNMANAGED)
_COLONS = 5
"""arn:aws:appflow:<region>:<account>:flow/<name>"""


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The inventory, the bucket, and the time it was taken at (epoch seconds).

    ``health`` has the health of each flow, by name, as ``watch_runs`` found it last. ``paused`` describes what is
    paused.
    """

    inventory: Inventory
    bucket: str
    at: float
    health: Mapping[str, Health] = field(default_factory=dict)
    paused: tuple[str, ...] = ()

    @property
    def account(self) -> str:
        """The account and region, from the ARN of a flow; empty without flows."""
        arns = (
            flow.live.arn.split(":")
            for flow in (*self.inventory.flows, *self.inventory.unmanaged)
            if flow.live.arn.count(":") >= _COLONS
        )
        return next((f"account {account}, {region}" for _, _, _, region, account, *_ in arns), "")

    @property
    def flows(self) -> list[SyncStatus]:
        """The flows that have a document, or had one: worst first, then by name."""
        return sorted(self.inventory.flows, key=lambda flow: (_rank(flow), flow.live.name))

    @property
    def not_running(self) -> int:
        """The number of flows in sync that cannot run."""
        return sum(flow.state is State.IN_SYNC and not flow.can_run for flow in self.inventory.flows)

    @property
    def summary(self) -> str:
        """The counts on one line."""
        inventory = self.inventory
        counts = [f"{number:,} {state}" for state, number in self.states.items()]
        if self.not_running:
            counts[0] += f" ({self.not_running:,} not running)"
        other = [
            (len(inventory.unmanaged), "unmanaged"),
            (len(inventory.missing), "missing"),
            (len(inventory.invalid), "with an invalid latest version"),
        ]
        unhealthy = Counter(health for health in self.health.values() if health.needs_attention)
        other += [(unhealthy[health], health.value) for health in Health]
        counts += [f"{number:,} {what}" for number, what in other if number]
        return ", ".join(counts) or "no flows and no documents"

    @property
    def states(self) -> dict[str, int]:
        """The number of flows with a document in each state, without states of no flow; those in sync first."""
        counts = Counter(state_of(flow) for flow in sorted(self.inventory.flows, key=_order))
        return dict(counts)


def as_json(report: StatusReport) -> str:
    """One JSON object."""
    inventory = report.inventory
    value = {
        "bucket": report.bucket,
        "time": timestamp(report.at),
        "inOrder": inventory.in_order,
        "paused": list(report.paused),
        "flows": [_flow(flow, report.health.get(flow.live.name)) for flow in inventory.flows],
        "unmanaged": [_flow(flow, None) for flow in inventory.unmanaged],
        "documentsWithoutFlow": [
            {"flowName": flow.name, "document": flow.document, "commit": flow.commit, "note": flow.note}
            for flow in inventory.missing
        ],
        "invalidDocuments": [
            {"document": invalid.document, "error": invalid.error} for invalid in inventory.invalid
        ],
    }
    return json.dumps(value, indent=2) + "\n"


def _flow(flow: SyncStatus, health: Health | None) -> dict[str, Any]:
    live, run = flow.live, flow.live.last_run
    return {
        "flowName": live.name,
        "state": flow.state.value,
        "health": health,
        "flowStatus": live.status,
        "triggerType": live.trigger_type,
        "document": flow.document,
        "version": flow.version,
        "commit": flow.commit,
        "canRun": flow.can_run,
        "lastUpdatedAt": moment(live.last_updated_at),
        "lastRun": run and {"status": run.status, "time": moment(run.at), "message": run.message},
        "changes": [_change(item) for item in flow.changes],
        "outcome": flow.outcome,
        "note": flow.note,
        "observed": flow.is_observed,
    }


def state_of(flow: SyncStatus) -> str:
    """The state of a flow; that of a pending one is how its change ended, if that is known."""
    return flow.outcome.lower() if flow.state is State.PENDING and flow.outcome else flow.state.value


def state_text(flow: SyncStatus) -> str:
    """The state of a flow, whether its document is only observed, and whether it cannot run."""
    state = state_of(flow)
    observed = ", observed" if flow.is_observed and state != Outcome.OBSERVED.lower() else ""
    not_running = ", not running" if flow.state is State.IN_SYNC and not flow.can_run else ""
    return f"{state}{observed}{not_running}"


def _order(flow: SyncStatus) -> tuple[int, str]:
    return list(State).index(flow.state), state_of(flow)


def notes_of(flow: SyncStatus) -> Iterator[str]:
    """What to know about a flow: why its document was not applied, and why it does not run."""
    if flow.note:
        yield flow.note
    if flow.state is State.IN_SYNC and not flow.can_run:
        yield f"the flow is in {flow.live.status} and never runs; set flowStatus: Active in its document"
    if flow.state is State.ORPHANED and flow.live.status == "Active":
        yield "no document declares the flow, and it continues to run"


def _rank(flow: SyncStatus) -> int:
    """The place of a flow in the list. The earlier, the more it needs attention."""
    if flow.state is State.IN_SYNC:
        return len(_WORST_FIRST) + flow.can_run
    return _WORST_FIRST.index(flow.state)


def _change(item: DiffItem) -> dict[str, Any]:
    return {"op": item.op, "pointer": item.pointer, "live": item.live, "desired": item.desired}


def moment(at: float | None) -> str | None:
    """A time in epoch seconds as ISO 8601 in UTC; ``None`` stays ``None``."""
    return None if at is None else timestamp(at)
