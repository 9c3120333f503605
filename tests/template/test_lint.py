"""The template is free of findings, as written and as SAM expands it."""

import json
import subprocess
import sys
from pathlib import Path

from template.stack import REGION, ROOT, TEMPLATE, Stack

SAM = ROOT / ".venv-sam/bin/sam"
CFN_LINT = Path(sys.executable).with_name("cfn-lint")


def findings(*command: str | Path) -> str:
    """What a linter printed, when it was not content."""
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return run.stdout + run.stderr if run.returncode else ""


CONSUMERS = sorted((ROOT / "examples/consumers").glob("*.yaml"))


def test_sam_finds_nothing_to_say_about_the_template() -> None:
    assert not findings(SAM, "validate", "--lint", "--template", TEMPLATE, "--region", REGION)


def test_cfn_lint_finds_nothing_to_say_about_the_template_as_written() -> None:
    assert not findings(CFN_LINT, "--regions", REGION, "--template", TEMPLATE)


def test_cfn_lint_finds_nothing_to_say_about_the_consumers_examples() -> None:
    assert len(CONSUMERS) == 3
    assert not findings(CFN_LINT, "--regions", REGION, "--template", *CONSUMERS)


def test_cfn_lint_finds_nothing_to_say_about_the_expanded_template(stack: Stack, tmp_path: Path) -> None:
    expanded = tmp_path / "template.json"
    expanded.write_text(json.dumps(stack.template))
    assert not findings(CFN_LINT, "--regions", REGION, "--template", expanded)
