"""The SAM CLI: ``sam build``, ``sam local invoke`` and ``sam local start-lambda``."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appflow_gitops_local.clients import Cloud

_INVOKE_SECONDS = 300
_START_SECONDS = 60
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}


class SamError(Exception):
    """A command of the SAM CLI failed; the message is its output."""


@dataclass(frozen=True, slots=True)
class Sam:
    """The SAM CLI with the options for one architecture and one local cloud."""

    program: Path
    template: Path
    built: Path
    architecture: str
    region: str

    def build(self) -> None:
        """Build functions and layer. Raises SamError."""
        self._run("build", "--template", str(self.template), "--build-dir", str(self.built))

    def invoke(self, function: str, event: Mapping[str, Any], environment: Path) -> Any:
        """Run ``sam local invoke`` with an event and return the function's answer. Raises SamError."""
        output = self._run(
            *("local", "invoke", function, "--event", "-"),
            *self._local(environment),
            text=json.dumps(event),
        )
        return json.loads(output.splitlines()[-1])

    @contextmanager
    def start_lambda(self, environment: Path) -> Iterator[Cloud]:
        """Run ``sam local start-lambda``; yield clients of its endpoint. Raises SamError."""
        port = free_port()
        command = self._command("local", "start-lambda", "--port", str(port), *self._local(environment))
        with subprocess.Popen(  # noqa: S603 - the SAM CLI of this checkout, no shell
            command, env=self._environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                wait_until_open(port, process)
                yield Cloud(f"http://127.0.0.1:{port}", self.region)
            finally:
                process.terminate()

    def _local(self, environment: Path) -> tuple[str, ...]:
        return (
            *("--template", str(self.built / "template.yaml"), "--env-vars", str(environment)),
            *("--add-host", "host.docker.internal:host-gateway", "--skip-pull-image"),
        )

    def _command(self, *arguments: str) -> list[str]:
        overrides = ("--parameter-overrides", f"Architecture={self.architecture}")
        return [str(self.program), *arguments, *overrides]

    def _run(self, *arguments: str, text: str | None = None) -> str:
        run = subprocess.run(  # noqa: S603 - the SAM CLI of this checkout, no shell
            self._command(*arguments),
            input=text,
            env=self._environment(),
            cwd=self.template.parent,
            capture_output=True,
            text=True,
            timeout=_INVOKE_SECONDS,
            check=False,
        )
        if run.returncode:
            raise SamError(
                f"sam {' '.join(arguments[:3])} failed: {run.stderr.strip() or run.stdout.strip()}"
            )
        return run.stdout

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **_CREDENTIALS,
            "AWS_DEFAULT_REGION": self.region,
            "PYTHON": sys.executable,
            "SAM_CLI_TELEMETRY": "0",
        }


def free_port() -> int:
    """Find a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_until_open(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the process listens on a port. Raises SamError."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port)):
                return
        except OSError:
            time.sleep(0.2)
    raise SamError(f"sam local start-lambda does not listen on port {port}")
