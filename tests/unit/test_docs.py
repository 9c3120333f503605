"""What the docs say is true: links, paths, commands, examples and generated parts."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner

from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.main import cli
from tools.docs import modules

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "layers/appflow_gitops/appflow_gitops"
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "examples/**/*.md", "events/**/*.md")
    for path in ROOT.glob(pattern)
)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def names(pages: list[Path]) -> list[str]:
    return [page.relative_to(ROOT).as_posix() for page in pages]


def code_blocks(page: Path, language: str) -> list[str]:
    blocks = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", text_of(page), re.MULTILINE | re.DOTALL)
    return [block for found, block in blocks if found == language]


def anchors(page: Path) -> set[str]:
    """The ids that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_link_to_the_repository_leads_to_a_file_and_a_heading(page: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", text_of(page)):
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), f"{target}#{anchor}"


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/architecture.md"])
def test_every_path_in_the_guides_to_the_code_exists(name: str) -> None:
    before_list = text_of(ROOT / name).partition(modules.START)[0]
    paths = re.findall(r"`(\w[\w.-]*/[\w./-]*|\.ci/run|\w+\.(?:md|yaml|toml))`", before_list)
    assert [path for path in paths if not any((base / path).exists() for base in (ROOT, LIBRARY))] == []


def test_the_list_of_modules_is_that_of_the_source() -> None:
    page = text_of(modules.PAGE)
    assert page == modules.with_modules(page), "run: make docs"


def commands(page: Path) -> Iterator[list[str]]:
    """The arguments of every ``appflow-gitops`` in a console block."""
    for block in code_blocks(page, "console"):
        for command in re.split(r"[|&>\n]", re.sub(r"#.*|\\\n", "", block)):
            program, *arguments = command.split() or [""]
            if program.endswith("appflow-gitops") and "=" not in program:
                yield arguments


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_command_in_the_docs_exists_with_its_options(page: Path) -> None:
    for arguments in commands(page):
        command: click.Command = cli
        while isinstance(command, click.Group):
            found = command.get_command(click.Context(command), arguments.pop(0))
            assert found is not None, arguments
            command = found
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word.partition("=")[0] for word in arguments if word.startswith("-")} <= options | {"-"}


def test_the_document_of_the_readme_is_valid() -> None:
    document, request = code_blocks(ROOT / "README.md", "yaml")
    assert validate(document.encode(), "orders.yaml").findings == ()
    [entry] = yaml.safe_load(request)["Entries"]
    requested = json.dumps(json.loads(entry["Detail"])["document"])
    assert validate(requested.encode(), "request.json").findings == ()


def test_the_finding_in_the_readme_is_what_validate_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [document, _], [shown] = (code_blocks(ROOT / "README.md", language) for language in ("yaml", ""))
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/orders.yaml").write_text(document.replace("OnDemand", "OnDemands"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert shown in CliRunner().invoke(cli, ["validate", "flows/"]).output


def test_the_help_of_make_fits_a_terminal_and_names_every_target_of_the_docs() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607
    assert [line for line in shown.splitlines() if len(line) > 80] == []
    targets = set(re.findall(r"^  make ([\w-]+)", shown, re.MULTILINE))
    used = {
        name
        for page in PAGES
        for block in code_blocks(page, "console")
        for name in re.findall(r"^make ([a-z-]+)", block, re.MULTILINE)
    }
    assert used <= targets
