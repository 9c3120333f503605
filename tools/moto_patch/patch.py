"""The patch: the files of the local AppFlow as files of moto, and the lines that moto needs to find them."""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from tools.docs.local_appflow import moto_page

ROOT = Path(__file__).parents[2]
CODE = ROOT / "local/appflow_gitops_local/appflow"
TESTS = ROOT / "tests/integration/appflow"

# moto imports its own services without help, and its package is one line.
_OURS_ONLY = {"__init__.py", "register.py", "test_registration.py"}
_NEW_NAMES = {"appflow_gitops_local.appflow": "moto.appflow", "integration.appflow": "tests.test_appflow"}
_PACKAGE = "from .models import appflow_backends  # noqa: F401\n"
_PATTERN = '    ("appflow", re.compile("https?://appflow\\\\.(.+)\\\\.amazonaws\\\\.com")),\n'

INSERTIONS = {
    "moto/backend_index.py": ((r'    \("appconfig", .*\n', _PATTERN),),
    "moto/backends.py": (
        (
            r"    from moto\.appconfig\.models import AppConfigBackend\n",
            "    from moto.appflow.models import AppFlowBackend\n",
        ),
        (r"    \"Literal\['appconfig'\]\",\n", "    \"Literal['appflow']\",\n"),
        (
            r"def get_backend\(name: \"Literal\['appconfig'\]\"\) -> .*\n",
            '@overload\ndef get_backend(name: "Literal[\'appflow\']") -> "BackendDict[AppFlowBackend]": ...\n',
        ),
    ),
    "moto/moto_api/_internal/urls.py": (
        (
            r"(?=from \.recorder\.responses import)",
            "from moto.appflow.control_api import url_paths as appflow_url_paths\n\n",
        ),
        (r"url_paths = \{\n", "    **appflow_url_paths,\n"),
    ),
}
"""File of moto -> what is inserted after the first match of a pattern."""


class UnknownMotoError(Exception):
    """A file of moto does not contain the lines next to which something is inserted."""


def new_files() -> dict[str, str]:
    """Return the files to add, by path in moto's tree."""
    files = {"moto/appflow/__init__.py": _PACKAGE, "tests/test_appflow/__init__.py": ""}
    for folder, target in ((CODE, "moto/appflow"), (TESTS, "tests/test_appflow")):
        for path in sorted(folder.glob("*.py")):
            if path.name not in _OURS_ONLY:
                files[f"{target}/{path.name}"] = _renamed(path.read_text(encoding="utf-8"))
    return {**files, "docs/docs/services/appflow.rst": moto_page()}


def changed_files(tree: Path) -> dict[str, str]:
    """Return the files of moto that change, with their new content. Raises UnknownMotoError."""
    return {name: _inserted(name, (tree / name).read_text(encoding="utf-8")) for name in INSERTIONS}


def diff(before: Path, after: Path, names: list[str]) -> Iterator[str]:
    """Yield the lines of a unified diff between two trees, for these files."""
    for name in sorted(names):
        old, new = before / name, after / name
        lines = old.read_text(encoding="utf-8").splitlines(keepends=True) if old.exists() else []
        yield from difflib.unified_diff(
            lines,
            new.read_text(encoding="utf-8").splitlines(keepends=True),
            fromfile=f"a/{name}" if old.exists() else "/dev/null",
            tofile=f"b/{name}",
        )


def _renamed(text: str) -> str:
    for ours, theirs in _NEW_NAMES.items():
        text = text.replace(ours, theirs)
    return text


def _inserted(name: str, text: str) -> str:
    for pattern, insertion in INSERTIONS[name]:
        found = re.search(pattern, text)
        if found is None:
            raise UnknownMotoError(f"{name} has no line that matches {pattern}")
        text = text[: found.end()] + insertion + text[found.end() :]
    return text
