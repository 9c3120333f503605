"""What ``status`` has to tell, as data, and as JSON. ``text`` and ``html`` show it to people."""

import json
from dataclasses import dataclass
from typing import Any

from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.sync.change import timestamp
from appflow_gitops.sync.inventory import Inventory, State, SyncStatus

_COLONS = 5
"""arn:aws:appflow:<region>:<account>:flow/<name>"""


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The inventory, where it was taken and when (epoch seconds)."""

    inventory: Inventory
    bucket: str
    at: float

    @property
    def place(self) -> str:
        """The account and region, as the flows' ARNs tell them; empty where there is no flow."""
        arns = (
            flow.live.arn.split(":")
            for flow in (*self.inventory.flows, *self.inventory.unmanaged)
            if flow.live.arn.count(":") >= _COLONS
        )
        return next((f"account {account}, {region}" for _, _, _, region, account, *_ in arns), "")

    @property
    def summary(self) -> str:
        """The whole in one line."""
        inventory = self.inventory
        counts = [f"{number:,} {state}" for state, number in self.states.items()]
        apart = [
            (len(inventory.unmanaged), "unmanaged"),
            (len(inventory.missing), "declared and not there"),
            (len(inventory.invalid), "invalid in their latest version"),
        ]
        counts += [f"{number:,} {what}" for number, what in apart if number]
        return ", ".join(counts) or "no flows and no documents"

    @property
    def states(self) -> dict[State, int]:
        """How many flows with a document there are in each state, empty states left out."""
        counts = {state: sum(flow.state is state for flow in self.inventory.flows) for state in State}
        return {state: count for state, count in counts.items() if count}


def as_json(report: StatusReport) -> str:
    """One JSON object."""
    inventory = report.inventory
    value = {
        "bucket": report.bucket,
        "time": timestamp(report.at),
        "inOrder": inventory.in_order,
        "flows": [_flow(flow) for flow in inventory.flows],
        "unmanaged": [_flow(flow) for flow in inventory.unmanaged],
        "documentsWithoutFlow": [
            {"flowName": flow.name, "document": flow.document, "commit": flow.commit}
            for flow in inventory.missing
        ],
        "invalidDocuments": [
            {"document": invalid.document, "error": invalid.error} for invalid in inventory.invalid
        ],
    }
    return json.dumps(value, indent=2) + "\n"


def _flow(flow: SyncStatus) -> dict[str, Any]:
    live, run = flow.live, flow.live.last_run
    return {
        "flowName": live.name,
        "state": flow.state.value,
        "flowStatus": live.status,
        "triggerType": live.trigger_type,
        "document": flow.document,
        "version": flow.version,
        "commit": flow.commit,
        "lastUpdatedAt": moment(live.last_updated_at),
        "lastRun": run and {"status": run.status, "time": moment(run.at), "message": run.message},
        "changes": [_change(item) for item in flow.changes],
        "note": flow.note,
    }


def _change(item: DiffItem) -> dict[str, Any]:
    return {"op": item.op, "pointer": item.pointer, "live": item.live, "desired": item.desired}


def moment(at: float | None) -> str | None:
    """A time in epoch seconds as ISO 8601 in UTC."""
    return None if at is None else timestamp(at)
