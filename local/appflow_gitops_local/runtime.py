"""Where functions run: a ``Runtime`` starts workers, ``Workers`` hands invocations of one function to them.

``delivery`` and the Lambda endpoint of ``server`` invoke through here. The default runtime keeps each worker
in a Python process of its own with the function's environment and nothing else of this process's.
"""

import json
import os
import queue
import selectors
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

Log = Callable[[str, str], None]
"""Takes a function's name and one line of its log."""

_INIT_SECONDS = 30.0
"""How long a handler may take to be imported. Lambda's own limit is 10 s on a machine that does nothing
else."""

_LONGEST_LINE = 1 << 16

WORKER = (sys.executable, "-m", "appflow_gitops_local.worker")
"""The command of a worker; the handler is its argument."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a function signs its calls with."""

    key: str = "local"
    secret: str = "local"  # noqa: S105 - the local cloud accepts any
    token: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """A deployed function, its intrinsics resolved. ``timeout`` is in seconds, ``memory`` in MiB."""

    name: str
    arn: str
    handler: str
    timeout: int
    memory: int
    path: tuple[Path, ...]
    environment: Mapping[str, str]
    credentials: Credentials = Credentials()


class FunctionError(Exception):
    """An invocation did not end well: the handler raised, the process died, or its time was up."""

    def __init__(self, error_type: str, message: str, stack_trace: tuple[str, ...] = ()) -> None:
        super().__init__(f"{error_type}: {message}")
        self.error_type = error_type
        self.message = message
        self.stack_trace = stack_trace

    @property
    def payload(self) -> dict[str, Any]:
        """What the Lambda Invoke API answers for it."""
        return {
            "errorType": self.error_type,
            "errorMessage": self.message,
            "stackTrace": list(self.stack_trace),
        }


class Worker(Protocol):
    """One warm execution environment; runs one invocation at a time."""

    def invoke(self, event: Any, request_id: str) -> Any:
        """The handler's answer. Raises FunctionError; the worker may be dead after it."""
        ...

    def alive(self) -> bool:
        """Whether it can take another invocation."""
        ...

    def close(self) -> None:
        """End it, at once and for good, whatever it is doing."""
        ...


class Runtime(Protocol):
    """A way to run functions."""

    def start(self, function: Function) -> Worker:
        """A worker that has imported its handler. Raises FunctionError when it cannot be imported."""
        ...


class Workers:
    """The workers of one function: up to ``concurrency`` at a time, started when needed, replaced when they
    die.
    """

    def __init__(self, function: Function, runtime: Runtime, concurrency: int) -> None:
        self.function = function
        self.concurrency = concurrency
        self._runtime = runtime
        self._started: set[Worker] = set()
        self._slots: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(concurrency):
            self._slots.put(None)

    def warm(self) -> None:
        """Start a worker before the first invocation; an import error is reported by that invocation."""
        slot = self._slots.get()
        try:
            slot = self._living(slot)
        except FunctionError:
            slot = None
        finally:
            self._slots.put(slot)

    def invoke(self, event: Any) -> Any:
        """The handler's answer to ``event``; waits while all workers are busy. Raises FunctionError."""
        slot = self._slots.get()
        try:
            slot = self._living(slot)
            return slot.invoke(event, str(uuid.uuid4()))
        finally:
            self._slots.put(slot)

    def close(self) -> None:
        """End every worker, those at work too."""
        while self._started:
            self._started.pop().close()

    def _living(self, slot: Worker | None) -> Worker:
        if slot is not None and slot.alive():
            return slot
        if slot is not None:
            self._started.discard(slot)
            slot.close()
        worker = self._runtime.start(self.function)
        self._started.add(worker)
        return worker


class ProcessRuntime:
    """Runs each worker as a Python process of the interpreter that runs the local cloud."""

    def __init__(self, endpoint: str, region: str, log: Log, command: Sequence[str] = WORKER) -> None:
        self._endpoint = endpoint
        self._region = region
        self._log = log
        self._command = command

    def start(self, function: Function) -> "ProcessWorker":
        """A process that has imported the handler. Raises FunctionError when it cannot be imported."""
        environment = lambda_environment(function, self._endpoint, self._region)
        return ProcessWorker(function, environment, self._log, self._command)


def lambda_environment(function: Function, endpoint: str, region: str) -> dict[str, str]:
    """The environment variables of a worker: the function's own, and those that Lambda reserves.

    The user's own AWS configuration is not passed on, so that no call leaves ``endpoint``.
    """
    return {
        **function.environment,
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPATH": os.pathsep.join(str(folder) for folder in function.path),
        "PYTHONUNBUFFERED": "1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": function.credentials.key,
        "AWS_SECRET_ACCESS_KEY": function.credentials.secret,
        **({"AWS_SESSION_TOKEN": function.credentials.token} if function.credentials.token else {}),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": uuid.uuid4().hex,
        "POWERTOOLS_TRACE_DISABLED": "1",
    }


class ProcessWorker:
    """One function in one Python process, spoken to in JSON lines (``worker`` is the other side)."""

    def __init__(
        self, function: Function, environment: Mapping[str, str], log: Log, command: Sequence[str] = WORKER
    ) -> None:
        self._function = function
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, our own module, no shell
            [*command, function.handler],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            bufsize=0,
            start_new_session=True,  # Ctrl-C is for the local cloud, which ends its workers itself
        )
        self._requests = _pipe(self._process.stdin)
        self._answers = LineReader(_pipe(self._process.stdout))
        follower = threading.Thread(target=self._follow, args=(_pipe(self._process.stderr), log), daemon=True)
        follower.start()
        try:
            self._receive("INIT", _INIT_SECONDS)
        except FunctionError:
            self.close()
            raise

    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def invoke(self, event: Any, request_id: str) -> Any:
        """The handler's answer. Raises FunctionError; after a time-out or a crash the process is gone."""
        request = {
            "requestId": request_id,
            "arn": self._function.arn,
            "deadline": time.time() + self._function.timeout,
            "event": event,
        }
        try:
            self._requests.write(json.dumps(request).encode() + b"\n")
        except BrokenPipeError:
            raise self._exited(request_id) from None
        return self._receive(request_id, self._function.timeout)

    def close(self) -> None:
        """Kill the process and take back what it held."""
        self._process.kill()
        self._process.wait()
        self._requests.close()
        self._answers.close()

    def _receive(self, request_id: str, seconds: float) -> Any:
        try:
            line = self._answers.read(seconds)
        except TimeoutError:
            self._process.kill()
            raise FunctionError(
                "Sandbox.Timedout",
                f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds",
            ) from None
        if line is None:
            raise self._exited(request_id)
        answer = json.loads(line)
        if error := answer.get("error"):
            raise FunctionError(error["errorType"], error["errorMessage"], tuple(error["stackTrace"]))
        return answer.get("result")

    def _exited(self, request_id: str) -> FunctionError:
        status = self._process.wait()
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        return FunctionError(
            "Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited with error: {how}"
        )

    def _follow(self, log_stream: IO[bytes], log: Log) -> None:
        with log_stream:
            for line in log_stream:
                log(self._function.name, line.decode(errors="replace").rstrip("\n"))


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("a worker talks through pipes")
    return stream


class LineReader:
    """Reads lines from a pipe, each within a time limit."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._pending = b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(pipe, selectors.EVENT_READ)

    def read(self, seconds: float) -> bytes | None:
        """The next line, None at the end of the stream. Raises TimeoutError after ``seconds``."""
        deadline = time.monotonic() + seconds
        chunks = [self._pending]
        while b"\n" not in chunks[-1]:
            if not self._selector.select(max(0.0, deadline - time.monotonic())):
                raise TimeoutError
            chunk = os.read(self._pipe.fileno(), _LONGEST_LINE)
            if not chunk:
                return None
            chunks.append(chunk)
        line, _, self._pending = b"".join(chunks).partition(b"\n")
        return line

    def close(self) -> None:
        """Let go of the pipe."""
        self._selector.close()
        self._pipe.close()
