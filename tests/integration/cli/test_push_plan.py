"""``plan --out`` and ``push --plan``: what was approved is pushed, and nothing else."""

import json
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from fakes.flow_documents import orders, text
from integration.cli.conftest import BUCKET, BUS, Account, Run

KEY = "flows/orders.json"
PLAN = ("plan", "--no-fields", "--prune", "--out", "plan.json", "flows")
PUSH = ("push", "--prune", "--plan", "plan.json", "flows")


def write(file: str, content: str) -> None:
    Path(file).parent.mkdir(exist_ok=True)
    Path(file).write_text(content)


@pytest.fixture
def planned(account: Account, run: Run) -> Account:
    """An account with one flow, and the approved plan of a change to it and of a new flow."""
    account.deploy("appflow-gitops", CreateMissingFlows="true")
    boto3.client("events").create_event_bus(Name=BUS)
    account.put(KEY, text(orders()))
    account.create(orders(), **{"appflow-gitops:document": f"s3://{BUCKET}/{KEY}"})
    write(KEY, text(orders(description="a secret of the flow")))
    write("flows/new.json", text(orders(flowName="new")))
    assert run(*PLAN).exit_code == 2
    return account


def contents(account: Account) -> dict[str, bytes]:
    listed = account.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    keys = [entry["Key"] for entry in listed]
    return {key: account.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}


def test_an_approved_plan_is_pushed_while_nothing_has_changed(planned: Account, run: Run) -> None:
    ended = run(*PUSH)
    assert (ended.exit_code, ended.output.splitlines()[-1]) == (0, "Push: 2 uploaded")
    assert contents(planned) == {key: Path(key).read_bytes() for key in (KEY, "flows/new.json")}


def edit_flow(account: Account) -> None:
    account.appflow.update_flow(**orders(description="by hand"))


def tag_flow(account: Account) -> None:
    arn = account.appflow.describe_flow(flowName="orders")["flowArn"]
    account.appflow.tag_resource(resourceArn=arn, tags={"team": "sales"})


def create_flow(account: Account) -> None:
    account.create(orders(flowName="new"))


def replace_document(account: Account) -> None:
    account.put(KEY, text(orders(description="of another user")))


def add_document(account: Account) -> None:
    account.put("flows/other.json", text(orders(flowName="other")))


def add_policy(account: Account) -> None:
    account.put(
        "policy.yaml", "documents: [{prefix: flows/, flows: ['*'], connectors: [S3], buckets: ['*']}]\n"
    )


def edit_file(account: Account) -> None:  # noqa: ARG001 - like the others
    write("flows/new.json", text(orders(flowName="new", description="edited")))


def add_file(account: Account) -> None:  # noqa: ARG001 - like the others
    write("flows/late.json", text(orders(flowName="late")))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (edit_flow, "live flow changed: 'orders'"),
        (tag_flow, "live flow changed: 'orders'"),
        (create_flow, "live flow changed: 'new'"),
        (replace_document, f"object in the bucket changed: '{KEY}'"),
        (add_document, "object in the bucket changed: 'flows/other.json'"),
        (add_policy, "object in the bucket changed: 'policy.yaml'"),
        (edit_file, "local file changed: 'flows/new.json'"),
        (add_file, "local file changed: 'flows/late.json'"),
    ],
)
def test_after_a_change_nothing_is_pushed_and_the_plan_must_be_made_again(
    planned: Account, run: Run, change: Callable[[Account], None], reason: str
) -> None:
    change(planned)
    before = contents(planned)
    ended = run(*PUSH)
    assert (ended.exit_code, ended.output) == (1, f"Error: plan.json is out of date, plan again: {reason}\n")
    assert contents(planned) == before
    assert run(*PLAN).exit_code == 2
    assert run(*PUSH).exit_code == 0


def test_a_plan_without_prune_approves_no_prune(planned: Account, run: Run) -> None:
    planned.put("flows/gone.json", text(orders(flowName="gone")))
    run("plan", "--no-fields", "--out", "plan.json", "flows")
    ended = run(*PUSH)
    assert ended.output == "Error: plan.json is out of date, plan again: the plan was made without --prune\n"
    assert "flows/gone.json" in contents(planned)


def test_a_plan_for_another_stage_is_out_of_date(planned: Account, run: Run) -> None:
    boto3.client("cloudformation").delete_stack(StackName="appflow-gitops")
    planned.deploy("appflow-gitops", stage="prod", CreateMissingFlows="true")
    before = contents(planned)
    ended = run(*PUSH)
    reason = "the plan is for the stage '', the stack has 'prod'"
    assert (ended.exit_code, ended.output) == (1, f"Error: plan.json is out of date, plan again: {reason}\n")
    assert contents(planned) == before


@pytest.mark.usefixtures("planned")
def test_a_plan_file_has_digests_only() -> None:
    plan = Path("plan.json").read_text()
    assert "secret" not in plan
    assert sorted(json.loads(plan)["flows"]) == ["new", "orders"]
    assert sorted(json.loads(plan)["files"]) == ["flows/new.json", KEY]


@pytest.mark.usefixtures("planned")
def test_a_plan_with_errors_leaves_no_file(run: Run) -> None:
    write(KEY, text(orders()).replace("OnDemand", "OnDemands"))
    ended = run(*PLAN)
    assert (ended.exit_code, Path("plan.json").exists()) == (1, False)
    assert "plan.json not written: the plan has errors\n" in ended.output


@pytest.mark.usefixtures("planned")
def test_a_file_that_is_not_a_plan_is_refused(run: Run) -> None:
    for content in ("", "{}", "[]", '{"version": 2}'):
        write("plan.json", content)
        ended = run(*PUSH)
        assert (ended.exit_code, ended.output) == (
            2,
            "Error: plan.json: expected a file that 'appflow-gitops plan --out' of this version wrote\n",
        )


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize(
    "options",
    [
        ("push", "--force", "--plan", "plan.json", "flows"),
        ("plan", "--out", "x.json", "--create", "flows"),
        ("plan", "--out", "x.json", "--bucket", BUCKET, "flows"),
    ],
)
def test_options_that_would_do_more_than_the_plan_are_refused(run: Run, options: tuple[str, ...]) -> None:
    ended = run(*options)
    assert ended.exit_code in (1, 2)
    assert ended.output.startswith("Error: --")


@pytest.mark.usefixtures("planned")
def test_an_approved_plan_confirms_a_mass_change(account: Account, run: Run) -> None:
    for number in range(10):
        flow = orders(flowName=f"flow-{number}")
        account.create(flow, **{"appflow-gitops:document": f"s3://{BUCKET}/flows/flow-{number}.json"})
        write(f"flows/flow-{number}.json", text({**flow, "description": "changed"}))
    assert run("push", "--prune", "flows").exit_code == 1
    run(*PLAN)
    assert run(*PUSH).exit_code == 0
