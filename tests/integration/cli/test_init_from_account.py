"""``init --from-account`` writes a repository with the live flows."""

from pathlib import Path

from fakes.flow_documents import orders, scheduled
from integration.cli.conftest import Account, Run


def test_the_live_flows_replace_the_samples_and_are_valid_for_each_stage(account: Account, run: Run) -> None:
    account.create(orders())
    account.create(scheduled(flowName="hourly"))
    ended = run("init", "--from-account", ".")
    assert ended.exit_code == 0
    assert ended.output.endswith("flows: 2 written\n")
    documents = sorted(path.as_posix() for path in Path("flows").rglob("*.yaml"))
    assert documents == ["flows/hourly.yaml", "flows/orders.yaml"]
    for stage in ("dev", "prod"):
        assert run("validate", "--stage", stage, "flows/").exit_code == 0


def test_the_roles_and_keys_of_live_flows_are_allowed(account: Account, run: Run) -> None:
    role = "arn:aws:iam::123456789012:role/catalog"
    catalog = {"glueDataCatalog": {"roleArn": role, "databaseName": "sales", "tablePrefix": "t"}}
    account.create(orders(metadataCatalogConfig=catalog))
    run("init", "--from-account", ".")
    assert "roleArn" in Path("flows/orders.yaml").read_text(encoding="utf-8")
    validated = run("validate", "--stage", "dev", "flows/")
    assert validated.exit_code == 0, validated.output


def test_a_second_run_changes_nothing(account: Account, run: Run) -> None:
    account.create(orders())
    run("init", "--from-account", ".")
    ended = run("init", "--from-account", ".")
    assert ended.exit_code == 0
    assert ended.output.startswith("0 files written")
    assert ended.output.endswith("flows: 1 unchanged\n")


def test_a_file_with_other_content_stops_it_before_any_export(account: Account, run: Run) -> None:
    account.create(orders())
    Path("policy.yaml").write_text("documents: []\n", encoding="utf-8")
    assert run("init", "--from-account", ".").exit_code == 2
    assert not Path("flows").exists()
