"""``plan`` compares fields with their connectors: what it reports is what the run fails on."""

import json
from dataclasses import replace
from typing import Any

import pytest
import yaml

from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.faults import fault_from_json
from integration.cli.conftest import BUCKET, Account, Run
from integration.cli.described_fields import DOCUMENT, calls, describe, write


def fields(run: Run) -> Any:
    planned = run("plan", "--bucket", BUCKET, "--format", "json", "flows")
    return json.loads(planned.output)["fieldFindings"]


@pytest.fixture
def deployed(account: Account, run: Run) -> Account:  # noqa: ARG001 - the folder of ``run`` gets the document
    """An account with the live flow of the document, whose fields exist."""
    describe("Id", "City")
    write()
    account.create(yaml.safe_load(DOCUMENT.format(number=0, name="Account")))
    return account


def test_a_field_that_was_removed_at_the_source_is_an_error_in_plan_and_fails_the_run(
    deployed: Account, run: Run
) -> None:
    assert run("plan", "--bucket", BUCKET, "flows").output == "Plan: 1 unchanged\n"
    describe("Id", "BillingCity")
    hour = controls.behaviour.metadata_cache_seconds
    controls.behaviour = replace(controls.behaviour, clock_offset_seconds=hour)
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert ended.exit_code == 1
    assert ended.output.splitlines()[0] == (
        "flows/accounts-0.yaml:11:34: error: unknown source field 'City' in Salesforce 'Account' [AFG402]"
    )
    assert ended.output.endswith("Plan: 1 unchanged, 1 document with errors about fields\n")
    deployed.appflow.start_flow(flowName="accounts-0")
    (record,) = deployed.appflow.describe_flow_execution_records(flowName="accounts-0")["flowExecutions"]
    assert record["executionStatus"] == "Error"
    assert record["executionResult"]["errorInfo"]["executionMessage"].endswith(": City")


@pytest.mark.usefixtures("deployed")
def test_findings_about_fields_are_in_json_and_in_the_comment(run: Run) -> None:
    describe("Id")
    (document,) = fields(run)
    (finding,) = document["findings"]
    assert (document["file"], finding["rule"], finding["line"]) == ("flows/accounts-0.yaml", "AFG402", 11)
    comment = run("plan", "--bucket", BUCKET, "--format", "markdown", "flows").output
    assert "unknown source field 'City' in Salesforce 'Account' [AFG402]" in comment


@pytest.mark.usefixtures("deployed")
def test_without_fields_no_connector_is_called(run: Run) -> None:
    describe("Id")
    assert run("plan", "--bucket", BUCKET, "--no-fields", "flows").exit_code == 0
    assert calls("DescribeConnectorEntity") == 0


@pytest.mark.parametrize(
    ("parameter", "action"), [("off", "unchanged"), ("warn", "unchanged"), ("refuse", "refuse")]
)
def test_a_change_is_refused_only_if_the_stack_refuses_errors_about_fields(
    deployed: Account, run: Run, parameter: str, action: str
) -> None:
    deployed.deploy("appflow-gitops", CheckFields=parameter)
    describe("Id")
    (flow,) = json.loads(run("plan", "--format", "json", "flows").output)["flows"]
    assert flow["action"] == action
    if action == "refuse":
        assert flow["error"]["code"] == "AFG402"


@pytest.mark.usefixtures("deployed")
def test_a_denied_call_is_a_note(run: Run) -> None:
    controls.faults.add(
        fault_from_json(
            {"operation": "DescribeConnectorEntity", "error": "AccessDeniedException", "times": None}
        )
    )
    ended = run("plan", "--bucket", BUCKET, "flows")
    assert ended.exit_code == 0
    assert "note: fields of Salesforce 'Account' not checked: AccessDeniedException" in ended.output
