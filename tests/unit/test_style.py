"""No text uses a word that docs/style.md replaces by a better one."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STYLE = ROOT / "docs/style.md"
TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".json", ".html", ".css", ".js", ".sh", ""}
NOT_OURS = ("tests/fuzz/corpus/", "events/reference/", "benchmarks/built/")

TEXTS = [
    *["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "pyproject.toml", "samconfig.toml"],
    *[
        "SECURITY.md",
        "action.yml",
        ".github",
        "template.yaml",
        ".ci",
        ".pre-commit-hooks.yaml",
        "docs",
        "schemas",
        "layers",
        "functions",
        "cli",
    ],
    *["local", "tools", "benchmarks", "examples", "events", "tests"],
]
"""Files and folders of the repository."""

ALLOWED = {
    # The key of a stored scan state, which every version must be able to read.
    "layers/appflow_gitops/appflow_gitops/sync/drift/scan_state.py": ["told"],
    "tests/integration/functions/test_detect_drift.py": ["told"],
    "tests/unit/sync/test_scan_state.py": ["told"],
}


def checked_words() -> list[str]:
    """The phrases in the first column of the table "Checked words"."""
    section = STYLE.read_text(encoding="utf-8").split("## Checked words")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    return [phrase for cell in cells for phrase in re.findall(r"`([^`]+)`", cell)]


# NO_OP is an operator of AppFlow.
PATTERN = re.compile(rf"(?<![a-z])({'|'.join(checked_words())})(?![a-z]| op\b)", re.IGNORECASE)


def uses(text: str) -> list[str]:
    """Every use of a checked phrase, also across line ends, in snake_case and in CamelCase."""
    joined = re.sub(r"\"\n\s*f?\"", "", text)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[\s_#-]+", " ", joined)
    return [match[0].lower() for match in PATTERN.finditer(words)]


def files(name: str) -> Iterator[Path]:
    """The texts of a file or folder of the repository, without those that show the words on purpose."""
    for path in sorted((ROOT / name).rglob("*")) if (ROOT / name).is_dir() else [ROOT / name]:
        ours = path not in {STYLE, Path(__file__)} and not path.relative_to(ROOT).as_posix().startswith(
            NOT_OURS
        )
        if ours and path.is_file() and path.suffix in TEXT and "__pycache__" not in path.parts:
            yield path


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_uses_a_word_that_the_style_guide_replaces(name: str) -> None:
    found = {
        path.relative_to(ROOT).as_posix(): uses(path.read_text(encoding="utf-8")) for path in files(name)
    }
    forbidden = {path: words for path, words in found.items() if words != ALLOWED.get(path, [])}
    assert not forbidden, f"see docs/style.md: {forbidden}"


@pytest.mark.parametrize(
    "text",
    [
        "It is TOLD.",
        "def told_once():",
        "def _told():",
        "TellsAlarmTopic",
        "a change comes\n    # back later",
    ],
)
def test_a_use_is_found_in_prose_and_in_names(text: str) -> None:
    assert len(uses(text)) == 1


@pytest.mark.parametrize("text", ["untold", "storyteller", "amend", "understands", "restands", "it is NO_OP"])
def test_a_part_of_another_word_is_not_a_use(text: str) -> None:
    assert uses(text) == []
