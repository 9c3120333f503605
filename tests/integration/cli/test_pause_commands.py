"""``pause`` and ``resume``: what they write into the bucket, and where held changes and pauses are shown."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from appflow_gitops.aws.documents import S3Documents
from appflow_gitops.aws.held_changes import S3HeldChanges
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.held import HeldChange
from appflow_gitops.validation.policy.hold import FlowPause
from appflow_gitops.validation.policy.read import read_pauses
from fakes.flow_documents import orders, text
from integration.cli.conftest import BUCKET, Account, Run

KEY = "flows/orders.json"
POLICY = {"documents": [{"prefix": "flows/", "flows": ["*"]}]}


@pytest.fixture
def deployed(account: Account) -> Account:
    account.deploy("appflow-gitops")
    return account


def stored() -> tuple[FlowPause, ...] | None:
    try:
        found = boto3.client("s3").get_object(Bucket=BUCKET, Key="paused.yaml")
    except ClientError:
        return None
    pauses, findings = read_pauses(found["Body"].read(), "paused.yaml")
    assert not findings
    return pauses


def hold(name: str = "orders", until: str | None = None, version: str | None = None) -> None:
    """What apply stores when it holds a change of the latest version."""
    document = DocumentVersion(bucket=BUCKET, key=KEY, versionId=version) if version else None
    change = Change(
        identity="1", flowName=name, correlationId="1", requestedAt="2026-03-02T08:00:00Z", document=document
    )
    waiting = HeldChange(
        change=change, sequence="1", heldAt="2026-03-02T08:00:01Z", reason="nightly", heldUntil=until
    )
    S3HeldChanges(boto3.client("s3"), BUCKET).keep(waiting)


@pytest.mark.usefixtures("deployed")
def test_pause_holds_all_flows_and_resume_ends_it(run: Run) -> None:
    paused = run("pause", "--reason", "incident 4711")
    assert (paused.exit_code, paused.output) == (0, "paused *: incident 4711\n")
    assert stored() == (FlowPause(("*",), "incident 4711"),)
    hold()
    resumed = run("resume")
    assert (resumed.exit_code, resumed.output) == (0, "1 flow with held changes\n")
    assert stored() is None


@pytest.mark.usefixtures("deployed")
def test_flows_are_paused_and_resumed_by_patterns(run: Run) -> None:
    run("pause", "--reason", "closing", "sales-*", "hr-*")
    run("pause", "--reason", "incident")
    assert run("resume", "sales-*").output == (
        "still paused hr-*: closing\nstill paused *: incident\n0 flows with held changes\n"
    )
    assert stored() == (FlowPause(("hr-*",), "closing"), FlowPause(("*",), "incident"))


@pytest.mark.usefixtures("deployed")
def test_pausing_the_same_flows_again_replaces_the_reason(run: Run) -> None:
    run("pause", "--reason", "first")
    run("pause", "--reason", "second")
    assert stored() == (FlowPause(("*",), "second"),)


@pytest.mark.usefixtures("deployed")
def test_a_pattern_that_is_not_paused_is_an_error(run: Run) -> None:
    run("pause", "sales-*")
    ended = run("resume", "sale-*")
    assert ended.exit_code == 2
    assert "'sale-*' is not paused; paused: 'sales-*'" in ended.output


def test_resume_deletes_a_file_that_cannot_be_read_and_pause_does_not(deployed: Account, run: Run) -> None:
    deployed.put("paused.yaml", "paused: 5")
    assert run("pause").exit_code == 2
    assert run("resume").exit_code == 0
    assert stored() is None


def test_resume_prints_the_pauses_of_policy_and_stack_that_stay(account: Account, run: Run) -> None:
    account.deploy("appflow-gitops", Paused="true")
    account.put("policy.yaml", json.dumps({**POLICY, "paused": [{"flows": ["hr-*"], "reason": "audit"}]}))
    assert run("resume").output.splitlines()[:2] == [
        "still paused *: the stack is deployed with Paused=true",
        "still paused hr-*: audit",
    ]


def test_status_shows_pauses_and_held_changes(deployed: Account, run: Run) -> None:
    deployed.create(orders(description="old"))
    version = deployed.put(KEY, text(orders()))
    run("pause", "--reason", "incident")
    hold(until="2026-03-02T22:00:00.000Z", version=version)
    report: Any = json.loads(run("status", "--format", "json").stdout)
    assert report["paused"] == ["*: incident"]
    [flow] = report["flows"]
    assert (flow["state"], flow["outcome"]) == ("pending", "Held")
    assert flow["note"] == "a change is held: nightly; until 2026-03-02 22:00 UTC"
    for output_format in ("text", "html"):
        shown = run("status", "--format", output_format).output
        assert "Paused *: incident" in shown
        assert "a change is held: nightly; until 2026-03-02 22:00 UTC" in shown


@pytest.mark.parametrize("output_format", ["text", "markdown"])
def test_plan_says_that_a_change_would_be_held(deployed: Account, run: Run, output_format: str) -> None:
    deployed.create(orders(description="old"))
    Path("flows").mkdir()
    Path(KEY).write_text(text(orders()), encoding="utf-8")
    freeze = {"deny": ["*"], "start": "2020-01-01T00:00", "duration": "9999d", "reason": "freeze"}
    deployed.put("policy.yaml", json.dumps({**POLICY, "windows": [freeze]}))
    shown = run("plan", "--no-fields", "--format", output_format, "flows")
    assert "held: in a deny window: freeze; until 2047-05-18 00:00 UTC" in shown.output
    planned: Any = json.loads(run("plan", "--no-fields", "--format", "json", "flows").stdout)
    assert planned["flows"][0]["held"]["reason"] == "in a deny window: freeze"
    deployed.put("policy.yaml", json.dumps(POLICY))
    planned = json.loads(run("plan", "--no-fields", "--format", "json", "flows").stdout)
    assert planned["flows"][0]["held"] is None


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize(
    "arguments", [("--reason", ""), ("--reason", "stop", ""), ("--reason", "\x7f"), ("--reason", "\udcff")]
)
def test_a_pause_that_the_stack_could_not_read_is_not_stored(run: Run, arguments: tuple[str, ...]) -> None:
    """An invalid file pauses all flows, and can only be deleted."""
    run("pause", "--reason", "closing", "sales-*")
    failed = run("pause", *arguments)
    assert (failed.exit_code, "invalid name or reason" in failed.output) == (2, True), failed.output
    assert stored() == (FlowPause(("sales-*",), "closing"),)


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("command", ["pause", "resume"])
def test_a_pause_of_another_user_at_the_same_time_is_kept(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    run("pause", "--reason", "closing", "sales-*")
    put, others = S3Documents.put, iter(["hr-*"])

    def put_after_another(self: S3Documents, *arguments: Any, **options: Any) -> DocumentVersion:
        if flow := next(others, None):
            run("pause", "--reason", "audit", flow)
        return put(self, *arguments, **options)

    monkeypatch.setattr(S3Documents, "put", put_after_another)
    assert run(command, "sales-*").exit_code == 0
    assert FlowPause(("hr-*",), "audit") in (stored() or ())


@pytest.mark.usefixtures("deployed")
def test_a_reason_cannot_control_the_terminal(run: Run) -> None:
    hostile = b'paused: [{flows: [x], reason: "\\e[2J"}, {flows: [y], reason: z}]'
    boto3.client("s3").put_object(Bucket=BUCKET, Key="paused.yaml", Body=hostile)
    assert "\x1b" not in run("resume", "y").output


@pytest.mark.usefixtures("deployed")
def test_a_file_that_other_users_always_replace_is_an_error_after_5_attempts(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = []

    def conflict(*_: Any, **__: Any) -> None:
        attempts.append(1)
        raise PermanentError("PreconditionFailed", "another one")

    monkeypatch.setattr(S3Documents, "put", conflict)
    ended = run("pause")
    assert (ended.exit_code, ended.output, len(attempts)) == (
        2,
        "Error: paused.yaml in the bucket is being replaced by other users; try again\n",
        5,
    )


@pytest.mark.usefixtures("deployed")
def test_another_error_of_the_bucket_is_not_repeated(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = []

    def denied(*_: Any, **__: Any) -> None:
        attempts.append(1)
        raise PermanentError("AccessDenied", "Access Denied")

    monkeypatch.setattr(S3Documents, "put", denied)
    ended = run("pause")
    assert (ended.exit_code, len(attempts)) == (2, 1)
    assert ended.output.startswith("Error: AccessDenied: Access Denied in ")


@pytest.mark.usefixtures("deployed")
def test_a_pattern_is_removed_from_the_pause_of_several_flows_only(run: Run) -> None:
    run("pause", "--reason", "closing", "a-*", "b-*", "c-*")
    run("resume", "a-*", "c-*")
    assert stored() == (FlowPause(("b-*",), "closing"),)
    run("resume", "b-*")
    assert stored() == ()
    assert "is not paused; paused: none" in run("resume", "b-*").output


@pytest.mark.usefixtures("deployed")
def test_a_pause_has_a_reason_and_its_author(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_ACTOR", "maria")
    assert run("pause", "a", "b").output == "paused a, b: paused by an operator\n"
    head = boto3.client("s3").head_object(Bucket=BUCKET, Key="paused.yaml")
    assert head["Metadata"]["git-actor"] == "maria"


def test_an_invalid_file_names_its_problem_and_how_to_delete_it(deployed: Account, run: Run) -> None:
    deployed.put("paused.yaml", "paused: 5")
    ended = run("pause")
    assert ended.output.startswith("Error: paused.yaml in the bucket is invalid: ")
    assert ended.output.endswith("; 'appflow-gitops resume' deletes it\n")
