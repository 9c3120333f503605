"""The linters have no findings, for the template as written and as SAM expands it."""

import json
import subprocess
import sys
from pathlib import Path

import boto3

from template.stack import REGION, ROOT, TEMPLATE, Stack

SAM = ROOT / ".venv-sam/bin/sam"
CFN_LINT = Path(sys.executable).with_name("cfn-lint")


def findings(*command: str | Path) -> str:
    """The output of a linter that failed; empty if it passed."""
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return run.stdout + run.stderr if run.returncode else ""


CONSUMERS = sorted((ROOT / "examples/consumers").glob("*.yaml"))


def test_sam_validate_has_no_findings() -> None:
    assert not findings(SAM, "validate", "--lint", "--template", TEMPLATE, "--region", REGION)


def test_cfn_lint_has_no_findings_for_the_template_and_the_examples(stack: Stack, tmp_path: Path) -> None:
    assert len(CONSUMERS) == 2
    expanded = tmp_path / "template.json"
    expanded.write_text(json.dumps(stack.template))
    assert not findings(CFN_LINT, "--regions", REGION, "--template", TEMPLATE, expanded, *CONSUMERS)


def test_the_template_deploys_to_exactly_the_regions_with_appflow(stack: Stack) -> None:
    [assertion] = stack.template["Rules"]["RegionHasAppFlow"]["Assertions"]
    regions, region = assertion["Assert"]["Fn::Contains"]
    assert regions == sorted(boto3.Session().get_available_regions("appflow"))
    assert region == {"Ref": "AWS::Region"}
    assert "not available in this region" in assertion["AssertDescription"]
