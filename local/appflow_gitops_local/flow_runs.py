"""Runs of flows in the local cloud: scheduled runs start when they are due, and their events reach the default bus."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.events import to_event_bridge
from appflow_gitops_local.appflow.models import catch_up

INTERVAL_SECONDS = 1.0


@contextlib.contextmanager
def flow_runs(state: threading.Condition) -> Iterator[None]:
    """Check every second for due runs. ``state`` guards moto's other services and wakes those who wait for messages."""
    stopping = threading.Event()

    def send(account_id: str, region: str, entries: list[dict[str, Any]]) -> None:
        with state:
            to_event_bridge(account_id, region, entries)
            state.notify_all()

    def check() -> None:
        while not stopping.wait(INTERVAL_SECONDS):
            catch_up()

    thread = threading.Thread(target=check, name="flow runs", daemon=True)
    controls.send_events = send
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
        controls.send_events = to_event_bridge
