"""The AWS CLI for tests that call it often: a process that has imported it forks for each call.

``python aws_cli.py SOCKET`` serves; ``call`` makes a command that calls it. Importing the CLI takes half a second.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

CALL = """\
#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    call = {{"arguments": sys.argv[1:], "environment": dict(os.environ), "folder": os.getcwd()}}
    socket.send_fds(server, [json.dumps(call).encode()], [0, 1, 2])
    sys.exit((server.recv(1) or b"\\xff")[0])
"""
LONGEST_CALL = 1 << 20


def command(address: Path) -> str:
    """The program ``aws`` that has the server at this address carry out its call."""
    return CALL.format(python=sys.executable, address=str(address))


@contextlib.contextmanager
def serving(address: Path) -> Iterator[None]:
    """Inside, the server runs."""
    with subprocess.Popen([sys.executable, "-P", __file__, address], stdout=subprocess.PIPE) as server:
        assert server.stdout
        server.stdout.readline()
        try:
            yield
        finally:
            server.terminate()


def serve(address: str) -> None:
    from awscli.clidriver import main  # noqa: PLC0415 - only the server needs it

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print(flush=True)  # noqa: T201 - it answers from now on
        while True:
            caller, _ = listener.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                content, descriptors, *_ = socket.recv_fds(caller, LONGEST_CALL, 3)
                call = json.loads(content)
                for target, descriptor in enumerate(descriptors):
                    os.dup2(descriptor, target)
                environment = {**call["environment"], "AWS_DATA_PATH": os.environ["AWS_DATA_PATH"]}
                os.environ.clear()
                os.environ.update(environment)
                os.chdir(call["folder"])
                sys.argv[1:] = ["--endpoint-url", call["environment"]["AWS_ENDPOINT_URL"], *call["arguments"]]
                status = main()
                sys.stdout.flush()
                caller.send(bytes([status]))
                os._exit(status)
            caller.close()


if __name__ == "__main__":
    serve(sys.argv[1])
