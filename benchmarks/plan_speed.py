"""`appflow-gitops plan` of 1,000 flows against a bare loop of DescribeFlow with as many threads.

Wall time of the whole process on both sides, imports included. ``fleet`` answers after a fixed time. DescribeFlow
takes tens of milliseconds, so the limit holds for 30 ms; the figure for instant answers shows what plan computes.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from appflow_gitops.aws.clients import CALLS_AT_ONCE
from benchmarks.changes import BUCKET, REGION, ROOT, document, key_of
from benchmarks.figures import RATIO, Figure, MeasurementError, alternately
from benchmarks.fleet import NAMES
from benchmarks.processes import server

LIMITS = {30: 1.5, 0: 3}
"""Milliseconds of an answer -> the limit of the ratio."""


def figures(rounds: int) -> list[Figure]:
    """The ratio at each time of an answer."""
    with tempfile.TemporaryDirectory() as folder:
        _write_documents(Path(folder))
        return [
            Figure(
                f"plan of {len(NAMES):,} flows, {milliseconds} ms per call",
                _ratio(Path(folder), milliseconds, rounds),
                limit,
                RATIO,
            )
            for milliseconds, limit in LIMITS.items()
        ]


def _write_documents(folder: Path) -> None:
    for name in NAMES:
        path = folder / key_of(name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(document(name, 0))


def _ratio(folder: Path, milliseconds: int, rounds: int) -> float:
    with server("fleet", str(milliseconds)) as endpoint:
        plan = [str(Path(sys.executable).parent / "appflow-gitops"), "plan", "--bucket", BUCKET]
        loop = [sys.executable, "-m", "benchmarks.describe_loop", str(CALLS_AT_ONCE), *NAMES]
        candidate = partial(_seconds, endpoint, [*plan, "--format", "json", "flows"], folder)
        baseline = partial(_seconds, endpoint, loop, ROOT)
        return alternately(candidate, baseline, rounds)


def _seconds(endpoint: str, command: Sequence[str], folder: Path) -> float:
    """Wall time of the command. Raises MeasurementError unless it finds every flow, and every flow in sync."""
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }
    started = time.perf_counter()
    ran = subprocess.run(  # noqa: S603 - our own tools
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - started
    found = json.loads(ran.stdout) if ran.stdout else {"flows": NAMES, "notes": []}
    if ran.returncode or len(found["flows"]) != len(NAMES) or found["notes"]:
        raise MeasurementError(f"{command[1]} ended with {ran.returncode}: {ran.stderr.strip()}")
    return seconds
