"""P10: hostile bytes produce findings, for everything that fuzzing found and for 3,000 new inputs."""

from pathlib import Path
from random import Random

import pytest

from appflow_gitops.validation.validate import validate
from tools.fuzz.fuzz import CORPUS, seeds
from tools.fuzz.mutate import mutated

RUNS = 3_000


@pytest.mark.parametrize("path", sorted(CORPUS.iterdir()), ids=lambda path: path.name)
def test_p10_a_known_hostile_input_has_findings(path: Path) -> None:
    checked = validate(path.read_bytes(), path.name)
    assert checked.findings


def test_p10_mutated_documents_never_raise() -> None:
    random, known = Random(2026), seeds()  # noqa: S311 - tests, not secrets
    for _ in range(RUNS):
        checked = validate(mutated(random, known), random.choice(("a.json", "a.yaml", "-")))
        assert checked.valid or checked.findings
