"""``validate --live`` compares documents with what AppFlow describes, and blocks nothing when it cannot."""

from dataclasses import replace

import pytest

from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.faults import fault_from_json
from integration.cli.conftest import Run
from integration.cli.described_fields import calls, describe, write


@pytest.mark.usefixtures("account")
def test_a_field_that_the_source_does_not_have_is_an_error_at_its_task(run: Run) -> None:
    describe("Id", "Town", "BillingCity")
    write()
    ended = run("validate", "--live", "flows")
    assert ended.exit_code == 1
    assert ended.output.splitlines()[0] == (
        "flows/accounts-0.yaml:11:34: error: unknown source field 'City' in Salesforce 'Account' [AFG402]"
    )
    assert run("validate", "flows").exit_code == 0


@pytest.mark.usefixtures("account")
def test_300_flows_on_10_objects_cost_10_calls(run: Run) -> None:
    for number in range(10):
        describe("City", name=f"Object{number}")
    for number in range(300):
        write(number, f"Object{number % 10}")
    before = calls("DescribeConnectorEntity")
    assert run("validate", "--live", "flows").exit_code == 0
    assert calls("DescribeConnectorEntity") - before == 10
    assert calls("ResetConnectorMetadataCache") == 0


@pytest.mark.usefixtures("account")
def test_a_field_that_was_added_within_the_hour_is_found(run: Run) -> None:
    describe("Id")
    write()
    assert run("validate", "--live", "flows").exit_code == 1
    describe("Id", "City")
    assert run("validate", "--live", "flows").exit_code == 0


@pytest.mark.usefixtures("account")
def test_an_unknown_object_is_an_error_with_a_suggestion(run: Run) -> None:
    describe("City")
    describe(name="Acount", exists=False)
    write(name="Acount")
    ended = run("validate", "--live", "flows")
    assert ended.exit_code == 1
    assert "unknown object 'Acount' in Salesforce with profile 'crm' [AFG401]" in ended.output
    assert "hint: did you mean 'Account'?" in ended.output


@pytest.mark.parametrize("error", ["AccessDeniedException", "ConnectorServerException"])
@pytest.mark.usefixtures("account")
def test_an_object_that_cannot_be_described_is_a_note(
    run: Run, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    controls.faults.add(
        fault_from_json({"operation": "DescribeConnectorEntity", "error": error, "times": None})
    )
    write()
    ended = run("validate", "--live", "flows")
    assert ended.exit_code == 0
    assert f"note: fields of Salesforce 'Account' not checked: {error}" in ended.output


@pytest.mark.usefixtures("account")
def test_a_missing_connector_profile_is_a_note(run: Run) -> None:
    controls.behaviour = replace(controls.behaviour, strict_profiles=True)
    write()
    ended = run("validate", "--live", "flows")
    assert ended.exit_code == 0
    assert "note: fields of Salesforce 'Account' not checked: ResourceNotFoundException" in ended.output
