"""``run``, ``runs`` and ``cancel``: what they do in AppFlow, and their exit status."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from appflow_gitops_cli import flow_runs
from appflow_gitops_cli.run import command as run_command
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.faults import fault_from_json
from appflow_gitops_local.appflow.runs import outcome_from_json
from fakes.clock import START, FakeClock
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


def test_a_canceled_run_exits_with_1(account: Account, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def cancel(_: float) -> None:
        account.appflow.cancel_flow_executions(flowName="orders")

    account.create(orders())
    script(status="InProgress")
    monkeypatch.setattr(run_command, "time", SimpleNamespace(time=FakeClock(), sleep=cancel))
    ended = run("run", "--wait", "orders")
    assert (ended.exit_code, ended.output.splitlines()[-1].split()[:2]) == (1, ["Canceled", "orders:"])


def test_a_run_with_rejected_records_exits_with_1(account: Account, run: Run) -> None:
    account.create(orders())
    script(records=5, putFailures=2)
    assert run("run", "--wait", "orders").exit_code == 1


def test_a_run_that_does_not_end_in_time_continues(
    account: Account, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.create(orders())
    script(status="InProgress")
    clock = FakeClock()
    monkeypatch.setattr(run_command, "time", SimpleNamespace(time=clock, sleep=clock.advance))
    ended = run("run", "--wait", "--timeout", "5", "orders")
    [run_id, error] = ended.output.splitlines()
    assert (ended.exit_code, clock.now) == (2, START + 5)
    assert error == f"Error: run '{run_id}' has not ended after 5 s; it continues"


def test_runs_of_a_flow_without_any_is_a_success(account: Account, run: Run) -> None:
    account.create(orders())
    assert (run("runs", "orders").exit_code, run("runs", "orders").output) == (0, "no runs\n")
    assert run("runs", "--format", "json", "orders").output == "[]\n"


def test_the_latest_run_that_ended_decides_the_exit_status_of_runs(account: Account, run: Run) -> None:
    account.create(orders())
    for outcome in ({"status": "Error"}, {"records": 1}, {"status": "InProgress"}):
        script(**outcome)
        account.appflow.start_flow(flowName="orders")
    assert run("runs", "orders").exit_code == 0
    script(status="Error")
    account.appflow.start_flow(flowName="orders")
    assert run("runs", "--limit", "1", "orders").exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    ["runs --limit 0 orders", "runs --limit 101 orders", "run --wait --timeout 0 orders", "history --limit 0 x",
     "history --limit 1001 x"],
)  # fmt: skip
def test_numbers_outside_of_their_range_are_refused(run: Run, arguments: str) -> None:
    ended = run(*arguments.split())
    assert ended.exit_code == 2
    assert "is not in the range" in ended.output


def test_cancel_cancels_only_the_named_runs_and_those_that_are_not_canceled_yet(
    account: Account, run: Run
) -> None:
    account.create(orders())
    ids = []
    for _ in range(2):
        script(status="InProgress")
        ids.append(account.appflow.start_flow(flowName="orders")["executionId"])
    ended = run("cancel", "orders", ids[0], "nosuch")
    assert ended.exit_code == 1
    assert ended.output.splitlines() == [f"canceling {ids[0]}", "run 'nosuch' is not in progress"]
    assert run("cancel", "orders").output == f"canceling {ids[1]}\n"
