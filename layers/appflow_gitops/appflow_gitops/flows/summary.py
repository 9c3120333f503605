"""A flow as ListFlows returns it: its owner and last change, without its configuration.

``aws`` parses each entry into a ``FlowSummary``; ``sync.inventory`` and ``sync.drift`` use it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from appflow_gitops.flows.last_run import LastRun, epoch, parse_last_run
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.ownership import Ownership


@dataclass(frozen=True, slots=True)
class FlowSummary:
    """One entry of ListFlows; times in epoch seconds, ``owner`` parsed from the tags."""

    name: str
    arn: str
    status: str
    trigger_type: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    last_updated_at: float | None = None
    last_run: LastRun | None = None
    created_at: float | None = None
    owner: Ownership = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "owner", Ownership.of(self.tags))


def parse_summary(entry: Mapping[str, Any]) -> FlowSummary:
    """Return the summary of a ListFlows entry from boto3 (datetimes) or from JSON (epoch seconds).

    Members that AppFlow leaves out are empty.
    """
    return FlowSummary(
        name=entry["flowName"],
        arn=entry.get("flowArn", ""),
        status=entry.get("flowStatus", ""),
        trigger_type=entry.get("triggerType", ""),
        tags=dict(entry.get("tags") or {}),
        last_updated_at=epoch(entry.get("lastUpdatedAt")),
        last_run=parse_last_run(entry.get("lastRunExecutionDetails")),
        created_at=epoch(entry.get("createdAt")),
    )


def summarise(live: LiveFlow) -> FlowSummary:
    """Return the summary of a described flow."""
    return FlowSummary(
        live.name,
        live.arn,
        live.status,
        live.trigger_type,
        live.tags,
        live.last_updated_at,
        live.last_run,
        live.created_at,
    )
