"""``push --wait``: what is printed while status events arrive, and the first runs of changed flows."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from appflow_gitops.origin import DocumentVersion
from appflow_gitops.status.events import StatusEvent
from appflow_gitops.sync.change import change_id, drop_identity
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_cli.push import command as push_command
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.runs import outcome_from_json
from fakes.clock import FakeClock
from fakes.flow_documents import orders, text
from fakes.status_events import ended
from integration.cli.conftest import BUCKET, STATUS_LOG, Account, Run
from integration.cli.test_push_command import Stack, write

KEY = "flows/orders.json"


@pytest.fixture
def stack(account: Account) -> Stack:
    return Stack(account)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """The command's clock: botocore's threads wait on time itself."""
    clock = FakeClock(time.time())
    fake_time = SimpleNamespace(time=clock, monotonic=clock, sleep=clock.advance)
    monkeypatch.setattr(push_command, "time", fake_time)
    return clock


def log(event: StatusEvent) -> None:
    logs = boto3.client("logs")
    logs.create_log_stream(logGroupName=STATUS_LOG, logStreamName=event.metadata.id[:20])
    message = json.dumps({"detail": json.loads(event.detail())})
    entry: Any = {"timestamp": int(time.time() * 1000), "message": message}
    logs.put_log_events(logGroupName=STATUS_LOG, logStreamName=event.metadata.id[:20], logEvents=[entry])


def event(outcome: Outcome, **data: Any) -> StatusEvent:
    """The event about the latest version of the document."""
    version = boto3.client("s3").head_object(Bucket=BUCKET, Key=KEY)["VersionId"]
    identity = drop_identity(DocumentVersion(bucket=BUCKET, key=KEY, versionId=version))
    return ended(outcome, "orders", id_=change_id(identity, "orders"), **data)


@pytest.fixture
def when_waiting(monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> Callable[[Callable[[], None]], None]:
    """Calls a function when the command sleeps for the first time."""

    def set_up(act: Callable[[], None]) -> None:
        acts = [act]

        def sleep(seconds: float) -> None:
            clock.advance(seconds)
            if acts:
                acts.pop()()

        fake_time = SimpleNamespace(time=clock, monotonic=clock, sleep=sleep)
        monkeypatch.setattr(push_command, "time", fake_time)

    return set_up


def test_a_held_change_is_printed_and_exits_with_3(
    stack: Stack,  # noqa: ARG001
    run: Run,
    when_waiting: Callable[[Callable[[], None]], None],
) -> None:
    write(KEY, text(orders()))
    when_waiting(lambda: log(event(Outcome.HELD, reason="paused")))
    pushed = run("push", "--wait", "flows")
    assert (pushed.exit_code, pushed.stderr) == (3, "")
    assert pushed.stdout.splitlines() == [
        "Held orders (flows/orders.json): paused",
        "Push: 1 uploaded; 1 Held",
    ]


def test_the_environment_and_deletions_are_printed_before_the_outcomes(
    stack: Stack, run: Run, when_waiting: Callable[[Callable[[], None]], None]
) -> None:
    write(KEY, text(orders()))
    stack.account.put("flows/gone.json", text(orders(flowName="gone")))
    stack.account.put(KEY, text(orders(description="before")))
    write("policy.yaml", "documents: [{prefix: flows/, flows: ['*']}]\n")
    when_waiting(lambda: log(event(Outcome.APPLIED)))
    pushed = run("push", "--wait", "--prune", "--policy", "policy.yaml", "flows")
    assert pushed.stderr == ""
    assert pushed.stdout.splitlines() == [
        "uploaded policy.yaml",
        "deleted flows/gone.json",
        "Applied orders (flows/orders.json)",
        "Push: 1 uploaded, 1 deleted; 1 Applied",
    ]


def test_without_a_status_the_document_is_requeued_once_and_the_push_ends_at_the_timeout(
    stack: Stack, run: Run, clock: FakeClock
) -> None:
    write(KEY, text(orders()))
    began = clock.now
    pushed = run("push", "--wait", "--timeout", "90", "flows")
    assert pushed.exit_code == 1
    assert pushed.stderr == "no status after 60 s: re-queueing 1 document\n"
    assert stack.requests() == [{"bucket": BUCKET, "key": KEY}]
    assert clock.now == began + 90
    assert "flows/orders.json: no status yet for orders" in pushed.stdout
    assert pushed.stdout.splitlines()[-1] == "Push: 1 uploaded; 1 without a status"


def test_the_reason_of_a_retry_is_printed_once(
    stack: Stack,  # noqa: ARG001
    run: Run,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(KEY, text(orders()))
    client = boto3.client("logs")
    client.create_log_group(logGroupName="apply")
    client.create_log_stream(logGroupName="apply", logStreamName="1")
    line = json.dumps({"message": "retrying", "flow": "orders", "change": "other", "code": "Throttling"})
    entry: Any = {"timestamp": int(time.time() * 1000), "message": line}
    client.put_log_events(logGroupName="apply", logStreamName="1", logEvents=[entry])
    read = push_command.read_deployment
    monkeypatch.setattr(push_command, "read_deployment", lambda name: replace(read(name), apply_log="apply"))
    began = clock.now
    pushed = run("push", "--wait", "--timeout", "30", "flows")
    assert clock.now == began + 30
    assert pushed.stderr == (
        "waiting for 'orders': an earlier change of this flow is being retried: Throttling\n"
    )


def test_the_first_run_of_a_changed_flow_is_started_and_waited_for(
    stack: Stack, run: Run, when_waiting: Callable[[Callable[[], None]], None]
) -> None:
    stack.account.create(orders())
    write(KEY, text(orders()))
    controls.outcomes.add(outcome_from_json({"flowName": "orders", "records": 0}))
    when_waiting(lambda: log(event(Outcome.APPLIED)))
    pushed = run("push", "--wait", "--healthy", "--run", "--timeout", "45", "flows")
    assert pushed.stderr == "waiting for the first run of 1 changed flow, at most 45 s\n"
    [_, result, problem, summary] = pushed.stdout.splitlines()
    assert result.startswith("Successful orders: 0 records (run ")
    assert problem == "orders: error: the first run after the change moved 0 records, expected 1 or more"
    assert (pushed.exit_code, summary) == (1, "Push: 1 uploaded; 1 Applied, 1 not healthy")


@pytest.mark.parametrize(("options", "runs"), [((), 1), (("--dry-run",), 0)])
def test_an_unchanged_flow_whose_latest_run_failed_is_not_healthy(
    stack: Stack, run: Run, options: tuple[str, ...], runs: int
) -> None:
    stack.apply(orders())
    write(KEY, text(orders()))
    controls.outcomes.add(outcome_from_json({"flowName": "orders", "status": "Error", "message": "strange"}))
    stack.account.appflow.start_flow(flowName="orders")
    pushed = run("push", "--wait", "--healthy", *options, "flows")
    assert (pushed.exit_code, pushed.stderr) == (runs, "")
    assert sum("strange" in line for line in pushed.stdout.splitlines()) == runs
