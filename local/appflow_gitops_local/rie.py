"""Functions under Lambda's own runtime client, in the Runtime Interface Emulator: ``local up --runtime rie``.

The emulator is a program for Linux that comes with the AWS SAM CLI. It starts ``awslambdaric``, Lambda's runtime
client for Python, which imports the handler as on AWS: from its handler string, the layer on its path. The tests run
the artifacts of ``sam build`` through it, and ``benchmarks`` reads from its log how long functions take to start.
"""

import contextlib
import http.client
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from appflow_gitops_local.artifacts import ARCHITECTURES
from appflow_gitops_local.runtime import Function, FunctionError, Log, lambda_environment

CLIENT = ("awslambdaric", "simplejson", "snapshot-restore-py")
"""The distributions that Lambda's runtime client is made of."""

HOST = "127.0.0.1"
_INVOCATIONS = "/2015-03-31/functions/function/invocations"
_START_SECONDS = 10.0
_STOP_SECONDS = 5.0
_BEYOND_TIMEOUT = 30.0
"""Seconds that an answer may take on top of the function's own time, for the start."""

_INIT_REPORT = re.compile(r"INIT REPORT\(durationMs: (?P<milliseconds>[0-9.]+)\)")


class EmulatorMissingError(Exception):
    """The emulator or the runtime client is missing; the message says where it comes from."""


@dataclass(frozen=True, slots=True)
class Emulator:
    """The emulator's program, and the folder that holds the runtime client and nothing else.

    ``client`` is None where functions may use whatever is installed beside the runtime client, which the folders of a
    checkout need; the artifacts of ``sam build`` bring everything and get their own folders only.
    """

    program: Path
    client: Path | None = None

    def command(self, handler: str, listen: int, runtime: int) -> list[str]:
        """The command line for a handler; one port takes invocations, one is between emulator and client."""
        return [
            str(self.program),
            *("--log-level", "info"),
            *("--runtime-interface-emulator-address", f"{HOST}:{listen}"),
            *("--runtime-api-address", f"{HOST}:{runtime}"),
            *(sys.executable, *(["-S"] if self.client else []), "-m", CLIENT[0], handler),
        ]

    def environment(self, function: Function, endpoint: str, region: str) -> dict[str, str]:
        """The environment variables of the function, as the emulator hands them on."""
        folders = [*function.path, *([self.client] if self.client else [])]
        return {
            **lambda_environment(function, endpoint, region),
            "PYTHONPATH": os.pathsep.join(map(str, folders)),
            "PYTHONDONTWRITEBYTECODE": "1",  # Lambda's own file system takes none either
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout),
        }


def find_emulator(client: Path | None = None) -> Emulator:
    """The emulator of the SAM CLI in ``.venv-sam`` or on the PATH. Raises EmulatorMissingError.

    ``client`` is an empty folder to link the runtime client into, so that functions run with their own folders only.
    """
    if missing := [name for name in CLIENT if importlib.util.find_spec(name.replace("-", "_")) is None]:
        raise EmulatorMissingError(f"{missing[0]} is missing: pip install {CLIENT[0]} (for Linux only)")
    name = f"aws-lambda-rie-{ARCHITECTURES.get(platform.machine(), platform.machine())}"
    for sam in filter(None, (".venv-sam/bin/sam", shutil.which("sam"))):
        installation = Path(sam).resolve().parents[1]
        for found in installation.glob(f"lib/python*/site-packages/samcli/local/rapid/{name}"):
            if client:
                link(CLIENT, client)
            return Emulator(found, client)
    raise EmulatorMissingError(
        f"{name} is missing: it is a part of the AWS SAM CLI for Linux, which is found in neither .venv-sam "
        "(`make install` in a checkout) nor on the PATH"
    )


def link(distributions: Sequence[str], folder: Path) -> None:
    """Fill a folder with links to what these distributions installed: a path with them and nothing else."""
    for distribution in map(importlib.metadata.distribution, distributions):
        for name in {file.parts[0] for file in distribution.files or []} - {"__pycache__", ".."}:
            (folder / name).symlink_to(str(distribution.locate_file(name)))


class RieRuntime:
    """Runs each worker in an emulator of its own, with the interpreter that runs the local cloud."""

    def __init__(self, emulator: Emulator, endpoint: str, region: str, log: Log) -> None:
        self._emulator = emulator
        self._endpoint = endpoint
        self._region = region
        self._log = log

    def start(self, function: Function) -> "RieWorker":
        """Start an emulator. The handler is imported on the first invocation, which fails if the import fails."""
        environment = self._emulator.environment(function, self._endpoint, self._region)
        return RieWorker(function, self._emulator, environment, self._log)


class RieWorker:
    """One function in one emulator, invoked over HTTP."""

    def __init__(
        self, function: Function, emulator: Emulator, environment: Mapping[str, str], log: Log
    ) -> None:
        self._function = function
        self._port, runtime = free_ports()
        self._process = subprocess.Popen(  # noqa: S603 - the emulator that was found, no shell
            emulator.command(function.handler, self._port, runtime),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            start_new_session=True,  # Ctrl-C is for the local cloud, which ends its workers itself
        )
        self._follow(self._process.stdout, log, function_log)
        self._follow(self._process.stderr, log, emulator_log)
        try:
            self._wait_until_it_listens()
        except FunctionError:
            self.close()
            raise

    def alive(self) -> bool:
        """Whether the emulator runs; it starts a function that died again by itself."""
        return self._process.poll() is None

    def invoke(self, event: Any, request_id: str) -> Any:
        """The handler's answer. Raises FunctionError; the emulator makes request ids of its own."""
        seconds = self._function.timeout + _BEYOND_TIMEOUT
        connection = http.client.HTTPConnection(HOST, self._port, timeout=seconds)
        with contextlib.closing(connection):
            try:
                connection.request("POST", _INVOCATIONS, json.dumps(event))
                answer = connection.getresponse().read()
            except (OSError, http.client.HTTPException) as error:
                raise FunctionError("Runtime.ExitError", f"RequestId: {request_id} Error: {error}") from None
        return result(answer.decode())

    def close(self) -> None:
        """End the emulator, which ends the function."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.alive():
            with contextlib.suppress(OSError), socket.create_connection((HOST, self._port)):
                return
            time.sleep(0.01)
        raise FunctionError("Extension.LaunchError", f"the emulator of {self._function.name} does not listen")

    def _follow(self, stream: IO[bytes] | None, log: Log, parse: Callable[[str], Iterator[str]]) -> None:
        def follow() -> None:
            with stream or contextlib.nullcontext(()) as lines:
                for line in lines:
                    for part in parse(line.decode(errors="replace")):
                        log(self._function.name, part)

        threading.Thread(target=follow, daemon=True).start()


def function_log(line: str) -> Iterator[str]:
    """What the function printed; the runtime client parts the lines of one record with carriage returns."""
    yield from line.splitlines()


def emulator_log(line: str) -> Iterator[str]:
    """Lambda's INIT_REPORT line, made of the emulator's own; nothing else that the emulator says about itself.

    The ``Init Duration`` in its REPORT lines is not to be trusted: it is taken before the function has started.
    """
    if report := _INIT_REPORT.search(line):
        yield f"INIT_REPORT Init Duration: {float(report['milliseconds']):.2f} ms"


def result(answer: str) -> Any:
    """The handler's answer in what the emulator sent. Raises FunctionError.

    The emulator marks errors by their form alone, and reports a time-out in plain text.
    """
    try:
        value = json.loads(answer)
    except ValueError:
        raise FunctionError("Sandbox.Timedout", answer) from None
    if isinstance(value, dict) and {"errorType", "errorMessage"} <= value.keys():
        raise FunctionError(value["errorType"], value["errorMessage"], tuple(value.get("stackTrace") or ()))
    return value


def free_ports() -> tuple[int, int]:
    """Find two free ports of this machine."""
    with socket.create_server((HOST, 0)) as first, socket.create_server((HOST, 0)) as second:
        return first.getsockname()[1], second.getsockname()[1]
