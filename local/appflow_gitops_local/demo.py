"""The demo: it creates flows, drops documents, sends a request and prints each outcome as it arrives.

``appflow-gitops local demo`` runs it on a new local cloud. The documents are in the folder ``events``.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from appflow_gitops.quoting import quoted
from appflow_gitops_local.cloud import LocalCloud

PATIENCE_SECONDS = 45.0
"""How long the demo waits for all outcomes."""

_COLOURS = {
    "Applied": "green",
    "Unchanged": "cyan",
    "Rejected": "red",
    "Failed": "red",
    "Superseded": "yellow",
}
_SIGNS = {"add": ("+", "green"), "change": ("~", "yellow"), "remove": ("-", "red")}
_SEVERITIES = {"error": "red", "warning": "yellow", "info": "cyan"}
_LONGEST_VALUE = 64
_INDENT = 9
"""Columns before the changes and findings of an outcome."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the demo and its expected outcomes.

    ``source`` is the document's path in the events folder, ``key`` where it is dropped; without a key it is sent as a
    request. Outcomes have the name of the flow; a rejected document has its key.
    """

    source: str
    key: str | None
    about: str
    outcomes: tuple[tuple[str, str], ...]


STEPS = (
    Step(
        source="reference/zendesk.json",
        key="flows/zendesk.json",
        about="the API reference's own sample, exactly as printed",
        outcomes=(("testFlowZendesk", "Applied"),),
    ),
    Step(
        source="documents/support.yaml",
        key="flows/support.yaml",
        about="two flows in one file, both out of sync",
        outcomes=(("support-tickets", "Applied"), ("support-incidents", "Applied")),
    ),
    Step(
        source="documents/price-list.json",
        key="flows/price-list.json",
        about="a flow that is in sync",
        outcomes=(("price-list", "Unchanged"),),
    ),
    Step(
        source="demo/contacts.yaml",
        key="flows/contacts.yaml",
        about="an invalid document",
        outcomes=(("flows/contacts.yaml", "Rejected"),),
    ),
    Step(
        source="documents/repositories.yaml",
        key=None,
        about="a Flow Change Requested event, the flow inside",
        outcomes=(("repositories", "Applied"),),
    ),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The part of a status event that the demo prints."""

    name: str
    outcome: str
    data: dict[str, Any]

    @property
    def expected(self) -> tuple[str, str]:
        """The key that steps use for it."""
        return self.name, self.outcome


def outcome_of(event: dict[str, Any]) -> Outcome:
    """Return the outcome in a status event."""
    data = event["detail"]["data"]
    document = data.get("document") or {}
    rejected = data["outcome"] == "Rejected"
    name = document.get("key") if rejected else data["flowName"]
    return Outcome(name or data["flowName"] or "request", data["outcome"], data)


def run(cloud: LocalCloud, events: Path, console: Console, command: str) -> str | None:
    """Run the demo on a running local cloud. Return a message about missing outcomes, None when all arrived.

    ``command`` is appflow-gitops as the user can call it.
    """
    demo = Presentation(cloud, events, console)
    demo.introduce()
    demo.create_flows()
    demo.listen()
    started = time.monotonic()
    for step in STEPS:
        demo.act(step)
    missing = {outcome for step in STEPS for outcome in step.outcomes}
    seen = []
    demo.announce_outcomes()
    for outcome in demo.outcomes(started + PATIENCE_SECONDS):
        demo.show(outcome, time.monotonic() - started)
        seen.append(outcome)
        missing.discard(outcome.expected)
        if len(seen) >= sum(len(step.outcomes) for step in STEPS):
            break
    demo.conclude(seen, time.monotonic() - started, command)
    if not missing:
        return None
    return "missing outcomes: " + ", ".join(
        f"{outcome} for {quoted(name)}" for name, outcome in sorted(missing)
    )


class Presentation:
    """The steps of the demo on a running cloud, and what it prints."""

    def __init__(self, cloud: LocalCloud, events: Path, console: Console) -> None:
        self._cloud = cloud
        self._events = events
        self._console = console
        self._sqs = cloud.client("sqs")
        self._queue_url = ""

    def introduce(self) -> None:
        """Print where everything runs."""
        self._heading("appflow-gitops: flow documents become live flows")
        self._say(
            f"The local cloud runs on {self._cloud.endpoint}: S3, SQS, EventBridge, AppFlow and more, with "
            "template.yaml deployed. No AWS account is needed, and nothing leaves this machine."
        )

    def create_flows(self) -> None:
        """Create the live flows and list them."""
        service = self._cloud.client("appflow")
        for flow in yaml.safe_load_all(
            (self._events / "demo" / "live-flows.yaml").read_text(encoding="utf-8")
        ):
            service.create_flow(**flow)
            if flow["triggerConfig"]["triggerType"] == "Scheduled":
                service.start_flow(flowName=flow["flowName"])
        self._heading("1. Live flows")
        table = Table(
            "flow", "from", "to", "trigger", "status", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False
        )
        for flow in sorted(service.list_flows()["flows"], key=lambda flow: str(flow["flowName"])):
            table.add_row(
                flow["flowName"],
                flow["sourceConnectorType"],
                flow["destinationConnectorType"],
                flow["triggerType"],
                flow["flowStatus"],
            )
        self._console.print(table)

    def listen(self) -> None:
        """Send every status event to a queue, as any consumer can."""
        self._queue_url = self._sqs.create_queue(QueueName="demo-status-events")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=["QueueArn"])[
            "Attributes"
        ]
        bus, events = self._cloud.outputs["EventBusName"], self._cloud.client("events")
        pattern = json.dumps({"source": ["appflow-gitops"]})
        events.put_rule(Name="demo-status-events", EventBusName=bus, EventPattern=pattern)
        target = {"Id": "queue", "Arn": attributes["QueueArn"]}
        events.put_targets(Rule="demo-status-events", EventBusName=bus, Targets=[target])
        self._heading("2. Documents and requests")

    def act(self, step: Step) -> None:
        """Drop the step's document, or send it as a request."""
        document = (self._events / step.source).read_bytes()
        if step.key:
            bucket = self._cloud.outputs["DocumentsBucketName"]
            self._cloud.client("s3").put_object(
                Bucket=bucket, Key=step.key, Body=document, Metadata={"git-commit": "5f2c9d1"}
            )
        else:
            self._request(yaml.safe_load(document))
        line = Table.grid(padding=(0, 2))
        line.add_column(width=22)
        line.add_column()
        line.add_row(step.key or "event bus", step.about)
        self._console.print(line)

    def _request(self, flow: Any) -> None:
        detail = {"document": flow, "provenance": {"commit": "5f2c9d1", "actor": "demo"}}
        self._cloud.client("events").put_events(
            Entries=[
                {
                    "Source": "demo",
                    "DetailType": "Flow Change Requested",
                    "Detail": json.dumps(detail),
                    "EventBusName": self._cloud.outputs["EventBusName"],
                }
            ]
        )

    def announce_outcomes(self) -> None:
        """Print the head of the outcomes."""
        self._heading("3. Outcomes")
        self._row(Text("after", "dim"), Text("outcome", "dim"), "flow, with its changes or findings", "dim")

    def outcomes(self, deadline: float) -> Iterator[Outcome]:
        """Outcomes as they arrive, until ``deadline`` (monotonic)."""
        while time.monotonic() < deadline:
            received = self._sqs.receive_message(
                QueueUrl=self._queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1
            )
            for message in received.get("Messages", []):
                self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
                yield outcome_of(json.loads(message["Body"]))

    def show(self, outcome: Outcome, seconds: float) -> None:
        """Print one outcome, with its changes or findings below."""
        colour = _COLOURS.get(outcome.outcome, "white")
        line = Table.grid(padding=(0, 2))
        for width in (7, 10, None):
            line.add_column(width=width)
        line.add_row(
            Text(f"{seconds:5.1f} s", "dim"),
            Text(outcome.outcome, f"bold {colour}"),
            Text(outcome.name, "bold"),
        )
        self._console.print(line)
        details = [*changes(outcome.data), *findings(outcome.data), *error(outcome.data)]
        for detail in details:
            self._print(detail, _INDENT)
        if details:
            self._console.print()

    def conclude(self, seen: Sequence[Outcome], seconds: float, command: str) -> None:
        """Print the number of outcomes, and what to do next."""
        counted = [(name, sum(outcome.outcome == name for outcome in seen)) for name in _COLOURS]
        total = ", ".join(f"{count} {name}" for name, count in counted if count)
        self._heading(f"{total} in {seconds:.1f} s, with the start of the functions")
        self._say(
            "To try your own documents, run this, and the commands that it prints:\n"
            f"  {command} local up -P CreateMissingFlows=true --allow-missing"
        )

    def _row(self, after: Text, outcome: Text, name: str, style: str) -> None:
        """One line of the table of outcomes, which grows as they arrive."""
        row = Table.grid(padding=(0, 2))
        for width in (7, 10, None):
            row.add_column(width=width)
        row.add_row(after, outcome, Text(name, style))
        self._console.print(row)

    def _heading(self, text: str) -> None:
        self._console.print()
        self._console.print(Text(text, "bold"))

    def _say(self, text: str) -> None:
        self._print(Text(text))

    def _print(self, text: Text, indent: int = 0) -> None:
        """Print the text, wrapped and indented; unlike rich's own, its lines do not end in spaces."""
        for line in text.wrap(self._console, self._console.width - indent):
            line.rstrip()
            self._console.print(Text(" " * indent) + line)


def changes(data: dict[str, Any]) -> Iterator[Text]:
    """Render the diff: the location, and below it the live and the desired value."""
    for change in data.get("changes") or []:
        sign, colour = _SIGNS[change["op"]]
        values = {"add": ["desired"], "remove": ["live"]}.get(change["op"], ["live", "desired"])
        yield Text(f"{sign} {change['pointer'] or '/'}", colour)
        texts = [shortened(change[value]) for value in values]
        if sum(map(len, texts)) <= _LONGEST_VALUE:
            yield Text("  ") + Text(" → ", "dim").join(map(Text, texts))
        else:
            yield from (
                Text.assemble("  ", ("→ " if place else "", "dim"), text) for place, text in enumerate(texts)
            )


def findings(data: dict[str, Any]) -> Iterator[Text]:
    """Render the findings of a rejected document with their locations, and only their number for an accepted one."""
    found = data.get("findings") or []
    if found and data["outcome"] != "Rejected":
        yield Text(counted(found), "dim")
        return
    for finding in found:
        location = (
            f"line {finding['line']}, column {finding['column']}"
            if finding.get("line")
            else finding["pointer"]
        )
        colour = _SEVERITIES[finding["severity"]]
        yield Text.assemble((location, "bold"), f": {finding['message']} ", (finding["rule"], colour))
        if finding.get("hint"):
            yield Text(f"  {finding['hint']}", "dim")


def counted(found: Sequence[dict[str, Any]]) -> str:
    """Return the number of findings of each severity."""
    numbers = {severity: sum(each["severity"] == severity for each in found) for severity in _SEVERITIES}
    return ", ".join(
        f"{number} {severity}{'s' if number > 1 else ''}" for severity, number in numbers.items() if number
    )


def error(data: dict[str, Any]) -> Iterator[Text]:
    """Render the error of a failed change."""
    if failed := data.get("error"):
        yield Text.assemble((failed["code"], "red"), f": {failed['message']}")


def shortened(value: Any) -> str:
    """Return a value as JSON on one line, cut to a readable length."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
