"""The patch for moto contains the whole local AppFlow and nothing of the rest of this project."""

import ast
from pathlib import Path

import moto
import pytest

from tools.moto_patch.patch import INSERTIONS, UnknownMotoError, changed_files, diff, new_files

INSTALLED = Path(moto.__file__).parents[1]
CODE = {name: text for name, text in new_files().items() if name.endswith(".py")}


@pytest.mark.parametrize("name", CODE)
def test_a_file_for_moto_imports_nothing_of_this_project(name: str) -> None:
    modules = [
        alias.name
        for node in ast.walk(ast.parse(CODE[name]))
        if isinstance(node, ast.Import)
        for alias in node.names
    ] + [node.module or "" for node in ast.walk(ast.parse(CODE[name])) if isinstance(node, ast.ImportFrom)]

    ours = {
        "appflow_gitops",
        "appflow_gitops_local",
        "appflow_gitops_cli",
        "integration",
        "fakes",
        "pydantic",
    }
    assert ours.isdisjoint(module.partition(".")[0] for module in modules)


@pytest.mark.parametrize("name", CODE)
def test_a_file_for_moto_is_valid_in_python_3_10(name: str) -> None:
    ast.parse(CODE[name], feature_version=(3, 10))


def test_every_insertion_fits_the_pinned_moto() -> None:
    changed = changed_files(INSTALLED)

    assert set(changed) == set(INSERTIONS)
    assert all("appflow" in text for text in changed.values())
    for text in changed.values():
        compile(text, "moto", "exec")


def test_a_moto_with_other_lines_is_an_error(tmp_path: Path) -> None:
    for name in INSERTIONS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")

    with pytest.raises(UnknownMotoError, match="backend_index"):
        changed_files(tmp_path)


def test_the_diff_adds_and_changes_files(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for folder, text in ((before, "a\n"), (after, "a\nb\n")):
        folder.mkdir()
        (folder / "changed.py").write_text(text, encoding="utf-8")
    (after / "new.py").write_text("c\n", encoding="utf-8")

    text = "".join(diff(before, after, ["changed.py", "new.py"]))

    assert "--- a/changed.py\n+++ b/changed.py\n" in text
    assert "--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+c\n" in text
