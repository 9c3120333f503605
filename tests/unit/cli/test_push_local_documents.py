"""The pushed folder: every document has its key, and names that the stack ignores are rejected."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.validation.environment import NO_ENVIRONMENT
from appflow_gitops.validation.fields.entity import EntityKey, parse_entity
from appflow_gitops_cli.environment import read_environment
from appflow_gitops_cli.field_files import FieldFiles
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.push.local_documents import read_documents

NO_FILES = read_environment(None, None)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def keys(folder: str, prefix: str = "flows/") -> list[str]:
    return [document.key for document in read_documents(folder, prefix, NO_ENVIRONMENT, NO_FILES)]


@pytest.mark.parametrize("folder", ["flows", "flows/", "./flows", "."])
def test_a_key_is_the_prefix_and_the_path_in_the_folder(write, good: str, folder: str) -> None:
    for name in ("orders.yaml", "crm/contacts.yaml", "README.md", ".hidden.yaml"):
        write(f"{'' if folder == '.' else 'flows/'}{name}", good)
    assert keys(folder) == ["flows/orders.yaml", "flows/crm/contacts.yaml"]
    assert keys(folder, "flows/sales/")[0] == "flows/sales/orders.yaml"


def test_policy_and_variables_are_not_read_as_documents(write, good: str) -> None:
    write("flows/orders.yaml", good)
    for stage in ("dev", "prod"):
        write(f"flows/variables/{stage}.yaml", "NAME: value")
    local = read_environment(write("flows/policy.yaml", "documents: []"), "flows/variables/dev.yaml")
    [document] = read_documents("flows", "flows/", NO_ENVIRONMENT, local)
    assert (document.file, document.flows) == ("flows/orders.yaml", ("orders",))


def test_pulled_fields_are_not_read_as_documents(write, good: str) -> None:
    write("flows/orders.yaml", good)
    entity = parse_entity([{"identifier": "City"}])
    FieldFiles(Path("flows/fields")).write(
        EntityKey("Salesforce", "crm", "Account"), entity, datetime(2026, 1, 15, tzinfo=UTC)
    )
    assert keys("flows") == ["flows/orders.yaml"]


@pytest.mark.parametrize(
    ("folder", "key", "hint"),
    [
        (".", "flows/flows/crm/orders.yaml", "push the folder 'flows/'"),
        ("flows/crm", "flows/orders.yaml", "use --prefix flows/crm/"),
    ],
)
def test_a_document_with_another_key_than_in_plan_is_rejected(
    write, good: str, folder: str, key: str, hint: str
) -> None:
    write("flows/crm/orders.yaml", good)
    local = read_environment(write("policy.yaml", "documents: []"), None)
    with pytest.raises(CommandError) as refused:
        read_documents(folder, "flows/", NO_ENVIRONMENT, local)
    assert refused.value.message == (
        f"flows/crm/orders.yaml: the key would be '{key}', expected 'flows/crm/orders.yaml' as in plan; {hint}"
    )


def test_the_policy_may_be_in_any_folder(write, good: str) -> None:
    write("flows/orders.yaml", good)
    local = read_environment(write("settings/policy.yaml", "documents: []"), None)
    [document] = read_documents("flows", "flows/", NO_ENVIRONMENT, local)
    assert document.key == "flows/orders.yaml"


def test_only_the_start_of_a_huge_file_is_read() -> None:
    Path("flows").mkdir()
    with Path("flows/huge.json").open("wb") as file:
        file.truncate(1 << 40)
    [document] = read_documents("flows", "flows/", NO_ENVIRONMENT, NO_FILES)
    assert (document.is_complete, len(document.content), document.checked.valid) == (
        False,
        MAX_BYTES + 1,
        False,
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            b"orders.YAML",
            "orders.YAML: expected a name that ends in one of .json, .yaml, .yml (lower case); rename the file",
        ),
        (b"\xff.yaml", "not valid UTF-8"),
        (b"\x1b[2J.YAML", "\ufffd[2J.YAML: expected a name"),
    ],
)
def test_a_name_that_the_stack_ignores_is_rejected(name: bytes, message: str) -> None:
    Path("flows").mkdir()
    Path(os.fsdecode(b"flows/" + name)).write_text("flowName: orders\n")
    with pytest.raises(CommandError) as refused:
        read_documents("flows", "flows/", NO_ENVIRONMENT, NO_FILES)
    assert message in refused.value.message
    assert refused.value.message.isprintable()


def test_a_file_that_cannot_be_read_is_rejected(write, good: str) -> None:
    write("flows/orders.yaml", good)
    Path("flows/lost.yaml").symlink_to("nowhere.yaml")
    with pytest.raises(CommandError, match=r"flows/lost\.yaml: cannot read the file"):
        read_documents("flows", "flows/", NO_ENVIRONMENT, NO_FILES)
