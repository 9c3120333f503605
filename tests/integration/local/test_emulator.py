"""A function in an emulator: invoked over HTTP, its log followed, and ended whatever it is doing."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from appflow_gitops_local import rie
from appflow_gitops_local.rie import Emulator, RieRuntime, RieWorker
from appflow_gitops_local.runtime import Function, FunctionError
from integration.local.hive import HERE, PATIENCE

PROGRAM = HERE / "stand_in_emulator.py"
FUNCTION = Function("intake", "arn:intake", "intake.handler", 60, 512, (), {"STAGE": "test"})


@dataclass(frozen=True, slots=True)
class StandIn(Emulator):
    """A program that listens as the emulator does; or one that ``dies``, is ``deaf`` or ``stubborn``."""

    mode: str = "listens"

    def command(self, handler: str, listen: int, runtime: int) -> list[str]:  # noqa: ARG002
        return [sys.executable, "-S", str(PROGRAM), self.mode, str(listen)]


@contextlib.contextmanager
def started(
    mode: str = "listens", function: Function = FUNCTION, log: Callable[[str, str], None] = print
) -> Iterator[RieWorker]:
    emulator = StandIn(PROGRAM, None, mode)
    worker = RieRuntime(emulator, "http://127.0.0.1:5000", "eu-west-1", log).start(function)
    try:
        yield worker
    finally:
        worker.close()


def test_an_invocation_is_a_request_to_the_emulator_and_leaves_the_worker_warm() -> None:
    with started() as worker:
        report = worker.invoke("report", "request-1")
        assert worker.invoke({"n": 1}, "request-2") == {"n": 1}
        assert worker.alive() is True
    assert report["request"] == "POST /2015-03-31/functions/function/invocations HTTP/1.1"
    assert report["environment"]["STAGE"] == "test"
    assert report["environment"]["AWS_LAMBDA_FUNCTION_NAME"] == "intake"
    assert report["environment"]["AWS_ENDPOINT_URL"] == "http://127.0.0.1:5000"
    assert report["environment"]["AWS_REGION"] == "eu-west-1"


def test_ctrl_c_and_input_of_the_terminal_do_not_reach_the_emulator() -> None:
    with terminal(b"typed by the user"), started() as worker:
        report = worker.invoke("report", "request-1")
    assert (report["leads_its_session"], report["input"]) == (True, "")


@contextlib.contextmanager
def terminal(text: bytes) -> Iterator[None]:
    """Standard input of this process, with a text to read."""
    reading, writing = os.pipe()
    before = os.dup(0)
    os.write(writing, text)
    os.close(writing)
    os.dup2(reading, 0)
    try:
        yield
    finally:
        os.dup2(before, 0)
        for each in (before, reading):
            os.close(each)


def test_the_log_has_what_the_function_prints_and_how_long_it_took_to_start() -> None:
    lines: queue.Queue[tuple[str, str]] = queue.Queue()
    with started(log=lambda *line: lines.put(line)) as worker:
        worker.invoke("log", "request-1")
        found = [lines.get(timeout=PATIENCE) for _ in range(3)]
    assert sorted(found) == [
        ("intake", "INIT_REPORT Init Duration: 12.50 ms"),
        ("intake", "one"),
        ("intake", "two \N{REPLACEMENT CHARACTER}"),
    ]


def test_an_error_of_the_function_is_raised() -> None:
    with started() as worker, pytest.raises(FunctionError, match="ValueError: as ordered"):
        worker.invoke("raise", "request-1")


def test_an_emulator_that_ends_fails_the_invocation_and_is_not_used_again() -> None:
    with started() as worker:
        with pytest.raises(FunctionError, match=r"^Runtime.ExitError: RequestId: request-1 Error: ."):
            worker.invoke("crash", "request-1")
        deadline = time.monotonic() + PATIENCE
        while worker.alive() and time.monotonic() < deadline:
            time.sleep(0.001)
        assert worker.alive() is False


def test_an_invocation_ends_when_the_emulator_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rie, "_BEYOND_TIMEOUT", 0.1)
    with (
        started(function=replace(FUNCTION, timeout=0)) as worker,
        pytest.raises(FunctionError, match="Error: timed out"),
    ):
        worker.invoke("hang", "request-1")


@pytest.mark.parametrize(("mode", "seconds", "status"), [("dies", 10, 3), ("deaf", 0.2, -signal.SIGTERM)])
def test_an_emulator_that_does_not_listen_is_ended_and_reported(
    processes: list[subprocess.Popen[bytes]],
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    seconds: float,
    status: int,
) -> None:
    monkeypatch.setattr(rie, "_START_SECONDS", seconds)
    with pytest.raises(
        FunctionError, match=r"^Extension.LaunchError: the emulator of intake does not listen$"
    ):
        started(mode).__enter__()
    assert [process.returncode for process in processes] == [status]


@pytest.mark.parametrize(("mode", "status"), [("listens", -signal.SIGTERM), ("stubborn", -signal.SIGKILL)])
def test_closing_ends_the_emulator_at_any_rate(
    processes: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch, mode: str, status: int
) -> None:
    monkeypatch.setattr(rie, "_STOP_SECONDS", 0.1 if mode == "stubborn" else PATIENCE)
    with started(mode):
        pass
    assert [process.returncode for process in processes] == [status]


def test_no_thread_of_a_worker_keeps_the_local_cloud_running() -> None:
    before = set(threading.enumerate())
    with started():
        threads = set(threading.enumerate()) - before
        assert {thread.daemon for thread in threads} == {True}
