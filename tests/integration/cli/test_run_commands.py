"""``run``, ``runs`` and ``cancel``: what they do in AppFlow, and their exit status."""

import json
from typing import Any

import pytest

from appflow_gitops_cli import flow_runs
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.faults import fault_from_json
from appflow_gitops_local.appflow.runs import outcome_from_json
from fakes.flow_documents import orders, scheduled
from integration.cli.conftest import Account, Run


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_runs, "UPDATE_VISIBLE_AFTER", 0.0)


def script(**outcome: Any) -> None:
    controls.outcomes.add(outcome_from_json({"flowName": "orders", **outcome}))


def test_run_prints_the_id_of_the_run(account: Account, run: Run) -> None:
    account.create(orders())
    ended = run("run", "orders")
    [record] = account.appflow.describe_flow_execution_records(flowName="orders")["flowExecutions"]
    assert (ended.exit_code, ended.output) == (0, f"{record['executionId']}\n")


@pytest.mark.parametrize(
    ("outcome", "status", "words"),
    [
        ({"records": 7}, 0, "Successful orders: 7 records"),
        ({"status": "Error", "message": "invalid_grant"}, 1, "cause: the credentials of the connector"),
    ],
)
def test_run_with_wait_exits_as_the_run_ends(
    account: Account, run: Run, outcome: dict[str, Any], status: int, words: str
) -> None:
    account.create(orders())
    script(**outcome)
    ended = run("run", "--wait", "orders")
    assert ended.exit_code == status
    assert words in ended.output


def test_run_does_not_activate_a_scheduled_flow(account: Account, run: Run) -> None:
    account.create(scheduled())
    ended = run("run", "orders")
    assert ended.exit_code == 2
    assert "flow 'orders' is Scheduled" in ended.output
    assert account.appflow.describe_flow(flowName="orders")["flowStatus"] == "Draft"


@pytest.mark.parametrize("command", ["run", "runs", "cancel"])
def test_an_unknown_flow_is_one_line(account: Account, run: Run, command: str) -> None:  # noqa: ARG001
    ended = run(command, "orders")
    assert ended.exit_code == 2
    assert "flow 'orders' does not exist" in ended.output


@pytest.mark.parametrize(
    ("may_list", "end"), [(True, "; did you mean 'orders'?\n"), (False, "account 123456789012\n")]
)
def test_a_mistyped_flow_has_a_suggestion_if_the_caller_may_list_flows(
    account: Account, run: Run, end: str, *, may_list: bool
) -> None:
    account.create(orders())
    if not may_list:
        controls.faults.add(
            fault_from_json(
                {"operation": "ListFlows", "error": "AccessDeniedException", "status": 403, "times": 9}
            )
        )
    ended = run("runs", "oders")
    assert (ended.exit_code, ended.output.endswith(end)) == (2, True)


def test_runs_lists_the_latest_first_with_messages(account: Account, run: Run) -> None:
    account.create(orders())
    for outcome in ({"records": 1}, {"status": "Error", "message": "the token expired"}):
        script(**outcome)
        account.appflow.start_flow(flowName="orders")
    ended = run("runs", "orders")
    assert ended.exit_code == 1
    first, message, second = ended.output.splitlines()
    assert ("Error" in first, message.strip(), "1 record " in second) == (True, "the token expired", True)
    listed = json.loads(run("runs", "--format", "json", "--limit", "1", "orders").output)
    assert [(entry["status"], entry["message"]) for entry in listed] == [("Error", "the token expired")]


def test_cancel_cancels_all_runs_in_progress(account: Account, run: Run) -> None:
    account.create(orders())
    script(status="InProgress")
    started = account.appflow.start_flow(flowName="orders")["executionId"]
    ended = run("cancel", "orders")
    assert (ended.exit_code, ended.output) == (0, f"canceling {started}\n")
    [record] = account.appflow.describe_flow_execution_records(flowName="orders")["flowExecutions"]
    assert record["executionStatus"] == "Canceled"
    assert run("cancel", "orders").output == "no run in progress\n"
    again = run("cancel", "orders", started)
    assert (again.exit_code, again.output) == (1, f"run '{started}' is not in progress\n")
