"""The pushed folder: every document has its key, and names that the stack ignores are rejected."""

import os
from pathlib import Path

import pytest

from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.validation.environment import NO_ENVIRONMENT
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.push.local_documents import read_documents


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def keys(folder: str, prefix: str = "flows/") -> list[str]:
    return [document.key for document in read_documents(folder, prefix, NO_ENVIRONMENT)]


@pytest.mark.parametrize("folder", ["flows", "flows/", "./flows", "."])
def test_a_key_is_the_prefix_and_the_path_in_the_folder(write, good: str, folder: str) -> None:
    for name in ("orders.yaml", "crm/contacts.yaml", "README.md", ".hidden.yaml"):
        write(f"{'' if folder == '.' else 'flows/'}{name}", good)
    assert keys(folder) == ["flows/orders.yaml", "flows/crm/contacts.yaml"]
    assert keys(folder, "flows/sales/")[0] == "flows/sales/orders.yaml"


def test_policy_and_variables_are_not_read_as_documents(write, good: str) -> None:
    write("flows/orders.yaml", good)
    policy = Path(write("flows/policy.yaml", "documents: []"))
    [document] = read_documents("flows", "flows/", NO_ENVIRONMENT, {policy.resolve()})
    assert (document.file, document.flows) == ("flows/orders.yaml", ("orders",))


def test_only_the_start_of_a_huge_file_is_read() -> None:
    Path("flows").mkdir()
    with Path("flows/huge.json").open("wb") as file:
        file.truncate(1 << 40)
    [document] = read_documents("flows", "flows/", NO_ENVIRONMENT)
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
        read_documents("flows", "flows/", NO_ENVIRONMENT)
    assert message in refused.value.message
    assert refused.value.message.isprintable()


def test_a_file_that_cannot_be_read_is_rejected(write, good: str) -> None:
    write("flows/orders.yaml", good)
    Path("flows/lost.yaml").symlink_to("nowhere.yaml")
    with pytest.raises(CommandError, match=r"flows/lost\.yaml: cannot read the file"):
        read_documents("flows", "flows/", NO_ENVIRONMENT)
