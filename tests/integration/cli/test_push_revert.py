"""``push --revert``, and what push does when another user replaces a document meanwhile."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from appflow_gitops.aws.documents import S3Documents
from fakes.flow_documents import orders, text
from integration.cli.conftest import BUCKET, BUS, Account, Run

KEY = "flows/orders.json"


@pytest.fixture
def stack(account: Account) -> Account:
    account.deploy("appflow-gitops", CreateMissingFlows="true")
    boto3.client("events").create_event_bus(Name=BUS)
    return account


def latest(account: Account, key: str = KEY) -> Any:
    return account.s3.get_object(Bucket=BUCKET, Key=key)


def two(**changes: Any) -> str:
    """A document with the flows orders and other, with members of the latter changed."""
    return f"[{text(orders())}, {text(orders(flowName='other', **changes))}]"


def test_the_earlier_content_becomes_a_new_version_with_its_commit(stack: Account, run: Run) -> None:
    first = stack.put(KEY, text(orders()), **{"git-commit": "4f2c1a9", "git-actor": "maria"})
    stack.put(KEY, text(orders(description="new")), **{"git-commit": "9c01f3a"})
    ended = run("push", "--revert", first, "orders")
    assert (ended.exit_code, ended.output.splitlines()[0]) == (0, f"uploaded {KEY}")
    stored = latest(stack)
    assert stored["Body"].read().decode() == text(orders())
    assert stored["VersionId"] != first
    assert stored["Metadata"]["git-commit"] == "4f2c1a9"
    assert stored["Metadata"].get("git-actor") != "maria"


def test_changes_in_the_working_copy_do_not_matter_for_a_revert(
    stack: Account, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appflow_gitops_cli.push.command.has_uncommitted_changes", lambda _: True)
    first = stack.put(KEY, text(orders()))
    stack.put(KEY, text(orders(description="new")))
    ended = run("push", "--revert", first, "orders")
    assert ended.exit_code == 0
    assert "uncommitted" not in ended.output


def test_a_dry_run_stores_nothing(stack: Account, run: Run) -> None:
    first = stack.put(KEY, text(orders()))
    second = stack.put(KEY, text(orders(description="new")))
    ended = run("push", "--dry-run", "--revert", first, "orders")
    assert f"would upload {KEY}" in ended.output
    assert latest(stack)["VersionId"] == second


def test_a_deleted_document_is_restored(stack: Account, run: Run) -> None:
    first = stack.put(KEY, text(orders()))
    stack.create(orders(), **{"appflow-gitops:document": f"s3://{BUCKET}/{KEY}"})
    stack.s3.delete_object(Bucket=BUCKET, Key=KEY)
    assert run("push", "--revert", first, "orders").exit_code == 0
    assert latest(stack)["Body"].read().decode() == text(orders())


def test_other_flows_of_the_document_change_only_with_consent(stack: Account, run: Run) -> None:
    first = stack.put(KEY, two())
    second = stack.put(KEY, two(description="new"))
    refused = run("push", "--revert", first, "orders")
    assert refused.exit_code == 1
    assert f"'{KEY}' declares other flows that would change too: 'other'; push with --yes" in refused.output
    assert latest(stack)["VersionId"] == second
    assert run("push", "--yes", "--revert", first, "orders").exit_code == 0
    assert latest(stack)["Body"].read().decode() == two()


def test_other_flows_that_stay_as_they_are_need_no_consent(stack: Account, run: Run) -> None:
    first = stack.put(KEY, two(description="same"))
    stack.put(KEY, two(description="same").replace("Orders of the shop", "new", 1))
    assert run("push", "--revert", first, "orders").exit_code == 0


@pytest.mark.parametrize("option", [("--prune",), ("--plan", "plan.json")])
def test_revert_excludes_options_about_folders(stack: Account, run: Run, option: tuple[str, ...]) -> None:
    Path("plan.json").write_text("{}")
    first = stack.put(KEY, text(orders()))
    failed = run("push", *option, "--revert", first, "orders")
    assert failed.exit_code == 2
    assert f"--revert and {option[0]} exclude each other" in failed.output


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Act once, between the comparison and the upload."""
    put, acted = S3Documents.put, []

    def put_after(self: S3Documents, *arguments: Any, **named: Any) -> Any:
        if not acted:
            acted.append(act())
        return put(self, *arguments, **named)

    monkeypatch.setattr(S3Documents, "put", put_after)


@pytest.mark.parametrize("exists", [True, False])
def test_a_version_that_push_has_not_seen_is_never_replaced(
    stack: Account, run: Run, monkeypatch: pytest.MonkeyPatch, exists: bool
) -> None:
    if exists:
        stack.put(KEY, text(orders()))
    Path("flows").mkdir()
    Path(KEY).write_text(text(orders(description="mine")))
    meanwhile(monkeypatch, lambda: stack.put(KEY, text(orders(description="theirs"))))
    failed = run("push", "flows")
    assert failed.exit_code == 1
    assert f"'{KEY}' changed in the bucket since it was compared; plan and push again" in failed.output
    assert latest(stack)["Body"].read().decode() == text(orders(description="theirs"))


def test_a_document_that_was_deleted_meanwhile_is_not_restored(
    stack: Account, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.put(KEY, text(orders()))
    Path("flows").mkdir()
    Path(KEY).write_text(text(orders(description="mine")))
    meanwhile(monkeypatch, lambda: stack.s3.delete_object(Bucket=BUCKET, Key=KEY))
    assert run("push", "flows").exit_code == 1


def test_variables_that_another_user_replaced_meanwhile_are_kept(
    stack: Account, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.put("policy.yaml", "documents: [{prefix: flows/, flows: ['*']}]")
    Path("flows").mkdir()
    Path(KEY).write_text(text(orders()))
    Path("policy.yaml").write_text("documents: [{prefix: flows/, flows: ['orders']}]")
    theirs = "documents: [{prefix: flows/, flows: ['o*']}]"
    meanwhile(monkeypatch, lambda: stack.put("policy.yaml", theirs))
    assert run("push", "--policy", "policy.yaml", "flows").exit_code == 1
    assert latest(stack, "policy.yaml")["Body"].read().decode() == theirs


def test_a_version_without_the_flow_is_not_reverted_to(stack: Account, run: Run) -> None:
    first = stack.put(KEY, text(orders(flowName="other")))
    stack.put(KEY, text(orders()))
    stack.create(orders(), **{"appflow-gitops:document": f"s3://{BUCKET}/{KEY}"})
    failed = run("push", "--revert", first, "orders")
    assert (failed.exit_code, failed.output) == (
        2,
        f"Error: version '{first}' of '{KEY}' does not declare 'orders'\n",
    )
