"""Programs that tests start often: one process imports them, and forks for each start.

``python -m e2e.programs FOLDER`` writes the programs of ``PROGRAMS`` into the folder and serves them. A program passes
its arguments, environment, folder, standard streams and signals on to its fork, and ends with the exit status of the
fork. If the program is killed, the fork ends. Importing takes half a second or more, a fork a few milliseconds.
"""

import contextlib
import gc
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from fakes import quick_botocore

PROGRAM = """\
#!{python} -IS
import json, os, signal, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    start = {{
        "program": {name!r},
        "arguments": sys.argv[1:],
        "environment": dict(os.environ),
        "folder": os.getcwd(),
    }}
    socket.send_fds(server, [json.dumps(start).encode()], [0, 1, 2])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: server.send(bytes([number])))
    sys.exit((server.recv(1) or b"\\xff")[0])
"""
LONGEST_START = 1 << 20
SERVICES = ("appflow", "cloudformation", "events", "logs", "s3", "sqs")
TESTS = Path(__file__).parents[1]


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[None]:
    """Inside, the programs are in the folder."""
    command = [sys.executable, "-m", "e2e.programs", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as server:
        assert server.stdout
        server.stdout.readline()
        try:
            yield
        finally:
            server.terminate()


@cache
def import_ours() -> None:
    """Import the library and the command, and parse the models of the services."""
    import boto3  # noqa: PLC0415 - only the server needs it

    quick_botocore.install()
    for name in ("appflow_gitops", "appflow_gitops_cli"):
        package = import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            import_module(module.name)
    create: Callable[..., object] = boto3.Session(
        "-", "-"
    ).client  # the stubs declare one overload per service
    for service in SERVICES:
        create(service, region_name="us-east-1")


def appflow_gitops() -> int:
    from appflow_gitops_cli.main import main  # noqa: PLC0415 - imported before

    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else ended.code is not None
    return 0


def worker() -> int:
    from appflow_gitops_local.worker import main  # noqa: PLC0415 - after the path is that of the function

    main(sys.argv[1])
    return 0


@cache
def import_aws() -> None:
    import_module("awscli.clidriver")


def aws() -> int:
    """The AWS CLI with the endpoint as an option.

    Version 1, which is on PyPI, ignores AWS_ENDPOINT_URL for SQS. Version 2, which our pages need, does not.
    """
    data = import_module("awscli").__path__[0] + "/data"
    os.environ["AWS_DATA_PATH"] = data
    sys.argv[1:1] = ["--endpoint-url", os.environ["AWS_ENDPOINT_URL"]]
    status: int = import_module("awscli.clidriver").main()
    return status


PROGRAMS: dict[str, tuple[Callable[[], None], Callable[[], int]]] = {
    "appflow-gitops": (import_ours, appflow_gitops),
    "appflow-gitops-worker": (import_ours, worker),
    "aws": (import_aws, aws),
}
"""By name: what imports the program, and what runs it and returns its exit status."""


def serve(folder: Path) -> None:
    """Fork for each start, for ever."""
    address = str(folder / "socket")
    signal.signal(signal.SIGCHLD, reap)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        for name in PROGRAMS:
            program = folder / name
            program.write_text(PROGRAM.format(python=sys.executable, address=address, name=name))
            program.chmod(0o755)
        sys.path.remove(str(TESTS))
        print(flush=True)  # noqa: T201 - the programs can be started from now on
        while True:
            caller, _ = listener.accept()
            content, streams, *_ = socket.recv_fds(caller, LONGEST_START, 3)
            start = json.loads(content)
            prepare, run = PROGRAMS[start["program"]]
            prepare()
            gc.freeze()
            if os.fork() == 0:
                carry_out(run, start, streams, caller)
            for stream in streams:
                os.close(stream)
            caller.close()


def carry_out(
    run: Callable[[], int], start: dict[str, Any], streams: list[int], caller: socket.socket
) -> None:
    """Become the program that was started, and end with it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for target, stream in enumerate(streams):
        os.dup2(stream, target)
        os.close(stream)
    os.environ.clear()
    os.environ.update(start["environment"])
    time.tzset()
    os.chdir(start["folder"])
    sys.path[:0] = [place for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place]
    sys.argv[:] = [start["program"], *start["arguments"]]
    threading.Thread(target=receive_signals, args=(caller,), daemon=True).start()
    status = 1
    try:
        status = run()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        with contextlib.suppress(BrokenPipeError):
            caller.send(bytes([status]))
        os._exit(status)


def reap(*_: object) -> None:
    """Forget the forks that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def receive_signals(caller: socket.socket) -> None:
    """Get the signals that the program gets, and end when it is killed."""
    while number := caller.recv(1):
        os.kill(os.getpid(), number[0])
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
