"""``plan`` shows what documents would change, and writes nothing."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.faults import fault_from_json
from fakes.flow_documents import orders, scheduled, text
from integration.cli.conftest import BUCKET, Account, Run

OWNER = "appflow-gitops:document"


def write(file: str, flow: dict[str, Any]) -> None:
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text(text(flow))


def planned(run: Run, *arguments: str) -> Any:
    ended = run("plan", "--format", "json", *arguments)
    return {flow["flowName"]: flow for flow in json.loads(ended.output)["flows"]}


def test_an_export_is_in_sync(account: Account, run: Run) -> None:
    for number in range(12):
        account.create(orders(flowName=f"orders-{number}"))
    account.create(scheduled(flowName="hourly"))
    run("export", "--all", "--out", "flows")
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert (ended.exit_code, ended.output) == (0, "Plan: 13 unchanged\n")


def test_changes_are_printed_and_exit_with_2_and_appflow_is_unchanged(account: Account, run: Run) -> None:
    account.create(orders(description="before"))
    write("flows/orders.json", orders(description="after"))
    before = account.appflow.describe_flow(flowName="orders")
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert ended.exit_code == 2
    assert ended.output == (
        "~ orders will be updated (flows/orders.json)\n"
        '    ~ /description: "before" -> "after"\n'
        "\n"
        "Plan: 1 to update\n"
    )
    after = account.appflow.describe_flow(flowName="orders")
    assert {**before, "ResponseMetadata": None} == {**after, "ResponseMetadata": None}


@pytest.mark.parametrize(("create", "action", "status"), [((), "refuse", 1), (("--create",), "create", 2)])
def test_a_missing_flow_is_created_only_with_create(
    account: Account, run: Run, create: tuple[str, ...], action: str, status: int
) -> None:
    write("flows/orders.json", orders())
    assert planned(run, "--bucket", BUCKET, *create, "flows")["orders"]["action"] == action
    assert run("plan", "--bucket", BUCKET, *create, "flows").exit_code == status
    assert account.appflow.list_flows()["flows"] == []


def test_an_invalid_document_is_reported_with_its_location_and_exits_with_1(
    account: Account, run: Run
) -> None:
    account.create(orders())
    write("flows/orders.json", orders())
    Path("flows/broken.yaml").write_text("flowName: [orders]\n")
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert ended.exit_code == 1
    assert "flows/broken.yaml:1:11: error:" in ended.output
    assert ended.output.endswith("Plan: 1 unchanged, 1 invalid document\n")


def test_a_flow_of_another_document_is_refused_while_that_declares_it(account: Account, run: Run) -> None:
    account.create(orders(), **{OWNER: f"s3://{BUCKET}/flows/theirs.json"})
    account.put("flows/theirs.json", text(orders()))
    write("flows/mine.json", orders(description="mine"))
    refused = planned(run, "--bucket", BUCKET, "flows")["orders"]
    assert (refused["action"], refused["error"]["code"]) == ("refuse", "OwnedByAnotherDocument")
    account.put("flows/theirs.json", text(orders(flowName="another")))
    assert planned(run, "--bucket", BUCKET, "flows")["orders"]["action"] == "update"


def test_without_a_bucket_a_note_says_that_owners_were_not_checked(account: Account, run: Run) -> None:
    account.create(orders(), **{OWNER: f"s3://{BUCKET}/flows/theirs.json"})
    write("flows/mine.json", orders())
    ended = run("plan", "flows")
    assert ended.exit_code == 0
    assert (
        "note: not checked whether flows belong to other documents: unknown documents bucket" in ended.output
    )


def test_without_a_key_a_note_says_that_owners_were_not_checked(account: Account, run: Run) -> None:
    account.create(orders(), **{OWNER: f"s3://{BUCKET}/flows/theirs.json"})
    account.put("flows/theirs.json", text(orders()))
    write("elsewhere/mine.json", orders())
    ended = run("plan", "--bucket", BUCKET, "elsewhere")
    assert (ended.exit_code, "(see --prefix)" in ended.output) == (0, True)


def test_the_bucket_is_an_output_of_the_stack(account: Account, run: Run) -> None:
    account.deploy("flows-of-prod")
    account.create(orders())
    write("flows/orders.json", orders())
    assert run("plan", "--stack", "flows-of-prod", "flows").output == "Plan: 1 unchanged\n"


@pytest.mark.usefixtures("account")
def test_a_named_stack_must_exist(run: Run) -> None:
    write("flows/orders.json", orders())
    ended = run("plan", "--stack", "no-such", "flows")
    assert (ended.exit_code, ended.output.startswith("Error: stack")) == (2, True)


def test_the_policy_in_the_bucket_applies(account: Account, run: Run) -> None:
    account.create(orders())
    account.put("policy.yaml", "documents: [{prefix: flows/sales/, flows: [sales-*]}]\n")
    write("flows/sales/orders.json", orders())
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert (ended.exit_code, "AFG3" in ended.output) == (1, True)


def test_a_flow_that_cannot_be_read_is_refused_and_the_others_are_planned(account: Account, run: Run) -> None:
    for name in ("orders", "locked"):
        account.create(orders(flowName=name))
        write(f"flows/{name}.json", orders(flowName=name))
    fault = {"operation": "DescribeFlow", "error": "AccessDeniedException", "status": 403, "times": 99}
    controls.faults.add(fault_from_json({**fault, "flowName": "locked"}))
    flows = planned(run, "--bucket", BUCKET, "flows")
    assert {name: flow["action"] for name, flow in flows.items()} == {
        "orders": "unchanged",
        "locked": "refuse",
    }
    assert flows["locked"]["error"]["code"] == "AccessDeniedException"


def test_throttled_calls_are_retried(account: Account, run: Run) -> None:
    account.create(orders())
    write("flows/orders.json", orders())
    throttled = {"operation": "DescribeFlow", "error": "ThrottlingException", "status": 429, "times": 1}
    controls.faults.add(fault_from_json(throttled))
    assert run("plan", "--bucket", BUCKET, "flows").exit_code == 0


def test_only_reading_calls_are_made(account: Account, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    account.create(scheduled())
    write("flows/orders.json", scheduled(flowStatus="Active", description="after"))
    called: list[str] = []
    real = boto3.client

    def watched(*arguments: Any, **members: Any) -> Any:
        client = real(*arguments, **members)
        client.meta.events.register("before-call.*.*", lambda model, **_: called.append(model.name))
        return client

    monkeypatch.setattr(boto3, "client", watched)
    assert run("plan", "--bucket", BUCKET, "flows").exit_code == 2
    assert "DescribeFlow" in called
    assert all(name.startswith(("Describe", "Get", "List", "Head")) for name in called)
