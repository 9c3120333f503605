"""What the demo prints of each status event."""

import io
import json
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest
from rich.console import Console

from appflow_gitops_local import demo
from appflow_gitops_local.demo import (
    STEPS,
    Presentation,
    changes,
    counted,
    error,
    findings,
    outcome_of,
    run,
    shortened,
)
from appflow_gitops_local.stack import EVENTS


def event(outcome: str, **data: Any) -> dict[str, Any]:
    return {"detail": {"data": {"outcome": outcome, "flowName": "orders", **data}}}


DOCUMENT = {"key": "flows/orders.yaml"}


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (event("Applied", document=DOCUMENT), "orders"),
        (event("Rejected", document=DOCUMENT), "flows/orders.yaml"),
        (event("Rejected", document=None), "orders"),
        (event("Rejected", document=None, flowName=None), "request"),
    ],
)
def test_an_outcome_has_the_name_of_its_flow_and_a_rejection_that_of_its_document(
    sent: dict[str, Any], name: str
) -> None:
    found = outcome_of(sent)
    assert found.expected == (name, sent["detail"]["data"]["outcome"])


@pytest.mark.parametrize(
    ("op", "values"), [("add", '  "after"'), ("remove", '  "before"'), ("change", '  "before" → "after"')]
)
def test_a_change_shows_the_values_that_it_has(op: str, values: str) -> None:
    change = {"op": op, "pointer": "/description", "live": "before", "desired": "after"}
    signs = {"add": "+", "change": "~", "remove": "-"}
    lines = [line.plain for line in changes({"changes": [change, {**change, "pointer": ""}]})]
    assert lines == [f"{signs[op]} /description", values, f"{signs[op]} /", values]
    assert list(changes({"changes": None})) == []


@pytest.mark.parametrize(("length", "lines"), [(30, 2), (31, 3)])
def test_two_values_of_64_characters_are_on_one_line(length: int, lines: int) -> None:
    change = {"op": "change", "pointer": "/a", "live": "a" * 30, "desired": "b" * length}
    assert len(list(changes({"changes": [change]}))) == lines


@pytest.mark.parametrize(("op", "colour"), [("add", "green"), ("change", "yellow"), ("remove", "red")])
def test_a_change_has_a_colour(op: str, colour: str) -> None:
    [line, _] = changes({"changes": [{"op": op, "pointer": "/a", "live": 1, "desired": 2}]})
    assert line.style == colour


@pytest.mark.parametrize(("severity", "colour"), [("error", "red"), ("warning", "yellow"), ("info", "cyan")])
def test_a_finding_has_the_colour_of_its_severity(severity: str, colour: str) -> None:
    [line] = findings({"outcome": "Rejected", "findings": [{**FINDING, "severity": severity}]})
    assert [span.style for span in line.spans] == ["bold", colour]


def test_long_values_are_on_two_lines() -> None:
    change = {"op": "change", "pointer": "/description", "live": "a" * 40, "desired": "b" * 40}
    lines = [line.plain for line in changes({"changes": [change]})]
    assert lines == ["~ /description", f'  "{"a" * 40}"', f'  → "{"b" * 40}"']


def test_no_line_ends_in_spaces_or_is_wider_than_the_terminal() -> None:
    printed = io.StringIO()
    demo = Presentation.__new__(Presentation)
    demo._console = Console(file=printed, width=80)
    found = [{**FINDING, "message": "word " * 40, "hint": "write a list"}]
    demo.show(outcome_of(event("Rejected", findings=found)), 1.0)
    demo.conclude([], 1.0, "appflow-gitops")
    lines = printed.getvalue().splitlines()
    assert len(lines) > 8
    assert all(line == line.rstrip() and len(line) <= 80 for line in lines)


FINDING = {
    "severity": "error",
    "rule": "AFG101",
    "message": "wrong type",
    "pointer": "/tasks",
    "line": 3,
    "column": 5,
}


def test_findings_of_a_rejected_document_have_their_location_and_hint() -> None:
    found = [{**FINDING, "hint": "write a list"}, {**FINDING, "line": None, "severity": "warning"}]
    assert [line.plain for line in findings({"outcome": "Rejected", "findings": found})] == [
        "line 3, column 5: wrong type AFG101",
        "  write a list",
        "/tasks: wrong type AFG101",
    ]


def test_findings_of_an_accepted_document_are_only_counted() -> None:
    data = {"outcome": "Applied", "findings": [{**FINDING, "severity": "info"}]}
    assert [line.plain for line in findings(data)] == ["1 info"]
    assert list(findings({"outcome": "Applied", "findings": []})) == []


def test_findings_are_counted_by_severity() -> None:
    severities = ["warning", "error", "error"]
    assert counted([{"severity": severity} for severity in severities]) == "2 errors, 1 warning"


def test_an_error_has_its_code_and_message() -> None:
    assert [line.plain for line in error({"error": {"code": "NoEffect", "message": "no"}})] == [
        "NoEffect: no"
    ]
    assert list(error({"error": None})) == []


@pytest.mark.parametrize(
    ("value", "shown"), [("x" * 62, f'"{"x" * 62}"'), ("x" * 63, f'"{"x" * 62}…'), ("ü", '"ü"')]
)
def test_a_value_is_cut_to_64_characters(value: str, shown: str) -> None:
    assert shortened(value) == shown
    assert len(shown) <= 64


class FakeClients:
    """One client for all services: answers by name, records the calls."""

    endpoint = "http://127.0.0.1:5000"
    outputs: ClassVar = {"DocumentsBucketName": "documents", "EventBusName": "flows"}

    def __init__(self, outcomes: list[tuple[str, str]]) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        messages = [
            {"ReceiptHandle": name, "Body": json.dumps(event(outcome, flowName=name, document={"key": name}))}
            for name, outcome in outcomes
        ]
        self.answers: dict[str, Any] = {
            "list_flows": {"flows": [self.flow("zebra", "Draft"), self.flow("ant", "Active")]},
            "create_queue": {"QueueUrl": "url"},
            "get_queue_attributes": {"Attributes": {"QueueArn": "arn:queue"}},
            "receive_message": {"Messages": messages},
        }

    @staticmethod
    def flow(name: str, status: str) -> dict[str, str]:
        return {
            "flowName": name,
            "sourceConnectorType": "S3",
            "destinationConnectorType": "Redshift",
            "triggerType": "OnDemand",
            "flowStatus": status,
        }

    def client(self, service: str) -> Any:  # noqa: ARG002
        return self

    def __getattr__(self, name: str) -> Any:
        def call(**members: Any) -> Any:
            self.calls.append((name, members))
            return self.answers.get(name, {})

        return call

    def made(self, name: str) -> list[dict[str, Any]]:
        return [members for called, members in self.calls if called == name]


EXPECTED = [outcome for step in STEPS for outcome in step.outcomes]


def presented(outcomes: list[tuple[str, str]]) -> tuple[FakeClients, str, str | None]:
    cloud, shown = FakeClients(outcomes), io.StringIO()
    console = Console(file=shown, width=100)
    message = run(cast("Any", cloud), EVENTS, console, "appflow-gitops")
    return cloud, shown.getvalue(), message


def test_the_demo_creates_flows_drops_documents_and_requests_a_change() -> None:
    cloud, _, message = presented(EXPECTED)
    assert message is None
    created = {flow["flowName"]: flow["triggerConfig"]["triggerType"] for flow in cloud.made("create_flow")}
    started = {call["flowName"] for call in cloud.made("start_flow")}
    assert started == {name for name, trigger in created.items() if trigger == "Scheduled"} != set()
    dropped = [step for step in STEPS if step.key]
    assert cloud.made("put_object") == [
        {
            "Bucket": "documents",
            "Key": step.key,
            "Body": (EVENTS / step.source).read_bytes(),
            "Metadata": {"git-commit": "5f2c9d1"},
        }
        for step in dropped
    ]
    [[entry]] = [call["Entries"] for call in cloud.made("put_events")]
    detail = json.loads(entry.pop("Detail"))
    assert entry == {"Source": "demo", "DetailType": "Flow Change Requested", "EventBusName": "flows"}
    assert detail["provenance"] == {"commit": "5f2c9d1", "actor": "demo"}
    assert detail["document"]["flowName"] == "repositories"


def test_the_demo_listens_to_every_status_event_and_deletes_what_it_received() -> None:
    cloud, _, _ = presented(EXPECTED)
    [rule], [target] = cloud.made("put_rule"), cloud.made("put_targets")
    assert json.loads(rule["EventPattern"]) == {"source": ["appflow-gitops"]}
    assert (rule["EventBusName"], target["EventBusName"], rule["Name"]) == ("flows", "flows", target["Rule"])
    assert target["Targets"] == [{"Id": "queue", "Arn": "arn:queue"}]
    assert [call["ReceiptHandle"] for call in cloud.made("delete_message")] == [name for name, _ in EXPECTED]
    assert cloud.made("receive_message") == [
        {"QueueUrl": "url", "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1}
    ]


PRINTED = """
appflow-gitops: flow documents become live flows
The local cloud runs on http://127.0.0.1:5000: S3, SQS, EventBridge, AppFlow and more, with
template.yaml deployed. No AWS account is needed, and nothing leaves this machine.

1. Live flows
flow    from   to         trigger    status
───────────────────────────────────────────
ant     S3     Redshift   OnDemand   Active
zebra   S3     Redshift   OnDemand   Draft

2. Documents and requests
flows/zendesk.json      the API reference's own sample, exactly as printed
flows/support.yaml      two flows in one file, both out of sync
flows/price-list.json   a flow that is in sync
flows/contacts.yaml     an invalid document
event bus               a Flow Change Requested event, the flow inside

3. Outcomes
after    outcome     flow, with its changes or findings
  0.0 s  Applied     testFlowZendesk
  0.0 s  Applied     support-tickets
  0.0 s  Applied     support-incidents
  0.0 s  Unchanged   price-list
  0.0 s  Rejected    flows/contacts.yaml
  0.0 s  Applied     repositories

4 Applied, 1 Unchanged, 1 Rejected in 0.0 s, with the start of the functions
To try your own documents, run this, and the commands that it prints:
  appflow-gitops local up -P CreateMissingFlows=true --allow-missing
"""


def test_the_demo_prints_flows_steps_outcomes_and_what_to_do_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "time", SimpleNamespace(monotonic=lambda: 100.0))
    _, shown, message = presented(EXPECTED)
    assert [line.rstrip() for line in shown.splitlines()] == PRINTED.splitlines()
    assert message is None


def test_an_outcome_has_its_details_below_and_an_empty_line_after_them() -> None:
    shown = io.StringIO()
    presentation = Presentation.__new__(Presentation)
    presentation._console = Console(file=shown, width=80)
    change = {"op": "add", "pointer": "/description", "desired": "new"}
    failed = {"code": "NoEffect", "message": "no"}
    presentation.show(outcome_of(event("Failed", changes=[change], error=failed)), 12.34)
    assert shown.getvalue().splitlines() == [
        " 12.3 s  Failed      orders",
        "         + /description",
        '           "new"',
        "         NoEffect: no",
        "",
    ]


@pytest.mark.parametrize(
    ("outcome", "colour"),
    [
        ("Applied", 32),
        ("Unchanged", 36),
        ("Rejected", 31),
        ("Failed", 31),
        ("Superseded", 33),
        ("Held", 37),
    ],
)
def test_an_outcome_is_printed_in_its_colour_and_counted(outcome: str, colour: int) -> None:
    shown = io.StringIO()
    presentation = Presentation.__new__(Presentation)
    presentation._console = Console(file=shown, width=80, force_terminal=True, color_system="standard")
    presentation.show(outcome_of(event(outcome)), 1.0)
    assert f"\x1b[1;{colour}m{outcome}" in shown.getvalue()
    presentation.conclude([outcome_of(event(outcome))], 1.0, "appflow-gitops")
    assert (f"1 {outcome} in 1.0 s" in shown.getvalue()) is (outcome != "Held")


def test_a_missing_outcome_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PATIENCE_SECONDS", 0.0)
    assert presented(EXPECTED[:-1])[2] == "missing outcomes: " + ", ".join(
        f"{outcome} for '{name}'" for name, outcome in sorted(EXPECTED)
    )
