"""``push``: what it writes to the bucket and the bus, and its errors.

Waiting for what was pushed is in ``tests/e2e/test_push.py``.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from appflow_gitops.flows.canonical import content_digest
from appflow_gitops_cli.main import cli
from appflow_gitops_cli.push import command as push_command
from fakes.clock import START, FakeClock
from fakes.flow_documents import orders, text
from integration.cli.conftest import BUCKET, BUS, STATUS_LOG, Account, Run

KEY = "flows/orders.json"
STACK = "appflow-gitops"


class Stack:
    """The account with the stack, and a queue that receives the requests."""

    def __init__(self, account: Account) -> None:
        self.account = account
        account.deploy(STACK, CreateMissingFlows="true")
        boto3.client("logs").create_log_group(logGroupName=STATUS_LOG)
        self.sqs, events = boto3.client("sqs"), boto3.client("events")
        events.create_event_bus(Name=BUS)
        self.queue = self.sqs.create_queue(QueueName="requests")["QueueUrl"]
        described = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])
        arn = described["Attributes"]["QueueArn"]
        pattern = json.dumps({"detail-type": ["Flow Change Requested"]})
        events.put_rule(Name="requests", EventBusName=BUS, EventPattern=pattern)
        events.put_targets(Rule="requests", EventBusName=BUS, Targets=[{"Id": "queue", "Arn": arn}])

    def requests(self) -> list[Any]:
        """The documents of the requests."""
        received = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        return [json.loads(message["Body"])["detail"]["document"] for message in received.get("Messages", [])]

    def stored(self) -> list[str]:
        listed = self.account.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return sorted(entry["Key"] for entry in listed)

    def versions(self) -> int:
        return len(self.account.s3.list_object_versions(Bucket=BUCKET).get("Versions", []))

    def get(self, key: str) -> Any:
        return self.account.s3.get_object(Bucket=BUCKET, Key=key)

    def apply(self, flow: dict[str, Any]) -> None:
        """The document and its flow, as after apply."""
        version = self.account.put(KEY, text(flow))
        self.account.create(
            flow,
            **{
                "appflow-gitops:document": f"s3://{BUCKET}/{KEY}",
                "appflow-gitops:version": version,
                "appflow-gitops:digest": content_digest(flow),
            },
        )


@pytest.fixture
def stack(account: Account) -> Stack:
    return Stack(account)


def write(file: str, content: str) -> None:
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text(content)


def unwrapped(output: str) -> str:
    return " ".join(output.split())


def pushed(run: Run, *arguments: str) -> Any:
    return json.loads(run("push", "--format", "json", *arguments).output)


def steps(run: Run, *arguments: str) -> dict[str, str]:
    return {document["key"]: document["step"] for document in pushed(run, *arguments)["documents"]}


def test_new_and_changed_documents_are_uploaded_with_their_provenance(
    stack: Stack, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("ACTIONS", "true"),
        ("SHA", "4f2c1a9"),
        ("REPOSITORY", "acme/flows"),
        ("ACTOR", "ci"),
    ):
        monkeypatch.setenv(f"GITHUB_{name}", value)
    stack.account.put(KEY, text(orders(description="before")))
    write(KEY, text(orders()))
    write("flows/sales/returns.yaml", text(orders(flowName="returns")))
    assert steps(run, "flows") == {KEY: "upload", "flows/sales/returns.yaml": "upload"}
    stored = stack.get(KEY)
    assert stored["Body"].read().decode() == text(orders())
    assert stored["Metadata"] == {"git-commit": "4f2c1a9", "git-repository": "acme/flows", "git-actor": "ci"}
    assert stack.requests() == []


def test_flows_in_sync_are_neither_uploaded_nor_requeued(stack: Stack, run: Run) -> None:
    stack.apply(orders())
    write(KEY, text(orders()))
    ended = run("push", "--wait", "flows")
    assert (ended.exit_code, ended.output) == (0, "Push: 1 unchanged\n")
    assert (stack.versions(), stack.requests()) == (1, [])


def test_a_drifted_flow_is_requeued_and_not_uploaded(stack: Stack, run: Run) -> None:
    stack.apply(orders())
    stack.account.appflow.update_flow(**orders(description="by hand"))
    write(KEY, text(orders()))
    assert steps(run, "flows") == {KEY: "ask"}
    assert stack.versions() == 1
    assert stack.requests() == [{"bucket": BUCKET, "key": KEY}]


def test_a_missing_flow_is_requeued(stack: Stack, run: Run) -> None:
    stack.account.put(KEY, text(orders()))
    write(KEY, text(orders()))
    assert steps(run, "flows") == {KEY: "ask"}


def test_a_document_that_is_still_invalid_fails_again(stack: Stack, run: Run) -> None:
    bad = text(orders()).replace("OnDemand", "OnDemands")
    stack.account.put(KEY, bad)
    write(KEY, bad)
    ended = run("push", "--wait", "flows")
    assert ended.exit_code == 1
    assert ended.output.startswith("flows/orders.json:5:20: error: unknown trigger type 'OnDemands'")
    assert (stack.versions(), stack.requests()) == (1, [])


def test_the_folder_corresponds_to_flows_or_to_the_prefix(stack: Stack, run: Run) -> None:
    write("appflow/orders.json", text(orders()))
    run("push", "appflow")
    run("push", "--prefix", "flows/sales", "appflow")
    assert stack.stored() == [KEY, "flows/sales/orders.json"]


def test_extra_documents_are_reported_and_deleted_only_with_prune(stack: Stack, run: Run) -> None:
    stack.apply(orders())
    stack.account.put("flows/gone.json", text(orders(flowName="gone")))
    stack.account.put("flows/README.md", "no document")
    write(KEY, text(orders()))
    stack.account.create(
        orders(flowName="gone"), **{"appflow-gitops:document": f"s3://{BUCKET}/flows/gone.json"}
    )
    kept = run("push", "flows")
    assert kept.output == (
        "note: the bucket has 1 document that flows lacks; --prune deletes it\nPush: 1 unchanged\n"
    )
    assert "flows/gone.json" in stack.stored()
    assert run("push", "--prune", "flows").output == (
        "deleted flows/gone.json\n"
        "note: no document declares the flow 'gone' any more; it stays Active\n"
        "Push: 1 unchanged, 1 deleted\n"
    )
    assert stack.stored() == ["flows/README.md", KEY]


def test_a_flow_that_loses_its_document_is_reported(stack: Stack, run: Run) -> None:
    stack.apply(orders())
    write(KEY, text(orders(flowName="renamed")))
    assert "note: no document declares the flow 'orders' any more; it stays Active" in unwrapped(
        run("push", "flows").output
    )


def test_a_flow_that_another_folder_declares_too_is_not_reported_as_orphan(stack: Stack, run: Run) -> None:
    stack.apply(orders())
    stack.account.put("flows/theirs/orders.json", text(orders()))
    write("mine/orders.json", text(orders(flowName="renamed")))
    stack.account.put("flows/mine/orders.json", text(orders()))
    arn = stack.account.appflow.describe_flow(flowName="orders")["flowArn"]
    owner = {"appflow-gitops:document": f"s3://{BUCKET}/flows/mine/orders.json"}
    stack.account.appflow.tag_resource(resourceArn=arn, tags=owner)
    output = unwrapped(run("push", "--prefix", "flows/mine", "mine").output)
    assert "the flow 'orders' moves to flows/orders.json or flows/theirs/orders.json" in output
    assert "no document declares" not in output


def test_only_documents_under_the_prefix_are_pruned(stack: Stack, run: Run) -> None:
    for key in ("flows/theirs.json", "flows/sales/orders.json", "flows/sales/gone.json"):
        stack.account.put(key, text(orders()))
    write("mine/orders.json", text(orders()))
    run("push", "--prune", "--prefix", "flows/sales/", "mine")
    assert stack.stored() == ["flows/sales/orders.json", "flows/theirs.json"]


def test_a_folder_without_documents_prunes_only_if_that_is_confirmed(stack: Stack, run: Run) -> None:
    stack.apply(orders())
    Path("flows").mkdir()
    for command in ("plan", "push"):
        ended = run(command, "--prune", "flows")
        assert ended.output == (
            "Error: --prune would delete every document in the bucket (1), because flows has none of them; "
            "check DIR and --prefix, or confirm with --allow-empty\n"
        )
        assert ended.exit_code == (1 if command == "plan" else 2)
    assert stack.stored() == [KEY]
    planned = run("plan", "--prune", "--allow-empty", "flows")
    assert (planned.exit_code, f"- {KEY} will be deleted" in planned.output) == (2, True)
    assert "- orders will be orphaned" in planned.output
    ended = run("push", "--prune", "--allow-empty", "flows")
    assert (ended.exit_code, ended.output.splitlines()[-1]) == (0, "Push: 1 deleted")
    assert stack.stored() == []
    assert run("push", "--prune", "--allow-empty", "flows").exit_code == 2


@pytest.mark.parametrize("policy", [(), ("--policy", "policy.yaml")])
def test_an_emptied_folder_prunes_only_its_part_of_the_bucket(
    stack: Stack, run: Run, policy: tuple[str, ...]
) -> None:
    write("policy.yaml", "documents: [{prefix: flows/, flows: ['*']}]\n")
    for key in (KEY, "flows/sales/gone.json"):
        stack.account.put(key, text(orders()))
    Path("flows/sales").mkdir(parents=True)
    planned = run("plan", "--prune", "--allow-empty", *policy, "flows/sales")
    assert "flows/sales/gone.json will be deleted" in planned.output
    assert f"{KEY} will be deleted" not in planned.output
    run("push", "--prune", "--allow-empty", "--prefix", "flows/sales/", *policy, "flows/sales")
    assert [key for key in stack.stored() if key != "policy.yaml"] == [KEY]


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("command", ["plan", "push"])
@pytest.mark.parametrize("prune", [(), ("--prune",)])
def test_a_folder_without_documents_here_and_in_the_bucket_is_an_error(
    run: Run, command: str, prune: tuple[str, ...]
) -> None:
    Path("flows").mkdir()
    ended = run(command, *prune, "flows")
    assert ended.exit_code == (1 if command == "plan" else 2)
    assert ended.output == "Error: no documents found: expected files that end in .json, .yaml, .yml\n"


def test_the_wrong_folder_prunes_nothing(stack: Stack, run: Run) -> None:
    stack.account.put(KEY, text(orders()))
    write("flows/orders.json", text(orders()))
    ended = run("push", "--prune", ".")
    assert ended.exit_code == 2
    assert ended.output.startswith(
        "Error: --prune would delete every document in the bucket (1), because . has none of them"
    )
    assert stack.stored() == [KEY]


def test_a_dry_run_changes_nothing_and_prints_every_step(stack: Stack, run: Run) -> None:
    stack.apply(orders())
    stack.account.appflow.update_flow(**orders(description="by hand"))
    stack.account.put("flows/gone.json", text(orders(flowName="gone")))
    write(KEY, text(orders()))
    write("flows/new.json", text(orders(flowName="new")))
    write("policy.yaml", "documents: [{prefix: flows/, flows: ['*'], connectors: [S3], buckets: ['*']}]\n")
    ended = run("push", "--dry-run", "--wait", "--prune", "--policy", "policy.yaml", "flows")
    assert ended.exit_code == 0
    assert ended.output.splitlines() == [
        "would upload policy.yaml",
        "would delete flows/gone.json",
        "would upload flows/new.json",
        "would re-queue flows/orders.json",
        "Push: 1 to upload, 1 to re-queue, 1 to delete",
    ]
    assert (stack.stored(), stack.versions(), stack.requests()) == (["flows/gone.json", KEY], 2, [])


def test_changed_policy_and_variables_are_uploaded_and_validate_the_documents(
    account: Account, run: Run
) -> None:
    account.deploy(STACK, stage="prod")
    boto3.client("events").create_event_bus(Name=BUS)
    write("policy.yaml", "documents: [{prefix: flows/, flows: [sales-*]}]\n")
    write("variables/prod.yaml", "TEXT: of prod\n")
    write(KEY, text(orders(description="${env.TEXT}")))
    options = ("--policy", "policy.yaml", "--vars", "variables/prod.yaml", "flows")
    first = pushed(run, "--force", *options)
    assert first["stage"] == ["policy.yaml", "variables/prod.yaml"]
    assert [finding["rule"] for finding in first["documents"][0]["findings"]] == ["AFG301"]
    assert pushed(run, "--force", *options)["stage"] == []


def test_while_a_document_is_invalid_nothing_is_sent(stack: Stack, run: Run) -> None:
    write(KEY, text(orders()))
    write("flows/bad.json", text(orders()).replace("OnDemand", "OnDemands"))
    ended = run("push", "--wait", "flows")
    assert ended.exit_code == 1
    assert ended.output.startswith("flows/bad.json:5:20: error: unknown trigger type 'OnDemands'")
    assert ended.output.endswith("Push: nothing sent, 1 invalid document\n")
    assert stack.stored() == []


def test_with_force_the_valid_documents_are_sent(stack: Stack, run: Run) -> None:
    write(KEY, text(orders()))
    write("flows/bad.json", text(orders(flowName="bad")).replace("OnDemand", "OnDemands"))
    ended = run("push", "--force", "flows")
    assert (ended.exit_code, stack.stored()) == (1, [KEY])


def test_flows_outside_of_the_prefix_of_the_stack_are_not_sent(account: Account, run: Run) -> None:
    account.deploy(STACK, FlowNamePrefix="dev-")
    boto3.client("events").create_event_bus(Name=BUS)
    write(KEY, text(orders()))
    ended = run("push", "flows")
    assert ended.exit_code == 1
    assert unwrapped(ended.output).startswith(
        "flows/orders.json: error: flow 'orders': the stack may only change flows whose name starts with 'dev-'"
    )
    assert account.s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0


NEWER = "4f2c1a94f2c1a94f2c1a94f2c1a94f2c1a94f2c1"
OLDER_CHECKOUT = f"the bucket has commit '{NEWER}', which this working copy does not contain"


@pytest.fixture
def checkout(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - in the folder of the command
    """A repository with one document, which does not contain the commit ``NEWER``."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    write(KEY, text(orders()))
    for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "Add a flow")):
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", *identity, *command], check=True)  # noqa: S607


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("options", [(), ("--allow-older",)])
def test_a_push_does_not_go_back_behind_the_recorded_commit(
    stack: Stack, run: Run, options: tuple[str, ...]
) -> None:
    stack.account.s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"{}", Metadata={"git-commit": NEWER})
    ended = run("push", *options, "flows")
    assert ended.exit_code == (0 if options else 2)
    assert (OLDER_CHECKOUT in ended.output) is not bool(options)
    assert (stack.versions() == 2) is bool(options)
    write(KEY, text(orders(description="edited")))
    dirty = run("push", "--allow-older", "flows")
    assert "note: flows has uncommitted changes, so no commit is recorded\n" in dirty.output


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize(
    ("stored", "prune", "status", "noted"),
    [
        ({KEY: text(orders(description="newer"))}, False, 2, True),
        # Only the layout differs: no flow changes, but push would upload the document.
        ({KEY: f"\n{text(orders())}"}, False, 0, True),
        ({KEY: text(orders())}, False, 0, False),
        ({KEY: text(orders()), "flows/new.json": text(orders(flowName="new"))}, True, 2, True),
        ({KEY: text(orders()), "flows/new.json": text(orders(flowName="new"))}, False, 0, False),
    ],
    ids=["changed", "layout", "same", "deleted", "kept"],
)
def test_plan_says_whether_push_would_go_back_behind_the_recorded_commit(
    stack: Stack, run: Run, stored: dict[str, str], *, prune: bool, status: int, noted: bool
) -> None:
    options = ("--prune",) if prune else ()
    stack.apply(json.loads(stored[KEY]))
    arn = stack.account.appflow.describe_flow(flowName="orders")["flowArn"]
    stack.account.appflow.tag_resource(resourceArn=arn, tags={"appflow-gitops:commit": NEWER})
    for key, content in stored.items():
        stack.account.s3.put_object(Bucket=BUCKET, Key=key, Body=content, Metadata={"git-commit": NEWER})
    planned = run("plan", "--no-fields", *options, "flows")
    assert (planned.exit_code, OLDER_CHECKOUT in unwrapped(planned.output)) == (status, noted)
    pushed = run("push", "--dry-run", *options, "flows")
    assert (OLDER_CHECKOUT in pushed.output) is noted


def error_line(ended: Any) -> str:
    """The only line of output of a command that could not run."""
    assert ended.exit_code == 2
    [line] = ended.output.splitlines()
    return str(line)


@pytest.mark.parametrize(
    ("stage", "message"), [("", "the stack has no stage"), ("dev", "the stage of the stack is 'dev'")]
)
def test_variables_of_another_stage_are_rejected(
    account: Account, run: Run, stage: str, message: str
) -> None:
    account.deploy(STACK, stage=stage)
    write("variables/prod.yaml", "TEXT: of prod\n")
    write(KEY, text(orders()))
    assert message in error_line(run("push", "--vars", "variables/prod.yaml", "flows"))


def test_a_broken_policy_is_reported_with_its_location_and_nothing_is_pushed(stack: Stack, run: Run) -> None:
    write("policy.yaml", "documents: [{prefix: flows/, colour: red}]\n")
    write(KEY, text(orders()))
    line = error_line(run("push", "--policy", "policy.yaml", "flows"))
    assert line.startswith("Error: nothing pushed: policy.yaml:1:")
    assert stack.stored() == []


@pytest.mark.parametrize(
    ("file", "arguments", "message"),
    [
        (
            "flows/orders.YAML",
            ("flows",),
            "flows/orders.YAML: expected a name that ends in one of .json, .yaml, .yml",
        ),
        (
            KEY,
            ("--prefix", "elsewhere", "flows"),
            "--prefix elsewhere: expected a prefix that starts with flows/",
        ),
        (
            KEY,
            ("--stack", "nosuch", "flows"),
            "stack 'nosuch' does not exist in us-east-1, account 123456789012 (select another stack with --stack)",
        ),
    ],
)
def test_what_cannot_be_pushed_is_one_line(
    stack: Stack, run: Run, file: str, arguments: tuple[str, ...], message: str
) -> None:
    write(file, text(orders()))
    assert message in error_line(run("push", *arguments))
    assert stack.stored() == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--healthy"], "--healthy needs --wait"),
        (["--wait", "--run"], "--run needs --healthy"),
    ],
)
def test_options_about_runs_need_each_other(run: Run, options: list[str], message: str) -> None:
    ended = run("push", *options, "flows")
    assert ended.exit_code == 2
    assert message in ended.output


def test_wait_needs_a_stack_with_a_status_log(account: Account, run: Run) -> None:
    account.deploy(STACK, status_log=False)
    write(KEY, text(orders()))
    line = error_line(run("push", "--wait", "flows"))
    assert line == (
        "Error: the stack has no log of status events; deploy the current version of the stack, or push without --wait"
    )
    assert account.s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0


def test_a_deleted_status_log_is_reported_before_anything_is_uploaded(stack: Stack, run: Run) -> None:
    boto3.client("logs").delete_log_group(logGroupName=STATUS_LOG)
    write(KEY, text(orders()))
    assert error_line(run("push", "--wait", "flows")) == (
        f"Error: log group '{STATUS_LOG}' does not exist; deploy the stack again"
    )
    assert stack.stored() == []


@pytest.fixture
def at_the_second_poll(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Raises an error when the log is polled for the second time; the first time is before the upload."""

    def happens(error: BaseException) -> None:
        real, looks = boto3.client, iter([None, error])

        def look(**_: object) -> None:
            if (raised := next(looks)) is not None:
                raise raised

        def client(service: str, **members: Any) -> Any:
            made = real(service, **members)
            made.meta.events.register("before-call.cloudwatch-logs.FilterLogEvents", look)
            return made

        monkeypatch.setattr(boto3, "client", client)

    return happens


def test_expired_credentials_end_the_wait_but_not_the_changes(
    stack: Stack, run: Run, at_the_second_poll: Callable[[BaseException], None]
) -> None:
    write(KEY, text(orders()))
    expired = {"Error": {"Code": "ExpiredTokenException", "Message": "The security token has expired"}}
    at_the_second_poll(ClientError(expired, "FilterLogEvents"))
    assert error_line(run("push", "--wait", "flows")) == (
        "Error: The security token has expired (sign in again): uploaded documents are still being processed; "
        "run 'appflow-gitops status' to see their outcomes"
    )
    assert stack.stored() == [KEY]


@pytest.mark.parametrize("timeout", [30, 90])
def test_a_wait_ends_at_the_timeout(
    stack: Stack,  # noqa: ARG001
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    timeout: int,
) -> None:
    clock = FakeClock()
    # Only the command's clock: botocore's threads wait on time itself.
    fake_time = SimpleNamespace(time=time.time, monotonic=clock, sleep=clock.advance)
    monkeypatch.setattr(push_command, "time", fake_time)
    write(KEY, text(orders()))
    run("push", "--wait", "--timeout", str(timeout), "flows")
    assert clock.now == START + timeout


def test_an_interrupted_wait_reports_that_the_changes_continue(
    stack: Stack, run: Run, at_the_second_poll: Callable[[BaseException], None]
) -> None:
    write(KEY, text(orders()))
    at_the_second_poll(KeyboardInterrupt())
    ended = run("push", "--wait", "flows")
    assert ended.exit_code == 130
    assert ended.output.startswith("Error: interrupted: uploaded documents are still being processed")
    assert stack.stored() == [KEY]


def test_without_wait_a_note_says_how_to_see_the_outcomes(stack: Stack, run: Run) -> None:
    write(KEY, text(orders()))
    ended = run("push", "flows")
    assert ended.exit_code == 0
    assert ended.output.splitlines() == [
        "uploaded flows/orders.json",
        "note: outcomes not awaited; see 'appflow-gitops status', or push with --wait",
        "Push: 1 uploaded",
    ]
    assert stack.stored() == [KEY]


@pytest.mark.parametrize(("former", "step"), [("", "unchanged"), ("older,old", "re-queue")])
def test_flows_of_former_buckets_are_adopted(account: Account, run: Run, former: str, step: str) -> None:
    account.create(orders(), **{"appflow-gitops:document": "s3://old/flows/a.json"})
    account.put(KEY, text(orders()))
    account.deploy(STACK, FormerBuckets=former)
    boto3.client("events").create_event_bus(Name=BUS)
    write(KEY, text(orders()))
    assert f"1 {step}" in run("push", "--dry-run", "flows").output.replace(" to ", " ")


def write_refused(stack: Stack) -> None:
    """A document that changes the connector of its live flow, which AppFlow cannot."""
    flow = orders()
    stack.apply(flow)
    source = {"connectorType": "Salesforce", "connectorProfileName": "crm"}
    source["sourceConnectorProperties"] = {"Salesforce": {"object": "Order"}}  # type: ignore[assignment]
    tasks = [{"taskType": "Map_all", "sourceFields": [], "connectorOperator": {"Salesforce": "NO_OP"}}]
    write(KEY, text({**flow, "sourceFlowConfig": source, "tasks": tasks}))


def test_a_change_that_plan_refuses_is_not_sent_and_keeps_no_other_document_back(
    stack: Stack, run: Run
) -> None:
    write_refused(stack)
    write("flows/returns.json", text(orders(flowName="returns")))
    assert run("plan", "flows").exit_code == 1
    ended = run("push", "flows")
    assert ended.exit_code == 1
    assert f"{KEY}: error: flow 'orders': " in ended.output
    note = "note: 1 document not sent, because all changes would be refused; --force sends it"
    assert note in unwrapped(ended.output)
    assert ended.output.endswith("Push: 1 uploaded, 1 refused\n")
    assert stack.versions() == 2
    assert stack.stored() == [KEY, "flows/returns.json"]


def test_a_refused_change_is_sent_with_force(stack: Stack, run: Run) -> None:
    write_refused(stack)
    assert steps(run, "--force", "flows") == {KEY: "upload"}
    assert stack.versions() == 2


def test_a_missing_flow_that_the_stack_does_not_create_is_not_sent(account: Account, run: Run) -> None:
    account.deploy("no-creation")
    boto3.client("events").create_event_bus(Name=BUS)
    write(KEY, text(orders()))
    document, *_ = pushed(run, "--stack", "no-creation", "flows")["documents"]
    assert (document["step"], "CreateMissingFlows" in document["problems"][0]) == ("refused", True)


def test_a_document_with_a_refused_flow_is_sent_for_its_other_flows_and_reported(
    stack: Stack, run: Run
) -> None:
    write_refused(stack)
    refused = json.loads(Path(KEY).read_text())
    write(KEY, json.dumps([refused, orders(flowName="returns")]))
    ended = run("push", "flows")
    assert (ended.exit_code, stack.versions()) == (1, 2)
    assert f"{KEY}: error: flow 'orders': " in ended.output


def test_a_note_on_uncommitted_changes_is_printed_once_and_before_the_uploads(
    stack: Stack, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    write(KEY, text(orders()))
    command = ["git", "init", "--quiet"]
    subprocess.run(command, check=True)
    lines = run("push", "flows").output.splitlines()
    assert lines[:2] == [
        "note: flows has uncommitted changes, so no commit is recorded",
        "uploaded flows/orders.json",
    ]
    assert sum("uncommitted" in line for line in lines) == 1
    assert stack.stored() == [KEY]


def test_no_line_is_wider_than_80_columns(stack: Stack, run: Run) -> None:
    write_refused(stack)
    for number in range(3):
        stack.account.put(f"flows/a-long-name-of-a-document-{number}.json", text(orders(flowName="x")))
    assert max(map(len, run("push", "flows").output.splitlines())) <= 80


def change_some(stack: Stack, changed: int, existing: int = 10) -> None:
    """A folder of flows in sync, except ``changed`` ones with another description, and two new flows."""
    for number in range(existing):
        flow = orders(flowName=f"flow-{number}")
        key = f"flows/flow-{number}.json"
        stack.account.put(key, text(flow))
        owner = {"appflow-gitops:document": f"s3://{BUCKET}/{key}"}
        stack.account.create(flow, **owner)
        write(key, text({**flow, "description": "changed"} if number < changed else flow))
    write("flows/new.json", json.dumps([orders(flowName="new-1"), orders(flowName="new-2")]))


@pytest.mark.parametrize("options", [(), ("--force",), ("--format", "json")])
def test_a_push_that_changes_more_than_30_percent_of_10_flows_needs_yes(
    stack: Stack, run: Run, options: tuple[str, ...]
) -> None:
    change_some(stack, 4)
    ended = run("push", *options, "flows")
    assert ended.exit_code == 1
    assert ended.output == (
        "Error: this push would change 4 of 10 existing flows, more than 30 %; check 'appflow-gitops plan', then "
        "push with --yes\n"
    )
    assert stack.versions() == 10
    assert run("push", "--yes", "flows").exit_code == 0
    assert stack.versions() == 15


@pytest.mark.parametrize("content", ["{", text(orders(flowName="flow-9")).replace("OnDemand", "OnDemands")])
def test_flows_of_invalid_documents_count_as_existing(stack: Stack, run: Run, content: str) -> None:
    change_some(stack, 9)
    write("flows/flow-9.json", content)
    ended = run("push", "--force", "flows")
    assert ended.exit_code == 1
    assert "this push would change 9 of 9 existing flows, more than 30 %, not counting 1 flow" in ended.output
    assert stack.versions() == 10


@pytest.mark.parametrize(("changed", "existing"), [(3, 10), (9, 9)])
def test_up_to_30_percent_and_any_part_of_fewer_than_10_flows_need_no_yes(
    stack: Stack, run: Run, changed: int, existing: int
) -> None:
    change_some(stack, changed, existing)
    assert run("push", "flows").exit_code == 0
    assert stack.versions() == existing + changed + 1


def test_a_dry_run_says_that_the_push_needs_yes(stack: Stack, run: Run) -> None:
    change_some(stack, 4)
    ended = run("push", "--dry-run", "flows")
    note = "note: this push would change 4 of 10 existing flows, more than 30 %; it needs --yes"
    assert (ended.exit_code, note in unwrapped(ended.output)) == (0, True)


def test_a_dry_run_with_yes_asks_for_no_yes(stack: Stack, run: Run) -> None:
    change_some(stack, 4)
    ended = run("push", "--dry-run", "--yes", "flows")
    assert (ended.exit_code, "--yes" in ended.output) == (0, False)


@pytest.mark.parametrize("command", [["push", "--wait", "flows"], ["run", "--wait", "orders"]])
@pytest.mark.parametrize("value", ["nan", "inf", "1e999"])
@pytest.mark.usefixtures("stack")
def test_a_timeout_that_is_not_a_number_is_refused(run: Run, command: list[str], value: str) -> None:
    ended = run(*command, "--timeout", value)
    assert ended.exit_code == 2
    assert f"--timeout: invalid value '{value}', expected a number of seconds" in ended.output


@pytest.mark.parametrize(("answer", "exit_code", "uploads"), [("y", 0, 5), ("n", 1, 0)])
@pytest.mark.usefixtures("run")
def test_on_a_terminal_a_mass_change_asks(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, answer: str, exit_code: int, uploads: int
) -> None:
    change_some(stack, 4)
    terminal = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr(push_command, "sys", SimpleNamespace(stdin=terminal, stderr=terminal, exit=sys.exit))
    ended = CliRunner().invoke(cli, ["push", "flows"], input=f"{answer}\n")
    assert ended.output.startswith(
        "this push would change 4 of 10 existing flows, more than 30 %. Continue? [y/N]"
    )
    assert (ended.exit_code, stack.versions()) == (exit_code, 10 + uploads)


def test_a_stack_without_a_bus_is_too_old(
    account: Account, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.deploy(STACK)
    read = push_command.read_deployment
    monkeypatch.setattr(push_command, "read_deployment", lambda name: replace(read(name), bus=""))
    write(KEY, text(orders()))
    assert error_line(run("push", "flows")) == (
        f"Error: stack '{STACK}' has no output EventBusName; deploy the current version of the stack"
    )
