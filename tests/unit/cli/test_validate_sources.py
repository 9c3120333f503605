"""The files that ``validate`` reads."""

import io
import os
import sys
from pathlib import Path

import pytest

from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.findings import Finding, Position
from appflow_gitops_cli.documents.sources import Source, find_sources
from appflow_gitops_cli.main import CommandError


def made(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")


def names(*paths: str) -> list[str]:
    return [source.name for source in find_sources(paths)]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_documents_of_a_folder_are_sorted_and_found_at_any_depth(here: Path) -> None:
    made(
        here,
        "flows/b.yaml",
        "flows/a.json",
        "flows/crm/c.yml",
        "flows/crm/D.JSON",
        "flows/notes.txt",
        "flows/Makefile",
    )
    assert names("flows") == ["flows/a.json", "flows/b.yaml", "flows/crm/D.JSON", "flows/crm/c.yml"]


def test_hidden_files_and_node_modules_are_skipped(here: Path) -> None:
    made(
        here,
        "a.json",
        ".git/b.json",
        ".hidden.yaml",
        "node_modules/c.json",
        "x/node_modules/d.json",
        "x/.e/f.yml",
    )
    assert names(".") == ["a.json"]


def test_named_files_are_read_in_order_whatever_their_suffix(here: Path) -> None:
    made(here, "z.txt", ".hidden.yaml", "a.json")
    assert names("./z.txt", ".hidden.yaml", "a.json", "-") == ["./z.txt", ".hidden.yaml", "a.json", "-"]


def test_no_document_is_read_twice(here: Path) -> None:
    made(here, "flows/a.json", "flows/b.json")
    assert names("flows/b.json", "flows", "flows/b.json") == ["flows/b.json", "flows/a.json"]


def test_a_folder_that_links_to_itself_is_read_once(here: Path) -> None:
    made(here, "flows/a.json")
    Path("flows/again").symlink_to(here / "flows", target_is_directory=True)
    assert names("flows") == ["flows/a.json"]


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["missing.json"], "no such file or folder 'missing.json'"),
        (["a.json", "missing"], "no such file or folder 'missing'"),
        (["emtpy"], "no such file or folder 'emtpy'; did you mean 'empty'?"),
        (["empty"], "no documents found: expected files that end in .json, .yaml, .yml"),
    ],
)
def test_a_missing_path_is_an_error(here: Path, paths: list[str], message: str) -> None:
    made(here, "a.json", "empty/notes.txt")
    with pytest.raises(CommandError) as error:
        find_sources(paths)
    assert error.value.message == message


def test_only_the_start_of_a_large_file_is_read() -> None:
    with Path("large.json").open("wb") as file:
        file.truncate(1 << 40)
    content = Source("large.json").read()
    assert isinstance(content, bytes)
    assert len(content) == MAX_BYTES + 1


def test_standard_input_is_read_as_far_as_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b" " * (MAX_BYTES + 2))))
    content = Source("-").read()
    assert isinstance(content, bytes)
    assert len(content) == MAX_BYTES + 1


def test_a_named_pipe_does_not_block() -> None:
    os.mkfifo("pipe.json")
    content = Source("pipe.json").read()
    assert isinstance(content, Finding)
    assert content.message == "not a regular file"


def test_a_broken_link_is_a_finding() -> None:
    Path("flows").mkdir()
    Path("flows/gone.json").symlink_to("nowhere")
    [source] = find_sources(["flows"])
    content = source.read()
    assert isinstance(content, Finding)
    assert (content.rule, content.severity, content.message) == (
        "AFG000",
        "error",
        "cannot read the file: No such file or directory",
    )


def test_a_link_out_of_the_folder_is_a_finding(here: Path) -> None:
    made(here, "flows/a.json", "secret.json")
    Path("flows/link.json").symlink_to(here / "secret.json")
    Path("flows/inside.json").symlink_to(here / "flows/a.json")
    inside, outside = [source.read() for source in find_sources(["flows"]) if source.name != "flows/a.json"]
    assert isinstance(inside, bytes)
    assert isinstance(outside, Finding)
    assert outside.message == "symbolic link to a file outside of 'flows'"


def test_a_folder_that_cannot_be_listed_is_an_error(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(here, "flows/a.json")

    def denied(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", denied)
    with pytest.raises(CommandError) as error:
        find_sources(["flows"])
    assert error.value.message == "cannot list the folder flows: Permission denied"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("flows/a.jsn", "no such file or folder 'flows/a.jsn'; did you mean 'flows/a.json'?"),
        ("a.json/b", "no such file or folder 'a.json/b'"),
        ("no/such", "no such file or folder 'no/such'"),
    ],
)
def test_a_mistyped_path_has_a_suggestion_from_its_folder(here: Path, path: str, message: str) -> None:
    made(here, "flows/a.json", "a.json")
    with pytest.raises(CommandError) as error:
        find_sources([path])
    assert error.value.message == message


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("pipe.json", "not a regular file", "pipe the output of a command to 'appflow-gitops validate -'"),
        ("flows/link.json", "symbolic link to a file outside of 'flows'", "copy the file into the folder"),
        ("gone.json", "cannot read the file: No such file or directory", None),
    ],
)
def test_a_file_that_is_not_read_is_a_finding_at_its_start(
    here: Path, name: str, message: str, hint: str | None
) -> None:
    made(here, "secret.json", "flows/a.json")
    os.mkfifo("pipe.json")
    Path("flows/link.json").symlink_to(here / "secret.json")
    Path("gone.json").symlink_to("nowhere")
    finding = Source(name, "flows" if name.startswith("flows") else None).read()
    assert isinstance(finding, Finding)
    assert (finding.message, finding.hint, finding.position) == (message, hint, Position(1, 1))
    assert isinstance(Source("flows/link.json").read(), bytes)
