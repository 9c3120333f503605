"""history and diff: the versions of a flow's document in the bucket, beside the events about them."""

import json
import time
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from click.testing import Result

from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.status.envelope import StatusMetadata
from appflow_gitops.status.events import StatusEvent
from appflow_gitops.status.health import HealthData, HealthEvent
from appflow_gitops.sync.health.health import Health
from appflow_gitops.sync.outcome import Outcome
from fakes.flow_documents import orders, text
from fakes.status_events import ended
from integration.cli.conftest import BUCKET, HISTORY_LOG, Account

Run = Callable[..., Result]
KEY = "flows/orders.json"


class Log:
    """The history log, as EventBridge writes it."""

    def __init__(self) -> None:
        self._client, self._streams = boto3.client("logs"), 0
        self._client.create_log_group(logGroupName=HISTORY_LOG)

    def write(self, event: StatusEvent | HealthEvent) -> None:
        self._streams += 1
        stream = str(self._streams)
        self._client.create_log_stream(logGroupName=HISTORY_LOG, logStreamName=stream)
        message = json.dumps({"detail-type": event.detail_type, "detail": json.loads(event.detail())})
        logged: Any = [{"timestamp": int(time.time() * 1000), "message": message}]
        self._client.put_log_events(logGroupName=HISTORY_LOG, logStreamName=stream, logEvents=logged)


@pytest.fixture
def log(account: Account) -> Log:
    account.deploy("appflow-gitops")
    return Log()


def version(id_: str) -> DocumentVersion:
    return DocumentVersion(bucket=BUCKET, key=KEY, versionId=id_)


def put(account: Account, **changes: Any) -> str:
    return account.put(KEY, text(orders(**changes)), **{"git-commit": "4f2c1a9" * 5, "git-actor": "maria"})


def test_history_shows_outcomes_changes_and_origins_newest_first(
    account: Account, log: Log, run: Run
) -> None:
    first = put(account)
    second = put(account, description="new")
    log.write(ended(Outcome.UNCHANGED, "orders", document=version(first)))
    log.write(ended(Outcome.APPLIED, "orders", document=version(second), provenance=Provenance(actor="x")))
    printed = run("history", "orders")
    assert printed.exit_code == 0, printed.output
    lines = printed.output.splitlines()
    assert lines[0] == f"orders: versions of {KEY}, newest first"
    assert f"  Applied     {second[:8]}  commit 4f2c1a94  by maria" in lines[1]
    assert lines[2] == "    ~ /description"
    assert f"  Unchanged   {first[:8]}" in lines[3]
    assert len(lines) == 4


def test_a_document_that_was_rejected_as_a_whole_shows_its_first_finding(
    account: Account, log: Log, run: Run
) -> None:
    put(account)
    broken = account.put(KEY, "{")
    finding = {"rule": "AFG001", "severity": "error", "pointer": "", "message": "not JSON"}
    log.write(ended(Outcome.REJECTED, document=version(broken), findings=(finding, finding)))
    lines = run("history", "--document", KEY, "orders").output.splitlines()
    assert f"  Rejected    {broken[:8]}" in lines[1]
    assert lines[2] == "    AFG001: not JSON (and 1 more)"


def test_events_about_other_flows_and_runs_are_left_out(account: Account, log: Log, run: Run) -> None:
    stored = put(account)
    log.write(ended(Outcome.FAILED, "other", document=version(stored)))
    log.write(ended(Outcome.STARTED, "orders"))
    [entry] = json.loads(run("history", "--format", "json", "orders").output)["entries"]
    assert (entry["versionId"], entry["outcomes"]) == (stored, [])


def test_a_request_that_contained_the_flow_is_listed(account: Account, log: Log, run: Run) -> None:
    put(account)
    log.write(ended(Outcome.APPLIED, "orders", provenance=Provenance(actor="bot")))
    assert "Applied     request  by bot" in run("history", "orders").output


def test_history_shows_the_health_since_a_version(account: Account, log: Log, run: Run) -> None:
    stored = put(account)
    health = HealthEvent(
        metadata=StatusMetadata(id="1", time="2026-01-15T12:00:00.000Z", correlationId="1"),
        data=HealthData(
            flowName="orders",
            health=Health.DEGRADED,
            reason="x",
            flowStatus="Active",
            document=version(stored),
        ),
    )
    log.write(health)
    assert "    health: Degraded since " in run("history", "orders").output


@pytest.mark.usefixtures("log")
def test_older_versions_are_counted_and_a_revert_names_the_version_it_repeats(
    account: Account, run: Run
) -> None:
    first = put(account)
    put(account, description="new")
    put(account)
    printed = run("history", "--limit", "1", "orders").output
    assert "2 older versions not shown; see --limit" in printed
    assert f"same content as {first[:8]}" not in printed
    assert f"(same content as {first[:8]})" in run("history", "--limit", "2", "orders").output


@pytest.mark.usefixtures("log")
def test_versions_from_before_a_deletion_are_listed(account: Account, run: Run) -> None:
    put(account)
    account.s3.delete_object(Bucket=BUCKET, Key=KEY)
    entries = json.loads(run("history", "--document", KEY, "--format", "json", "orders").output)["entries"]
    assert [entry["deleted"] for entry in entries] == [True, False]


@pytest.mark.usefixtures("log")
def test_a_flow_without_a_document_is_an_error(run: Run) -> None:
    failed = run("history", "orders")
    assert failed.exit_code == 2
    assert "no document in the bucket declares flow 'orders'" in failed.output


@pytest.mark.usefixtures("log")
def test_diff_prints_what_the_second_version_changed(account: Account, run: Run) -> None:
    first = put(account, tags={"team": "shop"})
    second = put(account, description="new")
    put(account)
    printed = run("diff", "orders", f"{first[:6]}..{second[:6]}")
    assert printed.output.splitlines() == [
        '    ~ /description: "Orders of the shop" -> "new"',
        '    - /tags/team: "shop"',
    ]
    assert printed.exit_code == 1
    latest = run("diff", "orders", f"{first}..")
    assert latest.output.splitlines() == ['    - /tags/team: "shop"']


@pytest.mark.usefixtures("log")
def test_diff_finds_versions_by_commit_and_reports_no_difference(account: Account, run: Run) -> None:
    put(account)
    same = run("diff", "orders", "4f2c1a9..latest")
    assert (same.exit_code, same.output) == (0, "")


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("versions", "message"),
    [
        ("zzzzzz..", "unknown version 'zzzzzz' of 'flows/orders.json'"),
        ("zzzzzz", "invalid range 'zzzzzz', expected two versions"),
    ],
)
def test_wrong_versions_are_errors(account: Account, run: Run, versions: str, message: str) -> None:
    put(account)
    failed = run("diff", "orders", versions)
    assert failed.exit_code == 2
    assert message in failed.output


@pytest.mark.usefixtures("log")
def test_diff_in_json_has_every_member_and_needs_versions_that_declare_the_flow(
    account: Account, run: Run
) -> None:
    first = put(account)
    second = put(account, description="new", tags={"team": "shop"})
    printed = run("diff", "--format", "json", "orders", f"{first}..{second}")
    assert printed.exit_code == 1
    assert json.loads(printed.output) == {
        "flowName": "orders",
        "document": KEY,
        "before": first,
        "after": second,
        "changes": [
            {"op": "change", "pointer": "/description", "live": "Orders of the shop", "desired": "new"},
            {"op": "add", "pointer": "/tags/team", "live": None, "desired": "shop"},
        ],
    }
    other = put(account, flowName="other")
    failed = run("diff", "--document", KEY, "orders", f"{first}..")
    assert (failed.exit_code, failed.output) == (
        2,
        f"Error: version '{other}' does not declare flow 'orders' in a valid shape\n",
    )
    assert run("history", "--document", "flows/x.json", "orders").output == (
        "Error: the bucket has no version of the document 'flows/x.json'\n"
    )
