"""``plan``: what a drop would do is told before anybody drops anything, and nothing is written."""

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


def test_what_was_just_exported_is_in_sync(account: Account, run: Run) -> None:
    for number in range(12):
        account.create(orders(flowName=f"orders-{number}"))
    account.create(scheduled(flowName="hourly"))
    run("export", "--all", "--out", "flows")
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert (ended.exit_code, ended.output) == (0, "Plan: 13 unchanged.\n")


def test_changes_are_shown_and_end_with_status_2_and_appflow_stays_as_it_is(
    account: Account, run: Run
) -> None:
    account.create(orders(description="before"))
    write("flows/orders.json", orders(description="after"))
    before = account.appflow.describe_flow(flowName="orders")
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert ended.exit_code == 2
    assert ended.output == (
        "~ orders will be updated (flows/orders.json)\n"
        '    ~ /description: "before" -> "after"\n'
        "\n"
        "Plan: 1 to update.\n"
    )
    after = account.appflow.describe_flow(flowName="orders")
    assert {**before, "ResponseMetadata": None} == {**after, "ResponseMetadata": None}


@pytest.mark.parametrize(("create", "action", "status"), [((), "refuse", 1), (("--create",), "create", 2)])
def test_a_missing_flow_is_created_only_where_that_is_allowed(
    account: Account, run: Run, create: tuple[str, ...], action: str, status: int
) -> None:
    write("flows/orders.json", orders())
    assert planned(run, "--bucket", BUCKET, *create, "flows")["orders"]["action"] == action
    assert run("plan", "--bucket", BUCKET, *create, "flows").exit_code == status
    assert account.appflow.list_flows()["flows"] == []


def test_an_invalid_document_is_told_with_its_place_and_ends_with_status_1(
    account: Account, run: Run
) -> None:
    account.create(orders())
    write("flows/orders.json", orders())
    Path("flows/broken.yaml").write_text("flowName: [orders]\n")
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert ended.exit_code == 1
    assert "flows/broken.yaml:1:11: error:" in ended.output
    assert ended.output.endswith("Plan: 1 unchanged, 1 invalid document.\n")


def test_a_flow_of_another_document_is_refused_as_long_as_that_declares_it(
    account: Account, run: Run
) -> None:
    account.create(orders(), **{OWNER: f"s3://{BUCKET}/flows/theirs.json"})
    account.put("flows/theirs.json", text(orders()))
    write("flows/mine.json", orders(description="mine"))
    refused = planned(run, "--bucket", BUCKET, "flows")["orders"]
    assert (refused["action"], refused["error"]["code"]) == ("refuse", "OwnedByAnotherDocument")
    account.put("flows/theirs.json", text(orders(flowName="another")))
    assert planned(run, "--bucket", BUCKET, "flows")["orders"]["action"] == "update"


def test_where_the_bucket_is_not_known_owners_are_left_out_and_that_is_told(
    account: Account, run: Run
) -> None:
    account.create(orders(), **{OWNER: f"s3://{BUCKET}/flows/theirs.json"})
    write("flows/mine.json", orders())
    ended = run("plan", "flows")
    assert ended.exit_code == 0
    assert "Note: The documents bucket is not known: whether flows belong to other documents" in ended.output


def test_where_keys_are_not_known_owners_are_left_out_and_that_is_told(account: Account, run: Run) -> None:
    account.create(orders(), **{OWNER: f"s3://{BUCKET}/flows/theirs.json"})
    account.put("flows/theirs.json", text(orders()))
    write("elsewhere/mine.json", orders())
    ended = run("plan", "--bucket", BUCKET, "elsewhere")
    assert (ended.exit_code, "(see --prefix)" in ended.output) == (0, True)


def test_the_stack_tells_where_documents_live(account: Account, run: Run) -> None:
    account.deploy("flows-of-prod")
    account.create(orders())
    write("flows/orders.json", orders())
    assert run("plan", "--stack", "flows-of-prod", "flows").output == "Plan: 1 unchanged.\n"


@pytest.mark.usefixtures("account")
def test_a_stack_that_was_named_has_to_be_there(run: Run) -> None:
    write("flows/orders.json", orders())
    ended = run("plan", "--stack", "no-such", "flows")
    assert (ended.exit_code, ended.output.startswith("Error: There is no stack")) == (2, True)


def test_the_policy_in_the_bucket_counts_as_for_a_drop(account: Account, run: Run) -> None:
    account.create(orders())
    account.put("policy.yaml", "documents: [{prefix: flows/sales/, flows: [sales-*]}]\n")
    write("flows/sales/orders.json", orders())
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert (ended.exit_code, "AFG3" in ended.output) == (1, True)


def test_what_appflow_does_not_let_be_seen_is_refused_and_the_others_are_planned(
    account: Account, run: Run
) -> None:
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


def test_throttled_calls_are_tried_again(account: Account, run: Run) -> None:
    account.create(orders())
    write("flows/orders.json", orders())
    throttled = {"operation": "DescribeFlow", "error": "ThrottlingException", "status": 429, "times": 1}
    controls.faults.add(fault_from_json(throttled))
    assert run("plan", "--bucket", BUCKET, "flows").exit_code == 0


def test_no_call_but_reading_is_made(account: Account, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
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
