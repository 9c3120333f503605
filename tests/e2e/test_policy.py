"""A policy in the local cloud and on the command line: the same document is rejected with the same findings."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from appflow_gitops_cli.main import cli
from e2e.stack import ROOT, DeployedStack

POLICY = "documents: [{prefix: flows/sales/, flows: [sales-*]}]\n"
KEY = "flows/sales/payroll.json"
PRICES = json.loads((ROOT / "events" / "documents" / "price-list.json").read_bytes())


def test_a_folder_with_a_grant_for_sales_flows_cannot_change_payroll(
    stack: DeployedStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = json.dumps({**PRICES, "flowName": "hr-payroll"}, indent=2)
    for name in ("hr-payroll", "sales-prices"):
        stack.appflow.create_flow(**{**PRICES, "flowName": name, "description": "old"})
    stack.control("DELETE", "calls")

    stack.drop("policy.yaml", POLICY.encode())
    stack.drop(KEY, document.encode())

    event = stack.status_event()
    assert event["detail-type"] == "Flow Change Rejected"
    assert [finding["rule"] for finding in event["detail"]["data"]["findings"]] == ["AFG301"]
    assert stack.control("GET", "calls")["calls"] == []

    monkeypatch.chdir(tmp_path)
    Path("policy.yaml").write_text(POLICY, encoding="utf-8")
    Path("flows/sales").mkdir(parents=True)
    Path(KEY).write_text(document, encoding="utf-8")
    command = CliRunner().invoke(cli, ["validate", "--format", "json", "--policy", "policy.yaml", "flows"])
    [report] = json.loads(command.stdout)["documents"]
    assert report["findings"] == event["detail"]["data"]["findings"]
    assert command.exit_code == 1

    stack.drop("flows/sales/prices.json", json.dumps({**PRICES, "flowName": "sales-prices"}).encode())
    assert stack.status_event()["detail-type"] == "Flow Change Applied"


def test_an_invalid_policy_is_reported_when_it_is_dropped_and_blocks_every_document(
    stack: DeployedStack,
) -> None:
    stack.drop("policy.yaml", b"documents:\n- {prefix: flows/sales/}\n")
    event = stack.status_event()["detail"]["data"]
    assert (event["outcome"], event["document"]["key"]) == ("Rejected", "policy.yaml")
    assert [(one["rule"], one["line"], one["column"]) for one in event["findings"]] == [("AFG311", 2, 3)]
    stack.drop("flows/price-list.json", json.dumps(PRICES).encode())
    event = stack.status_event()["detail"]["data"]
    assert [one["rule"] for one in event["findings"]] == ["AFG310"]
