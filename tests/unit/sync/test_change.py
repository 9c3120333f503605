"""The message on the queue: its JSON, which the version before and the version after must be able to read."""

import json
from hashlib import sha256

import pytest
from pydantic import ValidationError

from appflow_gitops.findings import Finding, Position, Severity
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.change import (
    CHANGE_BYTES,
    MESSAGE_BYTES,
    Change,
    change_id,
    drop_identity,
    timestamp,
)

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


@pytest.mark.parametrize(
    ("name", "is_group"), [("orders", True), ("x" * 128, True), ("x" * 129, False), ("orders-\u00fc", False)]
)
def test_a_group_is_the_name_of_the_flow_or_its_digest(name: str, is_group: bool) -> None:
    group = change().model_copy(update={"flowName": name}).group
    assert group == (name if is_group else sha256(name.encode()).hexdigest())


def test_the_limits_leave_a_kibibyte_of_a_mebibyte_for_what_a_dead_letter_adds() -> None:
    assert (MESSAGE_BYTES, CHANGE_BYTES) == (1024 * 1024, 1023 * 1024)


def test_each_failure_is_counted_with_its_time() -> None:
    once = change().failed(1_768_478_400.25)
    assert (once.failures, once.failedAt) == (1, "2026-01-15T12:00:00.250Z")
    twice = once.failed(1_768_478_401)
    assert (twice.failures, twice.failedAt) == (2, "2026-01-15T12:00:01.000Z")


@pytest.mark.parametrize(
    ("identity", "expected"), [("drift:1", True), ("request-1", False), ("a drift:1", False)]
)
def test_a_repair_is_recognised_by_its_identity(identity: str, expected: bool) -> None:
    assert change().model_copy(update={"identity": identity}).is_repair is expected


def test_a_drop_is_identified_by_its_version_or_by_its_content_and_moment() -> None:
    version = DocumentVersion(bucket="b", key="k", versionId="v1", eTag="e1")
    assert drop_identity(version, "s1") == drop_identity(version, "s2") == f"{version.uri}@v1"
    unversioned = version.model_copy(update={"versionId": None})
    assert drop_identity(unversioned, "s1") == f"{version.uri}@e1#s1"


def test_ids_differ_by_identity_and_flow() -> None:
    ids = {change_id("a", None), change_id("a", "b"), change_id("b", None), change_id("ab", None)}
    assert len(ids) == len(("a", "a b", "b", "ab"))
    assert (
        change_id("a", "b")
        == sha256(b"a\nb").hexdigest()
        == change().model_copy(update={"identity": "a", "flowName": "b"}).id
    )


def test_a_time_has_milliseconds_in_utc() -> None:
    assert timestamp(1_768_478_400) == "2026-01-15T12:00:00.000Z"


def test_a_queued_finding_has_no_empty_members() -> None:
    bare = Finding("AFG207", Severity.WARNING, (), "a message")
    message = json.loads(change(bare).model_dump_json(exclude_none=True))
    assert message["findings"] == [
        {"rule": "AFG207", "severity": "warning", "pointer": "", "message": "a message"}
    ]
