"""What the demo prints of each status event."""

import io
from typing import Any

import pytest
from rich.console import Console

from appflow_gitops_local.demo import Presentation, changes, counted, error, findings, outcome_of, shortened


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
