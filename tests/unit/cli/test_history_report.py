"""The history of a flow: versions and requests with their events, what each changed, and how it is printed."""

from typing import Any

import pytest

from appflow_gitops.aws.documents import ListedVersion
from appflow_gitops.aws.status_log import LoggedEvent, LoggedHealth
from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.status.envelope import StatusMetadata
from appflow_gitops.status.events import StatusError, StatusFinding
from appflow_gitops.status.health import HealthData, HealthEvent
from appflow_gitops.sync.health.health import Health
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops.sync.ports import StoredDocument
from appflow_gitops.validation.environment import NO_ENVIRONMENT
from appflow_gitops_cli.documents.versions import FlowVersion
from appflow_gitops_cli.history.report import FlowHistory, HistoryEntry, entries_of
from appflow_gitops_cli.history.text import render
from appflow_gitops_cli.screen import Screen
from fakes.flow_documents import orders, text
from fakes.status_events import ended

START = 1_768_478_400.0
TIME = "2026-01-15T12:00:00Z"


def document(id_: str) -> DocumentVersion:
    return DocumentVersion(bucket="documents", key="flows/orders.json", versionId=id_)


def version(id_: str, description: str | None, at: float = 0, **origin: str) -> FlowVersion:
    """A version with this description; ``None`` for a deletion."""
    listed = ListedVersion(document(id_), START + at, deleted=description is None)
    if description is None:
        return FlowVersion(listed, "orders")
    content = text(orders(description=description)).encode()
    stored = StoredDocument(document(id_), content, Provenance(**origin))
    return FlowVersion(listed, "orders", stored, stored.validated(NO_ENVIRONMENT))


def logged(at: float, outcome: Outcome, id_: str | None = None, **data: Any) -> LoggedEvent:
    named = document(id_) if id_ else None
    return LoggedEvent(START + at, ended(outcome, "orders", document=named, **data))


def health(at: float, id_: str, found: Health) -> LoggedHealth:
    data = HealthData(
        flowName="orders", health=found, reason="r", flowStatus="Active", document=document(id_)
    )
    metadata = StatusMetadata(id="1", time="2026-01-15T12:00:00.000Z", correlationId="c")
    return LoggedHealth(START + at, HealthEvent(metadata=metadata, data=data))


VERSIONS = (
    version("v5", "one", 50),
    version("v4", None, 40),
    version("v3", "two", 30),
    version("v2", "one", 20),
    version("v1", "one", 10),
)


def test_each_version_is_compared_with_the_one_before_it_that_declares_the_flow() -> None:
    entries = entries_of(VERSIONS, 5, (), "v3")
    assert [entry.version and entry.version.id for entry in entries] == ["v5", "v4", "v3", "v2", "v1"]
    changes = [entry.changes and [(item.live, item.desired) for item in entry.changes] for entry in entries]
    assert changes == [[("two", "one")], None, [("one", "two")], (), None]
    assert [entry.same_as for entry in entries] == ["v2", None, None, "v1", None]
    assert [entry.is_live for entry in entries] == [False, False, True, False, False]


def test_versions_behind_the_limit_are_only_compared_with() -> None:
    [newest, *_, oldest] = entries_of(VERSIONS, 4, (), None)
    assert (newest.same_as, oldest.version and oldest.version.id, oldest.same_as) == ("v2", "v2", "v1")


def test_events_are_listed_with_their_version_oldest_first() -> None:
    events = [
        logged(35, Outcome.FAILED, "v3"),
        logged(31, Outcome.APPLIED, "v3"),
        logged(32, Outcome.PLANNED, "v3"),
        logged(33, Outcome.STARTED, "v3"),
        logged(34, Outcome.APPLIED, "v9"),
        health(37, "v3", Health.STALE),
        health(36, "v3", Health.DEGRADED),
    ]
    entry = entries_of(VERSIONS, 5, events, None)[2]
    assert [each.at - START for each in entry.outcomes] == [31, 35]
    assert [each.at - START for each in entry.healths] == [36, 37]
    assert entry.last
    assert entry.last.outcome is Outcome.FAILED


def test_requests_are_listed_since_the_oldest_version_that_is_shown() -> None:
    events = [logged(at, Outcome.APPLIED) for at in (29, 30, 45)] + [logged(46, Outcome.PLANNED)]
    shown = entries_of(VERSIONS, 3, events, None)
    assert [(entry.at - START, entry.version is None) for entry in shown] == [
        (50, False),
        (45, True),
        (40, False),
        (30, False),
        (30, True),
    ]
    assert [entry.at - START for entry in entries_of((), 3, events, None)] == [45, 30, 29]


def shown(entry: HistoryEntry, older: int = 0) -> list[str]:
    history = FlowHistory("orders", "flows/orders.json", (entry,), older)
    return list(render(history, lambda id_: id_[:4], Screen()))


def test_a_history_begins_with_the_document_and_ends_with_the_number_of_older_versions() -> None:
    lines = shown(HistoryEntry(version("v1", "one")), 1234)
    assert lines[0] == "orders: versions of flows/orders.json, newest first"
    assert lines[-1] == "1,234 older versions not shown; see --limit"
    assert len(shown(HistoryEntry(version("v1", "one")))) == 2


CHANGES = tuple(DiffItem("change", (f"m{number}",), 1, 2) for number in range(7))
PUSHED = version("v1-2345", "one", commit="4f2c1a98c0de", actor="jo")


@pytest.mark.parametrize(
    ("entry", "lines"),
    [
        (HistoryEntry(PUSHED), [f"{TIME}  unknown     v1-2  commit 4f2c1a98  by jo"]),
        (
            HistoryEntry(PUSHED, same_as="v0-1234", is_live=True),
            [f"{TIME}  unknown     v1-2  commit 4f2c1a98  by jo (live, same content as v0-1)"],
        ),
        (HistoryEntry(version("v2", None)), [f"{TIME}  Deleted     v2"]),
        (
            HistoryEntry(None, (logged(0, Outcome.APPLIED, provenance=Provenance(actor="jo"), reason="r"),)),
            [f"{TIME}  Applied     request  by jo"],
        ),
        (
            HistoryEntry(
                None, (logged(0, Outcome.FAILED, error=StatusError(code="X", message="why"), reason="r"),)
            ),
            [f"{TIME}  Failed      request", "    X: why"],
        ),
        (
            HistoryEntry(None, (logged(0, Outcome.SUPERSEDED, reason="newer"),)),
            [f"{TIME}  Superseded  request", "    newer"],
        ),
        (
            HistoryEntry(
                None,
                (
                    logged(
                        0,
                        Outcome.REJECTED,
                        findings=[
                            StatusFinding(rule=rule, severity="error", pointer="", message="m")
                            for rule in ("AFG101", "AFG202", "AFG203")
                        ],
                    ),
                ),
            ),
            [f"{TIME}  Rejected    request", "    AFG101: m (and 2 more)"],
        ),
        (
            HistoryEntry(version("v1", "one"), changes=CHANGES[:5]),
            [f"{TIME}  unknown     v1", *(f"    ~ /m{number}" for number in range(5))],
        ),
        (
            HistoryEntry(version("v1", "one"), changes=CHANGES),
            [
                f"{TIME}  unknown     v1",
                *(f"    ~ /m{number}" for number in range(5)),
                "    and 2 more changes",
            ],
        ),
        (
            HistoryEntry(
                version("v1", "one"),
                healths=(health(0, "v1", Health.STALE), health(60, "v1", Health.HEALTHY)),
            ),
            [f"{TIME}  unknown     v1", "    health: Healthy since 2026-01-15T12:01:00Z"],
        ),
    ],
    ids=[
        "without an event",
        "live",
        "deleted",
        "request",
        "error",
        "reason",
        "findings",
        "five changes",
        "more changes",
        "health",
    ],
)
def test_an_entry_shows_when_what_by_whom_and_why(entry: HistoryEntry, lines: list[str]) -> None:
    assert shown(entry)[1:] == lines


def test_outcomes_have_their_colour() -> None:
    entry = HistoryEntry(None, (logged(0, Outcome.APPLIED),))
    history = FlowHistory("orders", "flows/orders.json", (entry,))
    [_, line] = render(history, str, Screen(colour=True))
    assert "\x1b[32m\x1b[22mApplied   \x1b[0m" in line
