"""A function starts without the modules that only a document needs; `make bench` measures the start."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ONLY_FOR_DOCUMENTS = ("yaml", "appflow_gitops.validation.pipeline", "appflow_gitops.flows.model.request")
# Powertools imports its models of events when pydantic is there before it, a sixth of the start; its batch processor
# and its data classes, asyncio among what they bring along, are a tenth.
NEVER = ("aws_lambda_powertools.utilities.parser", "aws_xray_sdk", "asyncio")


# A scan for drift reads documents whatever comes of it, so it may have at the start what only documents need.
@pytest.mark.parametrize(
    ("function", "needless"),
    [
        ("intake", {*ONLY_FOR_DOCUMENTS, *NEVER}),
        ("apply", {*ONLY_FOR_DOCUMENTS, *NEVER}),
        ("detect_drift", {*NEVER}),
        ("watch_runs", {*ONLY_FOR_DOCUMENTS, *NEVER}),
    ],
)
def test_a_function_starts_without_what_it_does_not_need_yet(function: str, needless: set[str]) -> None:
    program = f"import json, sys, {function}.handler; print(json.dumps(sorted(sys.modules)))"
    started = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT / "functions"), "POWERTOOLS_METRICS_NAMESPACE": "tests"},
        capture_output=True,
        check=True,
    )
    assert not set(json.loads(started.stdout)) & needless
