"""Summaries are read from ListFlows, and equal those of described flows."""

from datetime import UTC, datetime

import pytest

from appflow_gitops.flows.last_run import LastRun
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.summary import FlowSummary, parse_summary, summarise
from generators.small_flows import START, accounts

TAGS = {"appflow-gitops:document": "s3://documents/flows/a.json"}
RUN = {
    "mostRecentExecutionStatus": "Error",
    "mostRecentExecutionTime": START + 0.1234567,
    "mostRecentExecutionMessage": "the token expired",
}
FULL = FlowSummary(
    "accounts",
    "arn",
    "Active",
    "Scheduled",
    TAGS,
    START + 5,
    LastRun("Error", START + 0.123457, "the token expired"),
    START,
)


def test_every_member_of_an_entry_is_read() -> None:
    entry = {
        "flowName": "accounts",
        "flowArn": "arn",
        "flowStatus": "Active",
        "triggerType": "Scheduled",
        "tags": TAGS,
        "lastUpdatedAt": datetime.fromtimestamp(START + 5, UTC),
        "lastRunExecutionDetails": RUN,
        "createdAt": START,
    }
    assert parse_summary(entry) == FULL
    assert FULL.owner.document == "s3://documents/flows/a.json"


@pytest.mark.parametrize("tags", [{}, {"tags": None}])
def test_members_that_appflow_leaves_out_are_empty(tags: dict[str, None]) -> None:
    assert parse_summary({"flowName": "accounts", **tags}) == FlowSummary("accounts", "", "")


@pytest.mark.parametrize("details", [None, {}, {"mostRecentExecutionTime": START}])
def test_a_flow_that_has_not_run_has_no_last_run(details: dict[str, int] | None) -> None:
    assert parse_summary({"flowName": "a", "lastRunExecutionDetails": details}).last_run is None


def test_the_summary_of_a_described_flow_equals_that_of_its_entry() -> None:
    described = LiveFlow(
        "accounts",
        "arn",
        "Active",
        accounts(),
        tags=TAGS,
        created_at=START,
        last_updated_at=START + 5,
        last_run=FULL.last_run,
    )
    assert summarise(described) == FULL
