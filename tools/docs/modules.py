"""The list of modules in ``docs/architecture.md``, made from the first sentence of each module's docstring.

``python -m tools.docs.modules`` rewrites the list in place; a test compares the page with it.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/architecture.md"
TREES = ("functions", "layers/appflow_gitops/appflow_gitops", "cli", "local", "tools", "benchmarks")
START, END = "<!-- Generated: make docs -->", "<!-- End of the generated part -->"


def with_modules(page: str) -> str:
    """Return the text of the page with a list that is up to date."""
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{module_list()}\n\n{END}{after}"


def module_list() -> str:
    """Return one table per package, as Markdown."""
    folders = [
        folder for tree in TREES for folder in sorted({path.parent for path in (ROOT / tree).rglob("*.py")})
    ]
    return "\n\n".join(section for folder in folders if (section := "\n".join(_section(folder))))


def _section(folder: Path) -> Iterator[str]:
    """The heading of a package, what it is for, and its modules. Nothing for a folder without modules of its own."""
    modules = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
    package = folder / "__init__.py"
    if not modules:
        return
    yield f"### {folder.relative_to(ROOT).as_posix()}/\n"
    if package.exists() and (purpose := summary(package)):
        yield f"{purpose}\n"
    yield "| module | contents |\n| --- | --- |"
    yield from (f"| `{path.name}` | {summary(path)} |" for path in modules)


def summary(path: Path) -> str:
    """Return the first sentence of a module's docstring, in Markdown; empty without a docstring."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    paragraph = " ".join(docstring.partition("\n\n")[0].split())
    sentence = re.split(r"(?<=\.) (?=[A-Z`])", paragraph)[0]
    return sentence.removesuffix(".").replace("``", "`").replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(with_modules(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
