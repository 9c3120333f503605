"""The folder that is pushed: every document under its key, and nothing that the stack could not take."""

import os
from pathlib import Path

import pytest

from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.validation.environment import NO_ENVIRONMENT
from appflow_gitops_cli.main import CannotRun
from appflow_gitops_cli.push.folder import documents_in


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def keys(folder: str, prefix: str = "flows/") -> list[str]:
    return [document.key for document in documents_in(folder, prefix, NO_ENVIRONMENT)]


@pytest.mark.parametrize("folder", ["flows", "flows/", "./flows", "."])
def test_a_key_is_the_path_in_the_folder_under_the_prefix(write, good: str, folder: str) -> None:
    for name in ("orders.yaml", "crm/contacts.yaml", "README.md", ".hidden.yaml"):
        write(f"{'' if folder == '.' else 'flows/'}{name}", good)
    assert keys(folder) == ["flows/orders.yaml", "flows/crm/contacts.yaml"]
    assert keys(folder, "flows/sales/")[0] == "flows/sales/orders.yaml"


def test_files_that_the_stage_is_made_of_are_no_documents(write, good: str) -> None:
    write("flows/orders.yaml", good)
    policy = Path(write("flows/policy.yaml", "documents: []"))
    [document] = documents_in("flows", "flows/", NO_ENVIRONMENT, {policy.resolve()})
    assert (document.file, document.flows) == ("flows/orders.yaml", ("orders",))


def test_of_a_huge_file_only_the_beginning_is_read() -> None:
    Path("flows").mkdir()
    with Path("flows/huge.json").open("wb") as file:
        file.truncate(1 << 40)
    [document] = documents_in("flows", "flows/", NO_ENVIRONMENT)
    assert (document.is_whole, len(document.content), document.checked.valid) == (False, MAX_BYTES + 1, False)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            b"orders.YAML",
            "orders.YAML: the stack takes only .json, .yaml, .yml, in small letters; rename the file",
        ),
        (b"\xff.yaml", "no UTF-8"),
        (b"\x1b[2J.YAML", "\ufffd[2J.YAML: the stack takes only"),
    ],
)
def test_a_name_that_the_stack_would_not_take_is_refused(name: bytes, told: str) -> None:
    Path("flows").mkdir()
    Path(os.fsdecode(b"flows/" + name)).write_text("flowName: orders\n")
    with pytest.raises(CannotRun) as refused:
        documents_in("flows", "flows/", NO_ENVIRONMENT)
    assert told in refused.value.message
    assert refused.value.message.isprintable()


def test_a_file_that_cannot_be_read_is_refused(write, good: str) -> None:
    write("flows/orders.yaml", good)
    Path("flows/lost.yaml").symlink_to("nowhere.yaml")
    with pytest.raises(CannotRun, match=r"cannot read flows/lost\.yaml"):
        documents_in("flows", "flows/", NO_ENVIRONMENT)
