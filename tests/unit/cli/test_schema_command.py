"""``schema`` prints a JSON Schema, or writes it to a file."""

import json
from pathlib import Path

import pytest

from appflow_gitops_cli.schema.command import schema_text

from .conftest import Run


@pytest.mark.parametrize(
    ("arguments", "title"),
    [((), "Flow document"), (("flow-document",), "Flow document"), (("policy",), "Policy")],
)
def test_the_schema_is_printed_or_written(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], title: str
) -> None:
    printed = run("schema", *arguments)
    assert (printed.exit_code, json.loads(printed.output)["title"]) == (0, title)
    written = run("schema", *arguments, "--output", str(tmp_path / "x.json"))
    assert (written.exit_code, written.output) == (0, "")
    assert (tmp_path / "x.json").read_text(encoding="utf-8") == printed.output
    assert printed.output == schema_text(*arguments or ("flow-document",))


def test_a_file_that_cannot_be_written_is_one_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "no" / "x.json"
    ended = run("schema", "-o", str(file))
    assert (ended.exit_code, ended.output) == (2, f"Error: cannot write {file}: No such file or directory\n")
