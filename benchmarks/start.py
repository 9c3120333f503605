"""How long a function takes to start under Lambda's own runtime client, against a bare handler with its clients.

The runtime emulator reports the time from the start of the interpreter to the imported handler (INIT_REPORT), without
the first invocation. Both sides have the built layer on their path.
"""

import re
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from appflow_gitops_local.rie import Emulator, RieRuntime, find_emulator
from appflow_gitops_local.runtime import FunctionError
from benchmarks.built import artifacts, layer
from benchmarks.changes import REGION, environment, function
from benchmarks.figures import RATIO, Figure, alternately

LIMIT = 1.25
STARTS_PER_ROUND = 13
CLIENTS = {
    "intake": ("s3", "sqs", "events"),
    "apply": ("appflow", "s3", "events", "sqs"),
    "watch_runs": ("s3", "appflow", "events"),
    "detect_drift": ("appflow", "s3", "sqs", "events"),
}
BARE_HANDLER = """import boto3

clients = [boto3.client(service) for service in {services!r}]


def handler(event, context):
    return None
"""
NOWHERE = "http://127.0.0.1:1"
"""Nothing is called: the events of this module ask for nothing, and a scan fails before its first call."""
_EVENTS: dict[str, Any] = {
    "intake": {},
    "apply": {"Records": []},
    "watch_runs": {"detail-type": "AppFlow Start Flow Run Report"},
    "detect_drift": {},
}
_INIT = re.compile(r"^INIT_REPORT Init Duration: (?P<milliseconds>[0-9.]+) ms")
_PATIENCE_SECONDS = 5.0


def figures(rounds: int) -> list[Figure]:
    """The ratio of each function's start."""
    with tempfile.TemporaryDirectory() as folder:
        client = Path(folder, "client")
        client.mkdir()
        emulator = find_emulator(client)
        return [_figure(name, emulator, Path(folder), rounds) for name in CLIENTS]


def _figure(name: str, emulator: Emulator, folder: Path, rounds: int) -> Figure:
    bare = folder / name
    bare.mkdir()
    (bare / "bare.py").write_text(BARE_HANDLER.format(services=CLIENTS[name]), encoding="utf-8")
    built = artifacts() / f"{name.title().replace('_', '')}Function"
    candidate = partial(_init, emulator, (built, layer()), f"{name}.handler.handler", _EVENTS[name])
    baseline = partial(_init, emulator, (bare, layer()), "bare.handler", {})
    ratio = alternately(candidate, baseline, rounds * STARTS_PER_ROUND)
    return Figure(f"init duration of {name}", ratio, LIMIT, RATIO)


def _init(emulator: Emulator, path: Sequence[Path], handler: str, event: Any) -> float:
    """Milliseconds of one start. Raises FunctionError when the function does not start."""
    lines: list[str] = []
    runtime = RieRuntime(emulator, NOWHERE, REGION, lambda _, line: lines.append(line))
    worker = runtime.start(function(handler, path, environment()))
    try:
        with suppress(FunctionError):  # detect_drift, whose settings are incomplete here
            worker.invoke(event, "start")
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if found := next(filter(None, map(_INIT.match, list(lines))), None):
                return float(found["milliseconds"])
            time.sleep(0.01)  # the line is on its way through a pipe
    finally:
        worker.close()
    raise FunctionError("Extension.InitReport", f"the emulator printed no INIT_REPORT for {handler}")
