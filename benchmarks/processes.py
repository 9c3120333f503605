"""Processes beside this one: servers that stand for AWS, and workers that run what is measured.

Everything that is measured runs alone in its process, so that its processor time and memory are its own.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from appflow_gitops_local.runtime import ProcessRuntime, ProcessWorker
from benchmarks.changes import REGION, ROOT, environment, function

PATH = (ROOT, ROOT / "functions", ROOT / "layers" / "appflow_gitops")


@contextmanager
def server(module: str, *arguments: str) -> Iterator[str]:
    """The endpoint of a server of this package while it runs: it prints it first, and ends with its input."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    with subprocess.Popen(  # noqa: S603 - our own modules
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdout is None:
            raise ValueError("the endpoint comes through a pipe")
        yield process.stdout.readline().strip()
        process.communicate()


class Measured:
    """A worker that runs one handler of ``measured``."""

    def __init__(self, worker: ProcessWorker) -> None:
        self._worker = worker

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the handler measured in one invocation. Raises FunctionError."""
        measured: dict[str, Any] = self._worker.invoke(event, "measured")
        return measured


@contextmanager
def worker(handler: str, endpoint: str, queue_url: str = "") -> Iterator[Measured]:
    """A process that runs a handler of ``measured`` against ``endpoint``."""
    runtime = ProcessRuntime(endpoint, REGION, lambda *_: None)
    started = runtime.start(function(f"benchmarks.measured.{handler}", PATH, environment(queue_url)))
    with closing(started):
        yield Measured(started)
