"""A policy in the local cloud and at the desk: the same document is rejected with the same findings."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from appflow_gitops_cli.main import cli
from e2e.stack import ROOT, DeployedStack

POLICY = "documents: [{prefix: flows/sales/, flows: [sales-*]}]\n"
KEY = "flows/sales/payroll.json"
PRICES = json.loads((ROOT / "events" / "documents" / "price-list.json").read_bytes())


def test_a_folder_that_is_given_sales_flows_cannot_change_payroll(
    stack: DeployedStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = json.dumps({**PRICES, "flowName": "hr-payroll"}, indent=2)
    for name in ("hr-payroll", "sales-prices"):
        stack.appflow.create_flow(**{**PRICES, "flowName": name, "description": "old"})
    stack.control("DELETE", "calls")

    stack.drop("policy.yaml", POLICY.encode())
    stack.drop(KEY, document.encode())

    told = stack.status_event()
    assert told["detail-type"] == "Flow Change Rejected"
    assert [finding["rule"] for finding in told["detail"]["data"]["findings"]] == ["AFG301"]
    assert stack.control("GET", "calls")["calls"] == []

    monkeypatch.chdir(tmp_path)
    Path("policy.yaml").write_text(POLICY, encoding="utf-8")
    Path("flows/sales").mkdir(parents=True)
    Path(KEY).write_text(document, encoding="utf-8")
    desk = CliRunner().invoke(cli, ["validate", "--format", "json", "--policy", "policy.yaml", "flows"])
    [report] = json.loads(desk.stdout)["documents"]
    assert report["findings"] == told["detail"]["data"]["findings"]
    assert desk.exit_code == 1

    stack.drop("flows/sales/prices.json", json.dumps({**PRICES, "flowName": "sales-prices"}).encode())
    assert stack.status_event()["detail-type"] == "Flow Change Applied"


def test_a_broken_policy_is_told_when_it_is_dropped_and_stops_everything(stack: DeployedStack) -> None:
    stack.drop("policy.yaml", b"documents:\n- {prefix: flows/sales/}\n")
    told = stack.status_event()["detail"]["data"]
    assert (told["outcome"], told["document"]["key"]) == ("Rejected", "policy.yaml")
    assert [(one["rule"], one["line"], one["column"]) for one in told["findings"]] == [("AFG311", 2, 3)]
    stack.drop("flows/price-list.json", json.dumps(PRICES).encode())
    told = stack.status_event()["detail"]["data"]
    assert [one["rule"] for one in told["findings"]] == ["AFG310"]
