"""The events that AppFlow sends to the default event bus about runs.

Names and members are those of the user guide and of events that users published. Values of ``status-report``,
``incremental-transfer-time-range`` and ``imported-fields`` have an unpublished format, so theirs is a guess.
"""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import md5, sha256

from .definition import Connection, Definition, Members
from .runs import Run

START = "AppFlow Start Flow Run Report"
END = "AppFlow End Flow Run Report"
EVENT_FLOW_REPORT = "AppFlow Event Flow Report"
DEACTIVATED = {"Scheduled": "AppFlow Scheduled Flow Deactivated", "Event": "AppFlow Event Flow Deactivated"}
FIELD_IMPORT = "AppFlow Automatic Field Import Report"

Send = Callable[[str, str, "list[Members]"], None]
"""Sends entries of PutEvents: account, region, entries."""


@dataclass(frozen=True, slots=True)
class FlowIdentity:
    """What every event says about its flow."""

    name: str
    arn: str
    created_by: str
    definition: Definition

    def detail(self) -> Members:
        """Return the members that all events share."""
        source, destination = self.definition.source, self.definition.destinations[0]
        return {
            "flow-name": self.name,
            "created-by": self.created_by,
            "flow-arn": self.arn,
            "source": _connector(source),
            "destination": _connector(destination),
            "source-object": _object(source),
            "destination-object": _object(destination),
            "trigger-type": self.definition.trigger_type.upper(),
        }


@dataclass(frozen=True, slots=True)
class FlowEvent:
    """An event and the time at which it happens."""

    at: datetime
    detail_type: str
    flow_arn: str
    detail: Members
    run: str
    """The execution id of the run that causes the event."""

    def entry(self) -> Members:
        """Return the entry of PutEvents. ``resources`` holds a hash of the ARN, as on AWS."""
        return {
            "Source": "aws.appflow",
            "DetailType": self.detail_type,
            "Detail": json.dumps(self.detail),
            "Resources": [md5(self.flow_arn.encode(), usedforsecurity=False).hexdigest()],
            "Time": self.at.timestamp(),
        }

    def is_lost(self, share: float, seed: int) -> bool:
        """Return whether this event is one of those that are lost, the same in every history with this seed."""
        digest = sha256(f"{seed}{self.run}{self.detail_type}".encode()).digest()
        return int.from_bytes(digest[:8], "big") < share * 2**64


def run_started(flow: FlowIdentity, run: Run) -> FlowEvent:
    """Return the start report of a run."""
    detail = {
        **flow.detail(),
        "execution-id": run.execution_id,
        "start-time": _time(run.started),
        **_range(run),
    }
    return FlowEvent(run.started, START, flow.arn, detail, run.execution_id)


def run_ended(flow: FlowIdentity, run: Run, at: datetime) -> FlowEvent:
    """Return the end report of a run."""
    successful = run.status == "Successful"
    detail = {
        **flow.detail(),
        "num-of-records-processed": str(run.records),
        "execution-id": run.execution_id,
        "num-of-records-filtered": "0",
        "start-time": _time(run.started),
        "num-of-documents-processed": "0",
        "end-time": _time(at),
        "num-of-record-failures": str(run.put_failures),
        "data-processed": str(run.bytes),
        "status": "Execution Successful" if successful else "Execution Failed",
        **({} if successful else {"error": run.message or run.status}),
        **_range(run),
    }
    return FlowEvent(at, END, flow.arn, detail, run.execution_id)


def event_flow_report(flow: FlowIdentity, last_run: Run, count: int) -> FlowEvent:
    """Return the report on the change events that a flow received."""
    report = {"num-of-events": str(count), "end-time": _time(last_run.started)}
    detail = {**flow.detail(), "status-report": report}
    return FlowEvent(last_run.started, EVENT_FLOW_REPORT, flow.arn, detail, last_run.execution_id)


def flow_deactivated(flow: FlowIdentity, last_run: Run, at: datetime, reason: str) -> FlowEvent:
    """Return the event about the deactivation of a scheduled or event-triggered flow."""
    detail = {**flow.detail(), "deactivation-reason": reason, "deactivation-time": _time(at)}
    detail_type = DEACTIVATED[flow.definition.trigger_type]
    return FlowEvent(at, detail_type, flow.arn, detail, last_run.execution_id)


def fields_imported(flow: FlowIdentity, run: Run, fields: Iterable[str]) -> FlowEvent:
    """Return the event about fields that a flow transfers because they are new in the source."""
    detail = {**flow.detail(), "imported-fields": ",".join(fields)}
    return FlowEvent(run.started, FIELD_IMPORT, flow.arn, detail, run.execution_id)


def to_event_bridge(account_id: str, region: str, entries: list[Members]) -> None:
    """Put events on the default bus of moto's EventBridge."""
    from moto.events.models import events_backends  # noqa: PLC0415 - not needed until a flow runs

    bus = events_backends[account_id][region]
    for entry in entries:
        with suppress(Exception):  # best effort, as on AWS: moto raises for a target that it does not support
            bus.put_events([entry])


def _connector(connection: Connection) -> str:
    name = connection.connector.upper()
    return f"{name}/{connection.profile}" if connection.profile else name


def _object(connection: Connection) -> str:
    if connection.connector in {"S3", "Upsolver"}:
        bucket, prefix = connection.object
        return f"s3://{bucket}/{prefix}".rstrip("/")
    return "/".join(part for part in connection.object if part)


def _range(run: Run) -> Members:
    if run.pull_start is None or run.pull_end is None:
        return {}
    times = {"start-time": _time(run.pull_start), "end-time": _time(run.pull_end)}
    return {"incremental-transfer-time-range": times}


def _time(moment: datetime) -> str:
    return f"{moment.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z[UTC]"
