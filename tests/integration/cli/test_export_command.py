"""``export`` writes live flows to files that Git can manage."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.documents.document_text import as_yaml
from appflow_gitops_cli.export.exporter import find_problem
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.faults import fault_from_json
from fakes.clock import FakeClock
from fakes.flow_documents import orders, scheduled
from fakes.flows import FakeFlows
from integration.cli.conftest import Account, Run


def fail(operation: str, error: str, status: int = 400, **fault: object) -> None:
    controls.faults.add(fault_from_json({"operation": operation, "error": error, "status": status, **fault}))


def test_named_flows_are_written_one_file_each(account: Account, run: Run) -> None:
    account.create(orders())
    account.create(scheduled(flowName="hourly"), team="shop")
    account.create(orders(flowName="not-named"))
    ended = run("export", "orders", "hourly", "--out", "flows/sales")
    assert (ended.exit_code, ended.output) == (0, "flows/sales: 2 written\n")
    assert sorted(path.name for path in Path("flows/sales").iterdir()) == ["hourly.yaml", "orders.yaml"]
    assert yaml.safe_load(Path("flows/sales/hourly.yaml").read_text())["tags"] == {"team": "shop"}


def test_all_flows_are_written_page_after_page_and_each_is_valid(account: Account, run: Run) -> None:
    for number in range(101):
        account.create(orders(flowName=f"flow-{number:03}"))
    ended = run("export", "--all", "--out", "flows")
    assert (ended.exit_code, ended.output) == (0, "flows: 101 written\n")
    for path in Path("flows").iterdir():
        (flow,) = validate(path.read_bytes(), path.name).flows
        assert flow.document is not None
        assert flow.document.flowName == path.stem


def test_format_json_writes_json(account: Account, run: Run) -> None:
    account.create(orders())
    assert run("export", "--all", "--out", "flows", "--format", "json").exit_code == 0
    assert json.loads(Path("flows/orders.json").read_text())["flowName"] == "orders"


def test_a_second_export_changes_no_byte(account: Account, run: Run) -> None:
    account.create(orders())
    run("export", "--all", "--out", "flows")
    before = Path("flows/orders.yaml").read_bytes()
    ended = run("export", "orders", "--out", "flows")
    assert (ended.exit_code, ended.output) == (0, "flows: 1 unchanged\n")
    assert Path("flows/orders.yaml").read_bytes() == before


def test_a_file_with_other_content_is_kept_unless_forced(account: Account, run: Run) -> None:
    account.create(orders())
    mine = Path("flows/orders.yaml")
    mine.parent.mkdir()
    mine.write_text("# mine\n")
    ended = run("export", "--all", "--out", "flows")
    assert ended.exit_code == 1
    assert "orders: flows/orders.yaml exists with other content (--force overwrites it)" in ended.output
    assert mine.read_text() == "# mine\n"
    assert run("export", "--all", "--out", "flows", "--force").exit_code == 0
    assert "flowName: orders" in mine.read_text()


def test_a_missing_flow_is_reported_and_the_others_are_written(account: Account, run: Run) -> None:
    account.create(orders())
    ended = run("export", "nosuch", "orders", "--out", "flows")
    assert ended.exit_code == 1
    assert ended.output == "nosuch: no such flow\nflows: 1 written, 1 missing\n"


def test_a_flow_that_cannot_be_read_is_reported_and_the_others_are_written(
    account: Account, run: Run
) -> None:
    account.create(orders())
    account.create(orders(flowName="locked"))
    fail("DescribeFlow", "AccessDeniedException", 403, flowName="locked", times=99)
    ended = run("export", "--all", "--out", "flows")
    assert ended.exit_code == 1
    assert ended.output.startswith("locked: AccessDeniedException")
    assert ended.output.endswith("flows: 1 written, 1 failed\n")


def test_an_invalid_document_is_written_and_reported(account: Account, run: Run) -> None:
    account.create(orders(tasks=[]))
    ended = run("export", "--all", "--out", "flows")
    assert ended.exit_code == 1
    assert "orders: the live flow fails validation: " in ended.output
    assert "(/tasks)" in ended.output
    assert Path("flows/orders.yaml").exists()


def test_throttled_calls_are_retried(account: Account, run: Run) -> None:
    account.create(orders())
    fail("DescribeFlow", "", 429, times=1)
    assert run("export", "--all", "--out", "flows").exit_code == 0


def test_an_error_of_list_flows_is_one_line_and_exits_with_2(account: Account, run: Run) -> None:
    account.create(orders())
    fail("ListFlows", "AccessDeniedException", 403, times=99)
    ended = run("export", "--all", "--out", "flows")
    assert ended.exit_code == 2
    assert ended.output.startswith("Error: AccessDeniedException")
    assert len(ended.output.splitlines()) == 1


def test_if_every_flow_fails_the_command_exits_with_2(account: Account, run: Run) -> None:
    account.create(orders())
    account.create(orders(flowName="other"))
    fail("DescribeFlow", "AccessDeniedException", 403, times=99)
    ended = run("export", "--all", "--out", "flows")
    assert ended.exit_code == 2
    assert ended.output.startswith("Error: orders: AccessDeniedException")
    assert ended.output.endswith("(and 1 more)\n")


@pytest.mark.usefixtures("account")
def test_an_account_without_flows_is_a_success(run: Run) -> None:
    ended = run("export", "--all", "--out", "flows")
    assert (ended.exit_code, ended.output) == (0, "flows: no flows\n")


@pytest.mark.parametrize("arguments", [[], ["orders", "--all"]])
def test_names_and_all_exclude_each_other(run: Run, arguments: list[str]) -> None:
    ended = run("export", *arguments, "--out", "flows")
    assert ended.exit_code == 2
    assert "expected either names of flows or --all" in ended.output


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("name", ["../outside", "a/b", ".hidden", "..", "nul\0"])
def test_p10_no_flow_name_leaves_the_folder(run: Run, name: str) -> None:
    ended = run("export", name, "--out", "flows")
    assert ended.exit_code != 0
    assert list(Path.cwd().rglob("*.yaml")) == []


@pytest.mark.usefixtures("account")
def test_a_folder_that_cannot_be_created_is_one_line(run: Run) -> None:
    Path("file").touch()
    ended = run("export", "orders", "--out", "file/flows")
    assert (ended.exit_code, ended.output) == (
        2,
        "Error: cannot create the folder file/flows: Not a directory\n",
    )


def test_missing_credentials_or_region_are_one_line_with_a_hint(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
                 "AWS_DEFAULT_REGION", "AWS_REGION"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    without_region = run("export", "--all", "--out", "flows")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "")
    assert run("export", "--all", "--out", "flows").output == without_region.output
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    without_credentials = run("export", "--all", "--out", "flows")
    assert (without_region.exit_code, without_credentials.exit_code) == (2, 2)
    assert without_region.output == (
        "Error: You must specify a region (set AWS_DEFAULT_REGION, or AWS_PROFILE to a profile with a region)\n"
    )
    assert without_credentials.output == (
        "Error: Unable to locate credentials (set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)\n"
    )


def test_an_exported_document_is_within_the_size_limit(account: Account, run: Run) -> None:
    large = orders()
    task = large["tasks"][1]
    large["tasks"] += [{**task, "destinationField": f"field_{number}"} for number in range(1000)]
    account.create(large)
    run("export", "orders", "--out", "flows")
    assert Path("flows/orders.yaml").stat().st_size < MAX_BYTES


def test_update_writes_a_live_edit_into_the_document_that_declares_the_flow(
    account: Account, run: Run
) -> None:
    account.create(orders(description="by hand"))
    Path("flows/sales").mkdir(parents=True)
    Path("prod.yaml").write_text("TEXT: Orders\n")
    document = Path("flows/sales/orders.yaml")
    before = yaml.safe_dump(orders(description="${env.TEXT}")).replace("flowName", "# the shop\nflowName")
    document.write_text(before)
    ended = run("export", "--update", "orders", "--out", "flows", "--vars", "prod.yaml")
    assert ended.exit_code == 0
    assert ended.output.splitlines() == [
        "orders: updated flows/sales/orders.yaml",
        "flows: 1 written",
        "next: check 'git diff', commit, and run 'appflow-gitops push flows'",
    ]
    assert document.read_text() == before.replace("${env.TEXT}", "by hand")
    assert run("export", "--update", "orders", "--out", "flows").output == "flows: 1 unchanged\n"


@pytest.mark.parametrize("is_tracked", [True, False])
def test_update_does_not_change_a_file_with_uncommitted_changes(
    account: Account, run: Run, is_tracked: bool
) -> None:
    account.create(orders(description="by hand"))
    account.create(orders(flowName="returns", description="by hand"))
    Path("flows").mkdir()
    document = Path("flows/orders.json")
    document.write_text(json.dumps([orders(), orders(flowName="returns")]))
    git = ["git", "-c", "user.name=tests", "-c", "user.email=tests@example.com"]
    for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "Add orders"]):
        if is_tracked or arguments[0] == "init":
            subprocess.run([*git, *arguments], check=True)
    if is_tracked:
        assert run("export", "--update", "orders", "returns", "--out", "flows").exit_code == 0
        account.appflow.update_flow(**orders(description="by hand again"))
    before = document.read_text()
    ended = run("export", "--update", "orders", "--out", "flows")
    assert (ended.exit_code, document.read_text()) == (1, before)
    assert ended.output.startswith(
        "orders: flows/orders.json has uncommitted changes, which the update could"
    )
    assert run("export", "--update", "--force", "orders", "--out", "flows").exit_code == 0
    assert document.read_text() != before


@pytest.mark.parametrize("options", [[], ["--force"]])
@pytest.mark.parametrize("target", ["outside.yaml", "missing.yaml"])
def test_no_symbolic_link_is_written_through(
    account: Account, run: Run, target: str, options: list[str]
) -> None:
    account.create(orders())
    Path("outside.yaml").write_text("kept")
    Path("flows").mkdir()
    Path("flows/orders.yaml").symlink_to(Path(target).absolute())
    ended = run("export", "orders", "--out", "flows", *options)
    assert ended.exit_code != 0
    assert "it is a symbolic link" in ended.output
    assert Path("outside.yaml").read_text() == "kept"
    assert not Path("missing.yaml").exists()


def test_all_flows_are_exported_in_the_order_of_their_names_and_each_name_once(
    account: Account, run: Run
) -> None:
    for name in ("bb", "cc", "aa"):
        account.create(orders(flowName=name, tasks=[]))
    ended = run("export", "--all", "--out", "flows")
    assert [line[:2] for line in ended.output.splitlines()[:3]] == ["aa", "bb", "cc"]
    assert run("export", "bb", "bb", "--out", "flows").output.endswith("flows: 1 unchanged\n")


def test_a_file_that_cannot_be_written_is_reported(account: Account, run: Run) -> None:
    account.create(orders())
    account.create(orders(flowName="other"))
    Path("flows/orders.yaml").mkdir(parents=True)
    ended = run("export", "--all", "--out", "flows")
    assert ended.exit_code == 1
    assert ended.output == "orders: cannot write the file: Is a directory\nflows: 1 written, 1 failed\n"


def test_a_document_that_differs_from_its_flow_is_reported() -> None:
    flows = FakeFlows(FakeClock())
    flows.edit(orders())
    live = flows.describe("orders")
    assert live
    text = as_yaml(live)
    assert find_problem(text, "orders.yaml", live) is None
    flows.edit(orders(description="new"))
    other = flows.describe("orders")
    assert other
    assert find_problem(text, "orders.yaml", other) == "the document differs from the flow at /description"


def test_update_of_all_flows_reports_those_without_a_document(account: Account, run: Run) -> None:
    for name in ("aa", "bb"):
        account.create(orders(flowName=name, description="by hand"))
    Path("flows").mkdir()
    Path("flows/aa.json").write_text(json.dumps(orders(flowName="aa")))
    ended = run("export", "--update", "--all", "--out", "flows")
    assert ended.exit_code == 1
    assert ended.output.splitlines() == [
        "aa: updated flows/aa.json",
        "bb: expected one document in flows that declares the flow, found none",
        "flows: 1 written, 1 failed",
        "next: check 'git diff', commit, and run 'appflow-gitops push flows'",
    ]
    assert run("export", "--update", "missing", "aa", "--out", "flows").output.splitlines()[0] == (
        "missing: no such flow"
    )


def test_update_leaves_what_the_policy_ignores(account: Account, run: Run) -> None:
    account.create(orders(description="by hand"))
    Path("flows").mkdir()
    Path("flows/orders.json").write_text(json.dumps(orders()))
    ignored = "ignore: [{flows: ['*'], pointers: [/description]}]"
    Path("policy.yaml").write_text(f"documents: [{{prefix: flows/, flows: ['*']}}]\n{ignored}\n")
    arguments = ("export", "--update", "orders", "--out", "flows")
    assert run(*arguments, "--policy", "policy.yaml").output == "flows: 1 unchanged\n"
    assert run(*arguments).output.endswith("push flows'\n")
