"""P10: hostile bytes produce findings, for everything that fuzzing found and for 2,000 new inputs."""

import re
from pathlib import Path
from random import Random

import pytest

from appflow_gitops.validation.validate import validate
from tools.fuzz.fuzz import CORPUS, seeds
from tools.fuzz.mutate import mutated

RUNS = 2_000
LINE_BREAK = re.compile(rb"\r\n|\r|\n|\xc2\x85|\xe2\x80[\xa8\xa9]")


@pytest.mark.parametrize("path", sorted(CORPUS.iterdir()), ids=lambda path: path.name)
def test_p10_a_known_hostile_input_has_findings(path: Path) -> None:
    checked = validate(path.read_bytes(), path.name)
    assert checked.findings


def test_p10_mutated_documents_never_raise_and_findings_have_a_line_of_the_file() -> None:
    random, known = Random(2026), seeds()  # noqa: S311 - tests, not secrets
    valid = 0
    for _ in range(RUNS):
        content = mutated(random, known)
        checked = validate(content, random.choice(("a.json", "a.yaml", "-")))
        lines = {finding.position.line if finding.position else 0 for finding in checked.findings}
        assert lines <= set(range(1, len(LINE_BREAK.split(content)) + 1))
        valid += checked.valid
    # The seeds are valid documents: most mutations break them, and some do not.
    assert 0 < valid < RUNS / 2
