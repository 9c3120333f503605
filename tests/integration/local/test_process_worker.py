"""A function in a process of its own: what it gets, what is logged, and how it ends."""

import queue
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from appflow_gitops_local.runtime import Function, FunctionError, ProcessRuntime, ProcessWorker
from integration.local.hive import PATIENCE

CODE = """
import os, sys

def handler(event, context):
    if event == "raise":
        raise ValueError("as ordered")
    os.write(1, b"printed \\xff\\n")
    return {
        "leads_its_session": os.getsid(0) == os.getpid(),
        "input": sys.stdin.read(),
        "request": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "seconds": context.get_remaining_time_in_millis() / 1000,
    }
"""


@pytest.fixture
def lines() -> "queue.Queue[tuple[str, str]]":
    """The log."""
    return queue.Queue()


def start(
    folder: Path, lines: "queue.Queue[tuple[str, str]]", handler: str = "code_here.handler"
) -> ProcessWorker:
    (folder / "code_here.py").write_text(CODE)
    function = Function("intake", "arn:intake", handler, 5, 512, (folder,), {})
    created = ProcessRuntime("http://127.0.0.1:5000", "eu-west-1", lambda *line: lines.put(line))
    return created.start(function)


def logged(lines: "queue.Queue[tuple[str, str]]", until: str) -> list[str]:
    """The lines of the log up to one with this text."""
    found: list[str] = []
    while not found or until not in found[-1]:
        name, line = lines.get(timeout=PATIENCE)
        assert name == "intake"
        found.append(line)
    return found


def test_a_function_gets_its_invocation_and_nothing_of_the_terminal(
    tmp_path: Path, lines: "queue.Queue[tuple[str, str]]", processes: list[subprocess.Popen[bytes]]
) -> None:
    before = set(threading.enumerate())
    worker = start(tmp_path, lines)
    try:
        assert {thread.daemon for thread in set(threading.enumerate()) - before} == {True}
        answer = worker.invoke("report", "request-1")
        assert 0 < answer.pop("seconds") <= 5
        assert answer == {
            "leads_its_session": True,
            "input": "",
            "request": "request-1",
            "arn": "arn:intake",
        }
        assert logged(lines, "printed") == ["printed \N{REPLACEMENT CHARACTER}"]
        with pytest.raises(FunctionError, match=r"^ValueError: as ordered$"):
            worker.invoke("raise", "request-2")
        assert logged(lines, "as ordered")[0].startswith("Traceback")
        assert worker.alive() is True
    finally:
        worker.close()
    [process] = processes
    assert process.returncode == -signal.SIGKILL
    assert [stream and stream.closed for stream in (process.stdin, process.stdout)] == [True, True]


def test_a_function_that_cannot_be_imported_is_logged_and_leaves_no_process(
    tmp_path: Path, lines: "queue.Queue[tuple[str, str]]", processes: list[subprocess.Popen[bytes]]
) -> None:
    with pytest.raises(FunctionError, match=r"^ModuleNotFoundError: No module named 'missing'$"):
        start(tmp_path, lines, "missing.handler")
    assert logged(lines, "No module named")[0].startswith("Traceback")
    assert [process.returncode is not None for process in processes] == [True]


def test_an_invocation_of_a_process_that_ended_fails_and_says_how(
    tmp_path: Path, lines: "queue.Queue[tuple[str, str]]", processes: list[subprocess.Popen[bytes]]
) -> None:
    worker = start(tmp_path, lines)
    processes[0].kill()
    processes[0].wait()
    assert worker.alive() is False
    with pytest.raises(FunctionError, match=r"^Runtime.ExitError: RequestId: request-1 Error: .*: signal 9$"):
        worker.invoke("report", "request-1")
    worker.close()
