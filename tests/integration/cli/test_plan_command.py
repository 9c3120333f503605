"""``plan`` shows what documents would change, and writes nothing."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner

from appflow_gitops_cli.main import cli
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


def test_the_warnings_of_a_document_are_shown_when_its_flow_changes(account: Account, run: Run) -> None:
    account.create(scheduled(flowName="hourly"))
    schedule = {"Scheduled": {"scheduleExpression": "rat(1hours)"}}
    unusual = {"triggerType": "Scheduled", "triggerProperties": schedule}
    write("flows/hourly.json", scheduled(flowName="hourly", triggerConfig=unusual))
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert ended.exit_code == 2
    assert "warning: invalid schedule 'rat(1hours)' [AFG253]" in ended.output.splitlines()[0]
    account.appflow.update_flow(**scheduled(flowName="hourly", triggerConfig=unusual))
    assert run("plan", "--bucket", BUCKET, "flows").output == "Plan: 1 unchanged\n"


@pytest.mark.parametrize(("create", "action", "status"), [((), "refuse", 1), (("--create",), "create", 2)])
def test_a_missing_flow_is_created_only_with_create(
    account: Account, run: Run, create: tuple[str, ...], action: str, status: int
) -> None:
    write("flows/orders.json", orders())
    assert planned(run, "--bucket", BUCKET, *create, "flows")["orders"]["action"] == action
    assert run("plan", "--bucket", BUCKET, *create, "flows").exit_code == status
    assert account.appflow.list_flows()["flows"] == []


@pytest.mark.parametrize(("creates", "action"), [("false", "refuse"), ("true", "create")])
def test_a_missing_flow_is_created_if_the_stack_does(
    account: Account, run: Run, creates: str, action: str
) -> None:
    account.deploy("appflow-gitops", CreateMissingFlows=creates)
    write("flows/orders.json", orders())
    assert planned(run, "flows")["orders"]["action"] == action


@pytest.mark.parametrize(("option", "file"), [("--policy", "policy.yaml"), ("--vars", "dev.yaml")])
def test_a_broken_environment_file_is_reported_with_its_location(
    account: Account, run: Run, option: str, file: str
) -> None:
    account.deploy("appflow-gitops", stage="dev")
    write("flows/orders.json", orders())
    Path(file).write_text("documents: 5\nA b: []\n")
    ended = run("plan", option, file, "flows")
    assert ended.exit_code == 1
    assert f"{file}:2:" in ended.output


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


def test_without_a_key_a_note_says_that_owners_were_not_checked(account: Account, run: Run) -> None:
    account.create(orders(), **{OWNER: f"s3://{BUCKET}/flows/theirs.json"})
    account.put("flows/theirs.json", text(orders()))
    write("elsewhere/mine.json", orders())
    ended = run("plan", "--bucket", BUCKET, "elsewhere/mine.json")
    assert (ended.exit_code, "(see --prefix)" in ended.output) == (0, True)


def test_a_folder_of_another_name_corresponds_to_the_prefix_as_for_push(account: Account, run: Run) -> None:
    account.create(orders(), **{OWNER: f"s3://{BUCKET}/flows/theirs.json"})
    account.put("flows/theirs.json", text(orders()))
    write("elsewhere/mine.json", orders())
    assert (
        planned(run, "--bucket", BUCKET, "elsewhere")["orders"]["error"]["code"] == "OwnedByAnotherDocument"
    )


@pytest.fixture
def owned(account: Account) -> Account:
    """A stored document that owns its flow."""
    account.create(orders(), **{OWNER: f"s3://{BUCKET}/flows/orders.json"})
    account.put("flows/orders.json", text(orders()))
    return account


def test_a_flow_that_a_document_no_longer_declares_is_reported_as_orphan(owned: Account, run: Run) -> None:
    owned.create(orders(flowName="another"))
    write("flows/orders.json", orders(flowName="another"))
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert ended.exit_code == 2
    assert "- orders will be orphaned: flows/orders.json will no longer declare it;" in ended.output


@pytest.mark.parametrize(("folder", "noted"), [("flows/a", True), ("flows/b", False)])
def test_a_flow_that_was_orphaned_earlier_is_noted_by_the_plan_of_its_folder_only(
    account: Account, run: Run, folder: str, *, noted: bool
) -> None:
    account.create(orders(), **{OWNER: f"s3://{BUCKET}/flows/a/deleted.json"})
    account.create(orders(flowName="other"))
    write(f"{folder}/other.json", orders(flowName="other"))
    assert ("orphaned earlier ('orders')" in run("plan", "--bucket", BUCKET, folder).output) is noted


def test_a_released_flow_moves_to_the_stored_document_that_declares_it_too(owned: Account, run: Run) -> None:
    owned.create(orders(flowName="another"), **{OWNER: f"s3://{BUCKET}/flows/orders.json"})
    owned.put("flows/copy.json", text(orders()))
    write("flows/orders.json", orders(flowName="another"))
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert ended.exit_code == 2
    moves = "~ orders will move from flows/orders.json to flows/copy.json, which declares it too"
    assert moves in " ".join(ended.output.split())
    assert "Plan: 1 unchanged, 1 to move\n" in ended.output
    value = json.loads(run("plan", "--bucket", BUCKET, "--format", "json", "flows").output)
    assert value["orphanedFlows"] == []
    assert value["takenOverFlows"] == [
        {"flowName": "orders", "document": "flows/orders.json", "by": ["flows/copy.json"]}
    ]
    markdown = run("plan", "--bucket", BUCKET, "--format", "markdown", "flows").output
    assert "| <code>orders</code> | move |" in markdown


def test_a_document_that_is_only_observed_takes_no_flow_over(owned: Account, run: Run) -> None:
    owned.create(orders(flowName="another"), **{OWNER: f"s3://{BUCKET}/flows/orders.json"})
    owned.put("flows/observed/copy.json", text(orders()))
    grants = "[{prefix: flows/, flows: ['*']}, {prefix: flows/observed/, flows: ['*'], mode: observe}]"
    owned.put("policy.yaml", f"documents: {grants}\n")
    write("flows/orders.json", orders(flowName="another"))
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert "- orders will be orphaned: flows/orders.json will no longer declare it" in ended.output
    assert "Plan: 1 unchanged, 1 to orphan\n" in ended.output


def test_a_stored_duplicate_that_stays_is_noted(owned: Account, run: Run) -> None:
    owned.put("flows/copy.json", text(orders()))
    write("flows/orders.json", orders())
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert ended.exit_code == 0
    assert (
        "note: flow 'orders': 'flows/copy.json' in the bucket declares it too, and is rejected while "
        "flows/orders.json declares it"
    ) in " ".join(ended.output.split())
    assert "declares it too" not in run("plan", "--bucket", BUCKET, "--prune", "flows").output


def test_a_move_is_refused_if_a_stored_document_declares_the_flow_too(owned: Account, run: Run) -> None:
    owned.create(orders(flowName="another"), **{OWNER: f"s3://{BUCKET}/flows/orders.json"})
    owned.put("flows/copy.json", text(orders()))
    write("flows/orders.json", orders(flowName="another"))
    write("flows/moved.json", orders())
    refused = planned(run, "--bucket", BUCKET, "flows")["orders"]
    assert (refused["action"], refused["error"]["code"]) == ("refuse", "OwnedByAnotherDocument")
    assert "the flow is also declared by flows/copy.json in the bucket" in refused["error"]["message"]
    assert planned(run, "--bucket", BUCKET, "--prune", "flows")["orders"]["movedFrom"] == "flows/orders.json"


@pytest.mark.parametrize("prune", [(), ("--prune",)])
def test_a_deleted_document_orphans_its_flow_with_prune_and_is_noted_without(
    owned: Account, run: Run, prune: tuple[str, ...]
) -> None:
    owned.create(orders(flowName="another"), **{OWNER: f"s3://{BUCKET}/flows/another.json"})
    owned.put("flows/another.json", text(orders(flowName="another")))
    write("flows/another.json", orders(flowName="another"))
    ended = run("plan", "--bucket", BUCKET, *prune, "flows")
    assert ended.exit_code == (2 if prune else 0)
    assert ("- flows/orders.json will be deleted" in ended.output) is bool(prune)
    assert ("- orders will be orphaned" in ended.output) is bool(prune)
    assert ("note: the bucket has 1 document that the folder lacks" in ended.output) is not prune


def test_a_moved_document_is_refused_without_prune_and_moves_with_it(owned: Account, run: Run) -> None:
    owned.put("flows/kept.json", text(orders(flowName="kept")))
    owned.create(orders(flowName="kept"))
    write("flows/kept.json", orders(flowName="kept"))
    write("flows/moved.json", orders())
    assert planned(run, "--bucket", BUCKET, "flows")["orders"]["error"]["code"] == "OwnedByAnotherDocument"
    moved = planned(run, "--bucket", BUCKET, "--prune", "flows")["orders"]
    assert (moved["action"], moved["movedFrom"]) == ("unchanged", "flows/orders.json")


def test_a_flow_that_two_documents_declare_is_refused_for_both(account: Account, run: Run) -> None:
    account.create(orders())
    for name in ("a", "b"):
        write(f"flows/{name}.json", orders())
    ended = run("plan", "--format", "json", "--bucket", BUCKET, "flows")
    assert [flow["error"]["code"] for flow in json.loads(ended.output)["flows"]] == ["NotSent"] * 2


def test_a_key_that_is_too_long_is_refused(account: Account, run: Run) -> None:
    account.create(orders(description="before"))
    write("/".join(["flows", *["folder" * 10] * 4, "orders.json"]), orders())
    flows = planned(run, "--bucket", BUCKET, "flows")
    assert flows["orders"]["error"]["code"] == "KeyTooLong"


def test_changed_tags_are_planned(account: Account, run: Run) -> None:
    account.create(orders(), team="before")
    write("flows/orders.json", orders(tags={"team": "after"}))
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert ended.exit_code == 2
    assert '    ~ /tags/team: "before" -> "after"\n' in ended.output


def test_a_new_scheduled_flow_without_a_status_is_created_in_draft(account: Account, run: Run) -> None:
    write("flows/orders.json", scheduled())
    ended = run("plan", "--bucket", BUCKET, "--create", "flows")
    assert "+ orders will be created, in Draft (flows/orders.json)\n" in ended.output
    write("flows/orders.json", scheduled(flowStatus="Active"))
    assert "in Draft" not in run("plan", "--bucket", BUCKET, "--create", "flows").output
    assert account.appflow.list_flows()["flows"] == []


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"FlowNamePrefix": "dev-"}, "the stack may only change flows whose name starts with 'dev-'"),
        ({"FlowBuckets": "arn:aws:s3:::acme-*"}, "the stack may not use 'shop-raw'"),
    ],
)
def test_what_the_stack_may_not_change_or_use_is_refused(
    account: Account, run: Run, parameters: dict[str, str], message: str
) -> None:
    account.create(orders(description="before"))
    account.deploy("appflow-gitops", **parameters)
    write("flows/orders.json", orders(description="after"))
    error = planned(run, "flows")["orders"]["error"]
    assert error["code"] == "NotSent"
    assert message in error["message"]


def test_variables_of_another_stage_are_rejected(account: Account, run: Run) -> None:
    account.deploy("appflow-gitops", stage="dev")
    write("flows/orders.json", orders())
    Path("prod.yaml").write_text("TEXT: of prod\n")
    ended = run("plan", "--vars", "prod.yaml", "flows")
    assert (ended.exit_code, "the stage of the stack is 'dev'" in ended.output) == (1, True)


def test_the_bucket_is_an_output_of_the_stack(account: Account, run: Run) -> None:
    account.deploy("flows-of-prod")
    account.create(orders())
    write("flows/orders.json", orders())
    assert run("plan", "--stack", "flows-of-prod", "flows").output == "Plan: 1 unchanged\n"


@pytest.mark.usefixtures("account")
def test_a_named_stack_must_exist(run: Run) -> None:
    write("flows/orders.json", orders())
    ended = run("plan", "--stack", "no-such", "flows")
    assert ended.exit_code == 1
    assert ended.output.startswith(
        "Error: stack 'no-such' does not exist in us-east-1, account 123456789012 "
    )


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    "arguments", [("--bucket", "no-such", "flows"), ("--format", "xml", "flows"), ("flows",)]
)
def test_what_could_not_run_exits_with_1_and_prints_no_plan(run: Run, arguments: tuple[str, ...]) -> None:
    write("flows/orders.json", orders())
    ended = run("plan", *arguments)
    assert (ended.exit_code, ended.stdout) == (1, "")


def test_the_policy_in_the_bucket_applies(account: Account, run: Run) -> None:
    account.create(orders())
    account.put("policy.yaml", "documents: [{prefix: flows/sales/, flows: [sales-*]}]\n")
    write("flows/sales/orders.json", orders())
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert (ended.exit_code, "AFG3" in ended.output) == (1, True)


def test_without_permission_to_read_a_flow_plan_cannot_run(account: Account, run: Run) -> None:
    for name in ("orders", "locked"):
        account.create(orders(flowName=name))
        write(f"flows/{name}.json", orders(flowName=name))
    fault = {"operation": "DescribeFlow", "error": "AccessDeniedException", "status": 403, "times": 99}
    controls.faults.add(fault_from_json({**fault, "flowName": "locked"}))
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert ended.exit_code == 1
    assert ended.output.startswith("Error: AccessDeniedException")
    assert ended.output.endswith(" in us-east-1, account 123456789012\n")


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


@pytest.mark.parametrize(("former", "action"), [("", "refuse"), ("older,old", "update")])
def test_flows_of_former_buckets_can_be_adopted(account: Account, run: Run, former: str, action: str) -> None:
    account.create(orders(description="before"), **{"appflow-gitops:document": "s3://old/flows/a.json"})
    account.deploy("appflow-gitops", FormerBuckets=former)
    write("flows/orders.json", orders())
    assert planned(run, "flows")["orders"]["action"] == action


@pytest.mark.parametrize("prune", [(), ("--prune",)])
def test_a_flow_whose_document_the_new_policy_forbids_is_not_reported_as_orphan(
    owned: Account, run: Run, prune: tuple[str, ...]
) -> None:
    write("flows/orders.json", orders())
    Path("policy.yaml").write_text("documents: [{prefix: flows/, flows: [sales-*]}]\n")
    ended = run("plan", "--bucket", BUCKET, *prune, "--policy", "policy.yaml", "flows")
    assert ended.exit_code == 1
    assert "AFG3" in ended.output
    assert "orphaned" not in ended.output
    assert owned.appflow.describe_flow(flowName="orders")["flowName"] == "orders"


def test_a_deleted_document_that_the_new_policy_forbids_orphans_its_flow(owned: Account, run: Run) -> None:
    owned.create(orders(flowName="kept"))
    owned.put("flows/kept.json", text(orders(flowName="kept")))
    write("flows/kept.json", orders(flowName="kept"))
    Path("policy.yaml").write_text("documents: [{prefix: flows/, flows: [kept]}]\n")
    ended = run("plan", "--bucket", BUCKET, "--prune", "--policy", "policy.yaml", "flows")
    assert "- orders will be orphaned" in ended.output
    assert "orphaned earlier" not in ended.output


OBSERVE = "documents: [{prefix: flows/, flows: ['*'], mode: observe}]\n"


def test_what_is_only_observed_is_planned_as_such(account: Account, run: Run) -> None:
    account.create(orders(description="live"))
    account.create(orders(flowName="returns"))
    account.put("policy.yaml", OBSERVE)
    write("flows/orders.json", orders(description="document"))
    write("flows/returns.json", orders(flowName="returns"))
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert ended.exit_code == 2
    assert ended.output.startswith("~ orders would be updated, but is only observed (flows/orders.json)\n")
    assert "2 flows observed: the policy has mode observe, so push changes nothing" in ended.output
    found = json.loads(run("plan", "--bucket", BUCKET, "--format", "json", "flows").output)
    assert [flow["observed"] for flow in found["flows"]] == [True, True]
    assert "| update (observed) |" in run("plan", "--bucket", BUCKET, "--format", "markdown", "flows").output


def from_standard_input(flow: dict[str, Any], *options: str) -> Any:
    arguments = ["plan", "--bucket", BUCKET, *options, "-"]
    return CliRunner().invoke(cli, arguments, input=text(flow), prog_name="appflow-gitops")


def test_standard_input_is_planned_without_a_key(account: Account, run: Run) -> None:  # noqa: ARG001
    account.create(orders(description="before"))
    ended = from_standard_input(orders())
    assert ended.exit_code == 2
    assert ended.output.startswith("~ orders will be updated (-)\n")
    assert "unknown key of 1 document (see --prefix)" in " ".join(ended.output.split())


def test_the_policy_of_the_bucket_is_not_evaluated_without_a_key(account: Account, run: Run) -> None:  # noqa: ARG001
    account.create(orders())
    account.put("policy.yaml", "documents: [{prefix: flows/sales/, flows: [sales-*]}]\n")
    assert from_standard_input(orders()).exit_code == 0
    Path("policy.yaml").write_text("documents: [{prefix: flows/, flows: ['*']}]\n")
    refused = from_standard_input(orders(), "--policy", "policy.yaml")
    assert (refused.exit_code, "the policy has no grant for requests" in refused.output) == (1, True)


def test_a_changed_policy_and_changed_variables_are_noted(account: Account, run: Run) -> None:
    account.deploy("appflow-gitops", stage="dev")
    account.create(orders())
    account.put("variables/dev.yaml", "TEXT: same\n")
    Path("dev.yaml").write_text("TEXT: same\n")
    Path("policy.yaml").write_text("documents: [{prefix: flows/, flows: ['*']}]\n")
    write("flows/orders.json", orders())
    ended = run("plan", "--policy", "policy.yaml", "--vars", "dev.yaml", "flows")
    assert ended.output == (
        "note: 'policy.yaml' differs from the bucket; push uploads it\nPlan: 1 unchanged\n"
    )


def test_the_prefix_selects_the_keys_of_a_folder(account: Account, run: Run) -> None:
    account.create(orders(), **{OWNER: f"s3://{BUCKET}/flows/sales/orders.json"})
    account.put("flows/sales/orders.json", text(orders()))
    write("sales/orders.json", orders())
    bucket = ("plan", "--bucket", BUCKET)
    assert run(*bucket, "--prefix", "flows/sales/", "sales").output == "Plan: 1 unchanged\n"
    assert run(*bucket, "sales").exit_code == 1


def test_a_plan_file_needs_the_key_of_every_document(account: Account, run: Run) -> None:
    account.deploy("appflow-gitops")
    account.create(orders())
    write("elsewhere/orders.json", orders())
    ended = run("plan", "--out", "plan.json", "elsewhere/orders.json")
    assert (ended.exit_code, ended.output.splitlines()[-1]) == (
        1,
        "Error: --out: unknown key of 'elsewhere/orders.json' in the bucket (see --prefix)",
    )
    write("flows/orders.json", orders(tasks=5))
    ended = run("plan", "--out", "plan.json", "flows")
    assert (ended.exit_code, ended.stderr) == (1, "plan.json not written: the plan has errors\n")
    write("flows/orders.json", orders())
    ended = run("plan", "--out", "no/such/plan.json", "flows")
    assert (
        ended.output.splitlines()[-1] == "Error: cannot write 'no/such/plan.json': No such file or directory"
    )


def test_all_formats_are_offered(run: Run) -> None:
    assert run("plan", "--format", "x", "flows").output.endswith("one of: 'text', 'json', 'markdown'\n")


@pytest.mark.parametrize(("actor", "held"), [("maria", False), ("jo", True)])
def test_a_hold_depends_on_who_would_push(
    account: Account, run: Run, monkeypatch: pytest.MonkeyPatch, actor: str, held: bool
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_ACTOR", actor)
    account.create(orders(description="before"))
    window = {"deny": ["*"], "start": "2020-01-01T00:00", "duration": "9999d", "reason": "freeze"}
    grant = {"prefix": "flows/", "flows": ["*"]}
    policy = {"documents": [grant], "windows": [{**window, "breakGlass": ["maria"]}]}
    account.put("policy.yaml", json.dumps(policy))
    write("flows/orders.json", orders())
    [flow] = planned(run, "--bucket", BUCKET, "--no-fields", "flows").values()
    assert bool(flow["held"]) is held
