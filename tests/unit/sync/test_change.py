"""The message on the queue: its JSON, which the version before and the version after must be able to read."""

import json

import pytest
from pydantic import ValidationError

from appflow_gitops.findings import Finding, Position, Severity
from appflow_gitops.sync.change import Change

WARNING = Finding(
    "AFG207",
    Severity.WARNING,
    ("tasks", 0, "a/b"),
    "a message",
    position=Position(3, 7),
    of_name=True,
)
QUEUED = {"rule": "AFG207", "severity": "warning", "pointer": "/tasks/0/a~1b", "line": 3, "column": 7}


def change(*findings: Finding) -> Change:
    return Change(
        identity="request-1",
        flowName="orders",
        correlationId="request-1",
        requestedAt="2026-01-15T12:00:00Z",
        desired={"flowName": "orders", "description": None},
        findings=findings,
    )


def test_a_finding_is_queued_flat_and_without_empty_members() -> None:
    message = json.loads(change(WARNING).model_dump_json(exclude_none=True))
    assert message["findings"] == [{**QUEUED, "message": "a message"}]


def test_a_queued_finding_is_read_back_with_its_location_and_severity() -> None:
    [finding] = Change.model_validate_json(change(WARNING).model_dump_json(exclude_none=True)).findings
    assert (finding.rule, finding.severity, finding.message) == ("AFG207", Severity.WARNING, "a message")
    assert (finding.pointer, finding.position) == (WARNING.pointer, WARNING.position)


@pytest.mark.parametrize("wrong", [{"severity": "fatal"}, {"line": "three"}, {"mood": "good"}])
def test_a_malformed_finding_makes_the_message_invalid(wrong: dict[str, str]) -> None:
    message = json.loads(change(WARNING).model_dump_json(exclude_none=True))
    message["findings"][0] |= wrong
    with pytest.raises(ValidationError):
        Change.model_validate(message)
