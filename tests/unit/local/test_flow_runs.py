"""Due runs start without a call, and their events wake those who wait for messages."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from appflow_gitops_local import flow_runs as module
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.events import to_event_bridge
from appflow_gitops_local.flow_runs import flow_runs


def test_due_runs_are_looked_for_until_the_cloud_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = threading.Semaphore(0)
    monkeypatch.setattr(module, "INTERVAL_SECONDS", 0.001)
    monkeypatch.setattr(module, "catch_up", checks.release)
    with flow_runs(threading.Condition()):
        assert all(checks.acquire(timeout=5) for _ in range(3))
        [thread] = [each for each in threading.enumerate() if each.name == "flow runs"]
        assert thread.daemon is True
    assert not thread.is_alive()


def test_an_event_of_a_run_wakes_those_who_wait() -> None:
    state = threading.Condition()
    waiting = threading.Event()

    def wait() -> bool:
        with state:
            waiting.set()
            return state.wait(5)

    with flow_runs(state), ThreadPoolExecutor(1) as pool:
        woken = pool.submit(wait)
        waiting.wait(5)
        controls.send_events("123456789012", "us-east-1", [])
        assert woken.result() is True
    assert controls.send_events is to_event_bridge
