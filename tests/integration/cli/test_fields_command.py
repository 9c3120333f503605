"""``fields pull`` writes what AppFlow describes, ``validate`` uses it offline, ``fields diff`` shows what changed."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appflow_gitops.validation.fields.entity import EntityKey, parse_entity
from appflow_gitops_cli.field_files import FieldFiles
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.faults import fault_from_json
from integration.cli.conftest import BUCKET, Account, Run
from integration.cli.described_fields import calls, describe, write

FILE = Path("fields/Salesforce/crm/Account.json")

pytestmark = pytest.mark.usefixtures("account")


def test_pull_writes_each_object_once_sorted_by_field(run: Run) -> None:
    describe("Town", "City")
    write(0)
    write(1)
    ended = run("fields", "pull", "flows")
    assert (ended.exit_code, ended.output) == (0, f"wrote {FILE}\n")
    value = json.loads(FILE.read_text())
    assert [each["identifier"] for each in value.pop("fields")] == ["City", "Town"]
    assert datetime.fromisoformat(value.pop("pulledAt")) <= datetime.now(UTC)
    assert value == {
        "connectorType": "Salesforce",
        "connectorProfileName": "crm",
        "connectorEntityName": "Account",
    }


def test_validate_uses_the_files_without_aws_and_prints_their_age(run: Run) -> None:
    describe("Town")
    write()
    run("fields", "pull", "flows")
    before = calls("DescribeConnectorEntity")
    value = json.loads(FILE.read_text())
    value["pulledAt"] = (datetime.now(UTC) - timedelta(days=3, hours=1)).isoformat()
    FILE.write_text(json.dumps(value))
    ended = run("validate", ".")
    assert ended.exit_code == 1
    assert "unknown source field 'City' in Salesforce 'Account' [AFG402]" in ended.output
    assert "1 document, 1 flow, 1 error" in ended.output
    assert "note: fields checked against 1 file in fields, the oldest pulled 3 days ago\n" in ended.output
    assert calls("DescribeConnectorEntity") == before


def test_validate_uses_the_folder_of_the_option(run: Run) -> None:
    describe("Town")
    write()
    run("fields", "pull", "--out", "elsewhere", "flows")
    assert run("validate", "flows").exit_code == 0
    assert run("validate", "--fields", "elsewhere", "flows").exit_code == 1


def test_the_project_file_sets_the_folder_of_all_commands(run: Run) -> None:
    Path("appflow-gitops.toml").write_text('fields = "elsewhere"\n')
    describe("Town")
    write()
    assert run("fields", "pull", "flows").output.startswith("wrote elsewhere/")
    assert run("fields", "diff", "flows").exit_code == 0
    assert run("validate", "flows").exit_code == 1


def test_an_object_that_was_not_pulled_is_an_info(run: Run) -> None:
    write()
    Path("fields").mkdir()
    ended = run("validate", "--verbose", "flows")
    assert ended.exit_code == 0
    assert "not checked: NotPulled: run 'appflow-gitops fields pull' [AFG490]" in ended.output


def test_diff_shows_what_changed_since_the_pull_within_the_hour(run: Run) -> None:
    describe("City", "Town")
    write()
    run("fields", "pull", "flows")
    assert run("fields", "diff", "flows").output == "1 object compared, 0 changed\n"
    describe("City", "Zip")
    ended = run("fields", "diff", "flows")
    assert ended.exit_code == 1
    assert ended.output == "Salesforce 'Account' (crm)\n  - Town\n  + Zip\n1 object compared, 1 changed\n"
    (changed,) = json.loads(run("fields", "diff", "--format", "json", "flows").output)
    assert [(each["kind"], each["field"]) for each in changed["changes"]] == [
        ("removed", "Town"),
        ("added", "Zip"),
    ]


def test_an_object_that_cannot_be_described_is_not_written(run: Run) -> None:
    write()
    fault = {"operation": "DescribeConnectorEntity", "error": "AccessDeniedException", "times": None}
    controls.faults.add(fault_from_json(fault))
    ended = run("fields", "pull", "flows")
    assert ended.exit_code == 1
    assert "Salesforce 'Account' (crm): AccessDeniedException" in ended.output
    assert not FILE.exists()


def test_a_broken_file_is_an_error_that_names_it(run: Run) -> None:
    describe("City")
    write()
    run("fields", "pull", "flows")
    FILE.write_text("{")
    ended = run("validate", "flows")
    assert ended.exit_code == 2
    assert ended.output.startswith(f"Error: cannot read {FILE}: ")


def test_documents_without_fields_are_an_error(run: Run) -> None:
    write()
    shutil.rmtree("flows")
    Path("flow.yaml").write_text("flowName: orders\n")
    ended = run("fields", "pull", "flow.yaml")
    assert (ended.exit_code, ended.output) == (
        2,
        "Error: no document uses a connector that has objects with fields\n",
    )


@pytest.mark.parametrize("name", ["../../up", "..", ".hidden", "/absolute", "a/b", "%2e%2e"])
def test_no_name_leaves_the_folder(tmp_path: Path, name: str) -> None:
    files = FieldFiles(tmp_path / "fields")
    paths = {files.path(EntityKey("SAPOData", name, name, version)) for version in ("", "v1")}
    assert len(paths) == 2
    for path in paths:
        assert path.parents[2] == files.folder
        assert not path.name.startswith(".")


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    files = FieldFiles(tmp_path)
    key = EntityKey("SAPOData", "sap", "/sap/opu/Ünits", "v1")
    entity = parse_entity([{"identifier": "City", "label": "Ort"}])
    now = datetime(2026, 1, 15, 12, tzinfo=UTC)
    files.write(key, entity, now)
    pulled = files.read(key)
    assert pulled is not None
    assert (pulled.entity, pulled.pulled_at) == (entity, now)


@pytest.mark.parametrize("arguments", [["fields"], ["fields/x.yaml"], ["--fields", "fields", "."]])
def test_documents_in_the_folder_of_fields_are_validated(run: Run, arguments: list[str]) -> None:
    Path("fields").mkdir()
    Path("fields/x.yaml").write_text("flowName: x\n")
    ended = run("validate", *arguments)
    assert ended.exit_code == 1
    assert "fields/x.yaml" in ended.output


def test_a_pulled_file_is_skipped_in_a_folder_and_validated_if_named(run: Run) -> None:
    describe("City")
    write()
    run("fields", "pull", "flows")
    assert run("validate", ".").exit_code == 0
    assert run("validate", "fields").output.startswith("Error: no documents found")
    assert run("validate", str(FILE)).exit_code == 1


def test_plan_and_push_skip_pulled_files_as_validate_does(account: Account, run: Run) -> None:
    account.deploy("appflow-gitops")
    describe("City")
    write()
    run("fields", "pull", "--out", "flows/fields", "flows")
    assert run("plan", "--bucket", BUCKET, "--create", "--no-fields", "flows").output.endswith(
        "Plan: 1 to create\n"
    )
    assert "1 to upload" in run("push", "--dry-run", "--force", "flows").output


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"pulledAt": "2026-01-15T12:00:00"}, "pulledAt: expected a time with a time zone"),
        ({"pulledAt": 5}, "pulledAt: expected a time with a time zone"),
        ({"fields": []}, "the file has no fields"),
        ({"fields": None}, "the file has no fields"),
        ({"connectorEntityName": "Lead"}, "connectorEntityName is 'Lead', expected 'Account'"),
        ("[" * 5_000, "nested too deeply"),
        ("[]", "connectorType is '', expected 'Salesforce'"),
    ],
)
def test_a_file_with_wrong_content_is_an_error_on_one_line(
    run: Run, content: str | dict[str, object], reason: str
) -> None:
    describe("City")
    write()
    run("fields", "pull", "flows")
    text = content if isinstance(content, str) else json.dumps(json.loads(FILE.read_text()) | content)
    FILE.write_text(text)
    for command in (("validate", "flows"), ("fields", "diff", "flows")):
        ended = run(*command)
        assert (ended.exit_code, ended.output) == (
            2,
            f"Error: cannot read {FILE}: {reason}; write it again with 'appflow-gitops fields pull'\n",
        )


def test_names_of_a_connector_do_not_reach_the_terminal_as_they_are(run: Run) -> None:
    describe("City")
    write()
    run("fields", "pull", "flows")
    describe("City", "\x1b[2J")
    ended = run("fields", "diff", "flows")
    assert ended.exit_code == 1
    assert "\x1b" not in ended.output


def test_pull_reports_that_the_file_of_an_object_that_is_gone_stays(run: Run) -> None:
    describe("City")
    write()
    run("fields", "pull", "flows")
    describe(exists=False)
    ended = run("fields", "pull", "flows")
    assert ended.exit_code == 1
    assert f"; {FILE} of an earlier pull is kept" in ended.output
    assert FILE.exists()


def test_diff_in_json_has_every_member(run: Run) -> None:
    describe("City", "Town")
    write()
    write(1, "Lead")
    run("fields", "pull", "flows")
    describe("City", "Zip")
    Path("fields/Salesforce/crm/Lead.json").unlink()
    ended = run("fields", "diff", "--format", "json", "flows")
    account, lead = sorted(json.loads(ended.output), key=lambda each: each["connectorEntityName"])
    plain = {"connectorType": "Salesforce", "connectorProfileName": "crm"}
    none = {"before": None, "after": None, "properties": []}
    assert ended.exit_code == 1
    assert account == plain | {
        "connectorEntityName": "Account",
        "changes": [
            {"kind": "removed", "field": "Town", **none},
            {"kind": "added", "field": "Zip", **none},
        ],
        "error": None,
    }
    assert lead == plain | {
        "connectorEntityName": "Lead",
        "changes": [],
        "error": "not pulled: fields/Salesforce/crm/Lead.json does not exist",
    }


def test_diff_says_which_objects_cannot_be_compared(run: Run) -> None:
    describe("City")
    write()
    write(1, "Lead")
    Path("fields").mkdir()
    assert run("fields", "diff", "flows").output.splitlines() == [
        "Salesforce 'Account' (crm): not pulled: fields/Salesforce/crm/Account.json does not exist",
        "Salesforce 'Lead' (crm): not pulled: fields/Salesforce/crm/Lead.json does not exist",
        "2 objects compared, 2 changed",
    ]
    run("fields", "pull", "flows")
    describe(exists=False)
    ended = run("fields", "diff", "flows")
    assert (ended.exit_code, ended.output.splitlines()) == (
        1,
        [
            "Salesforce 'Account' (crm): the connector does not have the object",
            "2 objects compared, 1 changed",
        ],
    )


@pytest.mark.usefixtures("account")
def test_pull_into_a_file_is_an_error(run: Run) -> None:
    describe("City")
    write()
    Path("fields").mkdir()
    Path("fields/Salesforce").touch()
    ended = run("fields", "pull", "flows")
    assert (ended.exit_code, ended.output) == (
        2,
        "Error: cannot write fields/Salesforce/crm: Not a directory\n",
    )


def test_pull_uses_variables_and_skips_files_that_cannot_be_read(run: Run) -> None:
    describe("City")
    write(name='"${env.WHICH}"')
    Path("flows/lost.yaml").symlink_to("nowhere.yaml")
    Path("dev.yaml").write_text("WHICH: Account\n")
    ended = run("fields", "pull", "--vars", "dev.yaml", "flows")
    assert (ended.exit_code, ended.output) == (0, f"wrote {FILE}\n")


@pytest.mark.parametrize(
    ("age", "shown"),
    [
        (timedelta(days=-2), "today"),
        (timedelta(days=1, hours=1), "1 day ago"),
    ],
)
def test_the_age_of_the_oldest_file_is_printed(run: Run, age: timedelta, shown: str) -> None:
    describe("City")
    write()
    write(1, "Lead")
    run("fields", "pull", "flows")
    for name, pulled_at in (("Account", datetime.now(UTC) - age), ("Lead", datetime.now(UTC) + timedelta(9))):
        file = FILE.with_name(f"{name}.json")
        file.write_text(json.dumps(json.loads(file.read_text()) | {"pulledAt": pulled_at.isoformat()}))
    ended = run("validate", "flows")
    assert f"note: fields checked against 2 files in fields, the oldest pulled {shown}\n" in ended.output


@pytest.mark.usefixtures("account")
def test_without_a_used_file_no_age_is_printed(run: Run) -> None:
    Path("fields").mkdir()
    Path("flow.yaml").write_text("flowName: x\n")
    assert "note:" not in run("validate", "flow.yaml").output
